"""What was corrected by hand, as the archive keeps it: taken over from DATA/corrections.toml, and applied to articles."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any

from sqlalchemy import Connection, delete, false, func, insert, select, update

from crawler.archive.corrections_file import ITEMS, load, merge_table, write_table
from crawler.archive.database import Database, next_change
from crawler.archive.schema import articles, captures, corrections, rejected, revisions
from crawler.article import CORRECTED, Article, Provenance, parse_published

RULE = CORRECTED
"""The provenance of a field that was corrected."""


KEPT, NOT_KEPT = "人工收下，重新提取", "不再人工收下，重新提取"
"""The reason on a capture that waits because its page is to be kept by hand, or no longer, until it is extracted."""


class Corrections:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._path = database.folder / "corrections.toml"

    def apply(self, known_values: Mapping[str, Container[str]] | None = None) -> int:
        """Take over DATA/corrections.toml as it now is; how many articles that changed. A wrong entry is left out (`faults` names it), and what its article had stands. Raises ArchiveError where the file cannot be read.

        `known_values`: what may stand in the lists of a key, such as the adcodes for `places`, or in a field of an entry (`figures.kind`); what is not in it takes anything.
        """
        loaded = load(self._path, known_values or {})
        with self._database.writer() as connection:
            known = {row.article: row.correction for row in connection.execute(select(corrections))}
            wanted = {**{id: text for id, text in known.items() if id in loaded.bad}, **loaded.good}
            changed = [id for id in sorted({*wanted, *known}) if wanted.get(id) != known.get(id)]
            for id in changed:
                connection.execute(delete(corrections).where(corrections.c.article == id))
                if id in wanted:
                    connection.execute(insert(corrections).values(article=id, correction=wanted[id]))
                _raise_change(connection, id)
                if (keep := _keeps(wanted.get(id))) != _keeps(known.get(id)):
                    _extract_again(connection, id, keep=keep)
        return len(changed)

    def without_file(self) -> int:
        """How many corrections an archive that several machines may share has, where this one has no file at all: that takes nothing back. 0 where there is a file, and for SQLite."""
        with self._database.reader() as connection:
            if connection.dialect.name != "postgresql" or self._path.exists():
                return 0
            return int(connection.execute(select(func.count()).select_from(corrections)).scalar_one())

    def faults(self, known_values: Mapping[str, Container[str]] | None = None) -> list[str]:
        """What is wrong with single entries of the file, a line each. Raises as `apply`."""
        return list(load(self._path, known_values or {}).bad.values())

    def of_items(self) -> list[str]:
        """The ids of articles of which single things read are corrected (`ITEMS`), in order."""
        with self._database.reader() as connection:
            rows = connection.execute(select(corrections).order_by(corrections.c.article))
            return [row.article for row in rows if not ITEMS.keys().isdisjoint(json.loads(row.correction))]

    def idle(self, known_values: Mapping[str, Container[str]] | None = None) -> list[str]:
        """The ids in the file that name no article of the archive: mistyped, or not captured yet (then the correction waits). Raises as `apply`."""
        wanted = load(self._path, known_values or {}).good
        with self._database.reader() as connection:
            met = connection.execute(select(articles.c.id).where(articles.c.id.in_(wanted))).scalars().all()
            turned_down = connection.execute(select(rejected.c.id).where(rejected.c.id.in_(wanted))).scalars().all()
        return sorted({*wanted} - {*met, *turned_down})

    def kept(self) -> frozenset[str]:
        """The ids of pages that are kept though the gate rejects them (`keep`)."""
        with self._database.reader() as connection:
            rows = connection.execute(select(corrections).where(corrections.c.correction.contains('"keep"')))
            return frozenset(row.article for row in rows if _keeps(row.correction))

    def merge(
        self,
        id: str,
        values: Mapping[str, Any],
        known_values: Mapping[str, Container[str]] | None = None,
        *,
        reviewed: str = "",
    ) -> None:
        """Put these keys into an article's table in the file, and a mark into its `reviewed`, and take the file over. Raises ArchiveError where that cannot be."""
        merge_table(self._path, id, values, known_values or {}, reviewed=reviewed)
        self.apply(known_values)

    def write(self, id: str, table: Mapping[str, Any]) -> None:
        """Put an article's table into the file, in the place of the one that it has; all else stays as it is written. Raises ArchiveError where that cannot be."""
        write_table(self._path, id, table)


def corrected(article: Article, correction: Mapping[str, Any]) -> Article:
    """The article with what was corrected; the provenance of those fields says so."""
    changes: dict[str, Any] = {}
    if "date" in correction:
        changes["published_at"], changes["published_precision"] = parse_published(correction["date"])
    for key in ("title", "origin", "author"):
        if key in correction:
            changes[key] = correction[key] if key == "title" else correction[key] or None
    note = str(correction.get("note", ""))
    provenance = {k: Provenance(RULE, note) for k in changes if k != "published_precision"}
    return article.with_(**changes, provenance={**article.provenance, **provenance})


def _keeps(correction: str | None) -> bool:
    return correction is not None and bool(json.loads(correction).get("keep"))


def _extract_again(connection: Connection, id: str, *, keep: bool) -> None:
    """The capture of a page that is to be kept from now on, or no longer, waits for the next extraction."""
    if keep:
        shown = select(rejected.c.capture).where(rejected.c.id == id)
    else:
        shown = (
            select(revisions.c.capture)
            .join(articles, articles.c.revision == revisions.c.id)
            .where(articles.c.id == id, articles.c.deleted == false())
        )
    found = connection.execute(shown).scalar_one_or_none()
    if found is not None:
        waits = update(captures).where(captures.c.id == found, captures.c.role == "article")
        connection.execute(waits.values(outcome=None, reason=KEPT if keep else NOT_KEPT))


def _raise_change(connection: Connection, id: str) -> None:
    known = connection.execute(select(articles.c.id).where(articles.c.id == id)).first()
    if known is not None:
        connection.execute(update(articles).where(articles.c.id == id).values(change=next_change(connection)))
