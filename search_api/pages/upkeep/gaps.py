"""What the archive lacks, and what to do about each."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.sources.source_status import OUTCOME_NAMES
from search_api.services.upkeep.gaps import gaps
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

MOST = 60  # rows of a table
MOST_COUNTIES = 25  # of a city


@router.get("/gaps", response_class=HTMLResponse)
def gaps_page(request: Request) -> HTMLResponse:
    """Silent sources, empty months, counties without a source; what lacks most first."""
    context = {"found": gaps(app_state(request)), "most": MOST, "most_counties": MOST_COUNTIES}
    return render(request, "gaps.html", {**context, "outcomes": OUTCOME_NAMES})
