"""Connections that hold on and ask nothing, over a real server: deadlines, room for others, and a quiet log."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

START = """
import resource, sys
from pathlib import Path
from crawler.configuration import Settings
from search_api import server
from search_api.web import connections
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[2]), int(sys.argv[2])))
connections.HEADER_SECONDS = connections.BODY_SECONDS = float(sys.argv[3])
server.run(Settings(data=Path(sys.argv[1]), port=0), on_ready=lambda address: print(address, flush=True))
"""
GET = b"GET /help HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /dossiers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\ntitle="


@contextmanager
def server(
    folder: Path, *, files: int = 1024, seconds: float = 60
) -> Iterator[tuple[str, Callable[[], socket.socket], subprocess.Popen[str]]]:
    command = [sys.executable, "-c", START, str(folder / "data"), str(files), str(seconds)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running,
        ExitStack() as stack,
    ):
        stack.callback(running.kill)
        assert running.stdout
        address = running.stdout.readline().strip()
        host, _, port = address.removeprefix("http://").partition(":")

        def connect() -> socket.socket:
            return stack.enter_context(socket.create_connection((host, int(port)), timeout=60))

        yield address, connect, running


def _rest(connection: socket.socket) -> bytes:
    """What comes until the other side closes, in whichever way it does."""
    try:
        return connection.recv(1000)
    except ConnectionResetError:
        return b""


def test_three_hundred_slow_ones_keep_nobody_out(tmp_path: Path) -> None:
    """With 256 open files the server could not be reached while they held on. No deadline helps here: they are a minute long."""
    with server(tmp_path, files=256) as (address, connect, _):
        for n in range(300):
            with_head = (b"", GET, POST)[n % 3]
            connect().sendall(with_head)
        for _ in range(3):
            assert httpx.get(f"{address}/api/v1/search?q=x", timeout=60).status_code == 200


def test_what_is_not_whole_in_time_is_closed(tmp_path: Path) -> None:
    with server(tmp_path, seconds=0.5) as (address, connect, _):
        silent, half, body, kept = (connect() for _ in range(4))
        half.sendall(GET)
        body.sendall(POST)
        kept.sendall(GET + b"\r\n")
        assert b"200 OK" in kept.recv(100)
        assert b"408" in silent.recv(100)
        assert b"408" in half.recv(100)
        assert not _rest(body)
        endless = connect()
        endless.sendall(GET)
        with pytest.raises(OSError):  # 431, then the end
            for _ in range(200):
                endless.sendall(b"X-More: " + b"x" * 8000 + b"\r\n")
                time.sleep(0.001)
        at_once = connect()
        at_once.sendall(GET + b"X-Long: " + b"x" * 67_000 + b"\r\n\r\n")
        assert b"431" in at_once.recv(100)
        assert httpx.get(f"{address}/help", timeout=60).status_code == 200


def test_uploads_that_break_off_are_a_line_each_at_most(tmp_path: Path) -> None:
    with server(tmp_path) as (address, connect, running):
        cookie = httpx.get(f"{address}/dossiers", timeout=60).headers["set-cookie"].partition(";")[0]
        for _ in range(40):
            upload = connect()
            upload.sendall(POST.replace(b"\r\n\r\n", f"\r\nCookie: {cookie}\r\n\r\n".encode()))
            upload.close()
        assert httpx.get(f"{address}/help", timeout=60).status_code == 200
        running.terminate()
        _, told = running.communicate(timeout=60)
    assert "Traceback" not in told
    assert len(told.splitlines()) <= 41
