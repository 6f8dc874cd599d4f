"""Fixtures of the tests of the web: one sample archive and one application a session. A plugin: name it in `pytest_plugins`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.testclient import TestClient

from search_api.application import create_application
from tests.sample_archive import Sample, indexed


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return indexed(tmp_path_factory.mktemp("web") / "data")


@pytest.fixture(scope="session")
def client(sample: Sample) -> Iterator[TestClient]:
    """Raises what the application raises, so that a crash fails a test where it happens."""
    with TestClient(create_application(sample.settings), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture(scope="session")
def address(sample: Sample) -> Iterator[str]:
    """The web address of the same application behind a real server on loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_application(sample.settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
