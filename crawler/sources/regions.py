"""Places of China by GB/T 2260 code: provinces, cities, counties, their containment, and the present code for a former one.

`regions.csv` holds today's divisions, `regions_former.csv` codes and names that were abolished or changed, with the code that holds the place now, `townships.csv` what lies in each county,
`provinces_short.csv` the letters by which licences name the provinces.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, cast, get_args

Level = Literal["country", "province", "city", "county"]
COUNTRY = "100000"
EVERYWHERE = "全国"
_TONELESS = str.maketrans("", "", " '’-·")
_LONGEST = 40  # characters of a place with all that it lies in


@dataclass(frozen=True, slots=True)
class Region:
    """One division. `short` is the name as it is spoken (长沙, 延边); `parent` the code of what holds it, '' for the country; `pinyin` of `short`, no tones or spaces."""

    adcode: str
    name: str
    short: str
    level: Level
    parent: str
    pinyin: str = ""
    also: tuple[str, ...] = ()


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(files("crawler.sources").joinpath(name).read_text(encoding="utf-8").splitlines())


@cache
def _table() -> Mapping[str, Region]:
    table: dict[str, Region] = {}
    for row in _rows("regions.csv"):
        if row["level"] not in get_args(Level):
            raise ValueError(f"regions.csv：{row['adcode']} 的级别“{row['level']}”不认识")
        level = cast(Level, row["level"])
        also = tuple(filter(None, row["also"].split("|")))
        table[row["adcode"]] = Region(
            row["adcode"],
            row["name"],
            short=row["short"],
            level=level,
            parent=row["parent"],
            pinyin=row["pinyin"],
            also=also,
        )
    for region in table.values():
        if region.parent and region.parent not in table:
            raise ValueError(f"regions.csv：{region.adcode} 的上级 {region.parent} 不在表中")
    return table


@cache
def former() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Former names: name → pairs of (former code, today's code); several where the name was used in several places."""
    table: dict[str, list[tuple[str, str]]] = {}
    for row in _rows("regions_former.csv"):
        if row["now"] not in _table():
            raise ValueError(f"regions_former.csv：{row['adcode']} 今属 {row['now']}，不在表中")
        table.setdefault(row["name"], []).append((row["adcode"], row["now"]))
    return {name: tuple(codes) for name, codes in table.items()}


@cache
def _former_codes() -> Mapping[str, str]:
    return {old: now for codes in former().values() for old, now in codes if old not in _table()}


@cache
def _by_word() -> Mapping[str, tuple[str, ...]]:
    words: dict[str, dict[str, None]] = {}
    for region in _table().values():
        for word in (region.name, region.short, *region.also, region.pinyin):
            if word:
                words.setdefault(word, {})[region.adcode] = None
    for name, codes in former().items():
        for _, now in codes:
            words.setdefault(name, {})[now] = None
    return {word: tuple(codes) for word, codes in words.items()}


@cache
def townships() -> Mapping[str, tuple[str, ...]]:
    """Names of towns, townships and streets (八里镇, 甘泉路街道) with the codes of the counties that have one of that name."""
    table: dict[str, list[str]] = {}
    for row in _rows("townships.csv"):
        if row["adcode"] not in _table():
            raise ValueError(f"townships.csv：{row['adcode']} 不在行政区划表中")
        for name in row["townships"].split("|"):
            table.setdefault(name, []).append(row["adcode"])
    return {name: tuple(codes) for name, codes in table.items()}


@cache
def _letters() -> Mapping[str, str]:
    table = {row["letter"]: row["adcode"] for row in _rows("provinces_short.csv")}
    if unknown := sorted(set(table.values()) - set(_table())):
        raise ValueError(f"provinces_short.csv：{unknown[0]} 不在行政区划表中")
    return table


def province_by_letter(letter: str) -> str | None:
    """The code of the province that a licence's letter stands for (湘ICP备: 湖南); None for another letter."""
    return _letters().get(letter)


def regions() -> Iterator[Region]:
    """All divisions of today, in code order."""
    return iter(_table().values())


def by_adcode(code: str) -> Region | None:
    """The division of a code; a former code gives the division that holds the place today; None where the code is not known."""
    return _table().get(_former_codes().get(code, code))


def find(word: str) -> list[Region]:
    """Divisions that a word names: a name, short name, former name, pinyin (长沙市, 长沙, changsha, chang sha) or adcode, or names from the larger down (湖南长沙);
    larger ones first, [] for none."""
    word = word.strip()
    if word.isascii() and word.isdigit():
        region = by_adcode(word)
        return [region] if region else []
    if word.isascii():
        word = word.lower().translate(_TONELESS)
    found = [_table()[code] for code in _by_word().get(word, ())] or _composed(word)
    return sorted(found, key=lambda region: (get_args(Level).index(region.level), region.adcode))


def _composed(word: str) -> list[Region]:
    """What the end of a word names inside what its beginning names: 湖南长沙, 北京市朝阳区, 湖南邵阳绥宁."""
    if word.isascii() or len(word) > _LONGEST:
        return []
    for at in range(2, len(word) - 1):
        outer = _by_word().get(word[:at], ())
        inner = find(word[at:]) if outer else []
        found = [r for r in inner if any(r.adcode != code and is_within(r.adcode, code) for code in outer)]
        if found:
            return found
    return []


@lru_cache(maxsize=8192)
def _path(code: str) -> tuple[Region, ...]:
    steps: list[Region] = []
    region = by_adcode(code)
    while region is not None and (region.adcode != COUNTRY or not steps):
        steps.append(region)
        region = _table().get(region.parent)
    return tuple(steps[::-1])


def path(code: str) -> list[Region]:
    """From the province down to the division itself; [] for an unknown code, the country alone for 100000."""
    return list(_path(code))


def lineage(code: str) -> list[str]:
    """Codes from the province down to the division itself, for rolling up; [] for an unknown code."""
    return [region.adcode for region in _path(code)]


def region_name(code: str | None) -> str:
    """What readers see for a code: 湖南长沙 for 430100, short names from the province down; 全国 for the country; '' for none, the code where it is unknown."""
    if not code:
        return ""
    steps = _path(code)
    if not steps:
        return code
    if steps[0].adcode == COUNTRY:
        return EVERYWHERE
    names: list[str] = []
    for step in steps:
        alike = (names and step.short == names[-1]) or (step.parent, step.short) in _shared()
        names.append(step.name if alike else step.short)
    return "".join(names)


def short_name(code: str) -> str:
    """The same where what it lies in is known: 湖南, 长沙, but 长沙县, whose short name may be its city's."""
    region = by_adcode(code)
    if region is None:
        return code
    return region.name if region.level == "county" else region.short


@cache
def _shared() -> frozenset[tuple[str, str]]:
    """Short names that two divisions in the same one have, with what holds them: 伊宁市 and 伊宁县."""
    known = Counter((region.parent, region.short) for region in _table().values())
    return frozenset(name for name, count in known.items() if count > 1)


def is_within(code: str, ancestor: str) -> bool:
    """Whether a division lies in another or is the same. Every known one lies in 100000."""
    inner, outer = by_adcode(code), by_adcode(ancestor)
    if inner is None or outer is None:
        return False
    return outer.adcode == COUNTRY or outer.adcode in lineage(inner.adcode)
