"""What the archive promises of captures holds where their files are stored and nothing of them is on this machine's disk: the same tests, each read a request to the store."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive, Exchange
from crawler.configuration import Settings, load_settings
from tests import test_archive_contract as contract
from tests.s3.server import ACCESS, BUCKET


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    if request.param == "s3":
        for name, value in {**ACCESS, "AWS_ENDPOINT_URL": request.getfixturevalue("s3_endpoint")}.items():
            monkeypatch.setenv(name, value)
        store = f"s3://{BUCKET}/{secrets.token_hex(6)}"
    else:
        (tmp_path / "shared").mkdir()
        store = str(tmp_path / "shared")
    return load_settings(data=tmp_path / "data", database="", store=store)


@pytest.fixture
def archive(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setattr(contract, "capture", captured_and_stored)
    with Archive.open(settings) as opened:
        yield opened


def captured_and_stored(archive: Archive, *exchanges: Exchange) -> list[int]:
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        ids = [writer.write(e).id for e in exchanges]
    for name in archive.capture_files.store_closed():
        (archive.database.captures_folder / name).unlink()
    return ids


class TestExtracted(contract.TestExtracted):
    pass


class TestCaptures(contract.TestCaptures):
    # both are about the writer's own disk; damage in a store: tests/test_capture_stores.py
    test_damage_is_noticed = None  # type: ignore[assignment]
    test_what_a_dead_writer_left_is_cut_behind_its_last_row = None  # type: ignore[assignment]
