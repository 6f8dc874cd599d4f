"""Articles: saved from an extraction, and read back as they are now, as they were, and in the order of their changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, delete, false, select, update

from crawler.archive import database
from crawler.archive.captures import set_outcome
from crawler.archive.corrections import corrected
from crawler.archive.database import Database, batches
from crawler.archive.forgetting.tombstones import ForgottenError
from crawler.archive.models import Change, Outcome, Revision, Saved, StoredArticle
from crawler.archive.revisions import save_article, withdraw
from crawler.archive.saving.extracted import Item, save_extracted
from crawler.archive.schema import articles, captures, corrections, pages, rejected, revisions
from crawler.article import Article, article_id

_CAPTURE: BindParameter[int] = bindparam("capture")
_NO_ARTICLE = ("rejected", "not_article", "blocked", "part", "forgotten")

_STORED = (
    select(articles, revisions.c.content, revisions.c.capture, corrections.c.correction)
    .join(revisions, revisions.c.id == articles.c.revision)
    .outerjoin(corrections, corrections.c.article == articles.c.id)
)

_UNLIST = delete(rejected).where(
    rejected.c.id == select(captures.c.page).where(captures.c.id == _CAPTURE).scalar_subquery(),
    rejected.c.capture == _CAPTURE,
)


class Articles:
    """The articles of an archive."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- from an extraction

    def save(self, article: Article, *, capture: int | None, topic: float | None = None) -> Saved:
        """Keep an article extracted from `capture`, or imported (None). Saving the same again changes nothing.

        `changed` and a revision where what counts for a revision differs from the text before; `same` else. Fields that do not make a revision
        (blocks, provenance, replies, region …) are replaced in place; that raises the change number too. A capture older than the current
        revision's goes into the history and leaves the article as it is. Raises ForgottenError, and changes nothing, where it was taken down.
        """
        with self._database.writer() as connection:
            return save_article(connection, article, capture=capture, topic=topic)

    def save_extracted(self, items: Sequence[Item]) -> list[Saved | ForgottenError]:
        """The same of many, each noted as what its capture holds, in their order and in one transaction; a ForgottenError stands for what was taken down."""
        with self._database.writer() as connection:
            return save_extracted(connection, items)

    def mark_extracted(self, capture: int, outcome: Outcome, reason: str | None = None) -> None:
        """Note what extraction made of a capture. Where it holds no article, what an earlier extraction took from it goes,
        and its page is not asked again. Where it is no longer rejected, its page is not listed as such."""
        with self._database.writer() as connection:
            set_outcome(self._database, capture, outcome, reason)
            if outcome in ("not_article", "failed", "forgotten"):
                connection.execute(_UNLIST, {"capture": capture})
            if outcome in _NO_ARTICLE:
                withdraw(connection, capture, datetime.now(UTC))
                page = select(captures.c.page).where(captures.c.id == capture).scalar_subquery()
                visited = (pages.c.id == page) & (pages.c.state == "fetched")
                connection.execute(update(pages).where(visited).values(next_visit=None))

    # --- as they are and were

    def get(self, id: str) -> StoredArticle | None:
        """The article as it is now; None where there is none."""
        return self.get_many([id]).get(id)

    def by_url(self, canonical_url: str) -> StoredArticle | None:
        """The article of a canonical URL; where an imported one has it too, the crawled one."""
        key = article_id(canonical_url)
        query = _STORED.where(articles.c.page == key).order_by(articles.c.id != key, articles.c.id).limit(1)
        with self._database.reader() as connection:
            row = connection.execute(query).one_or_none()
        return _stored(row) if row is not None else None

    def get_many(self, ids: Iterable[str]) -> dict[str, StoredArticle]:
        """Those of the articles that exist, by id, in the order asked for. For some hundreds at a time."""
        wanted = list(ids)
        found: dict[str, StoredArticle] = {}
        with self._database.reader() as connection:
            for some in batches(wanted):
                query = _STORED.where(articles.c.id.in_(some))
                found.update((row.id, _stored(row)) for row in connection.execute(query))
        return {id: found[id] for id in wanted if id in found}

    def ids(self, after: str | None = None, limit: int = 1000) -> list[str]:
        """Ids of articles in their order, those behind `after`."""
        query = (
            select(articles.c.id)
            .where(articles.c.deleted == false(), articles.c.id > (after or ""))
            .order_by(articles.c.id)
            .limit(limit)
        )
        with self._database.reader() as connection:
            return list(connection.execute(query).scalars())

    def revisions(self, id: str) -> list[Revision]:
        """All texts of an article, oldest first."""
        query = select(revisions).where(revisions.c.article == id).order_by(revisions.c.position, revisions.c.id)
        with self._database.reader() as connection:
            return [
                Revision(
                    row.id, Article.from_json(json.loads(row.content)), row.revision_hash, row.capture, row.saved_at
                )
                for row in connection.execute(query)
            ]

    # --- changes

    def last_change(self) -> int:
        """The highest change number; 0 at first. Every lower one can be seen already."""
        with self._database.reader() as connection:
            return database.last_change(connection)

    def changes_since(self, change: int, limit: int = 1000) -> Iterator[Change]:
        """Articles whose last change is above `change`, in order of it, at most `limit`: go on from the last one's number."""
        query = select(articles.c.id, articles.c.change, articles.c.deleted).where(articles.c.change > change)
        with self._database.reader() as connection:
            rows = connection.execute(query.order_by(articles.c.change).limit(limit)).all()
        for row in rows:
            yield Change(row.id, row.change, row.deleted)


def _stored(row: Row[Any]) -> StoredArticle:
    article = Article.from_json(json.loads(row.content))
    correction = json.loads(row.correction) if row.correction else None
    if correction is not None:
        article = corrected(article, correction)
    return StoredArticle(
        article,
        change=row.change,
        revision_hash=row.revision_hash,
        capture=row.capture,
        first_seen=row.first_seen,
        last_changed=row.last_changed,
        cluster=row.cluster,
        topic=row.topic,
        correction=correction,
    )
