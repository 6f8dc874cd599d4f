"""GET /api/v1/nights and /api/v1/nights/{run}."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter

from search_api.api.night_models import NightDetail, Nights, NightSource, facts_of, summary_of
from search_api.services.upkeep.nights import one_night, problems_for, recent_nights
from search_api.web.access import visitor
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1/nights", tags=["status"])


@router.get("", responses=problems(s503="文库暂时读不到"), summary="最近几夜")
def nights(request: Request, limit: Annotated[int, Query(ge=1, le=200)] = 30) -> Nights:
    """一夜一条，新的在前。被终止的一夜没有报告，outcome 为 interrupted。"""
    return Nights(nights=[summary_of(night) for night in recent_nights(app_state(request), limit)])


@router.get("/{run}", responses=problems(s404="没有这个编号的一夜", s503="文库暂时读不到"), summary="一夜的报告")
def night(request: Request, run: Annotated[int, PathParameter(ge=1, le=2**63 - 1)]) -> NightDetail:
    """没达到预期的来源在前。problems 只给有密钥的人：里面可能有服务器上的路径。"""
    found = one_night(app_state(request), run)
    told = problems_for(found, visitor(request))
    return NightDetail(
        **facts_of(found),
        sources_in_full=[
            NightSource(
                **{name: getattr(row, name) for name in NightSource.model_fields if name != "note"}, note=row.told
            )
            for row in found.rows
        ],
        problems=None if told is None else list(told),
        remarks=list(found.remarks),
    )
