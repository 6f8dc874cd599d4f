"""Pages of a calendar: addresses that carry a day, as the issues of a newspaper do (/html/2024-03/13/node_1.htm)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

_DAY = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)"
    r"(?:(?P<s>[-/_.]?)(?P<m>0[1-9]|1[0-2])(?P<t>[-/_.]?)(?P<d>0[1-9]|[12]\d|3[01])"  # two digits each
    r"|(?P<s1>[-/_.])(?P<m1>[1-9]|1[0-2])(?P<t1>[-/_.])(?P<d1>[1-9]|[12]\d|3[01]))(?!\d)"
)
SHARE = 0.5  # of the entries of an issue whose addresses carry its day too


@dataclass(frozen=True, slots=True)
class DatedAddress:
    """An address with a day in it: what stands before and after the day, and how the day is written."""

    day: date
    before: str
    written: tuple[
        str, str, bool
    ]  # between year and month, between month and day, whether month and day have two digits
    after: str

    def on(self, day: date) -> str:
        """The address of another day."""
        first, second, padded = self.written
        month, number = (f"{day.month:02}", f"{day.day:02}") if padded else (str(day.month), str(day.day))
        return f"{self.before}{day.year}{first}{month}{second}{number}{self.after}"


def dated_address(url: str) -> DatedAddress | None:
    """The parts of an address whose path or query carries just one day; None where it carries none, or several."""
    start = url.find("/", url.find("//") + 2)
    found = list(_DAY.finditer(url, start)) if start > 0 else []
    if len(found) != 1:
        return None
    match = found[0]
    padded = match["m"] is not None
    first, month, second, day = match.group(*(("s", "m", "t", "d") if padded else ("s1", "m1", "t1", "d1")))
    try:
        when = date(int(match["y"]), int(month), int(day))
    except ValueError:
        return None
    return DatedAddress(when, url[: match.start()], (first, second, padded), url[match.end() :])


def issue_of(url: str, entries: Iterable[str]) -> DatedAddress | None:
    """The address of a page that is one day of a calendar: it carries a day, and so do most of the entries that it lists, in the same place or another."""
    own = dated_address(url)
    if own is None:
        return None
    listed = list(entries)
    same = sum((other := dated_address(entry)) is not None and other.day == own.day for entry in listed)
    return own if listed and urlsplit(url).netloc and same >= SHARE * len(listed) else None
