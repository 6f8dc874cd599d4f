"""Shares beside counts: how much of what there is, so that an archive that grows is not taken for a subject that grows.

The base of a count is what the same year or place holds without the query and its conditions. A share of a small base says little, and is marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.search.searcher import Searcher
from search_api.wording import SMALL_BASE

ALL_YEAR = "全库同年的文章"
ALL_MONTH = "全库同月的文章"
CHOSEN_YEAR = "合乎所选条件的同年文章"
CHOSEN_MONTH = "合乎所选条件的同月文章"


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `base` articles. `percent` is None where there is no base."""

    count: int
    base: int

    @property
    def percent(self) -> float | None:
        return 100 * self.count / self.base if self.base else None

    @property
    def small(self) -> bool:
        """Whether the base is too small to say much."""
        return self.base < SMALL_BASE

    @property
    def text(self) -> str:
        """3.4%, 12%, <0.1%; a star behind a share of a small base; '' without a base."""
        if self.percent is None:
            return ""
        return percent(self.percent) + ("*" if self.small else "")


def percent(value: float) -> str:
    """3.4%, 12%, <0.1%: one place below ten."""
    if 0 < value < 0.1:
        return "<0.1%"
    return f"{value:.1f}%".replace(".0%", "%") if value < 10 else f"{value:.0f}%"


def months_of(
    searcher: Searcher, filters: Mapping[str, tuple[str, ...]] | None = None, query: str = ""
) -> dict[int, int]:
    """yyyymm → articles of the archive, or of the strict set of filters and query. Raises EngineError."""
    answer = searcher.search(query, top=1, facets=(), filters=filters, strict=True, snippets=False)
    return dict(answer.histogram)


@dataclass(frozen=True, slots=True)
class Base:
    """What a timeline's counts are a share of: yyyymm → articles, and what they are called by year and by month."""

    months: Mapping[int, int]
    year: str = ALL_YEAR
    month: str = ALL_MONTH


def timeline_base(searcher: Searcher, filters: Mapping[str, tuple[str, ...]], query: str) -> Base:
    """What meets the same conditions, whatever the words; the whole archive where a query has no words, or no conditions. Raises EngineError."""
    chosen = searcher.months_without_words(query, filters)
    return Base(months_of(searcher)) if chosen is None else Base(chosen, CHOSEN_YEAR, CHOSEN_MONTH)


def years_of(months: Mapping[int, int]) -> dict[int, int]:
    """yyyymm → count, summed by year; what has no date left out."""
    years: dict[int, int] = {}
    for month, count in months.items():
        if month > 0:
            years[month // 100] = years.get(month // 100, 0) + count
    return years
