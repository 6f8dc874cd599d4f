"""Figures of investment promotion: which numbers in a text are amounts of attracted investment, of what kind and state, where and when."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from crawler.sources.regions import is_within
from indexer.insight.numbers import Number, find_numbers
from indexer.insight.places import Mention
from indexer.insight.plain_text import Plain
from indexer.insight.reading import Figure, Kind, Status

REACH = 70  # characters before a number in which a word may say what it counts
CLAUSE_PRICE = 0.35  # of a word's strength for each comma between it and the number
DISTANCE_PRICE = 1 / 60  # for each character between
REJECT_TIMES = 1.0
ENOUGH = 0.15
_FULL_STOP = re.compile("[。!?\n]")
_BREAK = re.compile("[,:(]")
_NUMBER_UNIT = re.compile(r"\d[\d.,]*(?:多|余)?(?:亿|万)?(?:美元|元|个|家)")

_NOTHING_NAMED = re.compile("(?:以上|左右)?(?:[^\u4e00-\u9fff“(]|$|相继|先后|陆续|已|均|全部|降|增|来自|有)")


@dataclass(frozen=True, slots=True)
class _Rules:
    before: Mapping[str, re.Pattern[str]]
    after: Mapping[str, re.Pattern[str]]
    reject_before: re.Pattern[str]
    reject_after: re.Pattern[str]
    projects_after: re.Pattern[str]
    bare: Mapping[str, re.Pattern[str]]
    firms_before: re.Pattern[str]
    firms_after: re.Pattern[str]
    firms_reject: re.Pattern[str]
    count_reject: re.Pattern[str]
    status: Mapping[str, re.Pattern[str]]


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("indexer.insight").joinpath("figures.toml").read_text(encoding="utf-8"))


@cache
def _rules() -> _Rules:
    data = _data()
    money, count = data["money"], data["count"]
    return _Rules(
        {kind: _any(words) for kind, words in money["before"].items()},
        {kind: _any(words) for kind, words in money["after"].items()},
        reject_before=_any(money["reject"]["before"]),
        reject_after=_any(money["reject"]["after"]),
        projects_after=_any(count["after"]["projects"]),
        bare={
            kind: re.compile("(?:" + "|".join(words) + ")(?:了|的|有|达|共|约|近|超)?$")
            for kind, words in count["bare"].items()
        },
        firms_before=_any(count["firms"]["before"]),
        firms_after=_any(count["firms"]["after"]),
        firms_reject=_any(count["firms"]["reject"]),
        count_reject=_any(count["reject"]["words"]),
        status={status: _any(words) for status, words in data["status"].items()},
    )


def _strength(head: str, end: int) -> float:
    between = head[end:]
    return (
        1.0
        - CLAUSE_PRICE * len(_BREAK.findall(between))
        - DISTANCE_PRICE * len(between)
        - 0.12 * len(_NUMBER_UNIT.findall(between))
    )


def _last(pattern: re.Pattern[str], head: str) -> tuple[float, int]:
    """Strength and length of the pattern's strongest match before the number; longer words win where two end alike."""
    best = (-9.0, 0)
    for match in pattern.finditer(head):
        best = max(best, (_strength(head, match.end()), len(match[0])))
    return best


def _money_kind(head: str, tail: str, before: str) -> Kind | None:
    """`before`: the whole of the sentence before the number, semicolons included."""
    rules = _rules()
    if rules.reject_after.match(tail) or re.search("最高[^,。;]{0,8}$", head):
        return None
    scored: list[tuple[float, int, str]] = []
    for kind, pattern in rules.before.items():
        strength, length = _last(pattern, head)
        scored.append((strength, length, kind))
    strength, length = _last(rules.reject_before, head)
    scored.append((strength * REJECT_TIMES, length, ""))
    for kind, pattern in rules.after.items():
        if pattern.match(tail):
            scored.append((0.7, 0, kind))
    best = max(scored)
    if best[0] < ENOUGH or not best[2]:
        return None
    kind = best[2]
    if kind in ("output", "tax") and not re.search(
        "建成|达产|投产|预计|可实现|项目|新增|满产|园区|入驻|落户|引进|飞地", before
    ):
        return None
    if (
        kind == "invested"
        and re.search("签约|签订|签署|协议|合同引资|签[下了成]|落笔|敲定", before)
        and not re.search("开工|投产|竣工|落地", before)
    ):
        kind = "signed"
    return cast(Kind, kind)


