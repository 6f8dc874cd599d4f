"""Days in Chinese lists: as they are shown beside a title, and as they stand in addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

_TIME = r"(?:[T\s　]{1,3}([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?)?"
# year first, with any separator that lists use; spaces around it as in 2024 - 1 - 12
_FULL = re.compile(
    r"(?<![\d.])((?:19|20)\d\d)\s{0,2}[-–—/.年]\s{0,2}(1[0-2]|0?[1-9])\s{0,2}[-–—/.月]\s{0,2}(3[01]|[12]\d|0?[1-9])(?!\d|[.%]\d)日?"
    + _TIME
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(3[01]|[12]\d|0?[1-9])\s{1,3}((?:19|20)\d\d)\s{0,2}[-/.年]\s{0,2}(1[0-2]|0?[1-9])月?(?![-/.月]?\d)"
)  # 12 2024-01
_MONTH_THEN_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s{0,2}[-/.年]\s{0,2}(1[0-2]|0?[1-9])月?\s{1,3}(3[01]|[12]\d|0?[1-9])日?(?![\d:：])"
)  # 2024-01 12
_YEAR_LAST = re.compile(
    r"(?<!\d)(1[0-2]|0?[1-9])\s{0,2}[-/.月]\s{0,2}(3[01]|[12]\d|0?[1-9])日?\s{1,3}((?:19|20)\d\d)(?!\d)"
)  # 01-12 2024
_YEAR_THEN = re.compile(
    r"(?<!\d)((?:19|20)\d\d)年?\s{1,3}(1[0-2]|0?[1-9])\s{0,2}[-/.月]\s{0,2}(3[01]|[12]\d|0?[1-9])日?(?!\d)"
)  # 2024 01-12
_SHORT_YEAR = re.compile(r"(?<![\d-])(\d\d)[-/](1[0-2]|0[1-9])[-/](3[01]|[12]\d|0[1-9])(?![\d-])" + _TIME)  # 24-01-12
_NO_YEAR = re.compile(r"(?<![\d./-])(1[0-2]|0?[1-9])\s?[-/月]\s?(3[01]|[12]\d|0?[1-9])日?(?![\d./-])" + _TIME)
_COMPACT = re.compile(r"(?<![\d/_-])((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d/_-])")
_AGO = re.compile(r"刚刚|今天|\d{1,2}\s?(?:秒|分钟|小时)前|昨天|前天|(\d{1,2})\s?天前")
_TELLS = re.compile(r"\d|刚刚|今天|昨天|前天")
_PUBLISHED = re.compile(r"发布(?:时间|日期)|发表(?:时间|日期)|更新(?:时间|日期)|日\s?期|时\s?间")

_IN_URL = (
    re.compile(r"[/_]t((?:19|20)\d\d)(\d\d)(\d\d)_\d"),  # TRS
    re.compile(r"[/_-]((?:19|20)\d\d)[-_]?(\d\d)[-_]?(\d\d)(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)[/_-](\d{1,2})[/_-](\d{1,2})(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)-?(\d\d)/(\d\d)(?=/)"),
    re.compile(r"/((?:19|20)\d\d)/(\d\d)(\d\d)(?=[/_.-])"),
    re.compile(r"[/_=]((?:19|20)\d\d)(\d\d)(\d\d)\d{4,11}(?=[/_.&-]|$)"),  # a moment, then a number
)


def may_tell(text: str) -> bool:
    """Whether there is anything in a text that a day could be read from; quick."""
    return _TELLS.search(text) is not None


def in_text(text: str, *, now: date | None = None, year: int | None = None) -> date | datetime | None:
    """The day (with its time, if one stands there) that `text` shows; the one after 发布时间 where there are several.

    A day without a year is given `year`, or the last such day that is not after `now`; without either it says nothing.
    """
    if not may_tell(text):
        return None
    label = _PUBLISHED.search(text)
    if label and (found := _first(text[label.end() :][:40], now, year)):
        return found
    return _first(text, now, year)


def _first(text: str, now: date | None, year: int | None) -> date | datetime | None:
    for pattern, order in (
        (_FULL, "ymd"),
        (_DAY_FIRST, "dym"),
        (_YEAR_LAST, "mdy"),
        (_YEAR_THEN, "ymd"),
        (_MONTH_THEN_DAY, "ymd"),
        (_SHORT_YEAR, "Ymd"),
    ):
        for found in pattern.finditer(text):
            parts = dict(zip(order.lower(), found.groups()[:3], strict=True))
            if made := _made(int(parts["y"]) + (2000 if "Y" in order else 0), int(parts["m"]), int(parts["d"]), found):
                return made
    for found in _NO_YEAR.finditer(text):
        month, day = int(found[1]), int(found[2])
        if year is not None:
            return _made(year, month, day, found)
        if now is not None:
            made = _made(now.year, month, day, found)
            if made is None or _day(made) > now:
                made = _made(now.year - 1, month, day, found)
            return made
    if made := next((m for f in _COMPACT.finditer(text) if (m := _date(int(f[1]), int(f[2]), int(f[3])))), None):
        return made
    if now is not None and (ago := _AGO.search(text)):
        days = {"昨": 1, "前": 2}.get(ago[0][0], 0) if not ago[1] else int(ago[1])
        return now - timedelta(days=days)
    return None


def in_url(url: str) -> date | None:
    """The day in an article's address; months without a day say nothing."""
    path = url.split("//", 1)[-1].partition("/")[2]
    for pattern in _IN_URL:
        if (found := pattern.search("/" + path)) and (made := _date(int(found[1]), int(found[2]), int(found[3]))):
            return made
    return None


def year_in_url(url: str) -> int | None:
    """The year in an article's address, for rows that show month and day only."""
    found = re.search(r"[/_t]((?:19|20)\d\d)(?=[-/_]?\d\d)", url.split("//", 1)[-1])
    return int(found[1]) if found else None


def served_on(headers: Mapping[str, str] | None) -> date | None:
    """The day of the response's Date header."""
    value = next((v for k, v in (headers or {}).items() if k.lower() == "date"), None)
    try:
        return parsedate_to_datetime(value).date() if value else None
    except (ValueError, TypeError):
        return None


def _made(year: int, month: int, day: int, found: re.Match[str]) -> date | datetime | None:
    made = _date(year, month, day)
    hour, minute, second = found.groups()[-3:] if found.re in (_FULL, _SHORT_YEAR, _NO_YEAR) else (None, None, None)
    if made is None or hour is None:
        return made
    return datetime(year, month, day, int(hour), int(minute or 0), int(second or 0))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if 1990 <= year <= 2100 else None


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
