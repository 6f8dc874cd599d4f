"""Places side by side: what each has of every practice and industry, of all articles about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.analysis.facets import FACETS
from indexer.insight.vocabularies import value_name
from indexer.search.searcher import Answer, Searcher
from search_api.parameters import View
from search_api.services.shares import Share

COMPARED = ("practice", "industry")  # facets, in the order of their tables


@dataclass(frozen=True, slots=True)
class Line:
    """A value of a facet, and its share in each of the places, in their order."""

    value: str
    name: str
    shares: Sequence[Share]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`answers` and `bases` stand for the places in their order: what the query finds about each, and how many articles are about it. `tables`: by facet, what all have most of first."""

    answers: Sequence[Answer]
    bases: Sequence[int]
    tables: Mapping[str, Sequence[Line]]


def compare(searcher: Searcher, view: View, codes: Sequence[str]) -> Comparison:
    """Raises EngineError."""
    answers = [
        searcher.search(
            view.q, top=1, facets=COMPARED, filters={"place": (code,)}, strict=True, snippets=False, histogram=True
        )
        for code in codes
    ]
    bases = [searcher.count("", {"place": (code,)}) for code in codes]
    return Comparison(answers, bases, {facet: _lines(facet, answers, bases) for facet in COMPARED})


def _lines(facet: str, answers: Sequence[Answer], bases: Sequence[int]) -> list[Line]:
    counts = [{c.value: c.count for c in answer.facets.get(facet, ()) if c.value} for answer in answers]
    summed: dict[str, int] = {}
    for found in counts:
        for value, count in found.items():
            summed[value] = summed.get(value, 0) + count
    return [
        Line(
            value,
            value_name(FACETS[facet], value),
            [Share(found.get(value, 0), base) for found, base in zip(counts, bases, strict=True)],
        )
        for value in sorted(summed, key=lambda value: -summed[value])
    ]
