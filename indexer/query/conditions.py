"""Conditions of a query: the values of `source:`, `region:`, `year:` and the like, as people write them."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime

from crawler.article import SHANGHAI
from crawler.normalisation import normalise
from indexer.analysis.facets import CONDITIONS, FACETS
from indexer.analysis.tokens import runs
from indexer.insight.vocabularies import VOCABULARIES, Vocabulary
from indexer.query.figure_conditions import read_figure, read_value
from indexer.query.tree import Added, AnyOf, Chosen, Dated, Named, Node


def read_condition(name: str, text: str) -> Node | None:
    """The condition that `field:text` sets, for every field but title; None where the text cannot be one."""
    plain = normalise(text).strip()
    if not runs(plain):
        return None
    if name in _LISTED and len(values := [value for value in _BETWEEN.split(text) if value.strip()]) > 1:
        several = [read_condition(name, value) for value in values]
        found = tuple(dict.fromkeys(value for value in several if value is not None))
        return None if None in several else found[0] if len(found) == 1 else AnyOf(found)
    if name in CONDITIONS and CONDITIONS[name].text:
        return Named(name, plain)
    if name in FACETS and (known := FACETS[name].vocabulary):
        return _chosen(name, VOCABULARIES[known], text.strip())
    match name:
        case "figure":
            return read_figure(plain)
        case "value":
            return read_value(plain)
        case "year":
            return _years(plain)
        case "after":
            bounds = read_date(plain)
            return Dated(bounds[0], None) if bounds else None
        case "before":
            bounds = read_date(plain)
            if bounds is None or bounds[0] == date.min:
                return None
            return Dated(None, date.fromordinal(bounds[0].toordinal() - 1))
        case "since":
            moment = read_moment(text)
            return Added(moment) if moment else None
    raise ValueError(f"no condition: {name}")


def _chosen(name: str, vocabulary: Vocabulary, text: str) -> Chosen | None:
    values = vocabulary.meant(text)
    return Chosen(name, values, text if vocabulary.keeps_text else "") if values else None


_LISTED = frozenset(  # conditions of which several values may be given
    name for name, condition in CONDITIONS.items() if not condition.text
)
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
