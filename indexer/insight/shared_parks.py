"""Parks that two places share: both are what the article is about, the one that has the land (home) and the one that comes (partner)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from crawler.normalisation import normalise
from crawler.sources.regions import by_adcode, is_within, lineage
from indexer.insight.places import Mention
from indexer.insight.subject_place import Subject

OPENING = (
    160  # characters in which a shared park is believed to be what the text is about; later it must be named twice
)

_UNIT = "(?:省|市|州|县|区)?"
_TOGETHER = "共建|合建|共同(?:建设|打造|设立|建立|推进|运营)|联合(?:建设|打造|设立|共建)|合作(?:建设|打造|设立|共建|兴办|开发)|携手(?:建设|打造|共建)|联手(?:建设|打造|共建)|结对共建"
_PARK = "园|飞地|新区|合作区|示范区|集聚区|试验区|开发区"
# between two names, and behind the second one
_DASH = re.compile(f"{_UNIT}[—－–\\-·~]{{1,2}}$")
_PARK_OF_BOTH = re.compile(
    f"{_UNIT}[“(]?(?:[^,。;、“”与和]{{0,8}}?)(?:跨[省市江界]|省际|毗邻|合作|共建|飞地|协作|特别|对口|山海|产业|工业|现代|科创|经济){{1,4}}[^,。;、与和]{{0,6}}?(?:{_PARK})"
)
_AND = re.compile(f"{_UNIT}(?:[^,。;、]{{0,3}}(?:与|和|同|跟|及|联合|携手|牵手|、)(?:[一-鿿]{{2,3}})?)$")
_BUILT_BY_BOTH = re.compile(f"{_UNIT}[^,。;]{{0,8}}?(?:{_TOGETHER})[^。;]{{0,18}}?(?:{_PARK})")
_BOTH_AND_PARK = re.compile(
    f"{_UNIT}(?:两[市地县区省])[^,。;]{{0,4}}(?:{_TOGETHER}|共享|共管)[^。;]{{0,18}}?(?:{_PARK})"
)
_IN = re.compile(f"{_UNIT}(?:[^,。;、]{{0,4}})(?:在|于|到|落子|布局)(?:[一-鿿]{{2,3}}(?:省|市))?$")
_OUTPOST = re.compile(f"{_UNIT}[^,。;]{{0,6}}?(?:建|设|布局|打造|租|开)[^,。;]{{0,10}}?飞地")
_STANDS_IN = re.compile("(?:位于|坐落于?|坐落在|地处|落户|落在|设在|建在)[^,。;]{0,3}$")


@dataclass(frozen=True, slots=True)
class SharedPark:
    """`home` has the land, `partner` comes; `sure`: the text tells which is which, else they are in the order in which they are named."""

    home: str
    partner: str
    start: int
    sure: bool


@cache
def _known() -> Mapping[str, str]:
    """Names of zones that two places share, and the code of the partner. The home is the zone's own code."""
    shared: dict[str, str] = tomllib.loads(files("indexer.insight").joinpath("zones.toml").read_text(encoding="utf-8"))[
        "shared"
    ]
    if wrong := [name for name, code in shared.items() if by_adcode(code) is None]:
        raise ValueError(f"zones.toml：{'、'.join(wrong)} 的合作方不在行政区划表中")
    return {normalise(name): code for name, code in shared.items()}


def find_shared_parks(text: str, mentions: Sequence[Mention]) -> list[SharedPark]:
    """In order; places that hold one another share nothing."""
    found = [*_by_name(text, mentions), *_by_words(text, mentions)]
    return sorted((park for park in found if _apart(park.home, park.partner)), key=lambda park: park.start)


def _apart(one: str, other: str) -> bool:
    return not is_within(one, other) and not is_within(other, one)


def _by_name(text: str, mentions: Sequence[Mention]) -> Iterator[SharedPark]:
    for mention in mentions:
        for name, partner in _known().items():
            if text.startswith(name, mention.start):
                yield SharedPark(mention.code, partner, mention.start, True)


def _by_words(text: str, mentions: Sequence[Mention]) -> Iterator[SharedPark]:
    named = [m for m in mentions if m.role not in ("body", "paper", "dateline", "short")]
    for first, second in pairwise(_whole(text, named)):
        between = text[first.end : second.start]
        if len(between) > 10:
            continue
        behind = text[second.end - (1 if second.zone else 0) : second.end + 44]
        one, other = first.code, second.code
        if _IN.match(between) and _OUTPOST.match(behind):
            yield SharedPark(other, one, first.start, True)
        elif (_DASH.match(between) and (_PARK_OF_BOTH.match(behind) or second.zone)) or (
            _AND.match(between) and (_BUILT_BY_BOTH.match(behind) or _BOTH_AND_PARK.match(behind))
        ):
            in_second = any(m.code == other and _STANDS_IN.search(text, max(0, m.start - 8), m.start) for m in named)
            yield SharedPark(*((other, one) if in_second else (one, other)), first.start, in_second)


def _whole(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Without the province or city that is written right before its own part: 安徽阜阳, 重庆市渝北区."""
    return [
        m
        for i, m in enumerate(mentions)
        if not (
            i + 1 < len(mentions)
            and mentions[i + 1].start - m.end <= 1
            and m.code in lineage(mentions[i + 1].code)[:-1]
        )
    ]


def with_shared_park(subject: Subject, title: Sequence[SharedPark], body: Sequence[SharedPark]) -> Subject:
    """The subject with both sides of the park that the article is about, home first; as it is where it is about none. `title`, `body`: the parks named there."""
    named = Counter(frozenset((park.home, park.partner)) for park in body)
    likely = [*title, *(p for p in body if p.start < OPENING or named[frozenset((p.home, p.partner))] > 1)]
    found = subject.regions
    for park in likely:
        if found and not any(_related(code, place) for code in found for place in (park.home, park.partner)):
            continue
        sides = (park.home, park.partner)
        others = [code for code in found if not any(_related(code, side) for side in sides)]
        regions = (*(_finer(found, side) for side in sides), *others)
        return Subject(regions, tuple(c for c in subject.mentioned if c not in regions), partners=(regions[1],))
    return subject


def _finer(found: Sequence[str], side: str) -> str:
    """A side, or the part of it that the article was found to be about."""
    return next((code for code in found if is_within(code, side)), side)


def _related(one: str, other: str) -> bool:
    return is_within(one, other) or is_within(other, one)
