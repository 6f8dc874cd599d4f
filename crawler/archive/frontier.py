"""The state of the crawl: of each source, of each list (newest entry seen, cursors into its history), and of each page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, false, func, insert, or_, select, update

from crawler.archive.captures import supersede
from crawler.archive.database import Database, batches, plain
from crawler.archive.forgetting.tombstones import FORGOTTEN, buried_among, refuse_buried, source_key
from crawler.archive.models import ListState, NewPage, Page, SourceState
from crawler.archive.schema import lists, pages, sources
from crawler.article import SHANGHAI, article_id

_PAGE_FIELDS = tuple(Page.__dataclass_fields__)
_UPDATE_PAGE = (
    update(pages).where(pages.c.id == bindparam("key")).values({name: bindparam(name) for name in _PAGE_FIELDS})
)


class Frontier:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- sources

    def source_state(self, name: str) -> SourceState:
        """What is known of a source; one that was never met is off."""
        with self._database.reader() as connection:
            row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
        return SourceState(**row._mapping) if row is not None else SourceState(name)

    def source_states(self) -> dict[str, SourceState]:
        """All sources that have a state, by name."""
        with self._database.reader() as connection:
            rows = connection.execute(select(sources).order_by(sources.c.name)).all()
        return {row.name: SourceState(**row._mapping) for row in rows}

    def set_source(self, name: str, **changes: Any) -> SourceState:
        """Change fields of a source's state; TypeError where there is no such field. Raises ForgottenError where one that was taken down is to be enabled."""
        with self._database.writer() as connection:
            if changes.get("enabled"):
                refuse_buried(connection, source_key(name))
            state = replace(
                self._state(connection.execute(select(sources).where(sources.c.name == name)).one_or_none(), name),
                **changes,
            )
            values = {k: plain(v) if isinstance(v, str) else v for k, v in asdict(state).items()}
            known = connection.execute(update(sources).where(sources.c.name == name).values(values)).rowcount
            if not known:
                connection.execute(insert(sources).values(values))
        return state

    @staticmethod
    def _state(row: Row[Any] | None, name: str) -> SourceState:
        return SourceState(**row._mapping) if row is not None else SourceState(name)

    # --- lists

    def list_state(self, source: str, url: str) -> ListState:
        """How far a list was read; empty where it never was."""
        with self._database.reader() as connection:
            row = connection.execute(select(lists).where(lists.c.id == _list_key(source, url))).one_or_none()
        return _list(row) if row is not None else ListState(source, url)

    def list_states(self, source: str) -> list[ListState]:
        """All lists of a source that were read, by URL."""
        with self._database.reader() as connection:
            rows = connection.execute(select(lists).where(lists.c.source == source).order_by(lists.c.url)).all()
        return [_list(row) for row in rows]

    def save_list(self, state: ListState) -> None:
        """Store how far a list was read."""
        key = _list_key(state.source, state.url)
        values = {k: plain(v) if isinstance(v, str) else v for k, v in asdict(state).items()}
        with self._database.writer() as connection:
            if not connection.execute(update(lists).where(lists.c.id == key).values(values)).rowcount:
                connection.execute(insert(lists).values(id=key, **values))

    # --- pages

    def page(self, canonical_url: str) -> Page | None:
        with self._database.reader() as connection:
            row = connection.execute(select(pages).where(pages.c.id == article_id(canonical_url))).one_or_none()
        return _page(row) if row is not None else None

    def pages_of(self, canonical_urls: Iterable[str]) -> dict[str, Page]:
        """Of the pages asked about those that are known, by the canonical URL asked for."""
        urls = {article_id(url): url for url in canonical_urls}
        found = {}
        with self._database.reader() as connection:
            for some in batches(urls):
                for row in connection.execute(select(pages).where(pages.c.id.in_(some))):
                    found[urls[row.id]] = _page(row)
        return found

    def add_pages(self, source: str, entries: Iterable[NewPage], now: datetime | None = None) -> int:
        """Queue the pages that are not known yet; how many those were. Known ones stay as they are, whichever source found them; what was taken down is not queued."""
        now = now or datetime.now(UTC)
        new = {article_id(e.canonical_url): e for e in reversed(list(entries))}  # of two with one key the first counts
        with self._database.writer() as connection:
            known: set[str] = set()
            for some in batches(new):
                known.update(connection.execute(select(pages.c.id).where(pages.c.id.in_(some))).scalars())
            known |= buried_among(connection, new)
            rows = [_queued(source, key, entry, now) for key, entry in new.items() if key not in known]
            if rows:
                connection.execute(insert(pages), rows)
        return len(rows)

    def save_page(self, page: Page) -> None:
        """Store a page as it now is; `revisits` says what it becomes after a response."""
        self.save_pages([page])

    def save_pages(self, changed: Iterable[Page]) -> None:
        """The same of several pages in one transaction; of two states of one page the last counts."""
        now = datetime.now(UTC)
        new = {article_id(page.canonical_url): page for page in changed}
        with self._database.writer() as connection:
            for keys in batches(new):
                self._save({key: new[key] for key in keys}, connection, now)

    @staticmethod
    def _save(changed: Mapping[str, Page], connection: Connection, now: datetime) -> None:
        down = buried_among(connection, changed)
        query = select(pages.c.id, pages.c.capture).where(pages.c.id.in_(changed))
        old: dict[str, int | None] = {row.id: row.capture for row in connection.execute(query)}
        rows = []
        for key, page in changed.items():
            values = {name: getattr(page, name) for name in _PAGE_FIELDS}
            values = {k: plain(v) if isinstance(v, str) else v for k, v in values.items()}
            values |= {"added_at": page.added_at or now}
            if key in down:  # taken down while it was fetched
                values |= {"state": "gone", "next_visit": None, "title": "", "reason": FORGOTTEN}
            rows.append((key, values))
        if made := [{"id": key, **values} for key, values in rows if key not in old]:
            connection.execute(insert(pages), made)
        if known := [{"key": key, **values} for key, values in rows if key in old]:
            connection.execute(_UPDATE_PAGE, known)
        visits = {
            key: (old.get(key) or 0, page.capture)
            for key, page in changed.items()
            if page.state == "fetched" and page.capture is not None
        }
        if visits:
            supersede(connection, visits)

    def count_waiting(self) -> int:
        """How many pages wait to be fetched for the first time."""
        with self._database.reader() as connection:
            query = select(func.count()).select_from(pages).where(pages.c.state == "queued")
            return int(connection.execute(query).scalar_one())

    def pages_to_fetch(self, source: str, limit: int, now: datetime) -> list[Page]:
        """What to fetch next, in this order: new pages, then visits that are due (revisits and retries), then history; each the latest first.

        The order depends on the rows alone: a crawl that was cut off goes on as it would have.
        """
        due = and_(pages.c.state != "queued", pages.c.next_visit <= now)
        rank = case(
            (and_(pages.c.state == "queued", pages.c.history == false()), 0), (pages.c.state != "queued", 1), else_=2
        )
        dated = case((pages.c.date.is_(None), 1), else_=0)
        query = (
            select(pages)
            .where(pages.c.source == source, or_(pages.c.state == "queued", due))
            .order_by(rank, dated, pages.c.date.desc(), pages.c.added_at, pages.c.id)
            .limit(limit)
        )
        with self._database.reader() as connection:
            return [_page(row) for row in connection.execute(query)]

    def has_fetched(self, source: str) -> bool:
        """Whether any page of a source ever came."""
        query = select(pages.c.id).where(pages.c.source == source, pages.c.first_fetched.is_not(None)).limit(1)
        with self._database.reader() as connection:
            return connection.execute(query).first() is not None

    def pages(self, source: str, *, state: str | None = None, reason: str | None = None) -> Iterator[Page]:
        """All pages of a source, by key; rows are read in small batches."""
        query = select(pages).where(pages.c.source == source)
        if state is not None:
            query = query.where(pages.c.state == state)
        if reason is not None:
            query = query.where(pages.c.reason == reason)
        yield from map(_page, self._database.in_batches(query, pages.c.id))


def _queued(source: str, key: str, entry: NewPage, now: datetime) -> dict[str, Any]:
    return {
        "id": key,
        "canonical_url": plain(entry.canonical_url),
        "url": plain(entry.url),
        "source": source,
        "state": "queued",
        "title": plain(entry.title or ""),
        "date": _moment(entry.date),
        "referrer": entry.referrer,
        "history": entry.history,
        "added_at": now,
        "attempts": 0,
    }


def _moment(value: date | datetime | None) -> datetime | None:
    """A list's date as a moment; days and naive times are Shanghai's."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
    return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)


def _list_key(source: str, url: str) -> str:
    return article_id(f"{source}\n{url}")


def _list(row: Row[Any]) -> ListState:
    return ListState(**{name: row._mapping[name] for name in ListState.__dataclass_fields__})


def _page(row: Row[Any]) -> Page:
    return Page(**{name: row._mapping[name] for name in Page.__dataclass_fields__})
