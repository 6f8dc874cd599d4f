"""GET /api/v1/status and /healthz."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from crawler.configuration import own_version
from indexer.engines.base import EngineError
from search_api.api import problems
from search_api.api.schema import Health, Status
from search_api.library import Library
from search_api.problems import Problem
from search_api.requests import library

router = APIRouter(tags=["status"])


@router.get("/api/v1/status", response_model=Status, responses=problems(s503="档案暂时读不到"), summary="现状")
def status(request: Request) -> JSONResponse:
    """文库有多少，引擎怎样，近来的运行。引擎连不上时也答，engine.ok 为 false。"""
    archive = library(request).archive
    runs = [
        {
            "id": run.id,
            "verb": run.verb,
            "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        }
        for run in archive.runs(limit=10)
    ]
    body = {"version": own_version(), "counts": asdict(archive.counts()), "engine": engine_health(library(request))}
    return JSONResponse({**body, "last_change": archive.last_change(), "runs": runs})


@router.get("/healthz", response_model=Health, responses=problems(s503="引擎或档案暂时连不上"), summary="能否应答")
def healthz(request: Request) -> JSONResponse:
    """200：档案和引擎都在；503：缺了哪一样。"""
    library(request).archive.last_change()
    health = library(request).engine.health()
    if not health.ok:
        raise Problem(503, health.problem or "检索引擎不能应答。", kind="engine-unavailable")
    return JSONResponse({"status": "ok"})


def engine_health(library: Library) -> dict[str, Any]:
    """The engine's health; where it cannot be reached, `ok` false and why."""
    name = "tantivy" if library.settings.engine == "tantivy" else "elasticsearch"  # its URL may hold a password
    try:
        return asdict(library.engine.health())
    except EngineError as error:
        return {"ok": False, "engine": name, "problem": error.reason}
