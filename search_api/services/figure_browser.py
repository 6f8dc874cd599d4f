"""Figures to look through: those of the articles that a search finds, a text's republications once, each with its sentence. Never summed: several articles may tell of one project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from crawler.archive import Archive
from crawler.sources.regions import is_within
from indexer.analysis.figure_names import KIND_LABELS, STAGE_LABELS, STATUS_LABELS
from indexer.query.figure_conditions import meets
from indexer.search.searcher import Hit, Searcher
from search_api.parameters import View
from search_api.services.corrected_readings import readings_of
from search_api.services.reading_view import Found, shown_figures
from search_api.services.republications import folded

MOST_OF_ONE = 8  # figures of an article that are shown
MOST_COPIES = 500  # articles among which the first of a text is looked for
BATCH = 200


@dataclass(frozen=True, slots=True)
class ArticleFigures:
    """An article with its figures that are asked for; `more`: how many are not among `figures`; `copies`: other articles of the same text that meet the conditions."""

    hit: Hit
    figures: Sequence[Found]
    more: int
    copies: int


def asking_for_figures(view: View) -> View:
    """The view, limited to articles that have any figure where it asks for none."""
    return (
        view if view.figures() else view.with_(filters={**view.filters, "figure": tuple(KIND_LABELS)}, page=view.page)
    )


def browse(searcher: Searcher, archive: Archive, view: View, size: int) -> tuple[int, list[ArticleFigures]]:
    """How many articles there are, and the figures of one page of them, the latest first. An article stands for its republications; those are left out. Raises EngineError, ArchiveError."""
    asked = asking_for_figures(view)
    answer = searcher.search(
        asked.q,
        top=size,
        offset=(view.page - 1) * size,
        sort="newest",
        facets=(),
        filters=asked.filters,
        strict=True,
        snippets=False,
        histogram=False,
    )
    same = _copies(searcher, asked, [hit.cluster for hit in answer.hits if hit.cluster])
    heads = [hit for hit in answer.hits if not hit.cluster or same.get(hit.cluster, (hit.id,))[0] == hit.id]
    readings = {stored.id: (stored, reading) for stored, reading in readings_of(archive, [hit.id for hit in heads])}
    found = []
    for hit in heads:
        if hit.id not in readings:
            continue
        stored, reading = readings[hit.id]
        figures = shown_figures(reading, stored.article.text, view.figures(), wanted(view))
        if figures:
            copies = same[hit.cluster][1] - 1 if hit.cluster in same else 0
            found.append(ArticleFigures(hit, figures[:MOST_OF_ONE], len(figures[MOST_OF_ONE:]), copies))
    return answer.total, found


def wanted(view: View) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a figure of one article is to be shown: of a place that is asked for as far as its place was read, and not told before in the same article."""
    told: set[tuple[object, ...]] = set()
    places = view.filters.get("place", ())

    def keep(item: Mapping[str, Any]) -> bool:
        region = item.get("region")
        if places and region and not any(is_within(str(region), place) for place in places):
            return False
        same = tuple(
            item.get(name) for name in ("kind", "unit", "value", "high", "status", "stage", "period", "region")
        )
        known = same in told
        told.add(same)
        return not known

    return keep


def all_heads(searcher: Searcher, view: View) -> Iterator[str]:
    """Ids of all articles that the pages of `browse` show, in the order of the index. Asks twice for all that is found; raises EngineError."""
    asked = asking_for_figures(view)
    heads: dict[str, tuple[bool, str, str]] = {}  # of each text: has it no date, its date, its id
    ids, behind = searcher.ids(asked.q, asked.filters, expand=asked.expand), set[str]()
    while batch := list(islice(ids, BATCH)):
        for document in searcher.engine.get(batch).values():
            if document.cluster:
                order = (not document.published_text, document.published_text or "", document.id)
                before = heads.get(document.cluster, order)
                heads[document.cluster] = min(before, order)
                if before != order:
                    behind.add(max(before, order)[2])
    return (id_ for id_ in searcher.ids(asked.q, asked.filters, expand=asked.expand) if id_ not in behind)


def kept_figures(reading: Mapping[str, Any], view: View) -> dict[str, Any]:
    """The reading with the figures that the pages show."""
    conditions, keep = view.figures(), wanted(view)
    figures = reading.get("figures") or ()
    return {
        **reading,
        "figures": [f for f in figures if (not conditions or any(meets(c, f) for c in conditions)) and keep(f)],
    }


def counted_names(searcher: Searcher, view: View) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Kinds, and states and stages, by their names, each with how many articles have such a figure and meet all other conditions; those of which there are none left out."""
    others = {name: values for name, values in view.filters.items() if name != "figure"}

    def count(names: Sequence[str]) -> list[tuple[str, int]]:
        found = [(name, searcher.count(view.q, {**others, "figure": (name,)})) for name in names]
        return [(name, n) for name, n in found if n]

    kinds = [label for kind, label in KIND_LABELS.items() if kind != "other"]
    states = [*(label for status, label in STATUS_LABELS.items() if status != "signed"), *STAGE_LABELS.values()]
    return count(kinds), count(states)


def _copies(searcher: Searcher, view: View, clusters: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Cluster → the id of its first article among those that meet the conditions, and how many they are."""
    if not clusters:
        return {}
    answer = searcher.search(
        view.q,
        top=MOST_COPIES,
        sort="oldest",
        facets=(),
        filters={**view.filters, "cluster": sorted(set(clusters))},
        strict=True,
        snippets=False,
        histogram=False,
    )
    many = Counter(hit.cluster for hit in answer.hits)
    return {str(hit.cluster): (hit.id, many[hit.cluster]) for hit in folded(answer.hits)}
