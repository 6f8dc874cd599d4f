"""`figure:` and `value:` of a query: kinds, states, stages and amounts as people write them, and which of them must hold for the same figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from math import ceil, floor
from typing import Any

from crawler.normalisation import normalise
from indexer.analysis.figure_names import FIGURE_NAMES, KIND_LABELS, STAGE_LABELS, STATUS_LABELS, UNIT_LABELS
from indexer.insight.figures.numbers import chinese_number
from indexer.query.tree import AllOf, AnyOf, Figure, Node

_TIMES = {
    "": 1, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8, "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_DASH = r"\.{2,}|…+|[-~—–]+|至|到"


@dataclass(frozen=True, slots=True)
class _Names:
    """Name → what it stands for."""

    kinds: Mapping[str, str]
    statuses: Mapping[str, str]
    stages: Mapping[str, str]
    after_stroke: Mapping[str, str]
    units: Mapping[str, str]
    before: Mapping[str, str]
    behind: Mapping[str, str]
    amount: re.Pattern[str]
    compared: re.Pattern[str]


@cache
def _names() -> _Names:
    def turned(section: str) -> dict[str, str]:
        return {normalise(name): meant for meant, names in FIGURE_NAMES[section].items() for name in names}

    units, before, behind = turned("units"), turned("comparisons"), turned("comparisons_behind")
    number = r"(?P<arabic>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)|(?P<han>[零一二两三四五六七八九十百千]+)"
    amount = rf"(?:{number})(?P<times>{_either(_TIMES)})?(?P<unit>{_either(units)})?"
    compared = rf"(?P<before>{_either(before)})?(?P<amount>[^<>=≤≥]+?)(?P<behind>{_either(behind)})?"
    return _Names(
        turned("kinds"),
        turned("statuses"),
        turned("stages"),
        after_stroke=turned("statuses") | turned("statuses_after_stroke"),
        units=units,
        before=before,
        behind=behind,
        amount=re.compile(amount),
        compared=re.compile(compared),
    )


def _either(names: Mapping[str, Any]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)


def read_figure(text: str) -> Figure | None:
    """签约额, signed, 计划, planned, 计划投资额, invested/planned, 在谈, 投资额/在谈: a kind, a state or a stage, or a kind with one of them. None for anything else."""
    names, plain = _names(), normalise(text).strip()
    if plain in names.kinds:
        return Figure(kinds=(names.kinds[plain],))
    if plain in names.statuses:
        return Figure(statuses=(names.statuses[plain],))
    if plain in names.stages:
        return Figure(stages=(names.stages[plain],))
    first, stroke, second = (part.strip() for part in plain.partition("/"))
    if stroke:
        kinds = (names.kinds[first],) if first in names.kinds else ()
        if first and not kinds:
            return None
        if second in names.after_stroke:
            return Figure(kinds, statuses=(names.after_stroke[second],))
        return Figure(kinds, stages=(names.stages[second],)) if second in names.stages else None
    for name, status in names.statuses.items():
        rest = plain.removeprefix(name).removeprefix("的")
        if plain.startswith(name) and rest in names.kinds:
            return Figure(kinds=(names.kinds[rest],), statuses=(status,))
    for name, stage in names.stages.items():
        rest = plain.removeprefix(name).removeprefix("的")
        if plain.startswith(name) and rest in names.kinds:
            return Figure(kinds=(names.kinds[rest],), stages=(stage,))
    return None


def read_value(text: str) -> Figure | None:
    """>=10亿, ≤5,000万元, 10亿..50亿, 10至50亿, 1亿美元以上, >100个: bounds, both included. None for anything else."""
    names, plain = _names(), re.sub(r"\s+", "", normalise(text))
    if (between := _between(plain)) is not None:
        return between
    match = names.compared.fullmatch(plain)
    read = _amount(match["amount"]) if match else None
    if match is None or read is None or (match["before"] and match["behind"]):
        return None
    value, _, unit = read
    sign = names.before[match["before"]] if match["before"] else names.behind.get(match["behind"] or "", "=")
    least = {">=": ceil(value), ">": floor(value) + 1, "=": ceil(value)}.get(sign)
    most = {"<=": floor(value), "<": ceil(value) - 1, "=": floor(value)}.get(sign)
    return Figure(unit=unit, least=least, most=most, bound=True)


def is_comparison(text: str) -> bool:
    """Whether nothing but the sign of a comparison was typed, so that its amount must follow."""
    return normalise(text).strip() in _names().before


def _between(plain: str) -> Figure | None:
    for dash in re.finditer(_DASH, plain):
        first, second = plain[: dash.start()], plain[dash.end() :]
        low, high = _amount(first), _amount(second)
        if low and high:
            (a, times, one), (b, more, other) = low, high
            if not times and not one and more:  # 10至50亿: both in 亿
                a *= _TIMES[more]
            if one and other and one != other:
                return None
            return Figure(unit=one or other, least=ceil(min(a, b)), most=floor(max(a, b)), bound=True)
        if dash[0].startswith((".", "…")) and (low or high) and not (first and second):  # open at one end
            value, _, unit = low or high or (Decimal(0), "", None)
            return Figure(unit=unit, least=ceil(value) if low else None, most=None if low else floor(value), bound=True)
    return None


def _amount(text: str) -> tuple[Decimal, str, str | None] | None:
    """Value, the multiplier as written, unit (None: not said)."""
    plain, dollars = re.subn(r"^(?:us)?\$|^usd", "", text)
    match = _names().amount.fullmatch(plain)
    if match is None or len(plain) > 40:
        return None
    number = Decimal(match["arabic"].replace(",", "")) if match["arabic"] else chinese_number(match["han"])
    if number is None:
        return None
    times, unit = match["times"] or "", _names().units.get(match["unit"] or "")
    if dollars and unit not in (None, "USD"):
        return None
    return Decimal(number) * _TIMES[times], times, "USD" if dollars else unit


# --- conditions that stand side by side


def joined(conditions: Sequence[Node]) -> list[Node]:
    """Conditions of one bracket, in order: each is put together with the one before it, where one figure can be both; where none can, another figure is meant."""
    out: list[Node] = []
    for condition in conditions:
        combined = _join_conditions(out[-1], condition) if out else None
        if combined is None:
            out.append(condition)
        else:
            out[-1] = combined
    return out


def _join_conditions(one: Node, other: Node) -> Node | None:
    together = [made for a, b in product(_alternatives(one), _alternatives(other)) if (made := _as_one_figure(a, b))]
    if not together:
        return None
    return together[0] if len(together) == 1 else AnyOf(tuple(dict.fromkeys(together)))


def _alternatives(node: Node) -> tuple[Figure, ...]:
    parts = node.parts if isinstance(node, AnyOf) else (node,)
    found = tuple(part for part in parts if isinstance(part, Figure))
    return found if len(found) == len(parts) else ()


def _as_one_figure(one: Figure, other: Figure) -> Figure | None:
    """What both ask of one figure; None where no figure can have both."""
    kinds, statuses = _common(one.kinds, other.kinds), _common(one.statuses, other.statuses)
    stages = _common(one.stages, other.stages)
    if kinds is None or statuses is None or stages is None or (one.bound and other.bound and one.unit != other.unit):
        return None
    least = max((n for n in (one.least, other.least) if n is not None), default=None)
    most = min((n for n in (one.most, other.most) if n is not None), default=None)
    if least is not None and most is not None and least > most and one.bound and other.bound:
        return None
    bound = one.bound or other.bound
    return Figure(kinds, statuses, unit=one.unit or other.unit, least=least, most=most, bound=bound, stages=stages)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    if not one or not other:
        return one or other
    return tuple(name for name in one if name in other) or None


# --- what a figure is asked to be


def units(figure: Figure) -> tuple[str, ...]:
    """The units that are meant: where none was said, an amount is one of 元, unless only numbers of projects are asked for."""
    if figure.unit:
        return (figure.unit,)
    if not figure.bound:
        return tuple(UNIT_LABELS)
    return ("count",) if figure.kinds == ("projects",) else ("CNY",)


def meets(figure: Figure, read: Mapping[str, Any]) -> bool:
    """Whether a figure of a reading (`Reading.to_json()["figures"][n]`) is what the condition asks for."""
    return (
        (not figure.kinds or read["kind"] in figure.kinds)
        and (not figure.statuses or read["status"] in figure.statuses)
        and (not figure.stages or read.get("stage") in figure.stages)
        and read["unit"] in units(figure)
        and (figure.least is None or read["value"] >= figure.least)
        and (figure.most is None or read["value"] <= figure.most)
    )


def asked(node: Node) -> Iterator[Figure]:
    """The figures that a tree asks for, those that it excludes left out."""
    match node:
        case Figure():
            yield node
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from asked(part)


def chosen(figures: Sequence[str], values: Sequence[str]) -> list[Figure]:
    """From lists of names and of amounts, any of each, to the conditions of which one must hold. What cannot be read is left out."""
    kinds = [found for text in figures if (found := read_figure(text))] or [Figure()]
    bounds = [found for text in values if (found := read_value(text))] or [Figure()]
    made = [found for a, b in product(kinds, bounds) if (found := _as_one_figure(a, b))]
    return [figure for figure in dict.fromkeys(made) if figure != Figure()]


def describe(figure: Figure) -> str:
    """签约额，10 亿元以上."""
    kinds = "、".join(KIND_LABELS[kind] for kind in figure.kinds)
    states = [STATUS_LABELS[s] for s in figure.statuses] + [STAGE_LABELS[s] for s in figure.stages]
    statuses = "、".join(states)
    what = f"{kinds}（{statuses}）" if kinds and statuses else kinds or statuses
    if not figure.bound:
        return what
    bounds = _bounds(figure.least, figure.most, units(figure)[0])
    return f"{what}，{bounds}" if what else bounds


def _bounds(least: int | None, most: int | None, unit: str) -> str:
    if least is not None and least == most:
        return f"正好 {_said(least, unit)}"
    above = below = ""
    if least is not None:
        above = f"多于 {_said(least - 1, unit)}" if _rounder(least - 1, least) else f"不少于 {_said(least, unit)}"
    if most is not None:
        below = f"少于 {_said(most + 1, unit)}" if _rounder(most + 1, most) else f"不超过 {_said(most, unit)}"
    return "、".join(filter(None, (above, below)))


def _rounder(one: int, other: int) -> bool:
    """More zeros at the end: that is how the bound was typed."""
    return one > 0 and len(str(one).rstrip("0")) < len(str(other).rstrip("0"))


def _said(value: int, unit: str) -> str:
    """A bound as one reads it, without rounding: 10 亿元, 12,345 元."""
    name = UNIT_LABELS[unit]
    for size, word in ((10**8, "亿"), (10**4, "万")):
        if value >= size and (value * 100) % size == 0:
            return f"{value / size:,.2f}".rstrip("0").rstrip(".") + f" {word}{name}"
    return f"{value:,} {name}"


__all__ = ["asked", "chosen", "describe", "is_comparison", "joined", "meets", "read_figure", "read_value", "units"]
