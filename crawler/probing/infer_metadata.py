"""Infers a site's region from its title; places of the same name are told apart by the page's text and the host."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from crawler.sources import regions
from crawler.sources.regions import Region

_PUBLIC_THINGS = "(?:[县区市旗州]|人民|政府|招商|投资|经济|经开|开发|高新|商务|新闻|日报|融媒|党|发布|$)"
_LEVELS = {"country": 0, "province": 1, "city": 2, "county": 3}
_CODE = re.compile(r"标识码\D{0,12}(\d{6})\d{4}(?!\d)")  # of a government's site: its place, then a number
_POLICE = re.compile(r"公网安备\D{0,12}(\d{6})\d{8}(?!\d)")
_LICENCE = re.compile(r"([\u4e00-\u9fff])ICP[备证]")


def guess_region(title: str, url: str, page: str = "") -> tuple[str, tuple[str, ...]]:
    """The code of the narrowest place that the title names in full, else of the page's own site code, else of what the title names in short or the host in pinyin;
    the country where nothing does. With it the codes of all places of one name, where that name is all there is to go by: the guess is then what holds them all."""
    divisions = [r for r in regions.regions() if r.level != "country"]
    named = _named(title, [(word, r) for r in divisions for word in _full(r)])
    if not named and (code := _site_code(page)):
        return code, ()
    if not named:
        short = [(w, r) for r in divisions for w in (r.short, *r.also) if len(w) > 1 and w in title]
        named = _named(title, [(word, r) for word, r in short if _is_meant(word, r, title)])
        provinces = {r.short for r in named if r.level == "province"}
        named = [r for r in named if r.level == "province" or r.short not in provinces]  # 吉林 alone is the province
        alike = {r.short for r in named if r.level == "county"}
        if any(sum(r.short == name for r in named) > 1 for name in alike):
            named = [r for r in named if r.level != "county"]  # 鼓楼 alone may be the tower
    best = _best(named, title)
    if len(best) > 1:
        best = _told_apart(best, url, page)
    if len(best) == 1:
        return best[0].adcode, ()
    if best:
        return _holding(best), tuple(r.adcode for r in best)
    return _by_host(url) or regions.COUNTRY, ()


def _full(region: Region) -> tuple[str, ...]:
    """The name, and for an autonomous place the one without its peoples (道真县)."""
    return (region.name, region.short + region.name[-1]) if "自治" in region.name else (region.name,)


def _is_meant(word: str, region: Region, title: str) -> bool:
    """Whether a short name stands in a title as a place: 资源 in 人力资源网 does not, nor 金山 in 紫金山, nor 东方 in 东方网. A province's always does."""
    if region.level == "province":
        return True
    within = [re.escape(n) for p in regions.path(region.adcode)[:-1] for n in (p.name, p.short)]
    if within and re.search(rf"(?:{'|'.join(within)}){re.escape(word)}", title):
        return True
    after = _PUBLIC_THINGS if region.level == "county" else ""
    return re.search(rf"(?:^|[\s·|—-]|中国|投资|走进|网上|欢迎){re.escape(word)}{after}", title) is not None


def _named(title: str, words: Sequence[tuple[str, Region]]) -> list[Region]:
    """The places that a text names, without those whose names only lie within a longer one (城区 in 新城区)."""
    found = [(word, r) for word, r in words if word in title]
    longest = [w for w, _ in found]
    return [
        r
        for word, r in found
        if any(
            not any(
                other != word
                and word in other
                and title.startswith(other, at - other.index(word))
                and at >= other.index(word)
                for other in longest
            )
            for at in _places(word, title)
        )
    ]


def _places(word: str, text: str) -> list[int]:
    return [m.start() for m in re.finditer(re.escape(word), text)]


def _best(named: Sequence[Region], title: str) -> list[Region]:
    """Of the places named those of which most is named, then the narrowest; several where they differ in nothing but where they lie."""
    if not named:
        return []
    ranks = {r.adcode: (-sum(p.short in title for p in regions.path(r.adcode)), -_LEVELS[r.level]) for r in named}
    first = min(ranks.values())
    best = [r for r in named if ranks[r.adcode] == first]
    same = [r for r in best if r.name == best[0].name]
    return same if len(same) > 1 else best[:1]


def _told_apart(places: Sequence[Region], url: str, page: str) -> list[Region]:
    """Of places of one name those that the page's codes, its words, its host and its licence point to, one after the other as far as they say anything."""
    codes = [*_CODE.findall(page), *_POLICE.findall(page)]
    labels = set((urlsplit(url).hostname or "").split("."))
    licence = _LICENCE.search(page)
    province = regions.province_by_letter(licence[1]) if licence else None
    tests: tuple[Callable[[Region], bool], ...] = (
        lambda r: r.adcode in codes,
        lambda r: any(re.search(rf"(?:{p.name}|{p.short}){r.name}", page) for p in regions.path(r.adcode)[:-1]),
        lambda r: any(p.pinyin and p.pinyin in labels for p in regions.path(r.adcode)[:-1]),
        lambda r: any(c[:4] == r.adcode[:4] for c in codes),
        lambda r: province is not None and regions.is_within(r.adcode, province),
    )
    for fits in tests:
        chosen = [r for r in places if fits(r)]
        places = chosen or places
    return list(places)


def _site_code(page: str) -> str | None:
    found = _CODE.search(page)
    if not found:
        return None
    # A zone has a number of its own, inside a city that has one.
    place = regions.by_adcode(found[1]) or regions.by_adcode(found[1][:4] + "00")
    return place.adcode if place else None


def _holding(places: Sequence[Region]) -> str:
    """The narrowest place that holds them all."""
    shared = set.intersection(*(set(regions.lineage(r.adcode)) for r in places))
    return max(shared, key=lambda code: len(regions.lineage(code)), default=regions.COUNTRY)


def _by_host(url: str) -> str | None:
    for label in (urlsplit(url).hostname or "").split("."):
        if len(label) > 4 and label.isalpha():
            places = [r for r in regions.find(label) if r.level in ("province", "city")]
            if len(places) == 1:
                return places[0].adcode
    return None
