"""Answers that are the same for whoever asks: an ETag, 304 for those who hold them already, and word on how they may be kept."""

from __future__ import annotations

import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PERSONAL = "personal"  # of a request's state: the answer belongs to one browser
_TOOK = (re.compile(rb'"seconds":[\d.e+-]+'), re.compile(rb'<span class="took">[^<]*'))
"""How long a search took: all that differs between two answers that say the same, for which the ETag is a weak one."""
_OF_CONTENT = ("content-length", "content-type", "content-disposition")
_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Conditional:
    """ASGI middleware for whole answers to GET. An answer that comes in pieces passes untouched: to know it would be to hold it all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def send_with_tag(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            if held is not None:
                start, held = held, None
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    message = _conditional(scope, start, message)
                await send(start)
            await send(message)

        await self.app(scope, receive, send_with_tag)


def _conditional(scope: Scope, start: Message, message: Message) -> Message:
    """The body to send; `start` gets its headers, and the status 304 where the client holds the same."""
    headers = MutableHeaders(scope=start)
    state = scope.get("state") or {}
    if state.get(PERSONAL) or "set-cookie" in headers:
        headers.setdefault("Cache-Control", "private, no-cache")
        # Compressed together with what an attacker may put into the address, a form's secret could be guessed from lengths.
        headers["Content-Encoding"] = "identity"
        return message
    if start["status"] != 200:
        return message
    visitor = state.get("visitor")
    everybody = visitor is not None and visitor.kind in ("anonymous", "local")
    headers.setdefault("Cache-Control", "no-cache" if everybody else "private, no-cache")
    body = message.get("body", b"")
    tag = headers.setdefault("ETag", f'W/"{_digest(body)}"')
    if not _holds(Headers(scope=scope), tag):
        return message
    start["status"] = 304
    for name in _OF_CONTENT:
        if name in headers:
            del headers[name]
    return {**message, "body": b""}


def _digest(body: bytes) -> str:
    for (
        took
    ) in _TOOK:  # one after the other: each begins with letters of its own, by which it is found ten times as fast
        body = took.sub(b"", body)
    return hashlib.sha256(body).hexdigest()[:24]


def _holds(asked: Headers, tag: str) -> bool:
    held = ",".join(asked.getlist("if-none-match"))
    return held.strip() == "*" or _TAG.findall(tag)[0] in _TAG.findall(held)
