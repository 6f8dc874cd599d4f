"""Limits on HTTP connections: deadlines for headers, for bodies and for clients that stop reading. Idle connections make room for new ones."""

from __future__ import annotations

import asyncio
import re
import resource
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = (
    10.0  # from the opening of a connection, or the first byte of a further request, to the end of its headers
)
BODY_SECONDS = 30.0  # from there to the end of its body
STALLED_SECONDS = 60.0  # a reader who takes nothing of what is written
KEEP_ALIVE_SECONDS = 5
LARGEST_HEAD = 64 * 1024  # bytes before the end of the headers
MOST_CONNECTIONS = 1000  # of a process
_LEAST_CONNECTIONS = 16
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def most_connections() -> int:
    """How many connections a process holds: a third of the files that it may have open, so that enough are left for archive and index."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(_LEAST_CONNECTIONS, files // 3))


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with more deadlines: by itself it has one only between two requests. At the cap, the connection that has waited longest
    without a whole request makes room for a new one: who holds many and asks nothing loses them first, then who sends or reads slowly. Where every
    connection is being answered, the new one is told 503."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = most_connections()
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._in_head = True
        self._refused = False
        self._head_bytes = 0  # that came, with what follows the headers in the same piece
        self._told_bytes = 0  # of names and values of headers
        self._in_request_line = True
        self._since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= self._most and not self._make_room():
            transport.write(
                b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )
            transport.close()
            self._refused = True
            return
        super().connection_made(transport)
        self._expect(HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._refused:
            return
        self._expect(None)
        self._read_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused or self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        if self._in_request_line:
            data = self._escaped(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes, self._told_bytes = True, 0, 0
        self._since = self.loop.time()
        if self._deadline is None:
            self._expect(HEADER_SECONDS)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._told_bytes += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._told_bytes > LARGEST_HEAD:  # what came in one piece, its end and all
            self._refuse(b"431 Request Header Fields Too Large")
            raise ValueError("headers too large")  # ends the parser: nothing of this piece is a request
        self._in_head = False
        self._expect(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._expect(None)
        self._in_request_line = True
        super().on_message_complete()

    def _escaped(self, data: bytes) -> bytes:
        """With the bytes of a request line percent-encoded that are no ASCII, as curl and other programs send `?q=飞地`; the parser refuses them.

        Of several requests in one piece this is done to the first.
        """
        line, end, rest = data.partition(b"\n")
        if end and not line.strip(b"\r") and rest:  # the empty line that may stand before a request
            return line + end + self._escaped(rest)
        self._in_request_line = not end or not line.strip(b"\r")
        return (line if line.isascii() else _NOT_ASCII.sub(lambda byte: b"%%%02X" % byte[0][0], line)) + end + rest

    def on_response_complete(self) -> None:
        self._since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALLED_SECONDS, self._abort)

    def resume_writing(self) -> None:
        self._read_on()
        super().resume_writing()

    def _read_on(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _expect(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        self._deadline = None
        if self._in_head:
            self._refuse(b"408 Request Timeout")
        else:
            self._abort()  # the application waits for the rest, and is told that the client has gone

    def send_400_response(self, msg: str) -> None:
        told = "请求不合 HTTP 的写法：网址里不能有空格，其余见 /help/api。\n"
        self._refuse(b"400 Bad Request", told.encode())

    def _refuse(self, status: bytes, told: bytes = b"") -> None:
        if not self.transport.is_closing():
            kind = b"Content-Type: text/plain; charset=utf-8\r\n" if told else b""
            length = b"Content-Length: %d\r\n\r\n" % len(told)
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + kind + length + told)
            self.transport.close()

    def _abort(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()

    def _patience(self) -> int | None:
        """How soon it may be closed for another: 0 where it asks nothing, 1 while its request is not whole, 2 where it does not read; None while it is answered."""
        if self.cycle is None or self.cycle.response_complete:
            return 0
        if self.cycle.more_body:
            return 1
        return None if self._stalled is None else 2

    def _make_room(self) -> bool:
        held = [c for c in self.connections if isinstance(c, BoundedProtocol)]
        waiting = [(patience, c._since, c) for c in held if (patience := c._patience()) is not None]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda item: item[:2])[2]
        self.connections.discard(oldest)
        oldest._abort()
        return True
