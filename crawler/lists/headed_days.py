"""Days of lists that name year, month or day above the rows: 2024年6月, and below it 28日 or 06-28 beside each title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crawler.lists.flat_page import FlatPage
from crawler.lists.row_days import Row

_BEFORE = 3  # pieces of text above the first row
_YEAR, _MONTH, _DAY = r"((?:19|20)\d\d)", r"(1[0-2]|0?[1-9])", r"(3[01]|[12]\d|0?[1-9])"
_COUNT = r"\s*(?:[(（\[]\s*\d+\s*[篇条]?\s*[)）\]])?"
_WEEKDAY = r"\s*(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)?"
_HEADINGS = (
    re.compile(rf"{_YEAR}\s*[-./年]\s*{_MONTH}\s*[-./月]\s*{_DAY}日?{_WEEKDAY}{_COUNT}"),
    re.compile(rf"{_YEAR}\s*[-./年]\s*{_MONTH}月?份?{_COUNT}"),
    re.compile(rf"{_YEAR}\s*年?度?{_COUNT}"),
)
_MONTH_ALONE = re.compile(rf"{_MONTH}\s*月份?{_COUNT}")
_SHOWN = re.compile(rf"[\[(（【\s]*(?:{_MONTH}\s*[-./月]\s*)?{_DAY}\s*日?{_WEEKDAY}[\])）】\s]*")


@dataclass(slots=True)
class _Heading:
    year: int | None = None
    month: int | None = None
    day: int | None = None


def days(rows: list[Row], page: FlatPage) -> list[date | None]:
    """A day for each row, as the nearest headings and the row together tell it; None where they do not."""
    at, later = _Heading(), 0
    out: list[date | None] = []
    before = max(0, page.spans[rows[0].element][0] - _BEFORE) if rows else 0
    for number, row in enumerate(rows):
        start, end = page.spans[row.element]
        for piece in page.chunks[before : row.link.start if _spans(row) else start]:
            later += _read(piece, at) and number > 0
        before = end
        link = row.link
        outside = [*page.chunks[start : link.start][-8:], *page.chunks[link.end : end][:8]]
        out.append(_day(at, [*outside, *page.chunks[link.start : link.end][:3]]))
    if not later and at.day is not None:  # one day above everything: of the page, not of the rows
        return [None] * len(rows)
    return out


def _spans(row: Row) -> bool:
    """Whether a row of a table begins with a cell that belongs to the rows below it, too."""
    first = next(row.element.iterchildren("td", "th"), None) if row.element.tag == "tr" else None
    return first is not None and first.get("rowspan", "1") not in ("", "1")


def _read(piece: str, at: _Heading) -> bool:
    """Whether a piece of text is a heading of days; then `at` says so."""
    if len(piece) > 24:
        return False
    for number, pattern in enumerate(_HEADINGS):
        if found := pattern.fullmatch(piece):
            at.year = int(found[1])
            at.month = int(found[2]) if number < 2 else None
            at.day = int(found[3]) if number == 0 else None
            return True
    if at.year is not None and (found := _MONTH_ALONE.fullmatch(piece)):
        at.month, at.day = int(found[1]), None
        return True
    return False


def _day(at: _Heading, pieces: Iterable[str]) -> date | None:
    if at.year is None:
        return None
    if at.day is not None and at.month is not None:
        return _made(at.year, at.month, at.day)
    for piece in pieces:
        found = _SHOWN.fullmatch(piece) if len(piece) <= 16 else None
        month = int(found[1]) if found and found[1] else at.month
        if found and month is not None and (made := _made(at.year, month, int(found[2]))):
            return made
    return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
