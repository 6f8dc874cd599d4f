"""Forms that change something: read within limits, and accepted only from our own pages (a cookie and a field must agree)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.responses import Response

from search_api.web.error_handlers import Problem

LARGEST = 64 * 1024  # bytes of a form
FIELD = "csrf"
_YEAR = 365 * 24 * 3600


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
    """The value of the hidden field for a page's forms; `set_csrf_cookie` puts the same into the cookie."""
    known = request.cookies.get(FIELD, "")
    if len(known) >= 20:
        return known
    fresh: str = getattr(request.state, "csrf", "") or secrets.token_urlsafe(16)
    request.state.csrf = fresh
    return fresh


def set_csrf_cookie(request: Request, response: Response) -> None:
    """Set the cookie that belongs to the forms of this page."""
    remember(request, response, FIELD, token(request), strict=True)


def remember(request: Request, response: Response, name: str, value: str, *, strict: bool = False) -> None:
    """A cookie that scripts do not see and other sites do not send."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        name, value, max_age=_YEAR, httponly=True, samesite="strict" if strict else "lax", secure=secure, path="/"
    )


def _check(request: Request, sent: str) -> None:
    known = request.cookies.get(FIELD, "")
    origin = request.headers.get("origin", "")
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    foreign = foreign or (bool(origin) and urlsplit(origin).netloc != request.headers.get("host", ""))
    if foreign or len(known) < 20 or not secrets.compare_digest(known.encode(), sent.encode()):
        detail = "表单不是从本站的页面发出的，或页面放得太久：请退回去刷新一下再试。"
        raise Problem(403, detail, kind="foreign-form", title="没有改动")
