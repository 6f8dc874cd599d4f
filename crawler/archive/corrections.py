"""Corrections by hand: DATA/corrections.toml, one table an article. They win over what was extracted and survive every new extraction.

[0123456789abcdef]
date = 2024-03-13            # or a time, 2024-03-13T16:24:00
origin = "某报"              # 来源；空字符串：没有
author = "某人"
places = ["330100"]
practices = ["enclave"]
note = "据纸质版"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from crawler.archive.database import Database, dumps, next_change
from crawler.archive.errors import ArchiveError
from crawler.archive.schema import articles, corrections
from crawler.article import CORRECTED, Article, Provenance, parse_published
from crawler.reasons import describe_error

RULE = CORRECTED
"""The provenance of a field that was corrected."""

_KEYS = {
    "title": str,
    "date": (date, datetime),
    "origin": str,
    "author": str,
    "places": list,
    "practices": list,
    "note": str,
}


class Corrections:
    def __init__(self, database: Database) -> None:
        self._database = database

    def apply(self, known_values: Mapping[str, Container[str]] | None = None) -> int:
        """Take over DATA/corrections.toml as it now is; how many articles that changed. Raises ArchiveError where the file is wrong.

        `known_values`: what may stand in the lists of a key, such as the adcodes for `places`; a key that is not in it takes anything.
        """
        wanted = load(self._database.folder / "corrections.toml", known_values or {})
        with self._database.writer() as connection:
            known = {row.article: row.correction for row in connection.execute(select(corrections))}
            changed = [id for id in sorted({*wanted, *known}) if wanted.get(id) != known.get(id)]
            for id in changed:
                connection.execute(delete(corrections).where(corrections.c.article == id))
                if id in wanted:
                    connection.execute(insert(corrections).values(article=id, correction=wanted[id]))
                _raise_change(connection, id)
        return len(changed)

    def idle(self, known_values: Mapping[str, Container[str]] | None = None) -> list[str]:
        """The ids in the file that name no article of the archive: mistyped, or not captured yet (then the correction waits). Raises as `apply_corrections`."""
        wanted = load(self._database.folder / "corrections.toml", known_values or {})
        with self._database.reader() as connection:
            query = select(articles.c.id).where(articles.c.id.in_(wanted))
            return sorted({*wanted} - {row.id for row in connection.execute(query)})


def load(path: Path, known_values: Mapping[str, Container[str]]) -> dict[str, str]:
    """Corrections as JSON text by article id; none where there is no file. Raises ArchiveError naming article and key."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ArchiveError(f"{path} 读不了：{describe_error(error)}") from error
    return {id: dumps(_checked(path, id, table, known_values)) for id, table in tables.items()}


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


def _checked(path: Path, id: str, table: Any, known_values: Mapping[str, Container[str]]) -> dict[str, Any]:
    if not re.fullmatch(r"[0-9a-f]{16}", id) or not isinstance(table, dict):
        raise ArchiveError(f"{path}：[{id}] 应是一篇文章的编号（16 位十六进制）")
    for key, value in table.items():
        kind = _KEYS.get(key)
        if kind is None:
            raise ArchiveError(f"{path}：[{id}] 不认识 {key}（可用：{'、'.join(_KEYS)}）")
        listed = isinstance(value, list) and not all(isinstance(v, str) for v in value)
        if not isinstance(value, kind) or listed:  # type: ignore[arg-type]
            raise ArchiveError(f"{path}：[{id}] 的 {key} 类型不对")
        if isinstance(value, list) and key in known_values:
            for one in value:
                if one not in known_values[key]:
                    raise ArchiveError(
                        f"{path}：[{id}] 的 {key} 里没有“{one}”这一项（地方写六位行政区划代码，举措写英文代号）"
                    )
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in sorted(table.items())}


def _raise_change(connection: Connection, id: str) -> None:
    known = connection.execute(select(articles.c.id).where(articles.c.id == id)).first()
    if known is not None:
        connection.execute(update(articles).where(articles.c.id == id).values(change=next_change(connection)))
