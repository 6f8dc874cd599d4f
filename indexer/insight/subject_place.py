"""The place an article is about: the one that attracts investment; not the publisher, not where investors live, not where a meeting was held."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.sources.regions import COUNTRY, by_adcode, is_within, lineage
from indexer.insight.places import Mention, Role

# what a mention is worth as a sign of the subject, by what it stands for
_WORTH: dict[Role, float] = {
    "plain": 1.0,
    "dateline": 0.35,
    "aim": 0.15,
    "origin": 0.1,
    "body": 0.1,
    "paper": 0.1,
    "short": 0.4,
}
TITLE_WORTH = 5.0  # a mention in the title
LEAD = 110  # characters after the dateline in which a mention counts double
LEAD_TIMES = 2.0
ACTOR_MORE = 0.8  # more for a mention that acts: its government, its people, its officials
ZONE_MORE = 0.2
CITY_SHARE = 0.42  # of the province's weight: from here on the city is the subject, not the province
COUNTY_SHARE = 0.5  # of the city's weight
LEVEL_WORDS_PULL = 0.06  # how far a word like 全省 or 我市 moves those shares
LEVEL_WORDS_MOST = 0.24
RIVALS_SHARE = 1.0  # of the heaviest part's weight: what the next two may have together for it to be the subject alone
SEVERAL = re.compile(
    "[二两三四五六七八九][省市州县区地]\\("
)  # 陕南三市(汉中、安康、商洛): they are the subject together

# where a sentence or its first clause begins: the place named next is what it tells of
_OPENING = re.compile(
    '(?:^|[。;!?\\n:]) ?[“"]?(?:(?:比如|例如|又如|再如|如|像|而|在|据了解|同样是?)[,:]?|(?:[(第]?[一二三四五六七八九十\\d]{1,2}[)、.]))?$'
)
_PAPER = re.compile("[^,。;]{0,2}(?:报|讯|消息|电)")  # 临海报讯
BESIDE_SHARE = 0.2  # of the heaviest one's weight: from here on another place that sentences tell of stands beside it
ABOVE_SHARE = 0.6  # of the lightest one's weight: from here on the division that holds them all is the subject

EVEN_SHARE = 0.8  # of the heaviest province's weight: from here on the next one may be the subject as well
SCATTERED = (
    4  # provinces named in a text on the whole country, none of which has as much as SCATTERED_SHARE of the weight
)
SCATTERED_SHARE = 0.4
_NATIONAL = re.compile("全国|我国|商务部|国务院|国家发展改革委|中国(?!电|石|移|联通|建|中|能|银|国际|—)")
_ACTOR = re.compile(
    "(?:市|省|县|区|州|自治区)?(?:委|政府|人民政府|党委|工商联|商务|招商|投促|投资促进|发改|工信|管委会|党工委|政协|人大|将|正|把|以|坚持|围绕|聚焦|持续|全力|大力|积极|成功|累计|共|签约|引进|新引进|实施|推进|推动|着力|加快|吸引|出台|举办|举行|召开|推行|创新|建立|迎来|实现)"
)
_LEVEL_WORDS = {
    "province": re.compile(
        "(?:全|我|该|本)(?:省|自治区)|省(?:委|政府|商务厅|发改委|工信厅|工商联|经[^,。;]{0,4}局|投促|招商|级)|自治区(?:党委|政府|党政)"
    ),
    "city": re.compile(
        "(?:全|我|该|本)(?:市|州)|市(?:委|政府|商务局|发改委|工信局|工商联|招商|投促|领导|长)|州(?:委|政府)"
    ),
    "county": re.compile("(?:全|我|该|本)(?:县|区|旗)(?!域)|(?:县|区|旗)(?:委|政府|长|商务局|投促|领导|招商)"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """`regions`: the places that attract, the most important first; `mentioned`: other places that were named; `partners`: those of `regions` that come to a park on the land of another one."""

    regions: tuple[str, ...]
    mentioned: tuple[str, ...]
    partners: tuple[str, ...] = ()


def _weigh(text: str, title: Sequence[Mention], mentions: Sequence[Mention]) -> dict[str, float]:
    own: dict[str, float] = defaultdict(float)
    for mention in title:
        own[mention.code] += TITLE_WORTH * max(0.3, _WORTH[mention.role])
    lead_from = next((m.end for m in mentions if m.role == "dateline"), 0)
    for mention in mentions:
        worth = _WORTH[mention.role]
        if mention.role == "plain":
            if _ACTOR.match(text, mention.end):
                worth += ACTOR_MORE
            if mention.zone:
                worth += ZONE_MORE
            if lead_from <= mention.start < lead_from + LEAD:
                worth *= LEAD_TIMES
        own[mention.code] += worth
    return own


def _heaviest(codes: Iterable[str], mass: Mapping[str, float]) -> list[str]:
    return sorted(codes, key=lambda code: (-mass[code], code))


def _first_named(heaviest: list[str], mass: dict[str, float], named: Sequence[str]) -> str:
    """Of two that weigh about the same, the one named first: 甲市与乙市共建 is told of 甲市."""
    if len(heaviest) > 1 and mass[heaviest[1]] >= EVEN_SHARE * mass[heaviest[0]]:
        return next((above for code in named for above in heaviest[:2] if is_within(code, above)), heaviest[0])
    return heaviest[0]


def _together(text: str, mentions: Sequence[Mention], subject: str) -> tuple[str, ...]:
    """Places that the text counts up in brackets as what it is about, where they lie in the subject."""
    match = SEVERAL.search(text, 0, LEAD * 6)
    if not match:
        return ()
    close = text.find(")", match.end(), match.end() + 60)
    listed = dict.fromkeys(m.code for m in mentions if match.end() <= m.start < close and is_within(m.code, subject))
    return tuple(listed) if len(listed) > 1 and subject not in listed else ()


def _beside(
    text: str,
    title: Sequence[Mention],
    mentions: Sequence[Mention],
    own: Mapping[str, float],
    mass: Mapping[str, float],
) -> tuple[str, ...]:
    """Cities and counties of a province side by side, of each of which sentences tell, where what holds them all is hardly named: a report on three places."""
    told = {
        m.code
        for m in mentions
        if m.role == "plain"
        and not m.code.endswith("0000")
        and _OPENING.search(text, max(0, m.start - 12), m.start)
        and not _PAPER.match(text, m.end)
    }
    outer = [code for code in told if not any(code != other and is_within(code, other) for other in told)]
    if len(outer) < 2:
        return ()
    heaviest = _heaviest(outer, mass)
    several = [c for c in heaviest if c[:2] == heaviest[0][:2] and mass[c] >= BESIDE_SHARE * mass[heaviest[0]]]
    named = {m.code for m in title} & set(several)
    if len(several) < 2 or (named and len(named) < len(several)):
        return ()  # one of them is in the title: it is told of, the others beside it are company
    above = {step for code in several for step in lineage(code)} - set(several)
    if sum(own.get(code, 0.0) for code in above) >= ABOVE_SHARE * mass[several[-1]]:
        return ()
    return tuple(several)


def _papers_home(text: str, mentions: Sequence[Mention]) -> str | None:
    """The place of a paper, where the text names its offices and its whole without a name: 湖北日报讯 省商务厅 … 全省."""
    for mention in mentions:
        region = by_adcode(mention.code)
        if mention.role == "paper" and region and _LEVEL_WORDS.get(region.level, _NATIONAL).search(text):
            return mention.code
    return None


def find_subject(text: str, title: Sequence[Mention], mentions: Sequence[Mention], title_text: str = "") -> Subject:
    """Weigh the mentions, roll them up, and go down from the province while one part holds most of the weight."""
    own = _weigh(text, title, mentions)
    mass: dict[str, float] = defaultdict(float)
    for code, worth in own.items():
        for step in lineage(code):
            mass[step] += worth
    named = tuple(dict.fromkeys(m.code for m in (*title, *mentions)))
    provinces = [code for code in mass if code.endswith("0000")]
    whole = title_text + "\n" + text
    national = len(_NATIONAL.findall(whole))
    if not title and all(mention.role in ("origin", "body", "paper") for mention in mentions):
        home = _papers_home(text, mentions)
        if home:
            return Subject((home,), tuple(code for code in named if code != home))
        provinces = []  # only where investors come from
    if not provinces:
        return Subject((COUNTRY,) if national else (), named)
    subject = _first_named(_heaviest(provinces, mass), mass, named)
    if (
        len(provinces) >= SCATTERED
        and national >= SCATTERED - 1
        and mass[subject] < SCATTERED_SHARE * sum(mass[p] for p in provinces)
    ):
        return Subject((COUNTRY,), named)
    words = {level: len(pattern.findall(whole)) for level, pattern in _LEVEL_WORDS.items()}
    for share in (CITY_SHARE, COUNTY_SHARE):
        parts = _heaviest((c for c in mass if (r := by_adcode(c)) and r.parent == subject), mass)
        if not parts:
            break
        above = by_adcode(subject)
        here, up = (
            words["county" if (r := by_adcode(parts[0])) and r.level == "county" else "city"],
            words[above.level if above else "province"],
        )
        pull = max(-LEVEL_WORDS_MOST, min(LEVEL_WORDS_MOST, LEVEL_WORDS_PULL * (here - up)))
        if mass[parts[0]] < (share - pull) * mass[subject]:
            break
        if sum(mass[part] for part in parts[1:3]) > RIVALS_SHARE * mass[parts[0]]:
            break  # several parts side by side: the whole is the subject
        subject = parts[0]
    found = _together(text, mentions, subject) or _beside(text, title, mentions, own, mass) or (subject,)
    return Subject(found, tuple(code for code in named if code not in found))
