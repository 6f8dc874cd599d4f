"""Conditions of a query: what stands behind `source:`, `region:`, `year:` and the like, as people write it."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

from crawler.article import SHANGHAI
from crawler.normalisation import normalise
from crawler.sources import regions
from indexer.analysis.tokens import runs
from indexer.figure_conditions import read_figure, read_value
from indexer.tree import AnyOf, Dated, Kind, Named, Node, Place, Practice

KINDS = {
    "government": ("government", "gov", "政府", "政府网站", "政务"),
    "news": ("news", "新闻", "媒体", "新闻网站", "报纸"),
    "forum": ("forum", "bbs", "论坛", "社区"),
}


def read_condition(name: str, text: str) -> Node | None:
    """The condition that `field:text` sets, for every field but title; None where the text cannot be one."""
    plain = normalise(text).strip()
    if not runs(plain):
        return None
    if name in _LISTED and len(values := [value for value in _BETWEEN.split(text) if value.strip()]) > 1:
        several = [read_condition(name, value) for value in values]
        found = tuple(dict.fromkeys(one for one in several if one is not None))
        return None if None in several else found[0] if len(found) == 1 else AnyOf(found)
    match name:
        case "source" | "origin" | "author":
            return Named(name, plain)
        case "kind":
            kind = read_kind(plain)
            return Kind(kind) if kind else None
        case "practice":
            ids = practice_ids(plain)
            return Practice(plain, ids) if len(ids) > 1 or is_practice(plain) else None
        case "figure":
            return read_figure(plain)
        case "value":
            return read_value(plain)
        case "region":
            codes = tuple(region.adcode for region in regions.find(plain) or regions.find(text.strip()))
            return Place(codes, text.strip()) if codes else None
        case "year":
            return _years(plain)
        case "after":
            bounds = read_date(plain)
            return Dated(bounds[0], None) if bounds else None
        case _:
            bounds = read_date(plain)
            if bounds is None or bounds[0] == date.min:
                return None
            return Dated(None, date.fromordinal(bounds[0].toordinal() - 1))


def read_kind(text: str) -> str | None:
    """government, news or forum, as people call them; None for anything else."""
    plain = normalise(text).strip()
    return next((kind for kind, names in KINDS.items() if plain in names), None)


_LISTED = ("region", "kind", "practice", "year")  # fields of which several values may be given
_BETWEEN = re.compile("[,，、;；]")
_DATE = re.compile(r"(\d{4})(?:\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2}))?)?\s*[年月日号]?|(\d{4})(\d{2})(\d{2})")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?")
_YEARS = re.compile(r"(\d{4})年?(?:(?:-|–|—|~|\.\.+|至|到)(\d{4})年?)?")


def read_date(text: str) -> tuple[date, date] | None:
    """First and last day of a year, month or day as people write them (2024, 2024-3, 2024年3月13日, 20240313); None for anything else."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else 0 for part in (match.groups()[:3] if match[1] else match.groups()[3:]))
    try:
        if not month:
            return date(year, 1, 1), date(year, 12, 31)
        if not day:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        return None


def read_moment(text: str) -> datetime | None:
    """2026-11-25, 2026-11-25T18:03 or 2026-11-25T18:03:22 of Shanghai's clock; None for anything else."""
    match = _MOMENT.fullmatch(text.strip())
    try:
        at = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}{match[3] or ''}") if match else None
    except ValueError:
        return None
    return at.replace(tzinfo=SHANGHAI) if at and at.year >= 1970 else None


def _years(text: str) -> Dated | None:
    match = _YEARS.fullmatch(text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    first, last = min(first, last), max(first, last)
    return Dated(date(first, 1, 1), date(last, 12, 31)) if first >= 1 else None


def is_practice(id_: str) -> bool:
    from indexer.insight.practices import rules

    return id_ in rules()


def practice_ids(name: str) -> tuple[str, ...]:
    """The text, which may be an id, and ids of the practices that a reader may mean by it: of that name, else with it in their name, else with their name in it."""
    from indexer.insight.practices import rules

    names = {id_: normalise(rule.name) for id_, rule in rules().items()}
    found = (
        [id_ for id_, known in names.items() if name in (id_, known)]
        or [id_ for id_, known in names.items() if name in known]
        or [id_ for id_, known in names.items() if known in name]
    )
    return (name, *(id_ for id_ in found if id_ != name))
