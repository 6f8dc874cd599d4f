"""Firms that a text names as investors or as sought: full names by their endings, short ones by what they are made of and the company they keep."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Any

from crawler.normalisation import HAN
from indexer.insight.gazetteer import cutter
from indexer.insight.pattern_union import normal
from indexer.insight.places import Mention
from indexer.insight.plain_text import Plain
from indexer.insight.subjects.found import Role
from indexer.insight.subjects.industries import names_industry
from indexer.insight.subjects.learnt import Candidate
from indexer.insight.subjects.signs import Signs
from indexer.insight.subjects.wordings import load

LONGEST = 26  # characters of a name
MOST = 16  # items of a list that are looked at
_NAME_CHARACTER = re.compile(rf"[{HAN}a-z0-9·&()-]")
_PLACE_IN_BRACKETS = re.compile(rf"\([{HAN}]{{2,6}}\)")
_LATIN = re.compile(r"[a-z][a-z0-9&-]*$")
_SURNAME = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱胡郭林梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁董叶吕魏蒋杜丁沈姜傅钟卢汪戴崔廖姚邱谭贾邹熊孟薛侯郝邵顾赖贺尹钱施龚"
)
_BRANCH = re.compile(f"[{HAN}]{{0,10}}(?:支行|分行)")
_COUNTED = re.compile("[一二三四五六七八九十百千两数几多这那该此其]+(?:大|家|个|户|名|支)")
_FIRMS_END = re.compile("(?:业|公司|集团|[台央民外车药]企|客商|厂商|单位|会员|机构|品牌|家|强)$")
_GENERIC = re.compile(
    "(?:跨国|上述|大型|中小|骨干|配套|相关|发电|国际|控股|龙头|子|分|母|总|外贸|上市|科技|投资|物流|地产|互联网|能源|央企|国企|民营|县|区|市|省|州|镇|乡|服务|开发|运营|新增|本|我|旗下|全资)*(?:公司|集团|企业|股份)?$"
)
_TITLE = re.compile(
    "(?:书记|市长|县长|区长|省长|主任|局长|厅长|主席|会长|董事长|总经理|总裁|记者|镇长|部长|副总|院长|教授|院士|通讯员|先生|女士)$"
)
_SAYS = re.compile("(?:说|表示|介绍|一行|指出|强调|透露|告诉|摄|称|等(?:领导|市领导)|率)")


@dataclass(frozen=True, slots=True)
class _Rules:
    legal: re.Pattern[str]
    business: frozenset[str]
    bodies: tuple[str, ...]
    never: tuple[str, ...]
    platforms: re.Pattern[str]
    helpers: re.Pattern[str]
    stops: frozenset[str]
    soft: frozenset[str]
    particles: frozenset[str]
    lists: re.Pattern[str]
    known: re.Pattern[str]
    before: Mapping[str, re.Pattern[str]]
    after: Mapping[str, re.Pattern[str]]
    clause: Mapping[str, re.Pattern[str]]


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _rules() -> _Rules:
    data: dict[str, Any] = load("firms.toml")
    return _Rules(
        re.compile("|".join(sorted(data["legal"], key=len, reverse=True))),
        frozenset(data["business"]),
        bodies=tuple(data["other_bodies"]),
        never=tuple(data["never"]),
        platforms=re.compile(_any(data["platforms"])),
        helpers=re.compile(_any(data["helpers"])),
        stops=frozenset(data["stops"]),
        soft=frozenset(data["soft"]),
        particles=frozenset(data["particles"]),
        lists=re.compile(data["lists"]),
        known=re.compile(_any(data["known"]["names"])),
        before={
            name: re.compile("(?:" + "|".join(map(normal, several)) + ")$") for name, several in data["before"].items()
        },
        after={name: re.compile("|".join(map(normal, several))) for name, several in data["after"].items()},
        clause={name: re.compile("|".join(several)) for name, several in data["clause"].items()},
    )


class _Words:
    """The words of a text with their places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = cutter().cut(text)
        self.starts = list(accumulate((len(word) for word in self.words), initial=0))

    def at(self, position: int) -> int:
        """The number of the word that holds a position."""
        return bisect_right(self.starts, position) - 1

    def within(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Words that lie in [start, end): where each begins, and the word."""
        first = bisect_left(self.starts, start)
        for number in range(first, len(self.words)):
            if self.starts[number + 1] > end:
                return
            yield self.starts[number], self.words[number]


@dataclass(slots=True)
class _Span:
    start: int
    end: int
    kinds: set[str]


def _trimmed(words: _Words, start: int, end: int) -> int:
    """Where a name that ends at `end` begins, not before `start`: behind the last word that no name has in it."""
    rules = _rules()
    first = start
    for at, word in words.within(start, end):
        if word in rules.stops or (len(word) > 1 and word[0] in "0123456789" and at == first):
            first = at + len(word)
    for at, word in words.within(first, end):
        if at != first or (word not in rules.soft and not word.isdigit()):
            break
        first = at + len(word)
    if counted := _COUNTED.match(words.text, first, end):
        first = counted.end()
    return first


def _full_names(words: _Words) -> Iterator[_Span]:
    text = words.text
    taken = 0
    for match in _rules().legal.finditer(text):
        if match.start() < taken or (match[0].endswith("银行") and _BRANCH.match(text, match.end())):
            continue
        start = match.start()
        lowest = max(taken, start - LONGEST)
        while start > lowest and _NAME_CHARACTER.match(text[start - 1]):
            start -= 1
        inside = text[start : match.start()]
        for bracket in re.finditer(r"[()]", inside):
            around = _PLACE_IN_BRACKETS.search(text, max(start, start + bracket.start() - 8), match.start() + 1)
            if not (around and around.start() <= start + bracket.start() < around.end()):
                start = start + bracket.end()
                break
        start = _trimmed(words, start, match.start())
        taken = match.end()
        if match.start() - start >= 2 and not _GENERIC.match(text, start, match.end()):
            yield _Span(start, match.end(), {f"ends {match[0]}", "full" if match[0].endswith("有限公司") else "legal"})


def _items(words: _Words, end: int) -> Iterator[tuple[int, int]]:
    """The items of a list that ends at `end`, last first."""
    text = words.text
    stop = end
    for _ in range(MOST):
        start = stop
        lowest = max(0, stop - LONGEST)
        while start > lowest and (_NAME_CHARACTER.match(text[start - 1]) or text[start - 1] in '“”"'):
            start -= 1
        begin = _trimmed(words, start, stop)
        if 2 <= stop - begin <= LONGEST:
            yield begin, stop
        if begin != start and text[begin - 1 : begin] not in ("和", "与", "及"):
            return
        if text[begin - 1 : begin] in ("和", "与", "及", "、"):
            stop = begin - 1
            if text[stop - 1 : stop] == "以":
                stop -= 1
        else:
            return


_LEFT = re.compile(
    '(?:由|——|—|引进|引入|引育|签约|签约引进|成功引进|吸引|推进|以|包括|迎来|入驻企业|项目之一|落户的|携手|为)[“"]?'
)
_RIGHT = re.compile(
    '[”"]?(?:与|和|、|等|项目|总部|落户|投资|签|共同|联合|合作|入驻|[一二三四五]期|将|拟|负责人|董事长|总经理|[^，。、]{0,6}(?:项目|生产线|基地|总部))'
)


def _between(words: _Words) -> Iterator[_Span]:
    """Words between what stands before firms and what stands after them: 由甲乙与丙丁合作开发."""
    rules, text = _rules(), words.text
    for match in _LEFT.finditer(text):
        start = match.end()
        number = words.at(start)
        if words.starts[number] != start:
            continue
        end = start
        while number < len(words.words) and end - start < 8:
            word = words.words[number]
            if word in rules.stops or not _NAME_CHARACTER.match(word):
                break
            end += len(word)
            number += 1
            if end - start >= 2 and _RIGHT.match(text, end):
                yield _Span(start, end, {"between"})
                if number < len(words.words) and words.words[number] in ("与", "和"):
                    start = end = words.starts[number + 1]
                    number += 1
                    continue
                break


def _short_names(words: _Words) -> Iterator[_Span]:
    """Brand-like words before a business word, and brand-like words alone."""
    rules = _rules()
    tokens, starts = words.words, words.starts
    particles, business = rules.particles, rules.business
    brands = [
        number
        for number, token in enumerate(tokens)
        if (len(token) == 1 and "\u4e00" <= token <= "\u9fff" and token not in particles)
        or ("a" <= token[0] <= "z" and _LATIN.match(token))
    ]
    known, last = set(brands), -1
    for number in brands:
        if number <= last:
            continue
        end = number + 1
        while end in known and starts[end] - starts[number] < 6:
            end += 1
        last = end - 1
        if end < len(tokens) and tokens[end] in business and tokens[end] not in rules.soft:
            after = end + 1
            while after < len(tokens) and tokens[after] in business and starts[after] - starts[number] < 12:
                after += 1
            yield _Span(starts[number], starts[after], {"business", f"ends {tokens[after - 1]}"})
        elif starts[end] - starts[number] >= 2 and _stands_as_name(words.text, starts[number], starts[end]):
            yield _Span(starts[number], starts[end], {"brand"})
    for at, token in enumerate(tokens):
        if token in business and at and token not in rules.soft:
            head = tokens[at - 1]
            if (
                len(head) != 2
                or head in rules.stops
                or head in rules.soft
                or head in business
                or not "\u4e00" <= head[0] <= "\u9fff"
            ):
                continue
            if _stands_as_name(words.text, starts[at - 1], starts[at + 1]):
                yield _Span(starts[at - 1], starts[at + 1], {"worded", f"ends {token}"})


def _stands_as_name(text: str, start: int, end: int) -> bool:
    """Whether something beside the words speaks for a name."""
    return bool(
        _RIGHT.match(text, end) or text[start - 1 : start] in "、“—" or _LEFT.search(text, max(0, start - 6), start)
    )


def _brandlike(token: str) -> bool:
    if len(token) == 1:
        return "\u4e00" <= token <= "\u9fff" and token not in _rules().particles
    return bool(_LATIN.match(token))


@dataclass(slots=True)
class _Seen:
    spans: list[_Span] = field(default_factory=list)


def core(name: str) -> str:
    """A name without brackets and its legal ending: what its full and its short form share."""
    name = re.sub(r"\([^)]*\)|[\s·()]", "", name)
    shorter = re.sub("(?:集团)?(?:股份|控股|责任)*(?:有限(?:责任)?公司|公司)$|集团$", "", name)
    return shorter if len(shorter) >= 2 else name


def key_of(name: str) -> str:
    """What the forms of a firm's name share, for counting: 比亚迪 of 比亚迪汽车有限公司, 岚川科技 of 岚川科技（上海）有限公司."""
    short = core(name.replace("（", "(").replace("）", ")"))
    lower = short.lower()
    known = max((m[0] for m in [_rules().known.match(lower)] if m), key=len, default="")
    rest = lower[len(known) :]
    if len(known) > 1 and rest and _business_only(rest):
        return short[: len(known)]
    return short


def _business_only(text: str) -> bool:
    return all(word in _rules().business or word in ("集团", "公司", "工业") for word in cutter().cut(text))


def same_firm(one: str, other: str) -> bool:
    """Whether one name may be the short form of the other: its core is in the other's."""
    shorter, longer = sorted((core(one), core(other)), key=len)
    return len(shorter) >= 2 and shorter in longer


def firm_candidates(
    heading: Plain, body: Plain, signs: Signs, mentions: Sequence[Mention], subject: Sequence[str]
) -> list[Candidate]:
    """One for each name that may be a firm's, by its longest form; `id` is that form as the normalised text has it."""
    words = _Words(body.text)
    spans: dict[tuple[int, int], _Span] = {}

    def add(span: _Span) -> None:
        known = spans.setdefault((span.start, span.end), span)
        known.kinds |= span.kinds

    for span in _full_names(words):
        add(span)
    full = sorted(spans)
    for match in _rules().known.finditer(body.text):
        if _whole(words, match.start(), match.end()):
            add(_Span(match.start(), match.end(), {"known"}))
    for match in _rules().lists.finditer(body.text):
        kind = (
            "list of projects"
            if match[0].endswith("项目")
            else "list of firms"
            if _FIRMS_END.search(match[0])
            else "list of settled"
        )
        for start, end in _items(words, match.start()):
            add(_Span(start, end, {kind}))
    for start, end in list(spans):
        if body.text[start - 1 : start] == "、":
            for first, last in _items(words, start - 1):
                add(_Span(first, last, {"beside"}))
        if body.text[end : end + 1] == "、":
            for first, last in _items_after(words, end):
                add(_Span(first, last, {"beside"}))
    for span in _between(words):
        add(span)
    placed = {mention.end: mention.start for mention in mentions if not mention.zone}
    for span in _short_names(words):
        if span.start in placed:
            span = _Span(placed[span.start], span.end, {*span.kinds, "placed"})
        if not any(
            first <= span.start < last for first, last in full[max(0, bisect_left(full, (span.start, 0)) - 1) :][:2]
        ):
            add(span)
    return list(_judged_together(heading, body, words, signs, spans=spans.values(), mentions=mentions, subject=subject))


def _items_after(words: _Words, start: int) -> Iterator[tuple[int, int]]:
    text, rules = words.text, _rules()
    for _ in range(MOST):
        if text[start : start + 1] != "、":
            return
        begin = start + 1
        end = begin
        while end < len(text) and end - begin < LONGEST and _NAME_CHARACTER.match(text[end]):
            end += 1
        for at, word in words.within(begin, end):
            if word in rules.stops:
                end = at
                break
        if end - begin < 2:
            return
        yield begin, end
        start = end


def _whole(words: _Words, start: int, end: int) -> bool:
    """Whether a known name begins and ends where words do, or among single characters."""
    first, last = words.at(start), words.at(end - 1)
    begins = words.starts[first] == start
    ends = words.starts[last + 1] == end
    return begins and ends


def _judged_together(
    heading: Plain,
    body: Plain,
    words: _Words,
    signs: Signs,
    spans: Iterable[_Span],
    mentions: Sequence[Mention],
    subject: Sequence[str],
) -> Iterator[Candidate]:
    groups: dict[str, list[_Span]] = {}
    ended: dict[str, bool] = {}  # whether the longest form has a legal ending: two such are two firms
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):  # the longest first
        name = core(body.text[span.start : span.end])
        whole = bool(span.kinds & {"full", "legal"})
        inside = next((key for key in groups if name in key and not (whole and ended[key] and key != name)), None)
        groups.setdefault(inside or name, []).append(span)
        ended.setdefault(inside or name, whole)
    starts = {mention.start: mention for mention in mentions}
    ends = {mention.end for mention in mentions}
    for name, several in groups.items():
        longest = several[0]
        if _is_other(body.text, longest, name, ends):
            continue
        features: dict[str, float] = {"bias": 1.0}
        for span in several[:8]:
            for feature in _features(span, body, words, signs):
                features[feature] = 1.0
        text = body.text[longest.start : longest.end]
        features |= _of_name(words, longest.start, text, name)
        for kind in longest.kinds.intersection(_MAIN):
            for trait in (
                "all brand",
                "all words",
                "platform",
                "other body",
                "industry",
                "helper",
                "in attracting",
                "after project",
                "like a person",
            ):
                if features.get(trait):
                    features[f"{kind} & {trait}"] = 1.0
        mention = starts.get(longest.start)
        if mention is not None:
            features["begins with a place"] = 1.0
            if any(mention.code.startswith(code.rstrip("0")) for code in subject):
                features["begins with its place"] = 1.0
            if mention.end >= longest.end:
                features["is a place"] = 1.0
        features["times"] = math.log2(min(8, len(several))) / 3
        if name in heading.text:
            features["titled"] = 1.0
        yield Candidate(text, longest.start, longest.end, features)


