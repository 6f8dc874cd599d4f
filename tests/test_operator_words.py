"""What the operator reads after a night, and in `status`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html
from starlette.testclient import TestClient
from typer.testing import CliRunner

from crawler.archive import Archive, Run, SourceReport
from crawler.archive.nights.night import night_of
from crawler.configuration import Settings, settings
from search_api.application import create_application
from tests.sample_sources import write_source
from zhaoshang.cli import app
from zhaoshang.night_table import SIGNS, print_night
from zhaoshang.nightly import NightReport

NIGHT = NightReport(datetime(2024, 3, 13, 2, tzinfo=UTC), 0.1, rows=(), captures=0, articles=0, indexed=0, problems=())


def test_a_night_with_nothing_due_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_night(night_of(Run(1, "nightly", NIGHT.started, NIGHT.started, NIGHT.to_json())))
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


def test_outcomes_have_one_name_in_the_terminal_and_on_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = Settings(data=tmp_path / "data")
    monkeypatch.setenv("ZHAOSHANG_DATA", str(own.data))
    settings.cache_clear()
    write_source(own, "http://example.invalid/", name="qinghe")
    with Archive.open(own) as archive:
        archive.frontier.set_source("qinghe", enabled=True)
        for outcome in SIGNS:
            run = archive.runs.start("nightly")
            archive.runs.record_source(run, "qinghe", SourceReport(outcome=outcome))
    printed = CliRunner().invoke(app, ["status"]).output
    settings.cache_clear()
    with TestClient(create_application(own), base_url="http://127.0.0.1:8000") as client:
        page = html.document_fromstring(client.get("/sources/qinghe").text)
    legend = page.cssselect(".legend")[0]
    for key, word in {"short": "不足", "blocked": "被拦", "interrupted": "中断"}.items():
        assert f"{SIGNS[key]} {word}" in printed and word in legend.text_content()
    assert "✓ ▽ ■ ✗ ◇ …" in printed and "不切题 0" in printed
    nights = [cell.text_content() for cell in page.cssselect("tbody tr td:nth-child(2)")]
    assert set(nights) >= {"正常", "不足", "被拦", "失败", "走样", "中断"}
    shapes = {use.get("href") for use in page.cssselect("p.strip use")}
    assert shapes >= {f"#n-{key}" for key in SIGNS} and {use.get("href") for use in legend.cssselect("use")} >= shapes
