"""Dossiers: articles that a researcher marked, in an order of their own, each with a note, under an address that cannot be guessed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from crawler.archive.database import Database, plain
from crawler.archive.schema import dossier_items, dossier_quotations, dossiers


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of an article that the researcher chose: `start` and `end` count characters of its text as it was then."""

    id: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class DossierItem:
    """A marked article (its id) with the researcher's note, and what was quoted from it, in the order of the text."""

    article: str
    note: str
    added_at: datetime
    quotations: tuple[Quotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier with its items in order; `token` is its address, 22 characters from 128 random bits. `owner` made it; None where that was not kept. `author`: whom its files name."""

    token: str
    title: str
    note: str
    created_at: datetime
    changed_at: datetime
    owner: str | None = None
    author: str | None = None
    items: tuple[DossierItem, ...] = ()


class Dossiers:
    """Calls with a token that does not exist change nothing and return None."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, title: str = "", note: str = "", *, owner: str | None = None) -> Dossier:
        now = datetime.now(UTC)
        dossier = Dossier(secrets.token_urlsafe(16), plain(title), plain(note), now, now, owner=owner)
        with self._database.writer() as connection:
            values = {
                "title": dossier.title,
                "note": dossier.note,
                "created_at": now,
                "changed_at": now,
                "owner": owner,
            }
            connection.execute(insert(dossiers).values(token=dossier.token, **values))
        return dossier

    def get(self, token: str) -> Dossier | None:
        with self._database.reader() as connection:
            return _read(connection, token)

    def tokens(self, owners: Collection[str] | None) -> list[str]:
        """Of the dossiers of these owners, of all where None; the one changed last first."""
        table = dossiers.c
        query = select(table.token).order_by(table.changed_at.desc(), table.token)
        if owners is not None:
            query = query.where(table.owner.in_(sorted(owners)))
        with self._database.reader() as connection:
            return [str(token) for token in connection.execute(query).scalars()]

    def made_by(self, owner: str | None) -> tuple[int, int]:
        """How many dossiers an owner has, and how many characters their titles, notes and quotations hold."""
        length = func.length
        of_owner = dossiers.c.owner.is_(None) if owner is None else dossiers.c.owner == owner
        own = select(func.count(), func.sum(length(dossiers.c.title) + length(dossiers.c.note))).where(of_owner)
        notes = select(func.sum(length(dossier_items.c.note))).join(dossiers).where(of_owner)
        quoted = select(func.sum(length(dossier_quotations.c.text))).join(dossiers).where(of_owner)
        with self._database.reader() as connection:
            count, characters = connection.execute(own).one()
            more = sum(int(connection.execute(query).scalar() or 0) for query in (notes, quoted))
            return int(count), int(characters or 0) + more

    def change(
        self, token: str, *, title: str | None = None, note: str | None = None, author: str | None = None
    ) -> Dossier | None:
        """Give it another title, note or author."""
        named = (("title", title), ("note", note), ("author", author))
        values = {k: plain(v) for k, v in named if v is not None}
        with self._database.writer() as connection:
            _touch(connection, token, **values)
            return _read(connection, token)

    def delete(self, token: str) -> None:
        with self._database.writer() as connection:
            connection.execute(delete(dossier_quotations).where(dossier_quotations.c.dossier == token))
            connection.execute(delete(dossier_items).where(dossier_items.c.dossier == token))
            connection.execute(delete(dossiers).where(dossiers.c.token == token))

    def add(self, token: str, article_id: str, note: str | None = None) -> Dossier | None:
        """Put an article at the end; one that is in it keeps its place, and gets the note if one is given."""
        now = datetime.now(UTC)
        with self._database.writer() as connection:
            if not _touch(connection, token):
                return None
            here = (dossier_items.c.dossier == token) & (dossier_items.c.article == article_id)
            if connection.execute(select(dossier_items.c.article).where(here)).first() is None:
                end = select(func.max(dossier_items.c.position)).where(dossier_items.c.dossier == token)
                values = {
                    "position": (connection.execute(end).scalar() or 0) + 1,
                    "note": plain(note or ""),
                    "added_at": now,
                }
                connection.execute(insert(dossier_items).values(dossier=token, article=article_id, **values))
            elif note is not None:
                connection.execute(update(dossier_items).where(here).values(note=plain(note)))
            return _read(connection, token)

    def remove(self, token: str, article_id: str) -> Dossier | None:
        with self._database.writer() as connection:
            _touch(connection, token)
            for table in (dossier_quotations, dossier_items):
                here = (table.c.dossier == token) & (table.c.article == article_id)
                connection.execute(delete(table).where(here))
            return _read(connection, token)

    def quote(self, token: str, article_id: str, start: int, end: int, text: str) -> Dossier | None:
        """Keep words of an article; the article is put in where it is not there yet. The same place is kept once."""
        if self.add(token, article_id) is None:
            return None
        table = dossier_quotations.c
        with self._database.writer() as connection:
            here = (
                (table.dossier == token) & (table.article == article_id) & (table.start == start) & (table.end == end)
            )
            if connection.execute(select(table.id).where(here)).first() is None:
                values = {"start": start, "end": end, "text": plain(text), "added_at": datetime.now(UTC)}
                connection.execute(insert(dossier_quotations).values(dossier=token, article=article_id, **values))
            return _read(connection, token)

    def unquote(self, token: str, quotation: int) -> Dossier | None:
        """Drop a quotation."""
        with self._database.writer() as connection:
            _touch(connection, token)
            here = (dossier_quotations.c.dossier == token) & (dossier_quotations.c.id == quotation)
            connection.execute(delete(dossier_quotations).where(here))
            return _read(connection, token)

    def order(self, token: str, article_ids: Sequence[str]) -> Dossier | None:
        """Put the items into this order; those not named follow as they stood."""
        with self._database.writer() as connection:
            _touch(connection, token)
            dossier = _read(connection, token)
            if dossier is None:
                return None
            there = [item.article for item in dossier.items]
            first = [id for id in dict.fromkeys(article_ids) if id in there]
            for position, id in enumerate([*first, *(id for id in there if id not in first)], 1):
                here = (dossier_items.c.dossier == token) & (dossier_items.c.article == id)
                connection.execute(update(dossier_items).where(here).values(position=position))
            return _read(connection, token)


def _read(connection: Connection, token: str) -> Dossier | None:
    row = connection.execute(select(dossiers).where(dossiers.c.token == token)).one_or_none()
    if row is None:
        return None
    query = select(dossier_items).where(dossier_items.c.dossier == token)
    rows = connection.execute(query.order_by(dossier_items.c.position, dossier_items.c.article)).all()
    quoted: dict[str, list[Quotation]] = {}
    table = dossier_quotations.c
    found = select(dossier_quotations).where(table.dossier == token).order_by(table.start, table.end)
    for r in connection.execute(found):
        quoted.setdefault(r.article, []).append(Quotation(r.id, r.start, r.end, r.text))
    items = tuple(DossierItem(r.article, r.note, r.added_at, tuple(quoted.get(r.article, ()))) for r in rows)
    return Dossier(**row._mapping, items=items)


def _touch(connection: Connection, token: str, **values: Any) -> bool:
    statement = update(dossiers).where(dossiers.c.token == token).values(changed_at=datetime.now(UTC), **values)
    return bool(connection.execute(statement).rowcount)
