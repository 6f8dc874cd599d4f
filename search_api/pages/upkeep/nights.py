"""The pages of nights: the last ones, and the report of each."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.archive.nights.night import BELOW
from crawler.sources.source_status import OUTCOME_NAMES
from search_api.services.upkeep.nights import one_night, problems_for, recent_nights
from search_api.web.access import visitor
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

NIGHTS = 60
MOST_BELOW, MOST_WELL, MOST_REMARKS = 100, 300, 40  # a page stays under 60 KB; the API has all


@router.get("/nights", response_class=HTMLResponse)
def nights_page(request: Request) -> HTMLResponse:
    context = {"nights": recent_nights(app_state(request), NIGHTS), "outcomes": OUTCOME_NAMES, "below": BELOW}
    return render(request, "nights.html", context)


@router.get("/nights/{run}", response_class=HTMLResponse)
def night_page(request: Request, run: str) -> HTMLResponse:
    """What went wrong first."""
    night = one_night(app_state(request), int(run) if run.isascii() and run.isdigit() and len(run) < 19 else 0)
    known = app_state(request).registry
    wrong = [row for row in night.rows if row.outcome != "ok"]
    well = [row for row in night.rows if row.outcome == "ok"]
    context = {
        "night": night,
        "problems": problems_for(night, visitor(request)),
        "wrong": wrong[:MOST_BELOW],
        "well": well[:MOST_WELL],
        "left_out": max(0, len(wrong) - MOST_BELOW) + max(0, len(well) - MOST_WELL),
        "well_count": len(well),
        "drifted": night.drifted[:MOST_REMARKS],
        "remarks": night.remarks[:MOST_REMARKS],
        "titles": {row.source: known[row.source].title if row.source in known else row.title for row in night.rows},
        "known": known,
        "outcomes": OUTCOME_NAMES,
    }
    return render(request, "night.html", context)
