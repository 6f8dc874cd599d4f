"""Plain forms that change something: read in bounds, and only from our own pages (a field that belongs to the session)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import Response

from search_api.web.access import foreign_form, visitor
from search_api.web.conditional import PERSONAL
from search_api.web.error_handlers import Problem
from search_api.web.sessions import COOKIE, LASTS, WITH_A_KEY, Session, Sessions

LARGEST = 64 * 1024  # bytes of a form
FIELD = "csrf"


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a form (a dependency of every POST). Raises Problem 413 for one too large, 415 for another encoding, 403 where it was not sent from here."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(415, "这里只收普通的网页表单。", kind="not-a-form", title="不认识这种内容")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise Problem(413, f"表单超过 {LARGEST // 1024} KB，请写短一些。", kind="form-too-large")
    try:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        raise Problem(413, "表单的栏目太多。", kind="form-too-large") from None
    _check(request, fields.get(FIELD, ""))
    return fields


def token(request: Request) -> str:
    """The value of the hidden field for a page's forms; `set_session` puts the session that it belongs to into the cookie."""
    setattr(request.state, PERSONAL, True)
    return _sessions(request).form_token(_session(request))


def set_session(request: Request, response: Response) -> None:
    """Set the cookie that belongs to the forms of this page, where the browser does not have it yet."""
    if visitor(request).session is None:
        remember(request, response, COOKIE, _session(request).value, LASTS)


def remember(request: Request, response: Response, name: str, value: str, seconds: int = LASTS) -> None:
    """A cookie that scripts do not see and other sites do not send."""
    secure = visitor(request).client.tls
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")


def change_session(request: Request, response: Response, key: int) -> None:
    """Replace the browser's session by one of an access key, or of nobody (0)."""
    fresh = _sessions(request).begin(key)
    remember(request, response, COOKIE, fresh.value, WITH_A_KEY if key else LASTS)


def _session(request: Request) -> Session:
    """The browser's session, or the one that this answer begins."""
    known = visitor(request).session or getattr(request.state, "fresh_session", None)
    if known is None:
        known = request.state.fresh_session = _sessions(request).begin()
    assert isinstance(known, Session)
    return known


def _sessions(request: Request) -> Sessions:
    found = request.app.state.sessions
    assert isinstance(found, Sessions)
    return found


def _check(request: Request, sent: str) -> None:
    """A key in a header is sent by no page; the Origin was compared at the gate."""
    known = visitor(request)
    if known.bearer:
        return
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    expected = _sessions(request).form_token(known.session) if known.session else ""
    if foreign or not expected or not secrets.compare_digest(expected.encode(), sent.encode("utf-8", "replace")):
        raise foreign_form()
