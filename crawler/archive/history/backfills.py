"""Backfills as the archive keeps them, apart from how far the nightly visits have read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, and_, case, delete, func, insert, or_, select, update

from crawler.archive.database import Database, batches, plain
from crawler.archive.history.models import Backfill, BackfillCounts, BackfillList
from crawler.archive.models import Page
from crawler.archive.schema import articles, backfill_lists, backfill_pages, backfills, pages
from crawler.article import article_id


class Backfills:
    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, source: str, since: date, until: date, now: datetime | None = None) -> Backfill:
        """The backfill of a source over these days (both included): goes on where it is the same span, else begins anew."""
        known = self.get(source)
        made = Backfill(source, since, until, began_at=now or datetime.now(UTC))
        with self._database.writer() as connection:
            here = backfills.c.source == source
            if known is not None and (known.since, known.until) == (since, until):
                connection.execute(update(backfills).where(here).values(stopped=False))
            else:
                for table in (backfills, backfill_lists):
                    connection.execute(delete(table).where(table.c.source == source))
                connection.execute(insert(backfills).values(_row(asdict(made))))
        found = self.get(source)
        assert found is not None
        return found

    def stop(self, source: str) -> bool:
        """Read no further until it is started again; False where there is none."""
        with self._database.writer() as connection:
            here = backfills.c.source == source
            return bool(connection.execute(update(backfills).where(here).values(stopped=True)).rowcount)

    def get(self, source: str) -> Backfill | None:
        """The backfill of a source, done or not."""
        with self._database.reader() as connection:
            row = connection.execute(select(backfills).where(backfills.c.source == source)).one_or_none()
        return _backfill(row) if row is not None else None

    def all(self) -> list[Backfill]:
        """All backfills, by source."""
        with self._database.reader() as connection:
            return [_backfill(row) for row in connection.execute(select(backfills).order_by(backfills.c.source))]

    def open(self) -> list[str]:
        """The sources whose backfill goes on: a list is not read to its end, or a page waits."""
        return [one.source for one in self.all() if not one.stopped and not self.is_done(one.source)]

    def is_done(self, source: str) -> bool:
        """Whether all lists were read as far as asked and no page waits."""
        lists = self.lists(source)
        return bool(lists) and all(one.ended for one in lists) and not self.counts(source).waiting

    def lists(self, source: str) -> list[BackfillList]:
        """The lists that a source's backfill reads, by URL."""
        query = select(backfill_lists).where(backfill_lists.c.source == source).order_by(backfill_lists.c.url)
        with self._database.reader() as connection:
            return [_list(row) for row in connection.execute(query)]

    def save_list(self, state: BackfillList) -> None:
        """Store how far a list was read."""
        key = article_id(f"{state.source}\n{state.url}")
        values = _row(asdict(state))
        with self._database.writer() as connection:
            here = backfill_lists.c.id == key
            if not connection.execute(update(backfill_lists).where(here).values(values)).rowcount:
                connection.execute(insert(backfill_lists).values(id=key, **values))

    def visited(self, source: str, *, requests: int, note: str, now: datetime) -> None:
        """Note that a night's share was read, and how that ended."""
        changes = {
            "visited_at": now,
            "visits": backfills.c.visits + 1,
            "requests": backfills.c.requests + requests,
            "note": plain(note),
        }
        with self._database.writer() as connection:
            connection.execute(update(backfills).where(backfills.c.source == source).values(changes))

    # --- pages

    def add_pages(self, source: str, keys: Iterable[str]) -> None:
        """Note that these canonical URLs were queued by the backfill, and by no visit."""
        ids = list(dict.fromkeys(map(article_id, keys)))
        with self._database.writer() as connection:
            known: set[str] = set()
            for some in batches(ids):
                query = select(backfill_pages.c.page).where(backfill_pages.c.page.in_(some))
                known.update(connection.execute(query).scalars())
            if rows := [{"page": id, "source": source, "listed": False} for id in ids if id not in known]:
                connection.execute(insert(backfill_pages), rows)

    def unlisted(self, keys: Iterable[str]) -> set[str]:
        """Of these canonical URLs those that a backfill queued and no visit has met since: they say nothing of how far the visits have read."""
        ids = {article_id(key): key for key in keys}
        found: set[str] = set()
        with self._database.reader() as connection:
            for some in batches(ids):
                query = select(backfill_pages.c.page).where(
                    backfill_pages.c.page.in_(some), backfill_pages.c.listed.is_(False)
                )
                found.update(ids[id] for id in connection.execute(query).scalars())
        return found

    def note_listed(self, keys: Iterable[str]) -> None:
        """A visit has met these on its list: from now on they are its pages too."""
        with self._database.writer() as connection:
            for some in batches([article_id(key) for key in keys]):
                connection.execute(update(backfill_pages).where(backfill_pages.c.page.in_(some)).values(listed=True))

    def pages_to_fetch(self, source: str, limit: int, now: datetime) -> list[Page]:
        """Pages of the backfill that never came: those queued, then those whose retry is due; each the latest first."""
        waits = or_(pages.c.state == "queued", and_(pages.c.first_fetched.is_(None), pages.c.next_visit <= now))
        queued = case((pages.c.state == "queued", 0), else_=1)
        dated = case((pages.c.date.is_(None), 1), else_=0)  # engines differ in where they put those without
        query = (
            select(pages)
            .join(backfill_pages, backfill_pages.c.page == pages.c.id)
            .where(backfill_pages.c.source == source, waits)
            .order_by(queued, dated, pages.c.date.desc(), pages.c.added_at, pages.c.id)
            .limit(limit)
        )
        with self._database.reader() as connection:
            rows = connection.execute(query).all()
        return [Page(**{name: row._mapping[name] for name in Page.__dataclass_fields__}) for row in rows]

    def counts(self, source: str) -> BackfillCounts:
        """What became of the pages of a source's backfill."""
        never = pages.c.first_fetched.is_(None)
        waits = or_(pages.c.state == "queued", and_(never, pages.c.next_visit.is_not(None)))
        kept = select(articles.c.id).where(articles.c.page == pages.c.id, articles.c.revision.is_not(None)).exists()

        def number(condition: Any) -> Any:
            return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

        query = (
            select(
                func.count(),
                number(pages.c.first_fetched.is_not(None)),
                number(kept),
                number(waits),
                number(and_(never, pages.c.state != "queued", pages.c.next_visit.is_(None))),
            )
            .select_from(backfill_pages)
            .join(pages, pages.c.id == backfill_pages.c.page)
            .where(backfill_pages.c.source == source)
        )
        with self._database.reader() as connection:
            return BackfillCounts(*map(int, connection.execute(query).one()))


def _row(facts: dict[str, Any]) -> dict[str, Any]:
    def value(one: Any) -> Any:
        if isinstance(one, date) and not isinstance(one, datetime):
            return one.isoformat()
        return plain(one) if isinstance(one, str) else one

    return {name: value(one) for name, one in facts.items()}


def _backfill(row: Row[Any]) -> Backfill:
    facts = {name: row._mapping[name] for name in Backfill.__dataclass_fields__}
    return Backfill(
        **{**facts, "since": date.fromisoformat(facts["since"]), "until": date.fromisoformat(facts["until"])}
    )


def _list(row: Row[Any]) -> BackfillList:
    facts = {name: row._mapping[name] for name in BackfillList.__dataclass_fields__}
    return BackfillList(**{**facts, "reached": date.fromisoformat(facts["reached"]) if facts["reached"] else None})
