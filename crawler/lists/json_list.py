"""Lists served as JSON or JSONP: an array of objects with a title, a URL and a day, anywhere in the data."""

from __future__ import annotations

import html as html_entities
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from crawler.article import SHANGHAI
from crawler.lists import dates, titles
from crawler.lists.list_page import Entry, ListError
from crawler.lists.parsed_document import MOST_ENTRIES, Document

_TITLES = (
    "title",
    "doctitle",
    "titles",
    "showtitle",
    "subject",
    "name",
    "articletitle",
    "newstitle",
    "infotitle",
    "linktitle",
    "listtitle",
    "caption",
    "topic",
    "headline",
)
_URLS = (
    "url",
    "post_url",
    "docpuburl",
    "linkurl",
    "link",
    "href",
    "docurl",
    "puburl",
    "articleurl",
    "weburl",
    "pageurl",
    "infourl",
    "contenturl",
    "path",
    "newsurl",
    "uniqueurl",
    "arturl",
)
_DAYS = (
    "display_publish_time", "publishedtimestr", "publishedtime", "pubdate", "docreltime", "publishtime", "publish_time", "releasetime", "pubtime", "publishdate",
    "docpubtime", "date", "time", "showtime", "created_at", "createtime", "create_time", "createdate", "ctime", "crtime", "updatetime", "opttime", "intime", "fbrq", "datepublished", "mtime",
)  # fmt: skip


_MOMENT_NAME = re.compile(r"date|time|_at$|_on$|publish|creat|pub$|rq$|sj$", re.IGNORECASE)
_OBJECTS = re.compile(r"\[\s*\{")
_TOKEN = re.compile(
    r""""(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'|[\[{]|[\]}]|(?<=[\[{,:\s])([A-Za-z_$][\w$]*)(\s*:)?|,(?=\s*[\]}])|!([01])|["']""",
    re.DOTALL,
)
_WORDS = ("true", "false", "null")
_MOST_TRIED = 20  # arrays of a page's scripts
_LONGEST_ARRAY = 500_000  # characters
_MOST_READ = 1_500_000  # characters that are read as JavaScript


def records(data: Any) -> list[Mapping[str, Any]]:
    """The largest array of objects that have a title and an address; [] where there is none."""
    best: list[Mapping[str, Any]] = []
    for array in _arrays(data, 0):
        good = [r for r in map(_record, array) if r]
        if len(good) > len(best):
            best = good
    return best


def _record(item: Any) -> Mapping[str, Any] | None:
    """The object itself, or the one object in it that has title and address: {"position": 1, "item": {…}}."""
    if not isinstance(item, Mapping):
        return None
    if _title(item) and _url(item):
        return item
    return next((v for v in item.values() if isinstance(v, Mapping) and _title(v) and _url(v)), None)


def in_scripts(code: str) -> list[Mapping[str, Any]]:
    """The records of the largest array that a page's scripts are given, also where it is JavaScript rather than JSON; [] where there is none."""
    best: list[Mapping[str, Any]] = []
    left = _MOST_READ
    for start in islice(_OBJECTS.finditer(code), _MOST_TRIED):
        text = code[start.start() : start.start() + _LONGEST_ARRAY]
        data = _strict(text)
        if data is None and left > 0:
            left -= len(text)
            data = _loose(text)
        found = records(data)
        if _words(found) > _words(best):  # a menu has more entries than the list, not more to say
            best = found
    return best


def _words(found: list[Mapping[str, Any]]) -> float:
    return sum(titles.length(str(_title(record))) for record in found)


def _strict(text: str) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _loose(text: str) -> Any:
    return _strict(_as_json(text))


def _as_json(text: str) -> str:
    """The array that JavaScript text begins with, as JSON: keys quoted, single quotes made double, names of variables null, commas before a closing bracket dropped."""
    out: list[str] = []
    depth = at = 0
    for found in _TOKEN.finditer(text):
        out.append(text[at : found.start()])
        at, token = found.end(), found[0]
        if token in "\"'":  # never closed
            break
        if token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        elif token[0] == "'":
            token = json.dumps(
                re.sub(r"\\(.)", r"\1", found[1]) if "\\u" not in found[1] else found[1], ensure_ascii=False
            )
        elif found[3]:
            token = f'"{found[2]}":'
        elif found[2]:
            token = token if token in _WORDS else "null"
        elif found[4]:
            token = "false" if found[4] == "1" else "true"
        elif token == ",":
            token = ""
        out.append(token)
        if not depth:
            break
    return "".join(out)


