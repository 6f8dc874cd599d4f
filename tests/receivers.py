"""Real receivers of notices on loopback: a mail server and an HTTP server that keep what they are sent."""

from __future__ import annotations

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mailbox:
    """A mail server's port, the mails that it took in, and whether it takes any."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    open: bool = True


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    """As much of SMTP as a client needs that sends a mail."""
    box = Mailbox()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 loopback")
            while line := self.rfile.readline():
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    self._say("354 go on")
                    self._mail()
                elif verb == b"QUIT":
                    self._say("221 bye")
                    return
                elif verb == b"EHLO":
                    self._say("250-loopback\r\n250 AUTH PLAIN")
                elif verb == b"AUTH":
                    self._say("235 welcome")
                elif verb == b"RCPT" and not box.open:
                    self._say("550 mailbox unavailable")
                else:
                    self._say("250 ok")

        def _mail(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            box.mails.append(email.message_from_bytes(b"".join(lines), policy=default))
            self._say("250 kept")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        box.port = port
        yield box


@dataclass
class Requests:
    """An HTTP server's port, what it was sent with which Idempotency-Key, and the status that it answers with; 0: it hangs up, having taken it."""

    port: int = 0
    posts: list[tuple[str, Any]] = field(default_factory=list)  # path with query, JSON or text
    keys: list[str | None] = field(default_factory=list)
    status: int = 200


@contextmanager
def http_receiver() -> Iterator[Requests]:
    """A server that takes POST and GET at every path: a webhook, an ntfy server, a place to ping."""
    kept = Requests()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8")
            try:
                kept.posts.append((self.path, json.loads(body)))
            except ValueError:
                kept.posts.append((self.path, body))
            kept.keys.append(self.headers.get("Idempotency-Key"))
            if not kept.status:
                self.close_connection = True
                return
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST

        def log_message(self, *values: object) -> None:
            pass

    with _served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        kept.port = port
        yield kept


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