# kinds of mentions by which a feature may be told apart, the one that says most first
_MAIN = (
    "full",
    "legal",
    "known",
    "list of firms",
    "list of projects",
    "list of settled",
    "placed",
    "beside",
    "between",
    "business",
    "worded",
    "brand",
)


_GOES_ON = re.compile("[谷城园区镇村路街港湖山河县市省局委署院馆厅站桥岛湾寺]")


def _is_other(text: str, span: _Span, name: str, places: Collection[int]) -> bool:
    """Whether a name without a legal ending is something else: an industry, a place or a part of its name, a road."""
    written = text[span.start : span.end]
    if written.endswith(("支行", "分行")):
        return True
    if span.kinds & {"full", "legal", "known"}:
        return False
    return (
        (names_industry(name) and "placed" not in span.kinds)
        or span.end in places
        or bool(_GOES_ON.match(text, span.end))
        or written.endswith(_rules().never)
    )


def _of_name(words: _Words, start: int, text: str, name: str) -> dict[str, float]:
    rules = _rules()
    features = {f"length {min(8, len(name))}": 1.0}
    if body := next((ending for ending in rules.bodies if text.endswith(ending)), None):
        features["other body"] = 1.0
        features[f"body {body}"] = 1.0
    if rules.platforms.search(text):
        features["platform"] = 1.0
    if rules.helpers.search(text):
        features["helper"] = 1.0
    tokens = [word for _, word in words.within(start, start + len(text))]
    singles = sum(_brandlike(token) for token in tokens)
    features["all brand"] = 1.0 if singles == len(tokens) else 0.0
    features["brand characters"] = min(3, singles) / 3
    features["all words"] = 1.0 if not singles else 0.0
    features["business inside"] = 1.0 if any(token in rules.business for token in tokens) else 0.0
    features["industry"] = 1.0 if names_industry(name) else 0.0
    features["has digit"] = 1.0 if re.search(r"\d", name) else 0.0
    features["soft inside"] = 1.0 if any(token in rules.soft or token in rules.stops for token in tokens) else 0.0
    if text[0] in _SURNAME and 2 <= len(text) <= 3:
        features["like a person"] = 1.0
    return features


