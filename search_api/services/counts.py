"""Counts of articles across practices, places and years, with as few searches as possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from indexer.insight.practices import rules
from indexer.search.searcher import Searcher
from search_api.parameters import View
from search_api.services.shares import Share
from search_api.services.tile_map import provinces

YEARS = 12  # the last ones that a matrix shows

RowKind = Literal["practice", "place"]
ColumnKind = Literal["year", "place"]


@dataclass(frozen=True, slots=True)
class Matrix:
    """`lines` down and `heads` across are facet values; rows and columns without an article are left out."""

    rows: RowKind
    columns: ColumnKind
    lines: Sequence[str]
    heads: Sequence[str]
    table: Mapping[tuple[str, str], int]
    bases: Mapping[tuple[str, str], int]  # what a cell would count without query and practice
    base: str  # what that is called

    def counts(self) -> list[list[int]]:
        """One list a line, in the order of the heads."""
        return [[self.table[line, head] for head in self.heads] for line in self.lines]

    def all_bases(self) -> list[list[int]]:
        """The bases of the counts."""
        return [[self.bases[line, head] for head in self.heads] for line in self.lines]


def matrix(
    searcher: Searcher,
    view: View,
    rows: RowKind,
    columns: ColumnKind,
    only: Sequence[str] | None = None,
    *,
    practices: Literal["practice", "possible"] = "practice",
) -> Matrix:
    """`only`: the practices to show, default all. `practices`: the facet that they are counted by; "possible" counts doubtful readings too. Places are provinces. Raises EngineError.

    A practice is a part of what the year or the province of its column has (of the place that the view is limited to); a province is a part of the year,
    or with a query, the query a part of what is about the province in that year.
    """
    heads = recent_years(searcher, view) if columns == "year" else provinces()
    lines = (list(rules()) if only is None else list(only)) if rows == "practice" else provinces()
    if rows == "place":  # one search a province tells all its years
        down = {line: counts(searcher, view.only("place", line), "year") for line in lines}
        table = {(line, head): down[line].get(head, 0) for line in lines for head in heads}
    else:  # one search a column tells all practices
        across = {head: counts(searcher, view.only(columns, head), practices) for head in heads}
        table = {(line, head): across[head].get(line, 0) for line in lines for head in heads}
    heads = [head for head in heads if any(table[line, head] for line in lines)]
    lines = [line for line in lines if any(table[line, head] for head in heads)]
    every = View(filters=view.filters)
    named = "全库"
    if rows == "place" and view.q:
        own = {line: counts(searcher, every.only("place", line), columns) for line in lines}
        named = "同一省"
    elif columns == "year":
        all_ = counts(searcher, every, "year")
        own = dict.fromkeys(lines, all_)
        named = "全库" if not view.filters else "该地"
    else:
        all_ = {head: searcher.count("", every.only("place", head).filters) for head in heads}
        own = dict.fromkeys(lines, all_)
    bases = {(line, head): own[line].get(head, 0) for line in lines for head in heads}
    base = f"{named}同年的文章" if columns == "year" else "讲到该省的全部文章"
    return Matrix(rows, columns, lines=lines, heads=heads, table=table, bases=bases, base=base)


def counts(searcher: Searcher, view: View, facet: str) -> dict[str, int]:
    """Value → articles of the strict set, for one facet."""
    answer = searcher.search(
        view.q, top=1, facets=(facet,), filters=view.filters, strict=True, snippets=False, histogram=False
    )
    return {c.value: c.count for c in answer.facets.get(facet, ())}


def by_province(searcher: Searcher, view: View) -> dict[str, int]:
    """Adcode of every province → articles about it."""
    return {code: searcher.count(view.q, view.only("place", code).filters) for code in provinces()}


def province_shares(searcher: Searcher, view: View) -> dict[str, Share]:
    """Adcode of every province → articles about it: of all that are about it, or where nothing is asked, of the archive."""
    found = by_province(searcher, view)
    every = by_province(searcher, View()) if not view.empty else dict.fromkeys(found, searcher.count(""))
    return {code: Share(count, every[code]) for code, count in found.items()}


def recent_years(searcher: Searcher, view: View) -> list[str]:
    """The last years that have articles, oldest first."""
    this = date.today().year + 1
    found = counts(searcher, view, "year").items()
    known = sorted(int(y) for y, count in found if y.isdigit() and 0 < int(y) <= this and count)
    return [str(year) for year in known[-YEARS:]]
