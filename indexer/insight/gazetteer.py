"""Place names in a text: divisions, former names, townships, development zones; told from common words and from names of people."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from operator import add

from crawler.normalisation import normalise
from crawler.sources.regions import COUNTRY, by_adcode, former, lineage, regions, townships
from crawler.topic import any_of
from indexer.analysis.segmentation import PythonSegmenter, RustSegmenter, Segmenter

# the last character of a name and the one after it, where they belong together: 北京市场 is no 北京市
_SPLIT_OTHERWISE = re.compile("乡[村镇愁亲贤土情友]|区[域块间位]|县[域直级情]|市[场值面价级]|省[级]|镇[压定痛]")
# 三江平原, 秦岭山脉: what lies over many places bears the name of none
_LANDSCAPE = re.compile("平原|盆地|高原|流域|丘陵|山脉|山区|草原|沙漠|半岛|群岛|海峡|走廊|大峡谷|水系|水库|湿地")
# what the dictionary has as one word with the place before it: 湖北日报, 黑龙江垦区
_WORD_GOES_ON = re.compile("日报|晚报|晨报|早报|商报|时报|电视台|卫视|垦区|农垦|林区|油田|矿区")
# 宋金平, 张金东: a name of two characters after one of these, with nothing before that is a place, is somebody's
_SURNAME = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱胡郭林梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁董叶吕魏蒋杜丁沈姜傅钟卢汪戴崔廖姚邱谭贾邹熊孟薛侯郝邵顾赖贺尹钱施龚"
)


@dataclass(frozen=True, slots=True)
class _Words:
    names: Mapping[str, tuple[str, ...]]  # full names, zones, former names, short names of provinces and cities
    shorts: Mapping[str, tuple[str, ...]]  # short names of counties: only with their city or province about
    everyday: Mapping[str, tuple[str, ...]]  # full names of what an everyday word is short for: one has to be about
    hidden: frozenset[str]
    whole: frozenset[str]  # names that end in 市, 县 …, zones, hidden words: need no word boundary
    longest_first: Mapping[str, tuple[str, ...]]  # by the first two characters
    zone_kind: re.Pattern[str]
    towns: frozenset[str]
    unplaced: frozenset[str]  # names of zones that do not begin with the place that holds them


def _says_where(name: str, code: str) -> bool:
    return any(
        region.short in name for above in lineage(code) if (region := by_adcode(above)) and region.adcode != COUNTRY
    )


@cache
def _words() -> _Words:
    data = tomllib.loads(files("indexer.insight").joinpath("zones.toml").read_text(encoding="utf-8"))
    everyday, cities = set(data["not_places"]["everyday"]), set(data["not_places"]["everyday_cities"])
    names: dict[str, dict[str, None]] = {}
    shorts: dict[str, dict[str, None]] = {}
    full_names: dict[str, dict[str, None]] = {}

    def add(table: dict[str, dict[str, None]], word: str, code: str) -> None:
        table.setdefault(normalise(word), {})[code] = None

    for region in regions():
        if region.adcode == COUNTRY:
            continue
        add(names, region.name, region.adcode)
        for word in filter(lambda w: not w.isascii(), region.also):
            add(names, word, region.adcode)
        if region.short == region.name:
            continue
        if region.level == "province" or (region.level == "city" and region.short not in cities):
            add(names, region.short, region.adcode)
        else:
            add(shorts, region.short, region.adcode)
            if region.level == "county" and region.short in everyday:
                add(full_names, region.short, normalise(region.name))
    for name, codes in former().items():
        for _, now in codes:
            if name not in names and len(name) > 2:
                add(names, name, now)
    for name, counties in townships().items():
        if name not in names:
            shorts[normalise(name)] = dict.fromkeys(counties)
    for name, code in data["zones"].items():
        if by_adcode(code) is None:
            raise ValueError(f"zones.toml：“{name}”的代码 {code} 不在行政区划表中")
        names[normalise(name)] = {code: None}
    hidden = frozenset(normalise(word) for word in data["not_places"]["words"])
    full = (region.name for region in regions() if len(region.name) > 2)
    whole = {normalise(word) for word in (*full, *data["zones"], *former(), *townships())} | hidden
    by_start: dict[str, list[str]] = {}
    for word in {*names, *shorts, *hidden}:
        by_start.setdefault(word[:2], []).append(word)
    kinds = any_of(sorted((normalise(k) for k in data["kinds"]["after"]), key=len, reverse=True))
    return _Words(
        {word: tuple(codes) for word, codes in names.items()},
        {word: tuple(codes) for word, codes in shorts.items()},
        everyday={word: tuple(full) for word, full in full_names.items()},
        hidden=hidden,
        whole=frozenset(whole),
        longest_first={start: tuple(sorted(words, key=len, reverse=True)) for start, words in by_start.items()},
        zone_kind=re.compile(f"(?:市|州|县|区|省)?(?:(?:{kinds}))+"),
        towns=frozenset(name for name in map(normalise, townships()) if name not in names),
        unplaced=frozenset(normalise(name) for name, code in data["zones"].items() if not _says_where(name, code)),
    )


@cache
def cutter() -> Segmenter:
    """Cuts text for the readings."""
    # without the lexicon of the search: a new synonym there must not change what is read here
    try:
        return RustSegmenter({})
    except ImportError:
        return PythonSegmenter({})


def _bounds(text: str) -> frozenset[int]:
    """Where words begin or end."""
    return frozenset(accumulate((len(word) for word in cutter().cut(text)), initial=0))


@dataclass(slots=True)
class Hit:
    """A name at [start, end) of a text and the codes it may stand for; `code` is the one that was chosen."""

    start: int
    end: int
    codes: tuple[str, ...]
    doubtful: bool  # a short name of a county, or a township
    town: bool = False  # a township: its counties are the codes
    zone: bool = False
    elsewhere: bool = False  # a zone's name that does not say where it lies: 临港, 前海
    code: str | None = None


def scan(text: str, beside: str = "") -> list[Hit]:
    """The names in a normalised text, in order, the longest at each place; `beside` is what else is written (the text to a title)."""
    words = _words()
    hits: list[Hit] = []
    bounds = _bounds(text)

    @cache
    def named_in_full(word: str) -> bool:
        return any(full in text or full in beside for full in words.everyday[word])

    def stands(word: str, start: int) -> bool:
        if not text.startswith(word, start):
            return False
        if word in words.everyday and word not in words.names and not named_in_full(word):
            return False
        if word in words.whole:  # 北京市 in 北京市场 is not meant
            return not _SPLIT_OTHERWISE.match(text, start + len(word) - 1)
        end = start + len(word)
        if start not in bounds:
            return False
        return end in bounds or (word in words.names and bool(_WORD_GOES_ON.match(text, end)))

    longest_first, free = words.longest_first, 0
    for position in [at for at, pair in enumerate(map(add, text, text[1:])) if pair in longest_first]:
        if position < free:
            continue
        word = next((w for w in longest_first[text[position : position + 2]] if stands(w, position)), None)
        if word is None:
            continue
        end = position + len(word)
        if word not in words.hidden:
            doubtful = word not in words.names
            codes = words.names[word] if word in words.names else words.shorts[word]
            if word in words.names and word in words.shorts:  # 长沙: the city rather than the county of that name
                codes = tuple(dict.fromkeys((*codes, *words.shorts[word])))
            after_place = hits and hits[-1].end == position
            if doubtful and _LANDSCAPE.match(text, end):
                free = end
                continue
            if doubtful and len(word) == 2 and not after_place and text[position - 1 : position] in _SURNAME:
                free = end
                continue
            hit = Hit(position, end, codes, doubtful, town=word in words.towns, elsewhere=word in words.unplaced)
            if kind := words.zone_kind.match(text, end):
                hit.end, hit.zone = kind.end(), True
            hits.append(hit)
            end = max(end, hit.end)
        free = end
    return hits
