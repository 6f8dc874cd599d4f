"""What was read from a list page: the types that every publishing system's reader returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


class ListError(Exception):
    """A page could not be read as a list (too large, too many links, not text); `reason` is one line for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Entry:
    """One article that a list names. `url` is absolute, as the page links it (see `crawler.canonical` for its key).

    `title`: the fullest on the page, '' where there is none. `date`: the day or moment shown, else the day in the address; a day in the title that is
    years earlier wins. Naive moments are Shanghai's. `sticky`: pinned out of the list's order, so its date does not show how far back the list was
    read.
    """

    url: str
    title: str
    date: date | datetime | None = None
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A request that needs more than a URL: method, absolute URL, body, and the headers that belong to it."""

    method: Literal["GET", "POST"]
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as read. Entries stand in the page's order, each address once.

    `next_page` is the absolute GET URL of the following page, `next_request` the request where GET will not do; both None: the list ends here, or
    nothing tells how it goes on. `lists`: addresses of further lists that the page names (a sitemap index, the boards of a forum); `changed` says of some
    when they last changed. `platform` is the name of a publishing system; `confidence` is 0–1 in the platform, `reason` says what it rests on.
    """

    entries: tuple[Entry, ...]
    next_page: str | None = None
    next_request: ListRequest | None = None
    platform: str = "generic"
    confidence: float = 0.0
    reason: str = ""
    lists: tuple[str, ...] = ()
    changed: Mapping[str, date | datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which publishing system made a page: `confidence` 0–1, and the mark it was known by."""

    platform: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class ArticleHints:
    """Where a publishing system's own article template has title, date, 来源 and body.

    CSS selectors, '' where the template says nothing; a comma parts alternatives. `origin` and `date` may name one line that has both.
    """

    title: str = ""
    date: str = ""
    origin: str = ""
    body: str = ""

    def __bool__(self) -> bool:
        return any((self.title, self.date, self.origin, self.body))
