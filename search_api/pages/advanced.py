"""The advanced form: it writes the query and the filters, and leads to the search."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from crawler.sources.kinds import KIND_NAMES
from indexer.analysis.facets import FACETS, Facet
from indexer.analysis.figure_names import KIND_LABELS
from indexer.insight.practices import rules
from indexer.insight.subjects.events import event_names
from indexer.insight.subjects.genre import GENRE_NAMES
from indexer.insight.subjects.industries import industries
from indexer.insight.vocabularies import find_value
from indexer.search.planner import EXCLUDED, facet_of
from search_api.parameters import CHOICES, LONGEST_QUERY, View, label, readable
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

ORDER = (
    *("practice", "place", "industry", "firm", "investor_origin", "event", "genre", "kind", "source", "region"),
    *("origin", "author", "year"),
)
_BETWEEN = re.compile(r"[,，、;；|｜]+")
_WORDS = re.compile(r'"[^"]*"|[^\s"]+')
_KEPT = ("sort", "expand", "strict", "by")


@dataclass(frozen=True, slots=True)
class Line:
    """A facet in the form: what it must be and must not be, as text with 、 between; `names` of values to choose from."""

    name: str
    label: str
    hint: str
    having: str
    without: str
    names: tuple[str, ...]


@router.get("/advanced", response_class=HTMLResponse)
def advanced_page(request: Request) -> HTMLResponse:
    view = View.read(request.query_params)
    context = {
        "view": view,
        "lines": [_line(FACETS[name], view, app_state(request).source_title) for name in ORDER],
        "figures": [name for kind, name in KIND_LABELS.items() if kind != "other"],
        "kept": [(name, value) for name, value in view.pairs() if name in _KEPT],
    }
    return render(request, "advanced.html", context)


@router.get("/advanced/search")
def advanced_search(request: Request) -> RedirectResponse:
    """The address of the search that the form asks for. What cannot be read goes along: the search page says so."""
    given = request.query_params
    pairs = [("q", written(given)[:LONGEST_QUERY])]
    titles = _sources(request)
    for name in CHOICES:
        for text in given.getlist(name):
            values = [value.strip() for value in _BETWEEN.split(text) if value.strip()]
            pairs += [
                (name, titles.get(value, value) if facet_of(name) == "source" else _known(name, value))
                for value in values
            ]
    pairs += [
        (n, v.strip())
        for n in ("figure", "value", "after", "before", "since", *_KEPT)
        for v in given.getlist(n)
        if v.strip()
    ]
    return RedirectResponse("/?" + readable(dict.fromkeys(pairs)), 303, {"cache-control": "no-store"})


def written(given: Mapping[str, str]) -> str:
    """The query of the form's five fields: the words as they stand, any of some, together, in the title, and those that must not be."""
    parts = [given.get("q", "").strip()]
    some = _WORDS.findall(given.get("any", ""))
    parts.append("|".join(some) if len(some) < 2 else f"({'|'.join(some)})")
    together = given.get("together", "").strip().strip('"“”')
    parts.append(f'"{together}"' if together else "")
    parts += [f"title:{word}" for word in _WORDS.findall(given.get("title", ""))]
    parts += [f"-{word}" for word in _WORDS.findall(given.get("none", ""))]
    if " OR " in parts[0] and any(parts[1:]):
        parts[0] = f"({parts[0]})"
    return " ".join(part for part in parts if part)


def _line(facet: Facet, view: View, source_title: Callable[[str], str]) -> Line:
    def told(name: str) -> str:
        known: Callable[[str], str] = source_title if facet.name == "source" else str
        return "、".join(
            label(name, value, known(value) if facet.name == "source" else "") for value in view.filters.get(name, ())
        )

    return Line(
        facet.name,
        facet.label,
        hint=facet.hint,
        having=told(facet.name),
        without=told(EXCLUDED + facet.name),
        names=tuple(_names(facet)),
    )


def _names(facet: Facet) -> Iterator[str]:
    """Names of values that are offered while one writes, where they are few enough for a page."""
    match facet.vocabulary:
        case "practice":
            yield from (rule.name for rule in rules().values())
        case "industry":
            yield from (industry.name for industry in industries().values())
        case "event":
            yield from event_names().values()
        case "genre":
            yield from GENRE_NAMES.values()
        case "kind":
            yield from KIND_NAMES.values()


def _known(name: str, text: str) -> str:
    return find_value(FACETS[facet_of(name)], text) or text


def _sources(request: Request) -> dict[str, str]:
    return {source.title: name for name, source in app_state(request).searcher.registry.items()}
