"""Pages that were not kept as articles; they stay listed with the score that decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from crawler.archive.database import Database, plain
from crawler.archive.models import Rejected
from crawler.archive.schema import captures, rejected
from crawler.article import article_id

_BATCH = 500


class Rejections(Database):
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
        with self.writer() as connection:
            later = select(rejected.c.id).where(rejected.c.id == key, rejected.c.capture > (capture or 0)).limit(1)
            newer = (
                select(captures.c.id)
                .where(captures.c.page == key, captures.c.id > (capture or 0), captures.c.outcome == "article")
                .limit(1)
            )
            if connection.execute(later).first() or connection.execute(newer).first():
                return  # extracted out of order: what is known of a later capture stands
            connection.execute(delete(rejected).where(rejected.c.id == key))
            connection.execute(insert(rejected).values(id=key, **values))

    def rejected(self, source: str | None = None) -> Iterator[Rejected]:
        """Pages that were not kept, by key; rows are read in small batches."""
        query = select(rejected).order_by(rejected.c.id).limit(_BATCH)
        if source is not None:
            query = query.where(rejected.c.source == source)
        last = ""
        while True:
            with self.reader() as connection:
                rows = connection.execute(query.where(rejected.c.id > last)).all()
            if not rows:
                return
            for row in rows:
                yield Rejected(**{name: row._mapping[name] for name in Rejected.__dataclass_fields__})
            last = rows[-1].id
