"""What the archive lacks: sources that went silent, months without articles where there were some, counties of a city without a source of their own.

Counted from publication dates. Chance is weighed: a source that brings five articles a year is not silent after two months, nor does it have a gap in March.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from weakref import WeakKeyDictionary

from crawler.archive import SourceState
from crawler.article import SHANGHAI
from crawler.sources import Source
from crawler.sources.regions import Region, region_name, regions, short_name
from indexer.engines.base import Among, EngineAnswer, Request
from search_api.web.app_state import AppState

LEAST_SILENT = 30  # days: holidays are no silence
SILENT_BY_CHANCE = 0.001
EMPTY_BY_CHANCE = 0.01
NEIGHBOURS = 6  # months with articles on either side that say how many are usual
NEVER = 3  # visits without any article, from which on a source is named
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Silent:
    """An enabled source from which nothing new comes. `newest` None: nothing ever came; `a_year`: articles in the year before it fell silent."""

    source: str
    title: str
    newest: date | None
    days: int
    a_year: int
    visits: int
    visited: datetime | None
    outcome: str  # of the last visit, a key of OUTCOME_NAMES; '' for none

    @property
    def remedy(self) -> str:
        """The command that tells more."""
        return f"zhaoshang sources check {self.source}"


@dataclass(frozen=True, slots=True)
class EmptyMonths:
    """Months (yyyymm, both ends included) of a source without an article, between months that had some; `usual`: articles a month around them."""

    source: str
    title: str
    first: int
    last: int
    usual: float

    @property
    def months(self) -> int:
        return _number(self.last) - _number(self.first) + 1

    @property
    def told(self) -> str:
        """2021-03, or 2021-03 至 2021-06."""
        return _month(self.first) + (f" 至 {_month(self.last)}" if self.first != self.last else "")

    @property
    def remedy(self) -> str:
        """The command that fetches them."""
        return f"zhaoshang crawl {self.source} --since {_month(self.first)} --until {_month(self.last)}"


@dataclass(frozen=True, slots=True)
class County:
    """One without an enabled source; `registered` are the names of those that could be enabled."""

    code: str
    name: str
    registered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CityGaps:
    """An enabled city, how many counties it has, and those that lack a source."""

    code: str
    name: str
    counties: int
    lacking: tuple[County, ...]

    @property
    def remedy(self) -> str:
        """The command that gets some of them, or begins to."""
        if names := [name for county in self.lacking for name in county.registered[:1]]:
            return f"zhaoshang sources enable {' '.join(names)}"
        return "zhaoshang sources discover 县（区）政府门户的网址"


@dataclass(frozen=True, slots=True)
class Gaps:
    """What lacks most first. `enabled`: sources that were looked at."""

    enabled: int
    silent: tuple[Silent, ...]
    months: tuple[EmptyMonths, ...]
    cities: tuple[CityGaps, ...]

    @property
    def nothing(self) -> bool:
        return not (self.silent or self.months or self.cities)


_kept: WeakKeyDictionary[AppState, tuple[object, Gaps]] = WeakKeyDictionary()


def gaps(app_state: AppState, today: date | None = None) -> Gaps:
    """Looks at all enabled sources; again only where index, sources or the day are others. Raises EngineError, ArchiveError."""
    today = today or datetime.now(SHANGHAI).date()
    states, registry = app_state.archive.frontier.source_states(), app_state.registry
    enabled = {name: registry[name] for name, state in sorted(states.items()) if state.enabled and name in registry}
    visits = {name: states[name].last_visit for name in enabled}
    key = (today, app_state.engine.cursor(), tuple(visits.items()), len(registry))
    known = _kept.get(app_state)
    if known is None or known[0] != key:
        known = _kept[app_state] = (key, _found(app_state, enabled, states, today))
    return known[1]


def _found(app_state: AppState, enabled: Mapping[str, Source], states: Mapping[str, SourceState], today: date) -> Gaps:
    silent, months = [], list[EmptyMonths]()
    for name, source in enabled.items():
        request = Request(Among("source", (name,)), sort="newest", top=1, histogram=True, counted=False)
        answer = app_state.engine.execute(request)
        if found := _silent(app_state, source, answer, states[name], today):
            silent.append(found)
        months += empty_months(name, source.title, answer.histogram, today)
    return Gaps(
        enabled=len(enabled),
        silent=tuple(sorted(silent, key=lambda s: (-s.a_year, s.source))),
        months=tuple(sorted(months, key=lambda m: (-m.usual * m.months, m.source, m.first))),
        cities=tuple(cities_with_gaps(enabled.values(), app_state.registry.values())),
    )


def _silent(
    app_state: AppState, source: Source, answer: EngineAnswer, state: SourceState, today: date
) -> Silent | None:
    runs = app_state.archive.runs.of_sources(source.name, NEVER)
    newest = next((hit.document.published for hit in answer.hits), None)
    a_year, days = 0, 0
    if newest is not None:
        a_year = in_year_before(answer.histogram, newest)
        days = (today - newest).days
        if not is_silent(a_year, days):
            return None
    elif answer.hits or len(runs) < NEVER:  # articles without dates say nothing
        return None
    return Silent(
        source.name,
        source.title,
        newest,
        days=days,
        a_year=a_year,
        visits=len(runs),
        visited=state.last_visit,
        outcome=runs[0].report.outcome if runs else "",
    )


def is_silent(a_year: int, days: int) -> bool:
    """Whether so many days without an article are hardly chance for a source that had `a_year` in the year before."""
    return days > LEAST_SILENT and a_year > 0 and math.exp(-a_year / 365 * days) < SILENT_BY_CHANCE


def in_year_before(histogram: Sequence[tuple[int, int]], newest: date) -> int:
    """Articles of the twelve months that end with that day's."""
    last = newest.year * _MONTHS_A_YEAR + newest.month - 1
    return sum(count for month, count in histogram if last - _MONTHS_A_YEAR < _number(month) <= last)


