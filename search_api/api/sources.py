"""GET /api/v1/sources and /api/v1/sources/{name}."""

from __future__ import annotations

from fastapi import APIRouter, Request

from search_api.api.schema import NightReport, Source, Sources
from search_api.services.upkeep.night_reports import SourceRow, source_row, source_rows
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])


@router.get("", responses=problems(s503="文库暂时读不到"), summary="收录的网站")
def sources(request: Request) -> Sources:
    """登记的全部网站，启用与否，和近来各夜的采集。"""
    rows = source_rows(app_state(request))
    return Sources(total=len(rows), sources=[_answer(row) for row in rows])


@router.get("/{name}", responses=problems(s404="没有登记这个网站", s503="文库暂时读不到"), summary="一个网站")
def source(request: Request, name: str) -> Source:
    return _answer(source_row(app_state(request), name))


def _answer(row: SourceRow) -> Source:
    source, state = row.source, row.state
    return Source(
        name=source.name,
        title=source.title,
        kind=source.kind,
        region=source.region,
        region_name=row.place,
        start_urls=list(source.start_urls),
        enabled=state.enabled,
        status=state.status,
        last_visit=state.last_visit.isoformat() if state.last_visit else None,
        due_at=state.due_at.isoformat() if state.due_at else None,
        nights=[
            NightReport(
                run=night.run,
                started_at=night.started_at.isoformat(),
                outcome=night.report.outcome,
                requests=night.report.requests,
                new=night.report.new,
                changed=night.report.changed,
                unchanged=night.report.unchanged,
                rejected=night.report.rejected,
                blocked=night.report.blocked,
                failed=night.report.failed,
                note=night.report.note,
            )
            for night in row.nights
        ],
    )
