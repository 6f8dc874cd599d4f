"""GET /export/timeline, /export/matrix and /export/compare: counts with what they are a share of, as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from crawler.sources.regions import region_name, short_name
from indexer.analysis.facets import FACETS
from indexer.insight.vocabularies import practice_name
from search_api.exports.table import csv_lines
from search_api.parameters import Asked, Name, View, name_of
from search_api.services.comparison import compare
from search_api.services.counts import ColumnKind, RowKind, matrix
from search_api.services.shares import Share, months_of, timeline_base, years_of
from search_api.services.strict_view import strict_view
from search_api.web.error_handlers import Problem
from search_api.web.headers import named
from search_api.web.known_parameters import refuse_undeclared
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state, known_place

router = APIRouter(tags=["export"])

_SHARE = ("篇数", "基数", "占比（%）", "基数小")
_AWAY = problems(s422="参数有误", s503="检索引擎暂时连不上")


@router.get(
    "/export/timeline",
    response_class=Response,
    responses={200: {"description": "CSV，一年一行", "content": {"text/csv": {}}}, **_AWAY},
    summary="带走各年篇数和占比",
)
def timeline(
    request: Request,
    q: Annotated[str, Query(description="检索式，与 /api/v1/search 的 q 相同；筛选条件也相同")] = "",
) -> Response:
    """各年的篇数，和占同年文章的百分比；基数不到 30 篇的标出来。

    基数是合乎同样条件的文章，不论有没有检索词；没有条件或没有检索词的，是全库的文章。
    """
    view, searcher = strict_view(request), app_state(request).searcher
    years = years_of(months_of(searcher, view.filters, view.q))
    bases = years_of(timeline_base(searcher, view.filters, view.q).months)
    rows = ([str(year), *_cells(Share(count, bases.get(year, 0)))] for year, count in sorted(years.items()))
    return _csv(("年份", *_SHARE), rows, name_of(view, app_state(request).source_title) + "-年份")


@router.get(
    "/export/matrix",
    response_class=Response,
    responses={200: {"description": "CSV，一格一行", "content": {"text/csv": {}}}, **_AWAY},
    summary="带走对照表",
)
def count_matrix(
    request: Request,
    q: Annotated[Asked, Query(description="检索式；空的取全部文章")] = "",
    rows: Annotated[RowKind, Query(description="行：practice 举措，place 省份")] = "practice",
    columns: Annotated[ColumnKind, Query(description="列：year 年份，place 省份")] = "year",
    place: Annotated[Name, Query(description="只数这个地方：名称、拼音或代码")] = "",
) -> Response:
    """举措、年份与地方的篇数，一格一行，附基数和占比。"""
    refuse_undeclared(request)
    if rows == columns:
        raise Problem(422, "行和列不能都是地方。", kind="invalid-parameters")
    view = View(q.strip(), {"place": (known_place(place),)} if place else {})
    found = matrix(app_state(request).searcher, view, rows, columns)
    row_name = practice_name if rows == "practice" else short_name
    lines = (
        [
            row_name(line),
            short_name(head) if columns == "place" else head,
            *_cells(Share(found.table[line, head], found.bases[line, head])),
        ]
        for line in found.lines
        for head in found.heads
    )
    heads = ("举措" if rows == "practice" else "省份", "省份" if columns == "place" else "年份", *_SHARE)
    return _csv(heads, lines, "对照")


@router.get(
    "/export/compare",
    response_class=Response,
    responses={200: {"description": "CSV，一格一行", "content": {"text/csv": {}}}, **_AWAY},
    summary="带走几个地方的比较",
)
def compared(
    request: Request,
    place: Annotated[list[Name], Query(min_length=1, max_length=4, description="一到四个地方：名称、拼音或代码")],
    q: Annotated[Asked, Query(description="检索式；空的取全部文章")] = "",
) -> Response:
    """几个地方各讲到每种举措和产业的篇数，一格一行，附该地全部文章的篇数和占比。"""
    refuse_undeclared(request)
    codes = list(dict.fromkeys(known_place(name) for name in place))
    found = compare(app_state(request).searcher, View(q.strip()), codes)
    lines = (
        [FACETS[facet].label, line.name, region_name(code), *_cells(share)]
        for facet, rows in found.tables.items()
        for line in rows
        for code, share in zip(codes, line.shares, strict=True)
    )
    return _csv(("项", "值", "地方", *_SHARE), lines, "比较")


def _cells(share: Share) -> list[str]:
    value = "" if share.percent is None else f"{share.percent:.2f}"
    return [str(share.count), str(share.base), value, "是" if share.small else ""]


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> Response:
    body = b"".join(csv_lines(heads, rows))
    return Response(body, media_type="text/csv; charset=utf-8", headers=named(name, "csv"))
