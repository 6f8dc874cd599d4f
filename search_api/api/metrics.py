"""GET /metrics, for Prometheus: for a reader at this machine, or with a key."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from search_api.services.upkeep.metrics import Metrics
from search_api.web.access import needs_a_key, visitor

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    if visitor(request).kind == "anonymous":
        raise needs_a_key("指标只给本机和有密钥的人")
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)
