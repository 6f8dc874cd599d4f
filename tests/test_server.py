"""The server as the command starts it: it says when it is ready, what is in its way, and stops when asked."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from crawler.configuration import Settings
from search_api.server import ServerError, run

START = """
import sys
from pathlib import Path
from crawler.configuration import Settings
from search_api.server import run
run(Settings(data=Path(sys.argv[1]), port=0), workers=int(sys.argv[2]), on_ready=lambda address: print(address, flush=True))
"""


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError) as caught:
            run(Settings(data=tmp_path, port=port))
    assert f"端口 {port} 已被占用" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_not_ours_is_said(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="ZHAOSHANG_HOST"):
        run(Settings(data=tmp_path, host="192.0.2.1", port=8000))


@pytest.mark.parametrize(
    ("stop", "workers", "code"),
    [
        (signal.SIGINT, 1, 0),
        (signal.SIGTERM, 1, -signal.SIGTERM),
        pytest.param(signal.SIGTERM, 2, 0, marks=pytest.mark.slow),
    ],
)
def test_it_answers_when_ready_and_stops_when_asked(
    tmp_path: Path, stop: signal.Signals, workers: int, code: int
) -> None:
    command = [sys.executable, "-c", START, str(tmp_path / "data"), str(workers)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert httpx.get(f"{address}/api/v1/search?q=x", timeout=60).json()["total"] == 0
        server.send_signal(stop)
        _, complaints = server.communicate(timeout=20)
    finally:
        server.kill()
    assert "Traceback" not in complaints
    assert server.returncode == code
