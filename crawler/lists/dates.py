"""Days in Chinese lists: as printed beside a title, and as they occur in URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.article import SHANGHAI

_TIME = r"(?:[T\s　]{1,3}([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?)?"
_Y, _M, _D = r"((?:19|20)\d\d)", r"(1[0-2]|0?[1-9])", r"(3[01]|[12]\d|0?[1-9])"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EN = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
# year first, with any separator that lists use; spaces around it as in 2024 - 1 - 12
_FULL = re.compile(
    rf"(?<![\d.]){_Y}\s{{0,2}}[-–—/.年]\s{{0,2}}{_M}\s{{0,2}}[-–—/.月]\s{{0,2}}{_D}(?!\d|[.%]\d)日?" + _TIME
)
_SHORT_YEAR = re.compile(
    r"(?<![\d.-])(\d\d)([-/.])(1[0-2]|0[1-9])\2(3[01]|[12]\d|0[1-9])(?![\d.-])" + _TIME
)  # 24-01-12
_WRITTEN: tuple[tuple[re.Pattern[str], str], ...] = (  # the parts of a day in the orders that lists and their little calendar leaves use
    (_FULL, "ymd"),
    (re.compile(rf"(?<!\d){_D}日?\s{{0,3}}[\s/|]\s{{0,3}}{_Y}\s{{0,2}}[-/.年]\s{{0,2}}{_M}月?(?![-/.月]?\d)"), "dym"),  # 12 2024-01
    (re.compile(rf"(?<!\d){_M}\s{{0,2}}[-/.月]\s{{0,2}}{_D}日?(?:,?\s{{1,3}}/?|\s?[|])\s{{0,3}}{_Y}(?!\d)"), "mdy"),  # 01-12 2024, 1月 12日, 2024
    (re.compile(rf"(?<!\d){_Y}年?\s{{1,3}}{_M}\s{{0,2}}[-/.月]\s{{0,2}}{_D}日?(?!\d)"), "ymd"),  # 2024 01-12
    (re.compile(rf"(?<!\d){_Y}\s{{0,2}}[-/.年]\s{{0,2}}{_M}月?\s{{0,3}}[\s/|]\s{{0,3}}{_D}日?(?![\d:：])"), "ymd"),  # 2024-01 12
    (re.compile(rf"(?<!\d){_D}日?\s{{1,3}}{_M}月\s{{1,3}}{_Y}(?!\d)"), "dmy"),  # 12 1月 2024
    (re.compile(rf"(?<!\d){_Y}\s{{1,3}}(1[0-2]|0[1-9])\s{{1,3}}(3[01]|[12]\d|0[1-9])(?![\d:：])"), "ymd"),  # 2024 01 12
    (re.compile(rf"(?<!\d){_D}(?:st|nd|rd|th)?[\s/,.-]{{1,3}}{_EN}[\s/,.-]{{1,3}}{_Y}(?!\d)", re.I), "dmy"),  # 12 Jan 2024
    (re.compile(rf"(?<![a-z]){_EN}[\s/,.-]{{0,3}}{_D}(?:st|nd|rd|th)?[\s/,.-]{{1,3}}(?:\d\d:\d\d:\d\d\s(?:[a-z]{{3,4}}\s)?)?{_Y}(?!\d)", re.I), "mdy"),  # Jan 12, 2024
    (re.compile(rf"(?<!\d){_Y}[\s/,.-]{{1,3}}{_EN}[\s/,.-]{{1,3}}{_D}(?!\d)", re.I), "ymd"),  # 2024 Jan 12
)  # fmt: skip
_SHORT_ALONE = re.compile(
    r"[\s\[(（【]*(\d\d)([-/.])(1[0-2]|0?[1-9])\2(3[01]|[12]\d|0?[1-9])[\s\])）】]*"
)  # 24/1/2, and nothing else
_MINGUO = re.compile(  # 民國113年6月28日, 113.06.28
    r"(?:民[國国]\s?(\d{2,3})\s?年\s?|(?<![\d.-])(1[0-4]\d)([-./年]))(1[0-2]|0?[1-9])[-./月](3[01]|[12]\d|0?[1-9])(?![\d.-])"
)
_YEAR_LAST = re.compile(rf"(?<![\d/.-])(\d\d?)([-/.])(\d\d?)\2{_Y}(?!\d)")  # 1/12/2024: which is the month?
_NO_YEAR = re.compile(rf"(?<![\d./-]){_M}\s?[-/月]\s?{_D}日?(?![\d./-])" + _TIME)
_NO_YEAR_ALONE = re.compile(rf"[\s\[(（【]*{_M}\.{_D}[\s\])）】]*")  # 01.12, and nothing else: it could be any number
_COMPACT = re.compile(
    r"(?<![\d/_-])((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)?(?![\d/_-])"
)
_AGO = re.compile(r"刚刚|今天|(?<!\d)\d{1,4}\s?(?:秒|分钟|小时)前|昨天|前天|(?<!\d)(\d{1,4})\s?天前")
_TELLS = re.compile(r"\d|刚刚|今天|昨天|前天|[〇○零一二三四五六七八九]{4}年")
_HAN = re.compile(r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日")
_DIGITS = {"〇": 0, "○": 0, "零": 0} | {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_WIDE = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")

# what a day is called, and how likely it is the one of publication: 0 surely, 1 as likely as one without a name, 3 hardly
_CALLED = (
    re.compile(r"(?:发布|发表|公布|公开|刊发|刊登|发稿|上传|录入|添加|发帖)(?:时间|日期|日)?\s*[:：]|(?:发布|发表|公布|公开)(?:时间|日期)|发布于|发表于"),
    re.compile(r"时\s*间|日\s*期"),
    re.compile(r"(?:更新|修改|编辑)(?:时间|日期|于)?\s*[:：]|(?:更新|修改)(?:时间|日期|于)"),
    re.compile(
        r"(?:成文|印发|生成|制发|生效|实施|施行|失效|截止|截至|到期|报名|活动|开标|投标|开始|结束|有效|会议|举办|开庭|招聘|考试)(?:时间|日期|期限?|日)?\s*[:：]"
        r"|(?:成文|印发|生成|生效|实施|施行|失效|截止|报名|活动|开标|开始|结束|会议)(?:时间|日期)"
    ),
)  # fmt: skip
_NAME = re.compile("|".join(f"(?P<r{rank}>{p.pattern})" for rank, p in reversed(list(enumerate(_CALLED)))))

_IN_URL = (
    re.compile(r"[/_]t((?:19|20)\d\d)(\d\d)(\d\d)_\d"),  # TRS
    re.compile(r"[/_-]((?:19|20)\d\d)[-_]?(\d\d)[-_]?(\d\d)(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)[/_-](\d{1,2})[/_-](\d{1,2})(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)-?(\d\d)/(\d\d)(?=/)"),
    re.compile(r"/((?:19|20)\d\d)/(\d\d)(\d\d)(?=[/_.-])"),
    re.compile(r"[/_=]((?:19|20)\d\d)(\d\d)(\d\d)\d{4,11}(?=[/_.&-]|$)"),  # a moment, then a number
)


def may_tell(text: str) -> bool:
    """Whether a text has anything from which a day could be read; fast."""
    return _TELLS.search(text) is not None


def in_text(
    text: str, *, now: date | None = None, year: int | None = None, day_first: bool | None = None
) -> date | datetime | None:
    """The day (with its time, if one stands there) that `text` shows; of several the one labelled 发布时间; one labelled 截止日期 only if there is no other.

    A day without a year gets `year`, or the latest year in which it is not after `now`; without both, nothing is read. `day_first`: whether 3/4/2024
    is 3 April, where the list as a whole shows it (see `day_comes_first`); otherwise the month comes first, as in American software.
    """
    if not may_tell(text):
        return None
    if not text.isascii():
        text = _HAN.sub(_in_digits, text.translate(_WIDE))
    names = list(_NAME.finditer(text))
    if not names:
        return _first(text, now, year, day_first)
    parts = [(1.5, text[: names[0].start()])]
    for name, after in zip(names, [*names[1:], None], strict=True):
        parts.append((float((name.lastgroup or "r1")[1:]), text[name.end() : after.start() if after else None][:60]))
    parts.sort(key=lambda part: part[0])
    return next((found for _, part in parts if (found := _first(part, now, year, day_first))), None)


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """Whether the days of a list are written 25/12/2024 rather than 12/25/2024; None where no row tells."""
    for text in texts:
        for found in _YEAR_LAST.finditer(text):
            if int(found[1]) > 12 or int(found[3]) > 12:
                return int(found[1]) > 12
    return None


def _first(text: str, now: date | None, year: int | None, day_first: bool | None) -> date | datetime | None:
    for pattern, order in _WRITTEN:
        for found in pattern.finditer(text):
            parts = dict(zip(order, found.groups()[:3], strict=True))
            if made := _made(int(parts["y"]), _month(parts["m"]), int(parts["d"]), found):
                return made
    for found in [*_SHORT_YEAR.finditer(text)] or [*filter(None, [_SHORT_ALONE.fullmatch(text)])]:
        if made := _made(int(found[1]) + 2000, int(found[3]), int(found[4]), found):
            return made
    for found in _MINGUO.finditer(text):
        if (found[1] or found[3] == "年" or len(found[4]) == len(found[5]) == 2) and (
            made := _date(int(found[1] or found[2]) + 1911, int(found[4]), int(found[5]))
        ):
            return made
    for found in _YEAR_LAST.finditer(text):
        first, second = int(found[1]), int(found[3])
        if first > 12 or (second <= 12 and (day_first if day_first is not None else found[2] != "/")):
            first, second = second, first
        if made := _date(int(found[4]), first, second):
            return made
    for found in [*_NO_YEAR.finditer(text)] or [*filter(None, [_NO_YEAR_ALONE.fullmatch(text)])]:
        month, day = int(found[1]), int(found[2])
        if year is not None:
            return _made(year, month, day, found)
        if now is not None:
            made = _made(now.year, month, day, found)
            if made is None or _day(made) > now + timedelta(days=1):  # clocks differ by a day
                made = _made(now.year - 1, month, day, found)
            return made
    if compact := next((m for f in _COMPACT.finditer(text) if (m := _date(int(f[1]), int(f[2]), int(f[3])))), None):
        return compact
    if now is not None and (ago := _AGO.search(text)):
        days = {"昨": 1, "前": 2}.get(ago[0][0], 0) if not ago[1] else int(ago[1])
        return now - timedelta(days=days)
    return None


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else _MONTHS.index(text[:3].lower()) + 1


def _in_digits(found: re.Match[str]) -> str:
    year = "".join(str(_DIGITS[c]) for c in found[1])
    return f"{year}年{_number(found[2])}月{_number(found[3])}日"


def _number(text: str) -> int:
    """一 to 九十九."""
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


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
    """The day in Shanghai of the response's Date header."""
    value = next((v for k, v in (headers or {}).items() if k.lower() == "date"), None)
    try:
        return parsedate_to_datetime(value).astimezone(SHANGHAI).date() if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def _made(year: int, month: int, day: int, found: re.Match[str]) -> date | datetime | None:
    made = _date(year, month, day)
    hour, minute, second = found.groups()[-3:] if found.re in (_FULL, _SHORT_YEAR, _NO_YEAR) else (None, None, None)
    if made is None or hour is None:
        return made
    return datetime(year, month, day, hour=int(hour), minute=int(minute or 0), second=int(second or 0))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if 1990 <= year <= 2100 else None


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
