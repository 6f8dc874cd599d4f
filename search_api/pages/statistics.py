"""The pages of counts: the matrix of practices, years and places, the map of provinces, and places compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.sources.regions import region_name, short_name
from indexer.insight.practices import rules
from indexer.insight.vocabularies import find_practice, find_region, practice_name
from indexer.search.searcher import Answer
from search_api.names import namesakes
from search_api.parameters import LONGEST_QUERY, View, readable
from search_api.services.counts import ColumnKind, Matrix, RowKind, by_province, matrix
from search_api.services.tile_map import SIDE, heat, tiles
from search_api.services.timeline import Timeline, timelines
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

MOST_COMPARED = 4
MOST_NAMESAKES = 6

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cell:
    count: int
    heat: int
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    href: str
    cells: Sequence[Cell]
    total: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the places side by side."""

    code: str
    name: str
    total: int
    href: str
    line: Timeline | None
    practices: Counts


@router.get("/matrix", response_class=HTMLResponse)
def matrix_page(
    request: Request, q: str = "", rows: str = "practice", columns: str = "year", place: str = "", group: str = ""
) -> HTMLResponse:
    """Practices or provinces down, years or provinces across; every number leads to its hits."""
    groups = list(dict.fromkeys(rule.group for rule in rules().values()))
    down: RowKind = "place" if rows == "place" else "practice"
    across: ColumnKind = "place" if columns == "place" and down != "place" else "year"
    within = find_region(place) if place else None
    filters = {"place": (within,)} if within and "place" not in (down, across) else {}
    view = View(" ".join(q.split())[:LONGEST_QUERY], filters)
    searcher = app_state(request).searcher
    if across == "place" and group not in groups:
        group = groups[0]  # every practice in every province would be a page of 100 KB
    shown = [id for id, rule in rules().items() if group not in groups or rule.group == group]
    found = matrix(searcher, view, down, across, shown)
    context = {
        "view": view,
        "rows": down,
        "columns": across,
        "place": region_name(within),
        "unknown": place if place and not within else "",
        "heads": [_short(across, head) for head in found.heads],
        "lines": list(_rows(view, found)),
        "groups": groups,
        "group": group,
    }
    return render(request, "matrix.html", context)


@router.get("/places", response_class=HTMLResponse)
def places_page(request: Request, q: str = "", practice: str = "") -> HTMLResponse:
    """Provinces as tiles, with the table behind."""
    practice = find_practice(practice) or ""
    filters = {"practice": (practice,)} if practice else {}
    view = View(" ".join(q.split())[:LONGEST_QUERY], filters)
    searcher = app_state(request).searcher
    found = tiles(by_province(searcher, view))
    context = {
        "view": view,
        "tiles": [(tile, view.only("place", tile.adcode).address()) for tile in found],
        "side": SIDE,
        "width": max(tile.x for tile in found) + SIDE,
        "height": max(tile.y for tile in found) + SIDE,
        "practice": practice,
        "practices": [(rule.id, rule.name) for rule in rules().values()],
    }
    return render(request, "places.html", context)


@router.get("/compare", response_class=HTMLResponse)
def compare_page(request: Request, q: str = "") -> HTMLResponse:
    """Two to four places side by side: articles, years, practices."""
    examples = (("湖南", "浙江"), ("安徽", "山东", "湖北"), ("苏州", "成都", "武汉", "合肥"))
    named = [name.strip()[:40] for name in request.query_params.getlist("place") if name.strip()][:MOST_COMPARED]
    found = [(name, find_region(name)) for name in named]
    view = View(" ".join(q.split())[:LONGEST_QUERY])
    searcher = app_state(request).searcher
    codes = list(dict.fromkeys(code for _, code in found if code))
    answers = [
        searcher.search(
            view.q, top=1, facets=("practice",), filters={"place": (code,)}, strict=True, snippets=False, histogram=True
        )
        for code in codes
    ]
    lines = timelines([answer.histogram for answer in answers])
    compared = [_compared(view, *found) for found in zip(codes, answers, lines, strict=True)]
    summed = {id: sum(c.practices.get(id, 0) for c in compared) for id in rules()}
    shown = sorted((id for id, count in summed.items() if count), key=lambda id: -summed[id])
    table = [
        (practice_name(id), [(c.practices.get(id, 0), _share(c, id), _both(view, c.code, id)) for c in compared])
        for id in shown
    ]
    context = {
        "view": view,
        "named": (named + [""] * MOST_COMPARED)[:MOST_COMPARED],
        "unknown": [name for name, code in found if code is None],
        "namesakes": list(_namesakes(named, view.q)),
        "compared": compared,
        "table": table,
        "examples": [("、".join(names), _comparison(names)) for names in examples],
    }
    return render(request, "compare.html", context)


def _namesakes(named: Sequence[str], q: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """(as typed, the place that was taken, name and address of each other that is called so)."""
    for at, name in enumerate(named):
        others = [region_name(code) for code in namesakes(name)[:MOST_NAMESAKES]]
        if others:
            addresses = [_comparison([*named[:at], other, *named[at + 1 :]], q) for other in others]
            yield name, region_name(find_region(name)), list(zip(others, addresses, strict=True))


def _comparison(places: Sequence[str], q: str = "") -> str:
    return f"/compare?{readable([*(('place', name) for name in places), *([('q', q)] if q else [])])}"


def _compared(view: View, code: str, answer: Answer, line: Timeline | None) -> Compared:
    found = {c.value: c.count for c in answer.facets.get("practice", ())}
    return Compared(
        code, region_name(code), total=answer.total, href=view.only("place", code).address(), line=line, practices=found
    )


def _share(compared: Compared, practice: str) -> int:
    """Per cent of the place's articles."""
    return round(100 * compared.practices.get(practice, 0) / compared.total) if compared.total else 0


def _both(view: View, code: str, practice: str) -> str:
    return view.only("place", code).having("practice", practice).address()


def _rows(view: View, found: Matrix) -> Iterator[Row]:
    most = max(found.table.values(), default=0)
    for line in found.lines:
        here, cells = view.only(found.rows, line), []
        for head in found.heads:
            count = found.table[line, head]
            cells.append(Cell(count, heat(count, most), here.only(found.columns, head).address()))
        yield Row(_short(found.rows, line), here.address(), cells, sum(cell.count for cell in cells))


def _short(facet: str, value: str) -> str:
    if facet == "practice":
        return practice_name(value)
    return short_name(value) if facet == "place" else value
