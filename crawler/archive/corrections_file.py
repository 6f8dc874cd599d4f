"""Corrections by hand: DATA/corrections.toml, one table an article. They win over what was extracted and read, and survive every new extraction and reading.

[0123456789abcdef]
date = 2024-03-13            # or a time, 2024-03-13T16:24:00
origin = "某报"              # 来源；空字符串：没有
author = "某人"
places = ["330100"]
practices = ["enclave"]
figures = [{quote = "总投资12亿元", status = "planned", stage = "talks"}, {quote = "兑现8亿元", remove = true}]
evidence = [{id = "enclave", quote = "两地按六四分成。"}]
industries = [{id = "semiconductor", quote = "落户一家芯片厂。"}]
events = [{id = "signed", quote = "有望年内签约。", remove = true}]
note = "据纸质版"
keep = true                  # 退回的网页也收（zhaoshang review）
reviewed = ["date:1a2b3c4d"] # 看过、不再提示的疑问（zhaoshang review）

An entry of `figures`, `evidence`, `industries` or `events` is about what was read in its `quote`, words of the article: its other keys win over what was read; `remove` takes it away; where nothing was
read there, it is put in. `ITEMS` says which lists of a reading can be corrected so.
"""

from __future__ import annotations

import fcntl
import re
import tomllib
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.archive.database import dumps
from crawler.archive.errors import ArchiveError
from crawler.archive.handwritten.replace_file import replace_file
from crawler.archive.handwritten.statements import is_heading, statements, with_values, written
from crawler.reasons import describe_error

_KEYS = {
    "title": str,
    "date": (date, datetime),
    "origin": str,
    "author": str,
    "places": list,
    "practices": list,
    "note": str,
    "keep": bool,
    "reviewed": list,
}


@dataclass(frozen=True, slots=True)
class Items:
    """A key with entries about what was read: the list of the reading that it corrects, the fields that may stand in an entry beside `quote` and `remove`, and those that a new one must have."""

    of: str
    fields: Mapping[str, type]
    needed: tuple[str, ...]


