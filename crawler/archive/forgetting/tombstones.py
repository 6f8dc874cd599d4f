"""Tombstones: pages, articles and sources that were taken down. Whatever writes asks here first, so that nothing of them comes back (docs/decisions/0346)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from crawler.archive.database import Database, batches, plain
from crawler.archive.errors import ArchiveError
from crawler.archive.schema import pages, tombstones
from crawler.article import SHANGHAI, article_id

FORGOTTEN = "已撤下"
"""The reason on captures and pages of what was taken down."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`name`: the page's canonical URL, the article's external id, or the source's name. `erased_at`: its records are gone from the WARC files."""

    id: str
    kind: Literal["page", "article", "source"]
    name: str
    why: str
    forgotten_at: datetime
    erased_at: datetime | None

    @property
    def day(self) -> str:
        return self.forgotten_at.astimezone(SHANGHAI).strftime("%Y-%m-%d")


class ForgottenError(ArchiveError):
    """What was asked for, or was to be kept, was taken down; `tombstone` says when and why."""

    def __init__(self, tombstone: Tombstone) -> None:
        super().__init__(f"{tombstone.name} 已于 {tombstone.day} 撤下，不再收：{tombstone.why}")
        self.tombstone = tombstone


class Tombstones:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, *keys: str) -> Tombstone | None:
        """The tombstone of a page or an article, by any of its keys."""
        with self._database.reader() as connection:
            return buried(connection, *keys)

    def of_page(self, canonical_url: str, source: str | None = None) -> Tombstone | None:
        """The tombstone of a page, or of the source that it belongs to."""
        return self.of(article_id(canonical_url), *([source_key(source)] if source else ()))

    def of_source(self, name: str) -> Tombstone | None:
        return self.of(source_key(name))

    def follow(self, canonical_url: str, found: Tombstone) -> None:
        """Another address led to what was taken down: it gets the same tombstone, and is not asked again."""
        key = article_id(canonical_url)
        with self._database.writer() as connection:
            bury(connection, [(key, "page", canonical_url)], why=found.why, now=found.forgotten_at)
            gone = {"state": "gone", "next_visit": None, "title": "", "reason": FORGOTTEN}
            connection.execute(update(pages).where(pages.c.id == key).values(gone))

    def all(self, limit: int = 1000) -> list[Tombstone]:
        """The last ones, the newest first."""
        query = select(tombstones).order_by(tombstones.c.forgotten_at.desc(), tombstones.c.id).limit(limit)
        with self._database.reader() as connection:
            return [_tombstone(row) for row in connection.execute(query)]


def source_key(name: str) -> str:
    """A source's key among the tombstones; no URL has a line break in it."""
    return article_id(f"source\n{name}")


def bury(connection: Connection, what: Iterable[tuple[str, str, str]], *, why: str, now: datetime) -> int:
    """Set tombstones (key, kind, name) where there are none; how many."""
    new = {key: (kind, name) for key, kind, name in what}
    old = buried_among(connection, new)
    values = {"why": plain(why), "forgotten_at": now, "erased_at": None}
    rows = [{"id": k, "kind": kind, "name": plain(name), **values} for k, (kind, name) in new.items() if k not in old]
    if rows:
        connection.execute(insert(tombstones), rows)
    return len(rows)


def buried(connection: Connection, *keys: str) -> Tombstone | None:
    """The first tombstone of these keys, within a transaction."""
    row = connection.execute(select(tombstones).where(tombstones.c.id.in_(keys)).limit(1)).one_or_none()
    return _tombstone(row) if row is not None else None


def buried_among(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of many keys that have a tombstone."""
    found: set[str] = set()
    for some in batches(keys):
        here = tombstones.c.id.in_(some)
        found.update(connection.execute(select(tombstones.c.id).where(here)).scalars())
    return found


def refuse_buried(connection: Connection, *keys: str) -> None:
    """Raises ForgottenError where one of the keys has a tombstone."""
    found = buried(connection, *keys)
    if found is not None:
        raise ForgottenError(found)


def _tombstone(row: Row[Any]) -> Tombstone:
    return Tombstone(**{name: row._mapping[name] for name in Tombstone.__dataclass_fields__})