def _features(span: _Span, body: Plain, words: _Words, signs: Signs) -> Iterator[str]:
    rules, text = _rules(), body.text
    kinds = sorted(kind for kind in span.kinds)
    main = next((kind for kind in _MAIN if kind in span.kinds), "")
    yield from kinds
    head, tail = text[max(0, span.start - 10) : span.start], text[span.end : span.end + 24]
    for name, sign in rules.before.items():
        if sign.search(head):
            yield f"before {name}"
            yield f"{main} before {name}"
    for name, sign in rules.after.items():
        if sign.search(tail):
            yield f"after {name}"
            yield f"{main} after {name}"
    clause_start, clause_end = signs.clause(span.start, span.end)
    for name, sign in rules.clause.items():
        if sign.search(text, clause_start, span.start):
            yield f"clause {name} before"
            yield f"{main} clause {name} before"
        if sign.search(text, span.end, clause_end):
            yield f"clause {name} after"
            yield f"{main} clause {name} after"
    if _TITLE.search(head):
        yield "after a title"
    if _SAYS.match(tail):
        yield "says"
    for name in signs.of_sentence(body.sentence_at(span.start)):
        yield name


_VISITED = re.compile(
    "拜访|走访|考察|参观|洽谈|对接|座谈|会见|邀请|参会|参加|出席|推介|来访|调研|交流|嘉宾|参展|接洽|商谈"
)
_INVESTED = re.compile("签约|落户|入驻|进驻|开工|投产|在建|建设|引进|引入|招引|投资|扩产|增资|落地|注册|设立|项目")


def role_of(body: Plain, start: int, end: int) -> Role:
    """Whether the firm at [start, end) is told of as investing or as sought, by its sentence: what stands nearer counts more."""
    sentence = body.sentences[body.sentence_at(start)]
    text = body.text
    balance = 0.0
    for pattern, worth in ((_VISITED, -1.2), (_INVESTED, 1.0)):
        for match in pattern.finditer(text, sentence.start, sentence.end):
            distance = start - match.end() if match.end() <= start else match.start() - end
            balance += worth / (1 + max(0, distance) / 12)
    return "investor" if balance >= 0 else "prospect"
