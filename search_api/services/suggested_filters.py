"""Filters suggested for a query: its names of places and practices as conditions, which find what the words alone do not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from crawler.normalisation import normalise
from crawler.sources import regions
from crawler.sources.regions import region_name
from indexer.analysis.facets import FACETS
from indexer.insight.practices import rules
from indexer.insight.vocabularies import practice_name
from indexer.search.searcher import Searcher
from search_api.parameters import View

_SYNTAX = re.compile(r'["“”「」『』()（）|｜*＊]')
_OPERATORS = frozenset({"OR", "AND", "NOT", "或", "与", "與", "非"})
_BETWEEN = re.compile(r"[\s，,、；;。]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_ENDINGS = ("招商引资", "招商", "经济", "模式")
_SHORTEST, _LONGEST = 2, 11  # characters of a place's name


@dataclass(frozen=True, slots=True)
class SuggestedFilter:
    """`text`: what is asked as a reader knows it, the words that stay and the conditions; `total`: how many articles meet them."""

    text: str
    href: str
    total: int


def suggested_filter(searcher: Searcher, view: View, total: int) -> SuggestedFilter | None:
    """The same question by conditions, where that finds more than the `total` of its words."""
    found = as_conditions(view)
    if found is None:
        return None
    answer = searcher.search(
        found.q,
        top=1,
        facets=(),
        filters=found.filters,
        strict=True,
        expand=view.expand,
        snippets=False,
        histogram=False,
    )
    if answer.total <= total:
        return None
    places = "、".join(map(region_name, found.filters.get("place", ())))
    chosen = "、".join(map(practice_name, found.filters.get("practice", ())))
    text = "；".join(
        filter(
            None,
            (
                found.q,
                places and f"{FACETS['place'].label}：{places}",
                chosen and f"{FACETS['practice'].label}：{chosen}",
            ),
        )
    )
    return SuggestedFilter(text, found.address(), answer.total)


def suggested_query(searcher: Searcher, q: str, total: int) -> tuple[str, int] | None:
    """The same for where there are no filters: a query with `region:` and `practice:`, and how much it finds."""
    found = as_conditions(View(" ".join(q.split())))
    if found is None:
        return None
    named = {"region": map(region_name, found.filters.get("place", ()))}
    named["practice"] = map(practice_name, found.filters.get("practice", ()))
    conditions = [f"{field}:{'、'.join(names)}" for field, values in named.items() if (names := list(values))]
    query = " ".join(filter(None, (found.q, *conditions)))
    more = searcher.search(query, top=1, facets=(), strict=True, snippets=False, histogram=False).total
    return (query, more) if more > total else None


def as_conditions(view: View) -> View | None:
    """The view with places and practices that its words name as filters. None where there are none, and for a query with brackets, quotes or OR."""
    pieces = [piece for piece in _BETWEEN.split(view.q) if piece]
    if _SYNTAX.search(view.q) or not _OPERATORS.isdisjoint(pieces) or {"place", "practice"} & view.filters.keys():
        return None
    chosen: dict[str, list[str]] = {"place": [], "practice": []}
    words = [word for piece in pieces for word in _rest(piece, chosen)]
    more = {name: tuple(dict.fromkeys(values)) for name, values in chosen.items() if values}
    # Several places ask for any of them, and so would several practices, of which all were asked for.
    if not more or len(more.get("practice", ())) > 1:
        return None
    return view.with_(q=" ".join(words), filters={**view.filters, **more})


def _rest(piece: str, chosen: Mapping[str, list[str]]) -> Iterator[str]:
    """What is left of a piece as a word, once the place that it begins with and the practice that it is are taken out."""
    plain = normalise(piece)
    if not _HAN.fullmatch(plain):
        yield piece
        return
    for length in range(min(_LONGEST, len(plain)), _SHORTEST - 1, -1):
        place = _place(plain[:length])
        if place and len(plain) - length != 1:
            chosen["place"].append(place)
            plain = plain[length:]
            break
    practice = _names().get(_bare(plain))
    if practice:
        chosen["practice"].append(practice)
    elif plain:
        yield plain


def _place(name: str) -> str | None:
    """The adcode of a division of that name; a county's only by its whole name: their short names are words as well (和平, 城区)."""
    found = regions.find(name)
    if not found or (found[0].level == "county" and (name != found[0].name or len(name) < 3)):
        return None
    return found[0].adcode


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    return {_bare(normalise(rule.name)): id for id, rule in rules().items()}


def _bare(name: str) -> str:
    """飞地 for 飞地, 飞地招商 and 飞地经济."""
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= _SHORTEST:
            return name.removesuffix(ending)
    return name
