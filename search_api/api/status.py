"""GET /api/v1/status and /healthz."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from crawler.configuration import own_version
from indexer.engines.base import EngineError, EngineUnavailable
from indexer.engines.registry import engine_kind
from search_api.api.night_models import summary_of
from search_api.api.schema import Counts, EngineHealth, Health, Run, Status
from search_api.services.upkeep.nights import recent_nights
from search_api.web.app_state import AppState
from search_api.web.error_handlers import unavailable
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(tags=["status"])


@router.get(
    "/api/v1/status",
    response_model_exclude_unset=True,
    responses=problems(s503="文库暂时读不到"),
    summary="现状",
)
def status(request: Request) -> Status:
    """文库有多少，引擎怎样，近来的运行，上一夜的结果。引擎连不上时也答，engine.ok 为 false。"""
    archive = app_state(request).archive
    last = recent_nights(app_state(request), 1)
    runs = [
        Run(
            id=run.id,
            verb=run.verb,
            started_at=run.started_at.isoformat(),
            finished_at=run.finished_at.isoformat() if run.finished_at else None,
        )
        for run in archive.runs.latest(limit=10)
    ]
    return Status(
        version=own_version(),
        counts=Counts(**asdict(archive.counts())),
        engine=engine_health(app_state(request)),
        last_change=archive.articles.last_change(),
        runs=runs,
        last_night=summary_of(last[0]) if last else None,
    )


@router.get("/healthz", responses=problems(s503="引擎或文库暂时连不上"), summary="能否应答")
def healthz(request: Request) -> Health:
    """200：文库和引擎都在；503：缺了哪一样。"""
    app_state(request).archive.articles.last_change()
    health = app_state(request).engine.health()
    if not health.ok:
        raise unavailable(EngineUnavailable(health.problem or "?"))
    return Health(status="ok")


def engine_health(app_state: AppState) -> EngineHealth:
    """The engine's health; where it cannot be reached, `ok` false and why."""
    try:
        health = app_state.engine.health()
    except EngineError as error:
        return EngineHealth(ok=False, engine=_name(app_state), problem=unavailable(error).detail)
    # What is wrong may name folders and servers; what is noted does not.
    problem = unavailable(EngineUnavailable(health.problem)).detail if health.problem else None
    return EngineHealth(**{**asdict(health), "problem": problem})


def _name(app_state: AppState) -> str:
    """The engine's name; '' where the setting means none. Not the setting itself: its URL may hold a password."""
    try:
        return engine_kind(app_state.settings).name
    except EngineError:
        return ""
