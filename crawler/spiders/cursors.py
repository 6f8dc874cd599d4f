"""How far a list was read, and which pages of it to request next: pure functions.

A list is read from its newest entry. What was not reached is kept as cursors, newest first: a gap between the new entries of two
visits, which ends where a page brings nothing new, and history, which ends where the list does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from crawler.canonical import canonicalise
from crawler.platforms import Entry, ListPage, ListRequest

PATIENCE = (
    4  # pages of history in a row that may bring nothing new: lists overlap, and entries move down while they are read
)
MOST_FAILURES = 3  # visits on which a cursor's page may fail before it is given up
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading goes on. `idle` counts pages in a row that brought nothing new, `shift` those by which newer entries have pushed the list down.

    `back` is the page that named this one. Another visit reads it `again` first: what stood on this one may have moved up to it, where entries were taken
    down, or where addresses count down to the end of the list and the list has grown. `last`: the last page of a list whose newest entries stand there; every
    visit reads it. `container`: where on the first page the list stood (`crawler.lists.learnt_container`), '' where it was not learnt. `calendar`: the page is that of a day, of a backfill.
    """

    request: ListRequest
    gap: bool = False
    idle: int = 0
    shift: int = 0
    failures: int = 0
    back: ListRequest | None = None
    again: bool = False
    last: bool = False
    container: str = ""
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of a list that may be followed: `key` is its canonical URL, `known` says that the archive had it before this page.

    `backfilled`: a backfill alone has it, so that it says nothing of how far the visits have read, and counts as not known.
    `tonight`: it is known since this visit only. `named`: the archive has no more of it than that a list named it, of another source or from before its
    host was allowed.
    """

    entry: Entry
    key: str
    known: bool
    named: bool = False
    tonight: bool = False
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One page of a list: its rows in the page's order, the request for the next page, further lists that it names.

    `shown` counts all entries, `own` those that the source may follow; `old` says that all are from before `since`, `newer` that all that have a date are
    from after the list's first entry: it is in order of age, oldest first.
    """

    rows: tuple[Row, ...]
    next: ListRequest | None
    lists: tuple[str, ...]
    shown: int
    own: int
    old: bool
    platform: str
    newer: bool = False
    container: str = ""

    @property
    def new(self) -> list[Row]:
        return [row for row in self.rows if not row.known]

    @property
    def since_last_visit(self) -> bool:
        """Whether it shows entries that the visits before this one had not seen; another list may have shown them tonight."""
        return any(not row.known or row.tonight for row in self.rows)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(row.key for row in self.rows)


def next_request(page: ListPage) -> ListRequest | None:
    """The request for the following page, whichever way the list says it."""
    if page.next_request is not None:
        return page.next_request
    return ListRequest("GET", page.next_page) if page.next_page else None


def request_key(request: ListRequest) -> tuple[str, str, bytes]:
    """What makes two requests the same page of a list."""
    return request.method, canonicalise(request.url), request.body


def is_before(when: date | datetime | None, since: date | None) -> bool:
    """Whether an entry's day lies before `since`; entries without a date do not."""
    if when is None or since is None:
        return False
    return (when.date() if isinstance(when, datetime) else when) < since


def caught_up(reading: Reading) -> bool:
    """Whether a page reaches down to what was known before this visit: its last entries were. What is pinned on top says nothing."""
    tail = _tail(reading)
    return bool(tail) and all(row.known and not row.tonight for row in tail)


def _tail(reading: Reading) -> list[Row]:
    return [row for row in reading.rows if not row.entry.sticky][-3:]


def after_first(reading: Reading, cursors: Sequence[Cursor], *, first_visit: bool) -> list[Cursor]:
    """The cursors after the first page of a list was read."""
    if first_visit and reading.next is not None and not reading.old:
        return [Cursor(reading.next, container=reading.container)]
    if reading.next is None or not reading.since_last_visit:
        return list(cursors)
    pushed = [replace(cursor, shift=cursor.shift + 1) for cursor in cursors]
    return pushed if caught_up(reading) else [Cursor(reading.next, gap=True, container=reading.container), *pushed]