def empty_months(
    source: str, title: str, histogram: Sequence[tuple[int, int]], today: date | None = None
) -> Iterator[EmptyMonths]:
    """Months between the first and the last that have articles, without any, where that is hardly chance by the months around; neighbours together.

    `histogram`: (yyyymm, count) in order. What lies ahead of today is a wrong date and counts for nothing.
    """
    now = (today or datetime.now(UTC).date()).strftime("%Y%m")
    full = [(_number(month), count) for month, count in histogram if count and month <= int(now)]
    for at in range(1, len(full)):
        before, after = full[at - 1][0], full[at][0]
        if after - before < 2:
            continue
        sides = (full[max(0, at - NEIGHBOURS) : at], full[at : at + NEIGHBOURS])
        usual = min(sum(count for _, count in side) / _span(side) for side in sides)
        empty = after - before - 1
        if math.exp(-usual * empty) < EMPTY_BY_CHANCE and usual >= 1:
            yield EmptyMonths(source, title, _yyyymm(before + 1), _yyyymm(after - 1), round(usual, 1))


def _span(side: Sequence[tuple[int, int]]) -> int:
    """How many months it runs over, empty ones included."""
    return side[-1][0] - side[0][0] + 1


def cities_with_gaps(enabled: Iterable[Source], registered: Iterable[Source]) -> Iterator[CityGaps]:
    """Cities (or municipalities) with an enabled source, and their counties without; those that lack most first."""
    have, known = {source.region for source in enabled}, dict[str, list[str]]()
    for source in registered:
        known.setdefault(source.region, []).append(source.name)
    below: dict[str, list[Region]] = {}
    provinces = {region.parent for region in regions() if region.level == "city"}  # that are no municipalities
    for region in regions():
        if region.level == "county":
            below.setdefault(region.parent, []).append(region)
    found = []
    for code, counties in below.items():
        if code not in have or code in provinces:
            continue
        lacking = [c for c in counties if c.adcode not in have]
        if lacking:
            places = tuple(
                County(c.adcode, short_name(c.adcode), tuple(sorted(known.get(c.adcode, ())))) for c in lacking
            )
            found.append(CityGaps(code, region_name(code), len(counties), places))
    yield from sorted(found, key=lambda city: (-len(city.lacking), city.code))


def _number(yyyymm: int) -> int:
    """Months since the year 0."""
    return yyyymm // 100 * _MONTHS_A_YEAR + yyyymm % 100 - 1


def _yyyymm(number: int) -> int:
    return number // _MONTHS_A_YEAR * 100 + number % _MONTHS_A_YEAR + 1


def _month(yyyymm: int) -> str:
    return f"{yyyymm // 100}-{yyyymm % 100:02}"