def markup(data: Any) -> str:
    """The longest piece of HTML with links among the data's strings; '' where there is none."""
    found = (s for s in _strings(data, 0) if s.count("<a ") > 1)
    return max(found, key=len, default="") or max(map(_table, _arrays(data, 0)), key=len, default="")


def _table(array: list[Any]) -> str:
    """Rows that are arrays of cells, one of them a link, as a table; '' of anything else."""
    rows = [row for row in array if isinstance(row, list) and any(isinstance(c, str) and "<a " in c for c in row)]
    if len(rows) * 2 <= len(array):
        return ""
    cells = ("".join(f"<td>{c}</td>" for c in row if isinstance(c, str | int)) for row in rows)
    return f"<table>{''.join(f'<tr>{c}</tr>' for c in cells)}</table>"


def entries(document: Document, found: list[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """Entries of such objects."""
    if len(found) > MOST_ENTRIES:
        raise ListError(f"数据有 {len(found)} 条，超过上限 {MOST_ENTRIES} 条")
    out: dict[str, Entry] = {}
    for record in found:
        url = document.absolute(html_entities.unescape(str(_url(record))))
        title = titles.cleaned(html_entities.unescape(re.sub(r"<[^>]+>", "", str(_title(record)))))
        if url and title:
            out.setdefault(url, Entry(url, title, _day_of(record) or dates.in_url(url)))
    return tuple(out.values())


def day(value: Any) -> date | datetime | None:
    """A day out of a string, or of seconds or milliseconds since 1970 (then in Shanghai's time)."""
    if isinstance(value, str) and (
        digits := re.fullmatch(r"\s*(?:/Date\()?(\d{10}|\d{13})(?:[+-]\d{4})?(?:\)/)?\s*", value)
    ):
        value = int(digits[1])
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if value > 10**11 else value
        if not 6e8 < seconds < 4.2e9:
            return dates.in_text(str(value))
        return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)
    value = _one(value)
    if isinstance(value, Mapping):  # Java's Date as an object
        return day(value.get("time"))
    return dates.in_text(str(value))


def _day_of(record: Mapping[str, Any]) -> date | datetime | None:
    """The day in the field that is named best; where no name is known, in any that is named after time."""
    if found := day(_field(record, _DAYS)):
        return found
    named = (value for name, value in record.items() if _MOMENT_NAME.search(name) and value)
    return next((found for value in named if (found := day(value))), None)


def _title(record: Mapping[str, Any]) -> Any:
    return _one(_field(record, _TITLES)) or _by_ending(record, ("title", "subject", "bt"))


def _url(record: Mapping[str, Any]) -> Any:
    told = _one(_field(record, _URLS))
    return told if isinstance(told, str) else _by_ending(record, ("url", "uri", "link", "href"))


def _one(value: Any) -> Any:
    """The first of several values, as search engines keep them."""
    return value[0] if isinstance(value, list) and value and isinstance(value[0], str) else value


def _by_ending(record: Mapping[str, Any], endings: tuple[str, ...]) -> Any:
    return next(
        (v for k, v in record.items() if k.lower().endswith(endings) and isinstance(v, str) and v.strip()), None
    )


def number(data: Any, *names: str) -> int | None:
    """The first of the named fields that holds a whole number, anywhere in the data's outer objects."""
    for name in names:
        for place in _objects(data, 0):
            value = place.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
            if isinstance(value, str) and value.strip().isdecimal() and len(value) < 12:
                return int(value)
    return None


def _strings(data: Any, depth: int) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif depth < 5 and isinstance(data, list | Mapping):
        for item in data.values() if isinstance(data, Mapping) else data[:50]:
            yield from _strings(item, depth + 1)


def _arrays(data: Any, depth: int) -> Iterator[list[Any]]:
    if depth > 6:
        return
    if isinstance(data, list):
        yield data
        for item in data[:3]:
            yield from _arrays(item, depth + 1)
    elif isinstance(data, Mapping):
        for value in data.values():
            if isinstance(value, list | Mapping):
                yield from _arrays(value, depth + 1)


def _objects(data: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, Mapping) and depth < 4:
        yield data
        for value in data.values():
            yield from _objects(value, depth + 1)


def _field(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    folded = {str(k).lower(): v for k, v in record.items()}
    return next((folded[n] for n in names if folded.get(n) not in (None, "", [], {})), None)
