"""Response headers of every answer: pages load nothing from elsewhere and run only our own script."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.web.crawlers import unlisted

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# A stored capture is somebody else's page: no script, no form, no request, not even to us. Its inline styles may stay.
CAPTURE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """ASGI middleware; an answer that has set a header itself keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                if (
                    headers.get("Content-Encoding") == "identity"
                ):  # said to the compression within, no name of an encoding
                    del headers["Content-Encoding"]
                if unlisted(scope["path"], scope["query_string"]):
                    headers.setdefault("X-Robots-Tag", "noindex, nofollow")
                if scope["path"].startswith("/static/"):  # their addresses change when they do
                    headers.setdefault("Cache-Control", "public, max-age=31536000, immutable")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class HeadAsGet:
    """ASGI middleware: HEAD is answered as GET without the body. Not for exports, whose body is the work."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith("/export"):
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)


def named(what: str, extension: str) -> dict[str, str]:
    """The header that gives a download its name, in ASCII and in Chinese."""
    name = "".join(c if c.isalnum() else "_" for c in what)[:60].strip("_") or "all"
    # A lone surrogate cannot be quoted.
    chinese = quote(f"招商文库-{name}.{extension}", errors="replace")
    return {"Content-Disposition": f"attachment; filename=\"zhaoshang.{extension}\"; filename*=UTF-8''{chinese}"}
