"""What extraction made of a source's captures, the latest first."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import and_, select

from crawler.archive.database import Database
from crawler.archive.models import Extracted, Outcome
from crawler.archive.schema import captures, pages, rejected, revisions
from crawler.article import Article

_ANSWERED: tuple[Outcome, ...] = ("article", "rejected", "not_article", "failed")


class ExtractedCaptures(Database):
    def extracted(
        self, source: str, *, before: int | None = None, outcomes: Sequence[Outcome] = _ANSWERED, limit: int = 60
    ) -> list[Extracted]:
        """The last captures of a source's articles that were extracted, newest first; `before`: only those with a lower id.

        A capture whose bytes were known already says nothing new and is left out.
        """
        query = (
            select(
                captures.c.id,
                captures.c.url,
                captures.c.canonical_url,
                captures.c.fetched_at,
                captures.c.outcome,
                captures.c.reason,
                revisions.c.content,
                rejected.c.title.label("rejected_title"),
                pages.c.title.label("listed"),
            )
            .outerjoin(revisions, revisions.c.id == captures.c.revision)
            .outerjoin(rejected, and_(rejected.c.id == captures.c.page, rejected.c.capture == captures.c.id))
            .outerjoin(pages, pages.c.id == captures.c.page)
            .where(captures.c.source == source, captures.c.role == "article", captures.c.refers_to.is_(None))
            .where(captures.c.outcome.in_(outcomes))
            .order_by(captures.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(captures.c.id < before)
        with self.reader() as connection:
            rows = connection.execute(query).all()
        out = []
        for row in rows:
            article = Article.from_json(json.loads(row.content)) if row.content else None
            title = article.title if article else row.rejected_title
            named = (row.id, row.url, row.canonical_url, row.fetched_at, row.outcome, row.reason)
            out.append(Extracted(*named, title=title, listed=row.listed or "", article=article))
        return out
