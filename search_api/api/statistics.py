"""GET /api/v1/practices, /api/v1/practices/{id}, /api/v1/matrix, /api/v1/places: counts by practice, year and place."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from crawler.sources.regions import short_name
from indexer.insight.practices import rules
from indexer.insight.vocabularies import practice_name
from search_api.api.schema import (
    FirstReport,
    Labelled,
    Matrix,
    Practice,
    PracticePage,
    Province,
    Sentence,
    months,
    values,
)
from search_api.parameters import Asked, Name, View
from search_api.services.counts import ColumnKind, RowKind, counts, matrix, province_shares
from search_api.services.evidence import sentences
from search_api.services.shares import months_of
from search_api.web.error_handlers import Problem
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state, known_place, known_practice

router = APIRouter(prefix="/api/v1", tags=["desk"])

CANDIDATES = 100  # hits among which the best sentences are looked for
SENTENCES = 20

AskedOf = Annotated[Asked, Query(description="检索式；空的取全部文章")]
_AWAY = problems(s422="参数有误", s503="检索引擎暂时连不上")


@router.get("/practices", responses=_AWAY, summary="举措")
def list_practices(request: Request, q: AskedOf = "") -> list[Practice]:
    """全部举措，和命中的文章里讲到每种的篇数。"""
    searcher, view = app_state(request).searcher, View(q.strip())
    found, base = counts(searcher, view, "practice"), searcher.count(view.q)
    return [_practice(id, found.get(id, 0), base) for id in rules()]


@router.get(
    "/practices/{practice}",
    responses={**_AWAY, **problems(s404="没有这种举措")},
    summary="一种举措",
)
def one_practice(
    request: Request, practice: Annotated[str, Path(description="举措的编号或名称", examples=["enclave"])]
) -> PracticePage:
    """定义、最早的报道、逐月篇数、地方，和讲它的原句。"""
    practice = known_practice(practice, 404)
    searcher, filters = app_state(request).searcher, {"practice": (practice,)}
    answer = searcher.search(
        "", top=CANDIDATES, sort="newest", facets=("place",), filters=filters, strict=True, snippets=False
    )
    oldest = searcher.search(
        "", top=1, sort="oldest", facets=(), filters=filters, strict=True, snippets=False, histogram=False
    )
    first = next((hit for hit in oldest.hits if hit.published), None)
    return PracticePage(
        **_practice(practice, answer.total, searcher.count("")).model_dump(),
        first=FirstReport(article=first.id, title=first.title, published=first.published_text) if first else None,
        histogram=months(answer.histogram, months_of(searcher)),
        places=values(answer.facets.get("place", ())),
        sentences=[Sentence(**asdict(s)) for s in sentences(app_state(request), practice, answer.hits, SENTENCES)],
    )


@router.get("/matrix", responses=_AWAY, summary="举措、年份与地方")
def count_matrix(
    request: Request,
    q: AskedOf = "",
    rows: Annotated[RowKind, Query(description="行：practice 举措，place 省份")] = "practice",
    columns: Annotated[ColumnKind, Query(description="列：year 年份，place 省份")] = "year",
    place: Annotated[Name, Query(description="只数这个地方：名称、拼音或代码")] = "",
) -> Matrix:
    """篇数表；counts 一行一个列表，依 columns 的次序，bases 是各格的基数。行和列不能都是地方。"""
    if rows == columns:
        raise Problem(422, "行和列不能都是地方。", kind="invalid-parameters")
    filters = {"place": (known_place(place),)} if place else {}
    found = matrix(app_state(request).searcher, View(q.strip(), filters), rows, columns)
    label = practice_name if rows == "practice" else short_name
    return Matrix(
        rows=[Labelled(value=line, label=label(line)) for line in found.lines],
        columns=[Labelled(value=h, label=short_name(h) if columns == "place" else h) for h in found.heads],
        counts=found.counts(),
        bases=found.all_bases(),
        base=found.base,
    )


@router.get("/places", responses=_AWAY, summary="各省篇数")
def count_places(
    request: Request,
    q: AskedOf = "",
    practice: Annotated[Name, Query(description="只数讲到这种举措的")] = "",
) -> list[Province]:
    """文章讲到的省，不论由谁刊发。"""
    found = province_shares(
        app_state(request).searcher, View(q.strip(), {"practice": (known_practice(practice),)} if practice else {})
    )
    return [Province(adcode=code, name=short_name(code), count=n.count, base=n.base) for code, n in found.items()]


def _practice(id: str, count: int, base: int) -> Practice:
    rule = rules()[id]
    return Practice(id=id, name=rule.name, group=rule.group, definition=rule.definition, count=count, base=base)
