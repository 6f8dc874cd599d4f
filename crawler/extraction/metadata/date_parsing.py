"""Moments in a text: full dates with or without a time, in whatever numbers they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from crawler.article import SHANGHAI

Precision = Literal["day", "minute"]

_TIME = (
    r"(?:[T\s]*(?:星期.|周.|週.|礼拜.)?[\s,，(（)）|｜/-]*(?P<half>上午|下午|晚上|中午|凌晨|傍晚|早上|AM|PM)?\s*(?P<h>[0-2]?\d)\s*[:：时時點点]\s*(?P<m>[0-5]\d)"
    r"(?:\s*[:：分]\s*[0-5]\d(?:\.\d+)?)?(?:\s*(?P<after>[AP]\.?M\b)\.?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19[89]|20[0-4])\d)\s*(?:年|[-/.．－–])\s*(?P<mo>1[0-2]|0?[1-9])\s*(?:月|[-/.．－–])\s*(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)\s*[日号號]?"
    + _TIME,
    re.I,
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<y>20[0-4]\d)(?P<mo>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)(?P<half>)(?P<h>)(?P<m>)(?P<zone>)"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>3[01]|[12]\d|0[1-9])/(?P<mo>0[1-9]|1[0-2])/(?P<y>20[0-4]\d)(?!\d)\s*-?" + _TIME, re.I
)
# 13-05-08 and 13年5月8日, set apart from what stands beside it
_SHORT_YEAR = re.compile(
    r"(?:^|(?<=[\s|｜\[【（(:：]))(?P<y>\d\d)(?P<between>年|[-/.])(?P<mo>1[0-2]|0?[1-9])(?:月|(?P=between))(?P<d>3[01]|[12]\d|0?[1-9])(?![\d./年-])日?"
    + _TIME,
    re.I,
)
_FIRST_SHORT_YEAR = 80  # 80 is 1980, 79 is 2079
IN_URL = re.compile(
    r"(?<!\d)(?P<y>(?:19[89]|20[0-4])\d)[-/_]?(?P<mo>0[1-9]|1[0-2])[-/_]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d{1,3}(?:\D|$))"
)
IN_URL_UNPADDED = re.compile(r"/(?P<y>20[0-4]\d)/(?P<mo>1[0-2]|[1-9])/(?P<d>3[01]|[12]\d|[1-9])/")
_STAMP = re.compile(r"(?<!\d)(1[0-9]{9})(?:\d{3})?(?!\d)")
CHINESE = re.compile(
    r"(二[〇○零Oo0]?[〇○零一二三四五六七八九OoО0]{2,3})年\s*([一二三四五六七八九十]{1,3})月\s*([一二三四五六七八九十]{1,3})日"
)
_DIGIT = {c: i for i, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("○零OoО0", 0)
_PLAIN = str.maketrans("０１２３４５６７８９‑‐", "0123456789--")
_WIDE = re.compile("[０-９‑‐]")
_SOME_DIGIT = re.compile(r"\d")


def plain_digits(text: str) -> str:
    """The text with the digits and hyphens that dates are read in; as long as it was."""
    return text.translate(_PLAIN) if _WIDE.search(text) else text


def moments(text: str) -> Iterator[tuple[datetime, Precision, int, int]]:
    """Full dates in a text: (aware moment, precision, where it begins, where it ends)."""
    for match in full_dates(plain_digits(text)):
        if found := moment(match):
            yield (*found, *match.span())


def full_dates(text: str) -> Iterator[re.Match[str]]:
    """Where full dates stand in a text of plain digits; most lines have none, and are not searched."""
    return DATE.finditer(text) if "20" in text or "19" in text else iter(())


def full_date(text: str) -> re.Match[str] | None:
    """Where the first full date stands in a text of plain digits."""
    return next(full_dates(text), None)


def moment(match: re.Match[str]) -> tuple[datetime, Precision] | None:
    """The moment of a full date; only the day where the time is none of that day (24:00, 晚上12点)."""
    part = match.groupdict()
    year, month, day = int(part["y"]), int(part["mo"]), int(part["d"])
    if year < 100:
        year += 1900 if year >= _FIRST_SHORT_YEAR else 2000
    hour = _hour(int(part["h"]), (part["half"] or part.get("after") or "").upper()) if part["h"] else None
    try:
        if hour is None:
            return datetime(year, month, day, tzinfo=SHANGHAI), "day"
        at = datetime(year, month, day, hour, int(part["m"]), tzinfo=SHANGHAI)
    except ValueError:
        return None
    zone = part["zone"]
    if zone:
        offset = timedelta(0)
        if zone.upper() != "Z":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
        at = (at.replace(tzinfo=UTC) - offset).astimezone(SHANGHAI)
    return at, "minute"


def _hour(hour: int, half: str) -> int | None:
    """0–23 on the clock of a day; None where the hour is another day's or no hour."""
    half = half.replace(".", "")
    if half in ("下午", "傍晚", "PM", "晚上") and hour < 12:
        return hour + 12
    if half == "中午" and hour < 3:
        return hour + 12
    if half in ("AM", "凌晨") and hour == 12:
        return 0
    return None if hour > 23 or (half == "晚上" and hour == 12) else hour


def read(value: str) -> tuple[datetime, Precision] | None:
    """A value that should be a date: text, a compact date or a Unix time."""
    for pattern in (DATE, _DAY_FIRST, _COMPACT):
        match = pattern.search(value)
        if match and (found := moment(match)):
            return found
    stamp = _STAMP.search(value)
    if stamp and 946_684_800 < int(stamp[1]) < 2_500_000_000:
        return datetime.fromtimestamp(int(stamp[1]), SHANGHAI), "minute"
    return None


def without_midnight(at: datetime, precision: Precision) -> Precision:
    """`precision`, but "day" for midnight, which software writes where it knows no time."""
    return "day" if (at.hour, at.minute) == (0, 0) else precision


def dates(text: str) -> Iterator[tuple[re.Match[str], tuple[datetime, Precision] | None]]:
    """The dates of a line near the title, in whatever numbers; a bare 20240313 only where it is the line."""
    if _SOME_DIGIT.search(text):
        yield from ((match, moment(match)) for match in full_dates(text))
        if "/" in text and "20" in text:
            yield from ((match, moment(match)) for match in _DAY_FIRST.finditer(text))
        yield from ((match, moment(match)) for match in _SHORT_YEAR.finditer(text))
    if "二" in text:
        yield from ((match, chinese(match)) for match in CHINESE.finditer(text))
    if "20" in text and (bare := _COMPACT.fullmatch(text.strip())):
        yield bare, moment(bare)


def chinese(match: re.Match[str]) -> tuple[datetime, Precision] | None:
    """二〇二二年一月二十七日."""
    try:
        year = int("".join(str(2 if c == "二" else _DIGIT[c]) for c in match[1]))
        return datetime(year, _number(match[2]), _number(match[3]), tzinfo=SHANGHAI), "day"
    except (KeyError, ValueError):
        return None


def _number(text: str) -> int:
    tens, _, ones = text.rpartition("十") if "十" in text else ("", "", text)
    value = _DIGIT[ones] if ones else 0
    if "十" in text:
        value += 10 * (_DIGIT[tens] if tens else 1)
    return value
