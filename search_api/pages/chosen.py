"""The line of what is chosen on the search page: each filter by its name, each value removable, and turned into its opposite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from indexer.analysis.facets import FACETS
from indexer.search.planner import EXCLUDED, facet_of
from search_api.parameters import View, label, turned
from search_api.wording import FILTER_NAMES


@dataclass(frozen=True, slots=True)
class ChosenValue:
    """`drop`: the address without it; `turn`: with its opposite in its place, '' where there is none."""

    label: str
    drop: str
    turn: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values of one filter: any of them will do, or, `excluded`, none of them may be."""

    name: str
    excluded: bool
    values: Sequence[ChosenValue]


def chosen_filters(view: View, source_title: Callable[[str], str], path: str = "/") -> Iterator[Chosen]:
    """In the order in which they stand in an address; the addresses are of the page `path`."""
    for name, values in view.filters.items():
        facet = facet_of(name)
        found = [
            ChosenValue(
                label(name, value, source_title(value) if facet == "source" else ""),
                view.without(name, value).address(path),
                view.without(name, value).having(turned(name), value).address(path) if facet in FACETS else "",
            )
            for value in values
        ]
        yield Chosen(FILTER_NAMES[facet], name.startswith(EXCLUDED), found)
