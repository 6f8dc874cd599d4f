"""Words typical of the articles that a query finds, against the whole archive."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from search_api.parameters import View, name_of
from search_api.services.typical_words import typical_words
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)


@router.get("/words", response_class=HTMLResponse)
def words_page(request: Request) -> HTMLResponse:
    view = View.read(request.query_params)
    found = None
    if not view.empty:
        found = typical_words(app_state(request), view.q, view.filters, expand=view.expand)
    lines = [
        (one, view.with_(q=f'{view.q} "{one.word}"'.strip(), sort="relevance").address())
        for one in (found.words if found else ())
    ]
    context = {"view": view, "named": name_of(view, app_state(request).source_title), "found": found, "lines": lines}
    return render(request, "words.html", context)
