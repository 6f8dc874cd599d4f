"""One sample site over HTTP on loopback: threaded, with conditional requests."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader

from zhaoshang.demo.content import Expected, Piece

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True)
class Page:
    """An answer. Where `modified` is given, the page is static: it carries ETag and Last-Modified and may be answered 304."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    modified: date | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked. `base` is the site's own address without a trailing slash; `edition` 2 after the site has changed its page."""

    base: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    edition: int


@dataclass(frozen=True)
class SiteKind:
    """One sample site before it has an address: what it answers, what its source file says, what a crawl should find."""

    name: str
    title: str
    kind: str
    region: str
    starts: tuple[str, ...]
    respond: Callable[[Request], Page | None]
    expected: Callable[[str], list[Expected]]
    spider: str | None = None


@dataclass(frozen=True)
class Visit:
    """One request that a site answered."""

    site: str
    method: str
    target: str
    status: int


NOT_FOUND = Page(b"<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>", status=404)


def page(
    template: str, *, encoding: str = "utf-8", status: int = 200, modified: date | None = None, **values: Any
) -> Page:
    """A rendered template in its encoding."""
    body = TEMPLATES.get_template(template).render(**values).encode(encoding, "xmlcharrefreplace")
    return Page(body, f"text/html; charset={encoding}", status=status, modified=modified)


def robots(*disallowed: str) -> Page:
    """A robots.txt for everybody."""
    lines = (
        ["User-agent: *", *(f"Disallow: {path}" for path in disallowed)]
        if disallowed
        else ["User-agent: *", "Disallow:"]
    )
    return Page(("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8")


def groups(pieces: list[Piece]) -> list[Any]:
    """Pieces with the rows of a table brought together: each item is a Piece or a list of cell tuples."""
    out: list[Any] = []
    for piece in pieces:
        if piece.kind != "row":
            out.append(piece)
        elif out and isinstance(out[-1], list):
            out[-1].append(piece.cells)
        else:
            out.append([piece.cells])
    return out


class SiteServer(ThreadingHTTPServer):
    """Serves one site; `port` 0 takes a free one. Raises OSError where the port is taken."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, kind: SiteKind, host: str, port: int, log: list[Visit]) -> None:
        super().__init__((host, port), _Handler)
        self.kind, self.log, self.edition = kind, log, 1
        self.thread: threading.Thread | None = None
        self.base = f"http://{host}:{self.server_address[1]}"

    def start(self) -> None:
        """Answers in a thread of its own."""
        self.thread = threading.Thread(
            target=self.serve_forever, name=self.kind.name, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self.thread.start()

    def stop(self) -> None:
        """Ends the thread, where one was started, and closes the port."""
        if self.thread:
            self.shutdown()
            self.thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A crawler that goes away in the middle of an answer is no error of the site."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: SiteServer

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_GET

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = self.rfile.read(min(length, 100_000)).decode("utf-8", "replace")
        request = Request(
            base=self.server.base,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            form=dict(parse_qsl(form, keep_blank_values=True)),
            edition=self.server.edition,
        )
        found = self.server.kind.respond(request) or NOT_FOUND
        headers = {"Content-Type": found.content_type, **found.headers}
        status, body = found.status, found.body
        if found.modified is not None and status == 200:
            headers["ETag"] = f'"{hashlib.sha1(body).hexdigest()[:16]}"'
            headers["Last-Modified"] = format_datetime(_instant(found.modified), usegmt=True)
            if self._known(headers):
                status, body = 304, b""
        self.server.log.append(Visit(self.server.kind.name, self.command, self.path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _known(self, headers: dict[str, str]) -> bool:
        """Whether the asker has this very page: the ETag decides, the time only where no ETag was sent."""
        tag = self.headers.get("If-None-Match")
        if tag is not None:
            return headers["ETag"] in (part.strip().removeprefix("W/") for part in tag.split(","))
        return self.headers.get("If-Modified-Since") == headers["Last-Modified"]

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: `log` keeps the visits."""


def _instant(at: date) -> datetime:
    hour, minute = (at.hour, at.minute) if isinstance(at, datetime) else (0, 0)
    return datetime(at.year, at.month, at.day, hour, minute, tzinfo=UTC)
