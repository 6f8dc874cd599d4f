"""What a number counts: amounts of attracted investment, projects, firms; or nothing of the kind."""

from __future__ import annotations

import re
from typing import cast

from indexer.insight.figures.rules import figure_rules
from indexer.insight.reading import Kind

CLAUSE_PRICE = 0.35  # of a word's strength for each comma between it and the number
DISTANCE_PRICE = 1 / 60  # for each character between
REJECT_TIMES = 1.0
ENOUGH = 0.15
_BREAK = re.compile("[,:(]")
_NUMBER_UNIT = re.compile(r"\d[\d.,]*(?:多|余)?(?:亿|万)?(?:美元|元|个|家)")

_REWARD = re.compile("(?:奖励|奖补|补贴|补助)[^,。;]{0,6}$")
_PAID = re.compile("已|累计|兑现|发放|拨付|落实|共|了|去年|今年以来|上半年|季度")
_SIGNED = re.compile("签约|签订|签署|协议|合同引资|签[下了成]|落笔|敲定")
_SIGNED_BEHIND = re.compile("的[^,。;]{0,16}(?:项目|工厂|基地|园)[^,。;开落]{0,8}(?:签约|签订|签署)")
_PROJECTS_BEFORE = re.compile("项目(?:[^,。;、]{0,12}|[^,。;]{0,24}(?:落地|开工|签约|投产|竣工|达产))$")
_PROJECTS_NEXT = re.compile("[^,。;、个家]{0,14}项目")
_PROJECTS_LAST = re.compile("项目(?:达|有|共|共计|近|约|超|超过)?$")
_NOTHING_NAMED = re.compile("(?:以上|左右)?(?:[^\u4e00-\u9fff“(]|$|相继|先后|陆续|已|均|全部|降|增|来自|有)")


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


def money_kind(head: str, tail: str, before: str) -> Kind | None:
    """What an amount of money is, None where it is no figure. `before`: the whole of the sentence before the number, semicolons included."""
    rules = figure_rules()
    if rules.reject_after.match(tail) or rules.norm_before.search(head) or rules.norm_after.match(tail):
        return None
    scored: list[tuple[float, int, str]] = []
    for kind, pattern in rules.before.items():
        strength, length = _last(pattern, head)
        scored.append((strength, length, kind))
    strength, length = _last(rules.reject_before, head)
    scored.append((strength * REJECT_TIMES, length, ""))
    for kind, pattern in rules.after.items():
        if pattern.match(tail):
            scored.append((1.2 if kind in ("output", "tax") else 0.7, 0, kind))  # 1亿元的税收 says it outright
    best = max(scored)
    if best[0] < ENOUGH or not best[2]:
        return None
    kind = best[2]
    if kind == "other" and _REWARD.search(head) and not _PAID.search(before):
        return None  # what is promised, not paid
    if kind in ("signed", "other", "realised") and rules.outside.search(head):
        return None
    if kind in ("output", "tax") and not re.search(
        "建成|达产|投产|预计|可实现|项目|新增|满产|园区|入驻|落户|引进|飞地", before
    ):
        return None
    signed = _SIGNED.search(before) or _SIGNED_BEHIND.match(tail)
    if kind == "invested" and signed and not re.search("开工|投产|竣工|落地", before):
        kind = "signed"
    return cast(Kind, kind)


def count_kind(head: str, tail: str, measure: str) -> Kind | None:
    """What a number of things is: projects, or firms ("other"); None for all else. `measure`: 个, 家 …"""
    rules = figure_rules()
    near = tail[:16]
    noun = re.match("[^,。;、]{0,14}", near)
    if (noun and rules.count_reject.search(noun[0])) or rules.count_of_places.match(tail):
        return None
    clause = re.split("[,。;:]", head)[-1]
    of_projects = measure in ("个", "项", "宗") or _PROJECTS_NEXT.match(tail) or _PROJECTS_LAST.search(clause)
    if of_projects and (rules.projects_after.match(tail) or _PROJECTS_BEFORE.search(clause)):
        if rules.projects_acting.search(clause + near):
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
        rejected = rules.firms_reject.search(clause[-24:])
        if rejected and not (rejected[0] in ("金融机构", "银行") and re.search("入驻|落户|引进|迁入", clause[-24:])):
            return None
        if re.match("[^,。;]{0,24}(?:参加|参展|参会|到会|出席|加盟|参与)", tail):
            return None
        if rules.firms_before.search(clause[-26:]) or rules.firms_after.match(tail):
            return "other"
    return None
