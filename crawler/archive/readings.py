"""Readings (what insight found in an article), those that failed, signatures, and the clusters of republications made from these."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, delete, false, func, insert, or_, select, tuple_, update

from crawler.archive.database import BATCH, Database, batches, dumps, next_change, plain
from crawler.archive.schema import articles, reading_failures, readings, revisions
from crawler.article import Article

PAUSES = (timedelta(hours=20), timedelta(days=3), timedelta(days=10), timedelta(days=30))
"""How long a reading that failed once, twice … waits for its next try; the last holds for all later ones. Another text or another insight is tried at once."""


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """An article whose current text could not be read: it is indexed without practices, places and figures until it is."""

    article: str
    reason: str
    attempts: int
    failed_at: datetime
    retry_at: datetime


# Stated once, as in articles.py: every article runs through them.
_KEY: BindParameter[str] = bindparam("key")
_CURRENT = select(articles.c.revision_hash).where(articles.c.id == _KEY, articles.c.deleted == false())
_OLD = select(readings).where(readings.c.article == _KEY)
_ADD = insert(readings)
_RENEW = update(readings).where(readings.c.article == _KEY)
_MARK = update(articles).where(articles.c.id == _KEY)
_SETTLED = delete(reading_failures).where(reading_failures.c.article == _KEY)


class Readings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(
        self,
        insight_version: str,
        limit: int = 1000,
        *,
        now: datetime | None = None,
        at_once: bool = False,
        beginning: str = "",
    ) -> Iterator[tuple[str, str, Article]]:
        """Articles whose current text this insight has not read: id, revision hash, article as extracted; at most `limit`. `beginning`: of the ids, which are hexadecimal.

        Left out are those that it failed to read and whose pause is not over; `at_once`: none are.
        """
        by, key = articles.c.read_by, articles.c.id
        query = (
            select(key, articles.c.revision_hash, by, revisions.c.content)
            .join(revisions, revisions.c.id == articles.c.revision)
            .where(articles.c.deleted == false())
            .order_by(by, key)
        )
        if beginning:
            query = query.where(key >= beginning, key < beginning + "g")
        if not at_once:
            failed = reading_failures.c
            paused = and_(
                failed.article == key,
                failed.revision_hash == articles.c.revision_hash,
                failed.insight_version == insight_version,
                failed.retry_at > (now or datetime.now(UTC)),
            )
            query = query.where(~select(failed.article).where(paused).exists())
        # Three ranges of the index (read_by, id) instead of one inequality, which would read the whole table every time.
        for unread in (by.is_(None), by < insight_version, by > insight_version):
            behind = unread
            while limit > 0:
                with self._database.reader() as connection:
                    rows = connection.execute(query.where(behind).limit(min(limit, BATCH))).all()
                if not rows:
                    break
                for row in rows:
                    yield row.id, row.revision_hash, Article.from_json(json.loads(row.content))
                limit -= len(rows)
                last = rows[-1]
                after = key > last.id if last.read_by is None else tuple_(by, key) > tuple_(last.read_by, last.id)
                behind = and_(unread, after)

    def count_due(self, insight_version: str) -> tuple[int, int]:
        """How many articles this insight has not read, and how many of them another one has: their readings stand until they are read again."""
        by = articles.c.read_by
        unread = or_(by.is_(None), by != insight_version)
        with self._database.reader() as connection:
            query = select(func.count(), func.count(by)).where(articles.c.deleted == false(), unread)
            due, read_before = connection.execute(query).one()
        return due, read_before

    def save(
        self, article_id: str, revision_hash: str, insight_version: str, reading: Mapping[str, Any], signature: bytes
    ) -> None:
        """Keep the reading of a revision. It is dropped where the article has another text by now; the change number rises where it says something new."""
        text = dumps(dict(reading))
        with self._database.writer() as connection:
            key = {"key": article_id}
            if connection.execute(_CURRENT, key).scalar() != revision_hash:
                return
            old = connection.execute(_OLD, key).one_or_none()
            values = {
                "revision_hash": revision_hash,
                "insight_version": insight_version,
                "reading": text,
                "signature": signature,
            }
            if old is None:
                connection.execute(_ADD, {"article": article_id, **values})
            else:
                connection.execute(_RENEW, {**key, **values})
            changes: dict[str, Any] = {"read_by": insight_version}
            if old is None or (old.reading, old.revision_hash) != (text, revision_hash):
                changes["change"] = next_change(connection)
            connection.execute(_MARK, {**key, **changes})
            connection.execute(_SETTLED, key)

    def fail(
        self, article_id: str, revision_hash: str, insight_version: str, reason: str, *, now: datetime | None = None
    ) -> None:
        """Note that a revision could not be read: it is due again after a pause that grows with each failure. Dropped where the article has another text by now."""
        now = now or datetime.now(UTC)
        with self._database.writer() as connection:
            key = {"key": article_id}
            if connection.execute(_CURRENT, key).scalar() != revision_hash:
                return
            here = reading_failures.c.article == article_id
            old = connection.execute(select(reading_failures).where(here)).one_or_none()
            same = old is not None and (old.revision_hash, old.insight_version) == (revision_hash, insight_version)
            attempts = old.attempts + 1 if old is not None and same else 1
            connection.execute(_SETTLED, key)
            connection.execute(
                insert(reading_failures).values(
                    article=article_id,
                    revision_hash=revision_hash,
                    insight_version=insight_version,
                    reason=plain(reason),
                    attempts=attempts,
                    failed_at=now,
                    retry_at=now + PAUSES[min(attempts, len(PAUSES)) - 1],
                )
            )

    def count_failures(self) -> int:
        """How many articles could not be read, of the texts that they have now."""
        with self._database.reader() as connection:
            return int(connection.execute(select(func.count()).select_from(_failures().subquery())).scalar_one())

    def failures(self, limit: int = 100, *, since: datetime | None = None) -> list[ReadingFailure]:
        """Articles that could not be read, of the texts that they have now, the latest failure first; `since`: only those that failed then or later."""
        query = _failures().order_by(reading_failures.c.failed_at.desc(), reading_failures.c.article).limit(limit)
        if since is not None:
            query = query.where(reading_failures.c.failed_at >= since)
        names = ReadingFailure.__dataclass_fields__
        with self._database.reader() as connection:
            return [ReadingFailure(**{n: row._mapping[n] for n in names}) for row in connection.execute(query)]

    def get(self, article_id: str) -> dict[str, Any] | None:
        """The reading of an article's current text; None where that is not read yet. By whatever version: see `reading_version`."""
        return self.get_many([article_id]).get(article_id)

    def get_many(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Readings of the current texts of articles, by id, of those that have one. For some hundreds at a time."""
        found: dict[str, dict[str, Any]] = {}
        with self._database.reader() as connection:
            for some in batches(ids):
                query = (
                    select(readings.c.article, readings.c.reading)
                    .join(
                        articles,
                        and_(articles.c.id == readings.c.article, articles.c.revision_hash == readings.c.revision_hash),
                    )
                    .where(readings.c.article.in_(some))
                )
                found.update((row.article, json.loads(row.reading)) for row in connection.execute(query))
        return found

    def version(self, article_id: str) -> str | None:
        """The insight version that made the stored reading."""
        with self._database.reader() as connection:
            return connection.execute(
                select(readings.c.insight_version).where(readings.c.article == article_id)
            ).scalar()

    def signatures(self) -> Iterator[tuple[str, bytes]]:
        """Article ids and signatures of all readings of current texts, in id order, in constant memory."""
        query = select(readings.c.article, readings.c.signature).join(
            articles,
            and_(articles.c.id == readings.c.article, articles.c.revision_hash == readings.c.revision_hash),
        )
        rows = self._database.in_batches(query, readings.c.article)
        yield from ((row.article, row.signature) for row in rows)

    # --- clusters

    def save_clusters(self, changes: Mapping[str, str | None]) -> int:
        """Put articles into clusters (None: out of any); how many changed. The change number rises for those."""
        changed = 0
        with self._database.writer() as connection:
            for id in sorted(changes):
                cluster = changes[id]
                query = select(articles.c.cluster).where(articles.c.id == id, articles.c.deleted == false())
                row = connection.execute(query).one_or_none()
                if row is None or row.cluster == cluster:
                    continue
                values = {"cluster": cluster, "change": next_change(connection)}
                connection.execute(update(articles).where(articles.c.id == id).values(values))
                changed += 1
        return changed

    def cluster_members(self, cluster: str) -> list[str]:
        """Ids of a cluster's articles, in id order."""
        query = (
            select(articles.c.id)
            .where(articles.c.cluster == cluster, articles.c.deleted == false())
            .order_by(articles.c.id)
        )
        with self._database.reader() as connection:
            return list(connection.execute(query).scalars())

    def clusters(self) -> Iterator[tuple[str, str]]:
        """All (article id, cluster), in id order."""
        query = select(articles.c.id, articles.c.cluster).where(articles.c.cluster.is_not(None))
        rows = self._database.in_batches(query, articles.c.id)
        yield from ((row.id, row.cluster) for row in rows)


def _failures() -> Select[Any]:
    current = and_(
        articles.c.id == reading_failures.c.article,
        articles.c.revision_hash == reading_failures.c.revision_hash,
        articles.c.deleted == false(),
    )
    return select(reading_failures).join(articles, current)
