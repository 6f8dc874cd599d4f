"""Pages that were not kept as articles; they stay listed with the score that decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from crawler.archive.database import Database, plain
from crawler.archive.forgetting.tombstones import buried
from crawler.archive.models import Rejected
from crawler.archive.schema import captures, counters, rejected
from crawler.article import article_id

JUDGED_AGAIN = "判断的词表有变，重新判断"
"""The reason on a capture that waits because the gate changed, until it is extracted."""

_JUDGED_BY = "topic"  # in `counters`


class Rejections:
    def __init__(self, database: Database) -> None:
        self._database = database

    def reject(
        self,
        canonical_url: str,
        *,
        source: str | None,
        capture: int | None,
        title: str,
        score: float | None,
        reason: str,
        url: str | None = None,
    ) -> None:
        """List a page as not kept, with the score that decided; a later call replaces the earlier."""
        values = {
            "canonical_url": plain(canonical_url),
            "url": plain(url or canonical_url),
            "source": source,
            "capture": capture,
            "title": plain(title),
            "score": score,
            "reason": plain(reason),
            "rejected_at": datetime.now(UTC),
        }
        key = article_id(canonical_url)
        with self._database.writer() as connection:
            later = select(rejected.c.id).where(rejected.c.id == key, rejected.c.capture > (capture or 0)).limit(1)
            newer = (
                select(captures.c.id)
                .where(captures.c.page == key, captures.c.id > (capture or 0), captures.c.outcome == "article")
                .limit(1)
            )
            if buried(connection, key) is not None:
                return  # not even its title is kept
            if connection.execute(later).first() or connection.execute(newer).first():
                return  # extracted out of order: what is known of a later capture stands
            connection.execute(delete(rejected).where(rejected.c.id == key))
            connection.execute(insert(rejected).values(id=key, **values))

    def judge_again(self, version: str) -> int:
        """Put the captures of rejected pages back among those that wait, where another version of the gate judged them; how many.

        The version is noted in the same transaction, so that a second call does nothing. The pages stay listed until they are judged. See docs/decisions/0123.
        """
        number = int.from_bytes(hashlib.sha256(version.encode()).digest()[:7])
        row = counters.c.name == _JUDGED_BY
        with self._database.writer() as connection:
            known = connection.execute(select(counters.c.value).where(row)).scalar_one_or_none()
            if known == number:
                return 0
            if known is None:
                connection.execute(insert(counters).values(name=_JUDGED_BY, value=number))
            else:
                connection.execute(update(counters).where(row).values(value=number))
            back = update(captures).where(captures.c.outcome == "rejected", captures.c.role == "article")
            return connection.execute(back.values(outcome=None, reason=JUDGED_AGAIN)).rowcount

    def rejected(self, source: str | None = None) -> Iterator[Rejected]:
        """Pages that were not kept, by key; rows are read in small batches."""
        query = select(rejected)
        if source is not None:
            query = query.where(rejected.c.source == source)
        for row in self._database.in_batches(query, rejected.c.id):
            yield Rejected(**{name: row._mapping[name] for name in Rejected.__dataclass_fields__})
