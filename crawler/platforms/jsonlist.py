"""Lists that come as JSON or JSONP: an array of objects with a title, an address and a day, wherever it stands in the data."""

from __future__ import annotations

import html as html_entities
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from crawler.article import SHANGHAI
from crawler.platforms import dates, titles
from crawler.platforms.document import MOST_ENTRIES, Document
from crawler.platforms.page import Entry, ListError

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
    "docpubtime", "date", "time", "showtime", "created_at", "createtime", "create_time", "createdate", "ctime", "crtime", "updatetime", "opttime", "intime", "fbrq", "mtime",
)  # fmt: skip


def records(data: Any) -> list[Mapping[str, Any]]:
    """The largest array of objects that have a title and an address; [] where there is none."""
    best: list[Mapping[str, Any]] = []
    for array in _arrays(data, 0):
        good = [r for r in array if isinstance(r, Mapping) and _field(r, _TITLES) and _field(r, _URLS)]
        if len(good) > len(best):
            best = good
    return best


def entries(document: Document, found: list[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """Entries of such objects."""
    if len(found) > MOST_ENTRIES:
        raise ListError(f"数据有 {len(found)} 条，超过上限 {MOST_ENTRIES} 条")
    out: dict[str, Entry] = {}
    for record in found:
        url = document.absolute(html_entities.unescape(str(_field(record, _URLS))))
        title = titles.cleaned(html_entities.unescape(re.sub(r"<[^>]+>", "", str(_field(record, _TITLES)))))
        if url and title:
            out.setdefault(url, Entry(url, title, day(_field(record, _DAYS)) or dates.in_url(url)))
    return tuple(out.values())


def day(value: Any) -> date | datetime | None:
    """A day out of a string, or of seconds or milliseconds since 1970 (then in Shanghai's time)."""
    if isinstance(value, str) and re.fullmatch(r"\d{10}|\d{13}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if value > 10**11 else value
        if not 6e8 < seconds < 4.2e9:
            return None
        return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)
    if isinstance(value, Mapping):  # Java's Date as an object
        return day(value.get("time"))
    return dates.in_text(str(value))


def number(data: Any, *names: str) -> int | None:
    """The first of the named fields that holds a whole number, anywhere in the data's outer objects."""
    for name in names:
        for place in _objects(data, 0):
            value = place.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
            if isinstance(value, str) and value.strip().isdigit() and len(value) < 12:
                return int(value)
    return None


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
