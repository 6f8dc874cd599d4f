"""Fixtures of the tests of the web: one sample archive and one application a session. A plugin: name it in `pytest_plugins`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from search_api.application import create_application
from search_api.server import configured
from tests.sample_archive import Sample, indexed


def reader_here(application: FastAPI, **more: Any) -> TestClient:
    """A client at this machine, as the application sees it: it may do everything."""
    return TestClient(application, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_000), **more)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return indexed(tmp_path_factory.mktemp("web") / "data")


@pytest.fixture(scope="session")
def client(sample: Sample) -> Iterator[TestClient]:
    """Raises what the application raises, so that a crash fails a test where it happens."""
    with reader_here(create_application(sample.settings)) as client:
        yield client


@contextmanager
def behind_a_server(application: Callable[[], FastAPI]) -> Iterator[str]:
    """127.0.0.1 and a free port, where a real server answers for the application."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(configured(application))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def address(sample: Sample) -> Iterator[str]:
    """The web address of the same application behind a real server on loopback."""
    with behind_a_server(lambda: create_application(sample.settings)) as place:
        yield f"http://{place}"