def _count_kind(head: str, tail: str, measure: str) -> Kind | None:
    rules = _rules()
    near = tail[:16]
    noun = re.match("[^,。;、]{0,14}", near)
    if noun and rules.count_reject.search(noun[0]):
        return None
    clause = re.split("[,。;:]", head)[-1]
    if measure in ("个", "项", "宗") or "项目" in near:
        if measure == "家":
            pass
        elif (
            rules.projects_after.match(tail)
            or re.search("项目[^,。;、]{0,12}$", clause)
            or re.search("项目[^,。;]{0,24}(?:落地|开工|签约|投产|竣工|达产)$", clause)
        ):
            acting = re.search(
                "签约|引进|引入|落地|开工|投产|在谈|储备|推进|洽谈|招商|招引|引资|竣工|达产|入库|入驻|投资|签署|签订|签[下了成的]|落笔|敲定|谈成|新批|增资|建成|动工|落户|促成|张榜|拟签约|合作|投资项目|投产|实现生产|纳入",
                clause + near,
            )
            if acting:
                return "projects"
            if measure != "家":
                return None
    if _NOTHING_NAMED.match(tail):
        named = "other" if measure in ("家", "户") else "projects"
        if rules.bare[named].search(clause) and not rules.firms_reject.search(clause[-24:]):
            return cast(Kind, named)
    if measure in ("家", "户", "个"):
        nouns = clause[-20:] + re.split("[,。;]", tail)[0]
        if not re.search(
            "企业|公司|机构|商户|工厂|供应商|供货商|国企|央企|民企|台企|外企|500强|[浙闽粤苏湘徽台侨外]商|厂", nouns
        ):
            return None
        if rules.firms_reject.search(clause[-24:]) or re.match("[^,。;]{0,24}(?:参加|参展|参会|到会|出席)", tail):
            return None
        if rules.firms_before.search(clause[-26:]) or rules.firms_after.match(tail):
            return "other"
    return None


def _status(kind: Kind, head: str, tail: str, before: str) -> Status:
    status = _rules().status
    clause = re.split("[。;]", head)[-1]
    near = re.split("[,:]", clause)[-1]
    planned = bool(
        status["planned"].search(near[-22:]) or re.match("[^,。;]{0,12}(?:拟入驻|准备签约|正在洽谈|储备)", tail)
    )
    if re.search("(?:目标任务|目标|任务|计划)(?:为|是|数)?$", head):
        return "planned"
    if kind in ("realised", "fdi"):
        return "planned" if planned else "realised"
    if kind == "signed":
        return "planned" if re.search("拟|力争|意向|准备", near) else "signed"
    if kind == "invested":
        if re.search("(?:将|拟|计划(?:在|向|今年|明年)|今年计划|预计|“十.五”期间).{0,12}投资", near) or re.search(
            "储备|谋划|在谈|洽谈", near
        ):
            return "planned"
        built = re.search("累计|已(?:经)?|完成|实际|落户|投产|投[了下]", near) or re.match(
            "(?:元)?,[^。;]{0,12}(?:已|月)[^,。;]{0,4}投产", tail
        )
        return "realised" if built else "signed"
    if kind == "projects":
        if planned and not re.search("开工|投产|落地", near[-12:] + re.split("[,。;]", tail)[0][:12]):
            return "planned"
        if re.match("以上(?:[,。;、]|$)", tail) or re.match("[^,。;]{0,6}(?:可投|招商|储备|在谈|意向)项目", tail):
            return "planned"  # what is to be reached, what is on offer
        after = re.split("[,。;、:]", tail)[0]
        listed = re.search("^[^;]*签约", before) and before.count(";") > 0 and not re.search("落地|开工|投产", before)
        if (listed or re.search("签约|签订|签署|促成|签[下了成]|落笔|敲定|谈成", near[-30:] + after)) and not re.search(
            "落地|开工|投产", near[-6:] + after
        ):
            return "signed"
        return "realised"
    if kind in ("output", "tax"):
        hoped = planned or re.search(
            "预计|将|可|力争|目标|有望|规划|计划|到20|(?:建成|投产|达产|投用|运营|满产|实施)[^。]{0,12}后", before[-60:]
        )
        real = (
            re.search("完成|实现|达到|入库|做到|多出|贡献|缴纳|累计|已|上半年|季度|去年|月|从", before[-40:])
            and not hoped
        )
        return "realised" if real else "planned"
    if re.search("签约|签署|签下|入园协议", near[-16:] + tail[:24]):
        return "signed"
    return "planned" if planned else "realised"


