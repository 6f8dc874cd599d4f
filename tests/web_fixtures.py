"""Fixtures of the tests of the web: one sample archive and one application a session. A plugin: name it in `pytest_plugins`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
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
