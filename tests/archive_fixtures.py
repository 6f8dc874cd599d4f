"""The settings of an empty archive, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.configuration import Settings, load_settings
from tests import postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield load_settings(data=tmp_path / "data", database="")
        return
    with postgresql.database(request.getfixturevalue("postgresql_server")) as url:
        yield load_settings(data=tmp_path / "data", database=url)
