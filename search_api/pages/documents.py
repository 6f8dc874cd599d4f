"""The documents that articles cite most, those first that the archive has not."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from search_api.parameters import View
from search_api.services.cited_documents import most_cited
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)


@router.get("/documents", response_class=HTMLResponse)
def documents_page(request: Request) -> HTMLResponse:
    found = most_cited(app_state(request))
    lines = [(one, View(filters={"cites": (one.document.key,)}).address()) for one in found]
    parts = {
        "文库里还没有的": [line for line in lines if not line[0].document.held],
        "文库里有的": [line for line in lines if line[0].document.held],
    }
    return render(request, "documents.html", {"parts": {name: lines for name, lines in parts.items() if lines}})
