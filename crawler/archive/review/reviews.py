"""The review queue as the archive keeps it. Doubts about articles are noted as the articles change; pages that were rejected stand in their own table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from crawler.archive.articles import Articles
from crawler.archive.database import Database
from crawler.archive.models import Rejected, StoredArticle
from crawler.archive.review.marks import FIELDS, Doubt, doubts_of, mark
from crawler.archive.schema import captures, corrections, counters, doubts, rejected

NEAR = 0.25  # scores from here to the gate's 0.5 are worth a look
BATCH = 500
_CURSOR = "doubts"  # in `counters`: the change number up to which articles were looked at


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """One doubt about an article; `differs`: the list says otherwise, else no good witness names it."""

    article: str
    kind: Doubt
    source: str
    mark: str
    differs: bool


class Reviews:
    def __init__(self, database: Database) -> None:
        self._database, self._articles = database, Articles(database)

    def refresh(self, *, most: int | None = None, progress: Callable[[int], None] = lambda done: None) -> bool:
        """Note the doubts about articles that changed since the last call; False where `most` of them were not enough."""
        done = 0
        while True:
            with self._database.reader() as connection:
                row = select(counters.c.value).where(counters.c.name == _CURSOR)
                at = connection.execute(row).scalar_one_or_none()
            changed = list(self._articles.changes_since(at or 0, BATCH))
            if not changed:
                return True
            if most is not None and done >= most:
                return False
            self._note([change.id for change in changed], known=at is not None, upto=changed[-1].change)
            done += len(changed)
            progress(done)

    def _note(self, ids: list[str], *, known: bool, upto: int) -> None:
        stored = self._articles.get_many(ids)
        rows = []
        for id, one in stored.items():
            for kind, made in doubts_of(one.article).items():
                if self.mark_of(one, kind) is not None:
                    field = one.article.provenance[FIELDS[kind]]
                    facts = {"article": id, "kind": kind, "source": one.article.source or "", "mark": made}
                    rows.append(facts | {"differs": bool(field.against)})
        with self._database.writer() as connection:
            connection.execute(delete(doubts).where(doubts.c.article.in_(ids)))
            if rows:
                connection.execute(insert(doubts), rows)
            if known:
                connection.execute(update(counters).where(counters.c.name == _CURSOR).values(value=upto))
            else:
                connection.execute(insert(counters).values(name=_CURSOR, value=upto))

    def doubts(self, kind: str = "", source: str = "", *, limit: int = 40, offset: int = 0) -> list[DoubtRow]:
        """Doubts about articles, those first of which the list says otherwise."""
        query = select(doubts).order_by(doubts.c.differs.desc(), doubts.c.source, doubts.c.article, doubts.c.kind)
        query = query.limit(limit).offset(offset)
        if kind:
            query = query.where(doubts.c.kind == kind)
        if source:
            query = query.where(doubts.c.source == source)
        with self._database.reader() as connection:
            return [DoubtRow(**row._mapping) for row in connection.execute(query)]

    @staticmethod
    def mark_of(stored: StoredArticle, kind: str) -> str | None:
        """The mark of a doubt about an article; None where there is no such doubt, or it was put away."""
        made = next((m for k, m in doubts_of(stored.article).items() if k == kind), None)
        return None if made in (stored.correction or {}).get("reviewed", ()) else made

    def count_doubts(self) -> Counter[tuple[str, str]]:
        """How many, by source and kind."""
        found: Counter[tuple[str, str]] = Counter()
        with self._database.reader() as connection:
            for row in connection.execute(select(doubts.c.source, doubts.c.kind)):
                found[row.source, row.kind] += 1
        return found

    def nearly_kept(self, source: str = "", *, ids: Iterable[str] | None = None) -> list[tuple[Rejected, str]]:
        """Rejected pages near the threshold that were neither put away nor are to be kept, the nearest first, each with its mark. `ids`: only these pages."""
        query = (
            select(rejected, captures.c.digest, corrections.c.correction)
            .outerjoin(captures, captures.c.id == rejected.c.capture)
            .outerjoin(corrections, corrections.c.article == rejected.c.id)
            .where(rejected.c.score >= NEAR)
            .order_by(rejected.c.score.desc(), rejected.c.id)
        )
        if source:
            query = query.where(rejected.c.source == source)
        if ids is not None:
            query = query.where(rejected.c.id.in_(list(ids)))
        found = []
        with self._database.reader() as connection:
            for row in connection.execute(query):
                made = mark("rejected", row.digest or row.title)
                said: dict[str, Any] = json.loads(row.correction) if row.correction else {}
                if not said.get("keep") and made not in said.get("reviewed", ()):
                    names = Rejected.__dataclass_fields__
                    found.append((Rejected(**{name: row._mapping[name] for name in names}), made))
        return found