ITEMS: Mapping[str, Items] = {
    "figures": Items(
        "figures",
        {
            "value": int,
            "high": int,
            **dict.fromkeys(("unit", "kind", "status", "stage", "region", "period", "project", "firm"), str),
        },
        needed=("value", "unit", "kind", "status"),
    ),
    "evidence": Items("practices", {"id": str}, needed=("id",)),
    "industries": Items("industries", {"id": str}, needed=("id",)),
    "events": Items("events", {"id": str}, needed=("id",)),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """`good`: corrections as JSON text by article id; `bad`: what stands before a wrong entry in the file, and what is wrong with it."""

    good: Mapping[str, str]
    bad: Mapping[str, str]


def load(path: Path, known_values: Mapping[str, Container[str]]) -> Loaded:
    """What stands in the file; nothing where there is none. An entry that is wrong does not touch the others. Raises ArchiveError where the file cannot be read at all."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Loaded({}, {})
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{path} 读不了：{describe_error(error)}") from error
    good: dict[str, str] = {}
    bad: dict[str, str] = {}
    for where, tables in _tables(path, text):
        if isinstance(tables, str):
            bad[where] = tables
            continue
        for id, table in tables.items():
            try:
                good[id] = dumps(check_table(id, table, known_values))
            except ArchiveError as error:
                bad[id] = f"{path}：{error}"
    return Loaded(good, bad)


def _tables(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    """What stands before each part of the file with the tables in it, or with what is wrong; one part where the whole is well formed."""
    try:
        yield "", tomllib.loads(text)
        return
    except tomllib.TOMLDecodeError:
        pass
    line = 1
    for part in _parts(text):
        where = _heading(part) or f"第 {line} 行"
        try:
            yield where, tomllib.loads(part)
        except tomllib.TOMLDecodeError as error:
            yield where, f"{path}：从第 {line} 行起的 [{where}] 读不懂，没有用：{describe_error(error)}"
        line += part.count("\n")


def write_table(path: Path, id: str, table: Mapping[str, Any]) -> None:
    """Put an article's table into the file, in the place of the one that it has; all else stays as it is written. Raises ArchiveError where that cannot be."""
    try:
        with alone(path):
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            replace_file(path, _with_table(text, id, table))
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{path} 写不了：{describe_error(error)}") from error


def merge_table(
    path: Path,
    id: str,
    values: Mapping[str, Any],
    known_values: Mapping[str, Container[str]],
    *,
    reviewed: str = "",
) -> None:
    """Put these keys into an article's table, and a mark into its `reviewed`; all else stays as it is written. Raises ArchiveError where that cannot be, or where the table is wrong, now or then."""
    try:
        with alone(path):
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            own = next((part for part in _parts(text) if _heading(part) == id), "")
            try:
                table = tomllib.loads(own).get(id, {})
            except tomllib.TOMLDecodeError as error:
                raise ArchiveError(f"{path} 里的 [{id}] 读不懂，请先改好：{describe_error(error)}") from error
            new = {**table, **values}
            if reviewed:
                new["reviewed"] = list(dict.fromkeys((*table.get("reviewed", ()), reviewed)))
            check_table(id, new, known_values)
            replace_file(path, _with_table(text, id, new))
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{path} 写不了：{describe_error(error)}") from error


def _with_table(text: str, id: str, table: Mapping[str, Any]) -> str:
    """The text with the article's table in its place, or at the end; comments stay."""
    parts = _parts(text)
    place = next((n for n, part in enumerate(parts) if _heading(part) == id), None)
    if place is None:
        return text + ("" if text[-1:] in ("", "\n") else "\n") + rendered(id, table)
    own = list(statements(parts[place]))
    head = next(n for n, one in enumerate(own) if is_heading(one)) + 1
    parts[place] = "".join(own[:head]) + with_values("".join(own[head:]), table, whole=True)
    return "".join(part for n, part in enumerate(parts) if n == place or _heading(part) != id)


_HEADING = re.compile(
    r"^[ \t]*\[[ \t]*(?P<quote>[\"']?)(?P<id>[^\[\]\"'\n]*)(?P=quote)[ \t]*\][ \t]*(?:#.*)?$", re.MULTILINE
)


def _parts(text: str) -> list[str]:
    """The file cut before each heading: together they are the whole text."""
    starts = [match.start() for match in _HEADING.finditer(text)]
    cuts = [0, *(start for start in starts if start), len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if a < b]


def _heading(part: str) -> str:
    match = _HEADING.match(part)
    return match["id"].strip() if match else ""


def rendered(id: str, table: Mapping[str, Any]) -> str:
    """An article's table as it stands in the file."""
    return "\n".join([f'["{id}"]', *(f"{key} = {written(value)}" for key, value in table.items())]) + "\n"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time writes the file."""
    with path.with_name(path.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_table(id: str, table: Any, known_values: Mapping[str, Container[str]]) -> dict[str, Any]:
    """The table as JSON keeps it. Raises ArchiveError naming article and key where it is wrong."""
    if not re.fullmatch(r"[0-9a-f]{16}", id) or not isinstance(table, dict):
        raise ArchiveError(f"[{id}] 应是一篇文章的编号（16 位十六进制）")
    for key, value in table.items():
        if key in ITEMS:
            _check_entries(f"[{id}] 的 {key}", key, value, known_values)
            continue
        kind = _KEYS.get(key)
        if kind is None:
            raise ArchiveError(f"[{id}] 不认识 {key}（可用：{'、'.join((*_KEYS, *ITEMS))}）")
        listed = isinstance(value, list) and not all(isinstance(v, str) for v in value)
        if not isinstance(value, kind) or listed:  # type: ignore[arg-type]
            raise ArchiveError(f"[{id}] 的 {key} 类型不对")
        if isinstance(value, list) and key in known_values:
            for one in value:
                if one not in known_values[key]:
                    raise ArchiveError(f"[{id}] 的 {key} 里没有“{one}”这一项（地方写六位行政区划代码，举措写英文代号）")
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in sorted(table.items())}


def _check_entries(where: str, key: str, entries: Any, known_values: Mapping[str, Container[str]]) -> None:
    fields = {"quote": str, "remove": bool, **ITEMS[key].fields}
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ArchiveError(f'{where} 应是一列，各写作 {{quote = "原文里的话", …}}')
    for entry in entries:
        if not entry.get("quote"):
            raise ArchiveError(f"{where} 各条都要有 quote：原文里的话")
        for name, value in entry.items():
            if name not in fields:
                raise ArchiveError(f"{where} 不认识 {name}（可用：{'、'.join(fields)}）")
            if not isinstance(value, fields[name]) or (fields[name] is int and isinstance(value, bool)):
                raise ArchiveError(f"{where} 的 {name} 类型不对")
            known = known_values.get(f"{key}.{name}")
            if known is not None and value not in known:
                raise ArchiveError(f"{where} 的 {name} 没有“{value}”这一项")
