"""GET /api/v1/figures: figures by kind, state, place and year, each with its sentence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from search_api.api.schema import ArticleFigures, FigurePage, ShownFigure
from search_api.parameters import DEEPEST, MOST_VALUES, READERS, Asked, Name, Page, Value, View, Year
from search_api.services.figure_browser import browse, counted_names
from search_api.web.error_handlers import Problem, unreadable
from search_api.web.problem_document import Fault, problems
from search_api.web.request_context import app_state, known_place

router = APIRouter(prefix="/api/v1", tags=["desk"])


@router.get("/figures", responses=problems(s422="参数有误", s503="检索引擎暂时连不上"), summary="数字")
def list_figures(
    request: Request,
    q: Annotated[Asked, Query(description="检索式；空的取全部文章")] = "",
    figure: Annotated[
        list[Value],
        Query(max_length=MOST_VALUES, description="种类、状态或两者：签约额、计划、投资额/在谈", examples=["签约额"]),
    ] = [],  # noqa: B006  FastAPI copies defaults
    value: Annotated[list[Value], Query(max_length=MOST_VALUES, description="数额：>=10亿", examples=[">=10亿"])] = [],  # noqa: B006
    place: Annotated[list[Name], Query(max_length=MOST_VALUES, description="地方：名称、拼音或代码")] = [],  # noqa: B006
    year: Annotated[list[Year], Query(max_length=MOST_VALUES, description="发表年份")] = [],  # noqa: B006
    page: Annotated[Page, Query(description="第几页")] = 1,
    size: Annotated[int, Query(ge=1, le=100, description="每页几篇文章")] = 20,
) -> FigurePage:
    """文章里读出的数字，新的在前，各附原句。转载的只列最先刊发的一篇；不同文章的数字可能是同一笔，不可相加。"""
    if page * size > DEEPEST:
        detail = f"只能翻到第 {DEEPEST:,} 篇；要全部请用 /export/figures。"
        raise Problem(422, detail, kind="too-deep", faults=[Fault(name="page", where="query", reason=detail)])
    for name, texts in (("figure", figure), ("value", value)):
        for text in texts:
            if not READERS[name](text):
                raise unreadable(name, text)
    filters = {
        "figure": tuple(figure),
        "value": tuple(value),
        "place": tuple(known_place(name) for name in place),
        "year": tuple(map(str, year)),
    }
    view = View(q.strip(), {name: values for name, values in filters.items() if values}, page=page)
    state = app_state(request)
    total, found = browse(state.searcher, state.archive, view, size)
    kinds, states = counted_names(state.searcher, view)
    return FigurePage(
        total=total,
        page=page,
        size=size,
        kinds=dict(kinds),
        states=dict(states),
        articles=[
            ArticleFigures(
                article=one.hit.id,
                title=one.hit.title,
                published=one.hit.published_text,
                site=one.hit.source_title or one.hit.publisher,
                copies=one.copies,
                figures=[
                    ShownFigure(
                        name=f.name,
                        exact=f.detail,
                        quote=f.quote,
                        page=f"/articles/{one.hit.id}" + (f"#{f.anchor}" if f.anchor else ""),
                    )
                    for f in one.figures
                ],
                more=one.more,
            )
            for one in found
        ],
    )
