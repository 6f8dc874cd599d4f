"""A site on loopback for the crawl's tests: pages by path, and the log of what was asked."""

from __future__ import annotations

import hashlib
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the site says; status 0: it hangs up; `missing`: so many bytes before it has said all. With `validated` it carries an ETag and answers 304
    where the asker has it."""

    body: bytes | str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validated: bool = False
    missing: int = 0


Respond = Callable[[str], "Answer | None"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that fails, or a browser that goes away, is no error of the site."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Server6(_Server):
    address_family = socket.AF_INET6


class Site:
    """Serves `pages` (path with query → Answer), else what `respond` says, else 404, while the context lasts."""

    def __init__(
        self,
        pages: Mapping[str, Answer] | None = None,
        respond: Respond | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        tls: ssl.SSLContext | None = None,
        protocol: str = "HTTP/1.1",
    ) -> None:
        self.pages = dict(pages or {})
        self.respond = respond
        self.log: list[tuple[str, int]] = []
        self.protocol = protocol
        self._server = (_Server6 if ":" in host else _Server)((host, port), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{shown}:{self._server.server_address[1]}"

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def asked(self) -> list[str]:
        """Paths asked for so far, robots.txt left out."""
        return [path for path, _ in self.log if path != "/robots.txt"]

    def forget(self) -> None:
        self.log.clear()

    def _handler(site) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = site.protocol

            def do_GET(self) -> None:
                answer = (
                    site.pages.get(self.path)
                    or (site.respond(self.path) if site.respond else None)
                    or Answer("无此页", 404)
                )
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                headers = {"Content-Type": "text/html; charset=utf-8", **answer.headers}
                status = answer.status
                if answer.validated:
                    headers["ETag"] = f'"{hashlib.sha1(body).hexdigest()}"'
                    if self.headers.get("If-None-Match") == headers["ETag"]:
                        status, body = 304, b""
                site.log.append((self.path, status))
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if site.protocol == "HTTP/1.1":
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) - answer.missing])
                self.close_connection = self.close_connection or answer.missing > 0

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
