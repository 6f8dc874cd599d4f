"""The pages of counts: the matrix of practices, years and places, the map of provinces, and places compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.sources.regions import region_name, short_name
from indexer.analysis.facets import FACETS
from indexer.insight.practices import rules
from indexer.insight.vocabularies import find_practice, find_region, practice_name
from indexer.search.searcher import Answer
from search_api.names import namesakes
from search_api.parameters import LONGEST_QUERY, View, readable
from search_api.services.comparison import compare
from search_api.services.counts import ColumnKind, Matrix, RowKind, matrix, province_shares
from search_api.services.shares import ALL_YEAR, Share, months_of
from search_api.services.tile_map import SIDE, heat, tiles
from search_api.services.timeline import Timeline, timelines
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

MOST_COMPARED = 4
MOST_NAMESAKES = 6


@dataclass(frozen=True, slots=True)
class Cell:
    count: int
    share: Share
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
    base: int  # all articles about the place
    href: str
    line: Timeline | None


@router.get("/matrix", response_class=HTMLResponse)
def matrix_page(
    request: Request,
    q: str = "",
    rows: str = "practice",
    columns: str = "year",
    place: str = "",
    group: str = "",
    by: str = "count",
) -> HTMLResponse:
    """Practices or provinces down, years or provinces across; every number leads to its hits, and stands beside its share."""
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
        "lines": list(_rows(view, found, by)),
        "groups": groups,
        "group": group,
        "by": by,
        "base": found.base,
        "switch": _switch(request),
        "away": f"/export/matrix?{readable([(n, v) for n, v in request.query_params.multi_items() if n != 'by'])}",
    }
    return render(request, "matrix.html", context)


@router.get("/places", response_class=HTMLResponse)
def places_page(request: Request, q: str = "", practice: str = "", by: str = "count") -> HTMLResponse:
    """Provinces as tiles, with the table behind."""
    practice = find_practice(practice) or ""
    filters = {"practice": (practice,)} if practice else {}
    view = View(" ".join(q.split())[:LONGEST_QUERY], filters)
    searcher = app_state(request).searcher
    shares = province_shares(searcher, view)
    shown = {code: _weight(share, by) for code, share in shares.items()}
    found = tiles(shown)
    tile_links = [(tile, shares[tile.adcode], view.only("place", tile.adcode).address()) for tile in found]
    counted = [one for one in tile_links if one[1].count]
    context = {
        "view": view,
        "by": by,
        "base": "讲到该省的全部文章" if not view.empty else "全库的文章",
        "switch": _switch(request),
        "tiles": tile_links,
        "listed": sorted(counted, key=lambda one: -((one[1].percent or 0) if by == "share" else one[1].count)),
        "side": SIDE,
        "width": max(tile.x for tile in found) + SIDE,
        "height": max(tile.y for tile in found) + SIDE,
        "practice": practice,
        "practices": [(rule.id, rule.name) for rule in rules().values()],
    }
    return render(request, "places.html", context)


@router.get("/compare", response_class=HTMLResponse)
def compare_page(request: Request, q: str = "", by: str = "count") -> HTMLResponse:
    """Two to four places side by side: articles, years, practices."""
    examples = (("湖南", "浙江"), ("安徽", "山东", "湖北"), ("苏州", "成都", "武汉", "合肥"))
    named = [name.strip()[:40] for name in request.query_params.getlist("place") if name.strip()][:MOST_COMPARED]
    found = [(name, find_region(name)) for name in named]
    view = View(" ".join(q.split())[:LONGEST_QUERY])
    searcher = app_state(request).searcher
    codes = list(dict.fromkeys(code for _, code in found if code))
    comparison = compare(searcher, view, codes)
    # A query is a part of what is about the place; a place is a part of the archive.
    every = (
        [months_of(searcher, {"place": (code,)}) for code in codes] if view.q else [months_of(searcher)] * len(codes)
    )
    lines = timelines(
        [answer.histogram for answer in comparison.answers],
        every,
        base="该地同年的文章" if view.q else ALL_YEAR,
        by="share" if by == "share" else "count",
    )
    found_in = zip(codes, comparison.answers, lines, comparison.bases, strict=True)
    compared = [_compared(view, *one) for one in found_in]
    tables = [
        (
            FACETS[facet].label,
            [
                (
                    row.name,
                    [
                        (share, _both(view, code, facet, row.value))
                        for code, share in zip(codes, row.shares, strict=True)
                    ],
                )
                for row in rows
            ],
        )
        for facet, rows in comparison.tables.items()
        if rows
    ]
    context = {
        "view": view,
        "named": (named + [""] * MOST_COMPARED)[:MOST_COMPARED],
        "unknown": [name for name, code in found if code is None],
        "namesakes": list(_namesakes(named, view.q)),
        "compared": compared,
        "tables": tables,
        "away": f"/export/compare?{readable([*(('place', code) for code in codes), ('q', view.q)])}",
        "examples": [("、".join(names), _comparison(names)) for names in examples],
        "by": by,
        "switch": _switch(request),
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


def _compared(view: View, code: str, answer: Answer, line: Timeline | None, base: int) -> Compared:
    return Compared(
        code,
        region_name(code),
        total=answer.total,
        base=base,
        href=view.only("place", code).address(),
        line=line,
    )


def _both(view: View, code: str, facet: str, value: str) -> str:
    return view.only("place", code).having(facet, value).address()


def _switch(request: Request) -> list[tuple[str, str, bool]]:
    """(name, address, is it so now) of the same page by counts and by shares."""
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "by"]
    now = request.query_params.get("by") == "share"
    path = request.url.path
    return [
        ("篇数", f"{path}?{readable(others)}" if others else path, not now),
        ("占比", f"{path}?{readable([*others, ('by', 'share')])}", now),
    ]


def _weight(share: Share, by: str) -> float:
    """What colours a count: the count, or its share; a share of a small base says too little for a colour."""
    if by != "share":
        return share.count
    return 0.0 if share.small else share.percent or 0.0


def _rows(view: View, found: Matrix, by: str) -> Iterator[Row]:
    shares = {cell: Share(count, found.bases[cell]) for cell, count in found.table.items() if cell in found.bases}
    most = max((_weight(share, by) for share in shares.values()), default=0.0)
    for line in found.lines:
        here, cells = view.only(found.rows, line), []
        for head in found.heads:
            share = shares[line, head]
            where = here.only(found.columns, head).address()
            cells.append(Cell(share.count, share, heat=heat(_weight(share, by), most), href=where))
        yield Row(_short(found.rows, line), here.address(), cells, sum(cell.count for cell in cells))


def _short(facet: str, value: str) -> str:
    if facet == "practice":
        return practice_name(value)
    return short_name(value) if facet == "place" else value
