"""GET and POST /session: a browser shows its key once, and is known by a session from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from search_api.web import forms
from search_api.web.access import over_plain_http, visitor
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

Form = Annotated[Mapping[str, str], Depends(forms.form)]
LONGEST_KEY = 200


@router.get("/session", response_class=HTMLResponse)
def session_page(request: Request) -> Response:
    """Who the browser is known as, and where it shows its key."""
    page = render(request, "session.html", {"known": visitor(request), "csrf": forms.token(request)})
    page.headers["Cache-Control"] = "private, no-store"
    forms.set_session(request, page)
    return page


@router.post("/session")
def change_session(request: Request, form: Form) -> Response:
    """Begin a session of a key, or end it. Raises Problem 403 for a key that is none, or that came over plain HTTP."""
    answer = RedirectResponse("/session", status_code=303)
    if form.get("do") == "end":
        forms.change_session(request, answer, 0)
        return answer
    client = visitor(request).client
    if not (client.local or client.tls):
        raise over_plain_http()
    key = app_state(request).archive.keys.find(form.get("key", "").strip()[:LONGEST_KEY])
    if key is None:
        raise Problem(403, "这个访问密钥无效，或已撤销。", kind="no-such-key", title="没有这个密钥")
    forms.change_session(request, answer, key.id)
    return answer
