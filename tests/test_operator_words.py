"""What the operator reads after a night, and in `status`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crawler.archive import Archive
from crawler.configuration import Settings, settings
from zhaoshang.cli import app
from zhaoshang.commands import print_night
from zhaoshang.nightly import NightReport

NIGHT = NightReport(datetime(2024, 3, 13, 2, tzinfo=UTC), 0.1, rows=(), captures=0, articles=0, indexed=0, problems=())


def test_a_night_with_nothing_due_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_night(NIGHT)
    assert "还没到期" in capsys.readouterr().err


def test_status_writes_visits_in_shanghai_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHAOSHANG_DATA", str(tmp_path / "data"))
    settings.cache_clear()
    with Archive.open(Settings(data=tmp_path / "data")) as archive:
        archive.frontier.set_source("example", enabled=True, last_visit=datetime(2024, 3, 13, 18, 30, tzinfo=UTC))
    said = CliRunner().invoke(app, ["status"]).output
    settings.cache_clear()
    assert "2024-03-14 02:30" in said
