"""A loopback proxy before an S3 server that answers 503, or cuts a connection in the midst of an upload or an answer, as often as a test asks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_REFUSAL = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class FaultyProxy:
    """`faults`: what happens to the next connections, one each: `503`, `cut` (in the midst of the request), `cut-answer` (what was asked is done). Empty: nothing."""

    endpoint: str = ""
    faults: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # method and path of each request
    down: bool = False


@contextmanager
def before(endpoint: str) -> Iterator[FaultyProxy]:
    target = urlsplit(endpoint)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultyProxy(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(client, (target.hostname, target.port), proxy), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield proxy
    finally:
        listener.close()


def _serve(client: socket.socket, target: tuple[str | None, int | None], proxy: FaultyProxy) -> None:
    """One connection, one request: each is closed behind its answer, so that a fault meets a request."""
    with client, suppress(OSError):
        client.settimeout(30)
        first = client.recv(65536)
        if not first:
            return
        fault = "503" if proxy.down else (proxy.faults.pop(0) if proxy.faults else "")
        proxy.asked.append(" ".join(first.split(b"\r\n", 1)[0].decode(errors="replace").split()[:2]))
        if fault:
            proxy.happened.append(fault)
        if fault == "503":
            _read_request(client, first)
            client.sendall(_REFUSAL)
            return
        if fault == "cut":
            with socket.create_connection(target) as server:
                server.sendall(first[: max(len(first) // 2, 200)])
            return
        with socket.create_connection(target) as server:
            server.sendall(_closing(first))
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            sent = 0
            while block := server.recv(65536):
                client.sendall(block[: min(len(block) // 2, 300)] if fault == "cut-answer" else block)
                sent += len(block)
                if fault == "cut-answer":
                    break
            client.shutdown(socket.SHUT_RDWR)  # closing alone waits for the thread that reads it


def _closing(first: bytes) -> bytes:
    """The request's head, told to close: the signature does not cover this header."""
    line, _, rest = first.partition(b"\r\n")
    return line + b"\r\nConnection: close\r\n" + rest


def _read_request(client: socket.socket, first: bytes) -> None:
    head, _, body = first.partition(b"\r\n\r\n")
    length = next((int(n[15:]) for n in head.lower().split(b"\r\n") if n.startswith(b"content-length:")), 0)
    left = length - len(body)
    while left > 0 and (block := client.recv(65536)):
        left -= len(block)


def _pump(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            to.sendall(block)
