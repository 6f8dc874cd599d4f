"""The time that a number covers, as the words before it say: 2023, 2023H1, 2023Q3, 2023-07, 十三五期间."""

from __future__ import annotations

import re

_PERIODS = (
    (re.compile(r"“?(十[一二三四五]五)”?(?:规划)?(?:期间|时期)"), "{}期间"),
    (re.compile(r"(20\d\d)年?(?:上半年|前6个?月|1-6月|1至6月)"), "{}H1"),
    (re.compile(r"(20\d\d)年?下半年"), "{}H2"),
    (re.compile(r"(20\d\d)年?第?二季度"), "{}Q2"),
    (re.compile(r"(20\d\d)年?第?三季度"), "{}Q3"),
    (re.compile(r"(20\d\d)年?第?四季度"), "{}Q4"),
    (re.compile(r"(20\d\d)年?(?:第?一季度|1-3月|前3个?月)"), "{}Q1"),
    (re.compile(r"(20\d\d)年?(?:前三季度|1-9月|前9个?月)"), "{}Q1-Q3"),
    (re.compile(r"(20\d\d)年(\d{1,2})月"), "{}-{:0>2}"),
    (re.compile(r"(20\d\d)年"), "{}"),
)
_THIS_YEAR = (
    (re.compile("(?:今年)?上半年|前6个?月|1-6月|前六个月"), "{}H1"),
    (re.compile("一季度|1-3月|前三个月"), "{}Q1"),
    (re.compile("前三季度|1-9月"), "{}Q1-Q3"),
    (re.compile("二季度"), "{}Q2"),
    (re.compile("(?<!前)三季度"), "{}Q3"),
    (re.compile("四季度"), "{}Q4"),
    (re.compile("下半年"), "{}H2"),
    (re.compile("今年|年初以来|本年"), "{}"),
)


def read_period(head: str, published: str | None) -> str | None:
    """What the words before a number say of its time, the nearest first; 今年 and 去年 need the date of publication."""
    best: tuple[int, str] | None = None
    for pattern, form in _PERIODS:
        for match in pattern.finditer(head):
            if best is None or match.start() > best[0]:
                best = (match.start(), form.format(*match.groups()))
    year = int(published[:4]) if published and published[:4].isdigit() else None
    if best is None and year:
        if "去年" in head:
            return str(year - 1)
        for pattern, form in _THIS_YEAR:
            if pattern.search(head):
                return form.format(year)
    return best[1] if best else None
