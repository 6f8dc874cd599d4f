"""What was corrected by hand, as the archive keeps it: taken over from DATA/corrections.toml, and applied to articles."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from crawler.archive.corrections_file import ITEMS, load, write_table
from crawler.archive.database import Database, next_change
from crawler.archive.schema import articles, corrections
from crawler.article import CORRECTED, Article, Provenance, parse_published

RULE = CORRECTED
"""The provenance of a field that was corrected."""


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
        return len(changed)

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
            query = select(articles.c.id).where(articles.c.id.in_(wanted))
            return sorted({*wanted} - {row.id for row in connection.execute(query)})

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


def _raise_change(connection: Connection, id: str) -> None:
    known = connection.execute(select(articles.c.id).where(articles.c.id == id)).first()
    if known is not None:
        connection.execute(update(articles).where(articles.c.id == id).values(change=next_change(connection)))
