"""GET /api/v1/captures/{id}: the stored response of any page or document."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from search_api.web.captures import served
from search_api.web.error_handlers import Problem
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1/captures", tags=["articles"])


@router.get(
    "/{capture_id}",
    response_class=Response,
    responses={
        200: {
            "description": "存下的网页或附件，原样",
            "content": {"text/html": {}, "text/plain": {}, "application/octet-stream": {}},
        },
        **problems(s404="没有这份快照", s410="已撤下", s422="参数有误", s500="快照已损坏", s503="档案暂时读不到"),
    },
    summary="存下的网页或附件",
)
def capture(
    request: Request,
    capture_id: Annotated[int, Path(ge=1, le=2**62, description="快照编号")],
    as_: Annotated[Literal["page", "text"], Query(alias="as", description="text：看源代码")] = "page",
) -> Response:
    """原样的字节，其中什么也不会运行；不是网页的只能存盘。"""
    archive = app_state(request).archive
    found = archive.captures.get(capture_id)
    if found is None or found.role == "robots":
        raise Problem(404, f"没有编号为 {capture_id} 的快照。", kind="no-capture", title="没有快照")
    return served(archive, found, str(capture_id), source=as_ == "text")
