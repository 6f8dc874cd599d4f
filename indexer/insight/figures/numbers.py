"""Amounts and counts as Chinese texts write them: 1,234.5亿元, 50多亿元, 3.7亿美元, 20至30个, 七家, 1千万元. Read from normalised text (half-width)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Unit = Literal["CNY", "USD", "count"]

_DIGITS = dict(zip("〇零一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_SMALL = {"十": 10, "百": 100, "千": 1000}
_TIMES = {
    "": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8, "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_HAN_NUMBER = "[〇零一二两三四五六七八九十百千]"
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MULTIPLIER = "万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百"
_MONEY_UNIT = "元人民币|人民币|美元|美金|元"
_NO_MONEY = "吨|千瓦|人|度|株|立方|平方|斤|只|头|羽|亩|公顷|米|公里|瓦|件|台|套|辆|户|册|粒|片|颗|个|家|项|次|支|箱|块|条|张|标|m|k|t|欧|日元|港|英镑|韩|卢|级|以内的|用户|网民|粉丝|产业|大关|城|园"

# a number may be a year, a date, a share, a rank or part of a name: not those
_NUMBER = rf"(?<![\d.a-z第〇零一二两三四五六七八九十百千])(?P<number>{_ARABIC}|{_HAN_NUMBER}+)"
_MORE = "(?P<more>[多余]?)"
MONEY = re.compile(
    rf"{_NUMBER}(?P<more>[多余几]?)(?P<times>{_MULTIPLIER})?(?P<more2>[多余]?)(?P<unit>{_MONEY_UNIT})|"
    rf"(?<![\d.a-z第])(?P<bare>{_ARABIC})(?P<bmore>[多余]?)(?P<btimes>万亿|亿)(?P<bmore2>[多余]?)(?!{_NO_MONEY}|{_MONEY_UNIT}|[多余])"
)
COUNT = re.compile(
    rf"{_NUMBER}{_MORE}(?P<times>万)?(?P<more2>[多余]?)(?P<unit>个|家|户|项|宗)(?!多?月|年|亿|万|百分|点|小时|工作日|季度)"
)
_RANGE_MONEY = re.compile(
    rf"(?P<low>{_ARABIC})(?P<times1>{_MULTIPLIER})?(?:元)?(?:至|到|-|—|~|–)(?P<high>{_ARABIC})(?P<times2>{_MULTIPLIER})?(?P<unit>{_MONEY_UNIT})"
)
_RANGE_COUNT = re.compile(rf"(?P<low>{_ARABIC})(?:至|到|-|—|~|–)(?P<high>{_ARABIC})(?P<unit>个|家|户|项|宗)")
_LESS = re.compile("(?:近|约|将近|接近|大约|逾|超|超过|突破|多达|不少于|不低于)$")


@dataclass(frozen=True, slots=True)
class Number:
    """At [start, end): `value` whole 元, US dollars or pieces (rounded down); `high` the upper end of a range; `about` as in Figure."""

    start: int
    end: int
    value: int
    unit: Unit
    measure: str
    high: int | None
    about: Literal["", "more", "less"]


def chinese_number(text: str) -> int | None:
    """一百二十 → 120, 两千 → 2000, 三 → 3, 二〇二三 → 2023; None where the characters make no number (十百)."""
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit, largest = 0, None, 10**9
    for c in text:
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
        elif (unit := _SMALL.get(c)) is not None:
            if unit >= largest or digit == 0:
                return None
            total += (1 if digit is None else digit) * unit
            digit, largest = None, unit
        else:
            return None
    if digit and largest > 10 and total and not _zero_before_last(text):
        digit *= largest // 10  # 一百二 is 120
    return total + (digit or 0)


def _zero_before_last(text: str) -> bool:
    return len(text) > 1 and text[-2] in "零〇"


def _value(number: str, times: str | None) -> int | None:
    factor = _TIMES[times or ""]
    if number[0].isdigit():
        return int(Decimal(number.replace(",", "")) * factor)
    value = chinese_number(number)
    return None if value is None else value * factor


def _about(text: str, start: int, *marks: str | None) -> Literal["", "more", "less"]:
    if any(marks):
        return "more"
    before = _LESS.search(text, max(0, start - 4), start)
    if not before:
        return ""
    return "less" if before[0] in ("近", "约", "将近", "接近", "大约") else "more"


def find_numbers(text: str) -> list[Number]:
    """Amounts of money and counts of things, in order; dates, shares, ranks and vague numbers (数十亿) are none."""
    found: list[Number] = []
    highs: dict[int, int] = {}
    for pattern in (_RANGE_MONEY, _RANGE_COUNT):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            times2 = groups.get("times2")
            low = _value(match["low"], groups.get("times1") or times2)
            high = _value(match["high"], times2)
            if low is not None and high is not None and low < high:
                if "元" in match[0][: match.start("high") - match.start()]:
                    highs[match.start("low")] = high  # 8000万元到1亿元: two amounts, each with its own unit
                    continue
                unit: Unit = "count" if pattern is _RANGE_COUNT else _unit(match["unit"])
                found.append(
                    Number(match.start(), match.end(), value=low, unit=unit, measure=match["unit"], high=high, about="")
                )
    taken = [(n.start, n.end) for n in found]
    for pattern in (MONEY, COUNT):
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            groups = match.groupdict()
            if groups.get("bare"):
                number, times, unit_text, marks = (
                    match["bare"],
                    match["btimes"],
                    "元",
                    (groups["bmore"], groups["bmore2"]),
                )
            else:
                number, times, unit_text = match["number"], match["times"], match["unit"]
                marks = (groups["more"], groups["more2"])
            if text[max(0, match.start() - 1) : match.start()] in ("数", "几", "上", "前") and not number[0].isdigit():
                continue
            value = _value(number, times)
            if value is None or (pattern is MONEY and number in _SMALL):  # 百亿元项目 is a class, no amount
                continue
            unit = "count" if pattern is COUNT else _unit(unit_text)
            found.append(
                Number(
                    match.start(),
                    match.end(),
                    value=value,
                    unit=unit,
                    measure=unit_text,
                    high=highs.get(match.start()),
                    about=_about(text, match.start(), *marks),
                )
            )
    return sorted(found, key=lambda n: n.start)


def _unit(word: str) -> Unit:
    return "USD" if word.startswith("美") else "CNY"