def after_more(cursors: Sequence[Cursor], cursor: Cursor, reading: Reading, *, repeated: bool) -> list[Cursor]:
    """The cursors after the page of one of them was read; `repeated`: the page showed what the page before it had."""
    place = place_of(cursor, cursors)
    cursor = cursors[place]
    following = None if repeated or reading.old or not reading.shown else _next(cursor, reading)
    pushed = cursor.gap and bool(reading.new)  # newer entries: what lies deeper has moved down by them
    deeper = [replace(c, shift=c.shift + pushed) for c in cursors[place + 1 :]]
    return [*cursors[:place], *([following] if following else []), *deeper]


def place_of(cursor: Cursor, cursors: Sequence[Cursor]) -> int:
    """Where a cursor stands now, which may have been pushed down since its page was asked for. Raises ValueError where it is gone."""
    return [(c.request, c.gap) for c in cursors].index((cursor.request, cursor.gap))


def _next(cursor: Cursor, reading: Reading) -> Cursor | None:
    """The cursor of the page behind. `shift` stays: what is new in the midst of the known may be a rest that a newer gap left, not yet the frontier."""
    if reading.next is None and reading.newer:
        return replace(cursor, idle=0, failures=0, back=None, again=False, last=True)
    if reading.next is None or starts_over(cursor.request, reading.next):
        return None
    failures = cursor.failures if cursor.again else 0  # of the page behind
    following = replace(cursor, request=reading.next, failures=failures, back=cursor.request, again=False, last=False)
    if reading.new and not (cursor.gap and caught_up(reading)):
        return replace(following, idle=0)
    if cursor.again:
        return following
    moved = any(
        row.tonight for row in _tail(reading)
    )  # the list grew while it was read: this page is one that was just read
    patience = cursor.shift + (PATIENCE if moved or not cursor.gap else cursor.shift > 0)
    return replace(following, idle=cursor.idle + 1) if cursor.idle < patience else None


def starts_over(page: ListRequest, following: ListRequest) -> bool:
    """Whether a page far down names one of the first as the next."""
    here, there = _NUMBERED.fullmatch(page.url), _NUMBERED.fullmatch(following.url)
    if here is None or there is None or (here[1], here[3]) != (there[1], there[3]):
        return False
    return int(there[2]) <= 2 and int(there[2]) < int(here[2]) - 1


def resumed(cursors: Iterable[Cursor]) -> list[Cursor]:
    """The cursors with which another visit begins."""
    return [replace(c, request=c.back, back=None, again=True) if c.back and not c.failures else c for c in cursors]


def dump(cursors: Iterable[Cursor]) -> str | None:
    """Cursors as a JSON text; None where there are none."""
    rows = [
        {
            **_request_facts(c.request),
            "gap": c.gap,
            "idle": c.idle,
            "shift": c.shift,
            "failures": c.failures,
            "back": _request_facts(c.back) if c.back else None,
            "again": c.again,
            "last": c.last,
            **({"container": c.container} if c.container else {}),
            **({"calendar": True} if c.calendar else {}),
        }
        for c in cursors
    ]
    return json.dumps(rows, ensure_ascii=False) if rows else None


def load(text: str | None) -> list[Cursor]:
    """The cursors of a JSON text written by `dump`."""
    return [
        Cursor(
            _request(row),
            gap=row["gap"],
            idle=row["idle"],
            shift=row["shift"],
            failures=row["failures"],
            back=_request(row["back"]) if row.get("back") else None,
            again=row.get("again", False),
            last=row.get("last", False),
            container=row.get("container", ""),
            calendar=row.get("calendar", False),
        )
        for row in json.loads(text or "[]")
    ]


def _request_facts(request: ListRequest) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "body": request.body.decode("latin-1"),
        "headers": dict(request.headers),
    }


def _request(facts: dict[str, Any]) -> ListRequest:
    return ListRequest(facts["method"], facts["url"], facts["body"].encode("latin-1"), facts["headers"])