_PERIODS = (
    (re.compile(r"(20\d\d)年?(?:上半年|前6个?月|1-6月|1至6月)"), "{}H1"),
    (re.compile(r"(20\d\d)年?(?:第?一季度|1-3月|前3个?月)"), "{}Q1"),
    (re.compile(r"(20\d\d)年?(?:前三季度|1-9月|前9个?月)"), "{}Q1-Q3"),
    (re.compile(r"(20\d\d)年(\d{1,2})月"), "{}-{:0>2}"),
    (re.compile(r"(20\d\d)年"), "{}"),
)
_THIS_YEAR = (
    (re.compile("(?:今年)?上半年|前6个?月|1-6月|前六个月"), "{}H1"),
    (re.compile("一季度|1-3月|前三个月"), "{}Q1"),
    (re.compile("前三季度|1-9月"), "{}Q1-Q3"),
    (re.compile("今年|年初以来|本年"), "{}"),
)


def _period(head: str, published: str | None) -> str | None:
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


def _region(number: Number, sentence_start: int, inside: Sequence[Mention], subject: str | None) -> str | None:
    """The place of `inside` named last before the number in its sentence, else the subject."""
    before = bisect_left(inside, number.start, key=lambda mention: mention.start)
    return inside[before - 1].code if before and inside[before - 1].start >= sentence_start else subject


def read_figures(
    plain: Plain, mentions: Sequence[Mention], subject: str | None, published: str | None = None
) -> list[Figure]:
    """The figures of a text on the subject, in order; offsets in the original text."""
    found = []
    # places in the subject, and its neighbours of the same province: those of other provinces are where investors come from
    near = [m for m in mentions if m.role == "plain" and subject and m.code[:2] == subject[:2]]
    inside = [m for m in near if subject and not (m.code != subject and is_within(subject, m.code))]
    for number in find_numbers(plain.text):
        index = plain.sentence_at(number.start)
        sentence = plain.sentences[index] if plain.sentences else None
        start, end = (sentence.start, sentence.end) if sentence else (0, len(plain.text))
        head = plain.text[max(start, number.start - REACH) : number.start]
        tail = plain.text[number.end : min(end, number.end + 30)]
        whole = _FULL_STOP.split(plain.text[max(0, number.start - 200) : number.start])[-1]
        counts = number.unit == "count"
        if counts and plain.text[number.start : number.end] in ("一个", "一家", "一户", "一项"):
            continue  # an article rather than a number
        kind = _count_kind(head, tail, number.measure) if counts else _money_kind(head, tail, whole)
        if kind is None:
            continue
        first, last = plain.span(number.start, number.end)
        found.append(
            Figure(
                first,
                last,
                value=number.value,
                unit=number.unit,
                kind=kind,
                status=_status(kind, head, tail, whole),
                region=_region(number, start, inside, subject),
                period=_period(plain.text[max(start, number.start - 160) : number.start], published),
                high=number.high,
                about=number.about,
            )
        )
    return found
