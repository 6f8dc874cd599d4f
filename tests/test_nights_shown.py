"""Nights as they are shown: in the terminal, on pages, in the API and to Prometheus; failures first, 300 sources still readable."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html
from starlette.testclient import TestClient
from typer.testing import CliRunner

from crawler.archive import Archive, SourceReport
from crawler.archive.nights.fault_mark import FaultMark, write_mark
from crawler.archive.nights.running import NightProgress
from crawler.configuration import Settings, load_settings, settings
from indexer.engines.base import Engine, EngineUnavailable
from search_api.application import create_application
from search_api.services.upkeep.metrics import Metrics
from tests.sample_sources import write_source
from zhaoshang.cli import app
from zhaoshang.doctor import examine

NOW = datetime.now(UTC).replace(microsecond=0)
FULL_DISK = "文库写不进去：/srv/zhaoshang/data 所在的磁盘已满"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Nights of 300 sources: a good one, one that was killed, and a bad one this morning."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHAOSHANG_DATA", str(tmp_path / "data"))
    settings.cache_clear()
    own = load_settings(data=tmp_path / "data")
    write_source(own, "http://example.invalid/", name="s007")
    with Archive.open(own) as archive:
        for name in (f"s{n:03}" for n in range(300)):
            archive.frontier.set_source(name, enabled=True, last_visit=NOW)
        _night(archive, NOW - timedelta(days=2))
        archive.runs.start("nightly", NOW - timedelta(days=1))
        _night(archive, NOW - timedelta(hours=6), s007=("failed", "网站没有回答"), s250=("short", "列表只有 3 条"))
    yield own
    settings.cache_clear()


def _night(archive: Archive, started: datetime, problems: tuple[str, ...] = (), **wrong: tuple[str, str]) -> int:
    run = archive.runs.start("nightly", started)
    rows = []
    for name in (f"s{n:03}" for n in range(300)):
        outcome, note = wrong.get(name, ("ok", ""))
        report = SourceReport(requests=9, new=1, outcome=outcome, note=note, entries=20, expected=15)
        if name in wrong or name == "s007" or not wrong:
            archive.runs.record_source(run, name, report)
        rows.append({"source": name, "title": name, "outcome": outcome, "note": note, "entries": 20, "expected": 15})
    problems = (FULL_DISK,) if wrong else ()
    facts = {"seconds": 1800.0, "articles": 12, "captures": 30, "indexed": 12, "problems": problems, "rows": rows}
    archive.runs.finish(run, facts, started + timedelta(minutes=30))
    return run


def _say(*words: str) -> tuple[str, int]:
    ran = CliRunner().invoke(app, words)
    return ran.output, ran.exit_code


def test_in_the_terminal_what_fell_short_comes_first_and_the_rest_is_counted(own: Settings) -> None:
    told, _ = _say("nights")
    first, second, third = [line for line in told.splitlines() if "20" in line][-3:]
    assert "有不足" in first and "失败 1，不足 1" in first and "中断" in second and "正常" in third
    write_mark(own.data, FaultMark((2,), FULL_DISK))  # that is why the second night left no report
    assert "失败" in next(line for line in _say("nights")[0].splitlines() if line.startswith("2"))
    assert FULL_DISK in _say("status", "--night", "2")[0]
    write_mark(own.data, None)
    told, _ = _say("status")
    assert "zhaoshang nights" in told and "zhaoshang gaps" in told and "zhaoshang review list" in told
    assert told.index("s007") < told.index("s250") and "另有 298 个来源" in told and len(told.splitlines()) < 20
    told, _ = _say("status", "--failed")
    assert "s007" in told and "s250" in told and "s001" not in told
    told, _ = _say("status", "--night", "3")
    assert told.index("s007") < told.index("s250") and "s000" not in told and "另有 298 个来源正常" in told
    assert FULL_DISK in told
    assert json.loads(_say("status", "--night", "3", "--json")[0])["sources"] == {"failed": 1, "short": 1, "ok": 298}
    told, code = _say("status", "--night", "99")
    assert code == 1 or "没有编号" in told


def test_doctor_finds_a_night_that_fell_short_or_is_overdue_and_a_new_archive_well(
    own: Settings, tmp_path: Path
) -> None:
    found = {f.text: f.ok for f in examine(own, NOW) if f.name == "每夜"}
    assert list(found.values()) == [False, False] and any("s007（失败）" in text for text in found)
    assert any("36 小时" in f.text for f in examine(own, NOW + timedelta(hours=40)) if f.name == "每夜")
    with Archive.open(own) as archive:
        _night(archive, NOW)
    assert [f.ok for f in examine(own, NOW) if f.name == "每夜"] == [True]
    with Archive.open(own) as archive:
        archive.runs.start("nightly", NOW)
    assert ["中断" in f.text for f in examine(own, NOW) if f.name == "每夜"] == [True]
    assert all(f.ok is not False for f in examine(load_settings(data=tmp_path / "new")))


@contextmanager
def _running(own: Settings, run: int) -> Iterator[NightProgress]:
    lock = own.data / "locks" / "nightly.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(str(os.getpid()))
        file.flush()
        yield NightProgress(own.data, run, NOW)


def test_status_during_a_night_says_who_is_at_what(own: Settings) -> None:
    with Archive.open(own) as archive:
        run = archive.runs.start("nightly", NOW)
    with _running(own, run) as progress:
        progress.visiting("s003", 7, 5, 12)
        progress.stage("采集")
        told, _ = _say("status")
        assert "正在运行" in told and "s003：请求 7，快照 5，排队 12" in told and "进行中" in _say("nights")[0]
        assert [f.ok for f in examine(own, NOW) if f.name == "每夜"] == [None]
    assert "正在运行" not in _say("status")[0]


def test_pages_and_api_show_nights_and_the_coverage_of_a_source(own: Settings) -> None:
    with TestClient(create_application(own), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5)) as client:
        page = html.document_fromstring(client.get("/nights").text)
        rows = [" ".join(tr.text_content().split()) for tr in page.cssselect("tbody tr")]
        assert "失败 1，不足 1" in rows[0] and "中断" in rows[1] and "没有跑完" in rows[1] and "正常" in rows[2]
        answer = client.get("/nights/3")
        page = html.document_fromstring(answer.text)
        assert len(answer.content) < 60 * 1024 and FULL_DISK in answer.text
        for path in ("/sources", "/nights", "/gaps", "/review"):  # each leads to the others
            shown = client.get(path).text
            assert all(f'href="{other}"' in shown for other in ("/sources", "/nights", "/gaps", "/review"))
        assert [tr.cssselect("td")[0].text_content() for tr in page.cssselect("tbody tr")][1:] == ["s250"]
        assert "正常的网站，298 个" in answer.text and client.get("/nights/99").status_code == 404
        calendar = html.document_fromstring(client.get("/sources/s007").text).cssselect(".calendar svg")[0]
        assert "采了 2 夜：正常 1 夜，失败 1 夜；列表一般 20 条，预期至少 15 条" in calendar.get("aria-label", "")
        assert any("失败：列表 20 条，预期至少 15 条，新 1" in t.text_content() for t in calendar.cssselect("title"))
        told = client.get("/api/v1/nights").json()["nights"]
        assert [night["outcome"] for night in told] == ["below", "interrupted", "ok"]
        assert client.get("/api/v1/nights/3").json()["problems"] == [FULL_DISK]
        assert client.get("/api/v1/status").json()["last_night"]["sources"] == {"failed": 1, "short": 1, "ok": 298}


def test_metrics_and_problems_are_not_for_everybody(own: Settings) -> None:
    public = own.model_copy(update={"address": "https://wenku.example.org"})
    with Archive.open(own) as archive:
        key = archive.keys.add("prometheus")
    with TestClient(
        create_application(public), base_url="https://wenku.example.org", client=("192.0.2.1", 5)
    ) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/api/v1/nights/3").json()["problems"] is None
        assert FULL_DISK not in client.get("/nights/3").text and "有 1 个问题" in client.get("/nights/3").text
        text = client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).text
    with TestClient(create_application(own), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5)) as client:
        assert client.get("/metrics").status_code == 200
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["zhaoshang_night_last_duration_seconds"]) == 1800
    assert float(figures['zhaoshang_night_last_sources{outcome="failed"}']) == 1
    success = datetime.fromtimestamp(float(figures["zhaoshang_night_last_success_timestamp_seconds"]), UTC)
    assert success == NOW - timedelta(days=2) + timedelta(minutes=30)
    assert {"zhaoshang_archive_articles", "zhaoshang_queue_pages", "zhaoshang_index_lag_changes"} <= figures.keys()
    assert float(figures["zhaoshang_disk_free_bytes"]) > 0


def test_figures_are_counted_once_a_minute(own: Settings) -> None:
    opened = []
    with Archive.open(own) as archive:

        def count() -> Archive:
            opened.append(archive)
            return archive

        metrics = Metrics(count, _no_engine)
        first = metrics.text()
        assert first == metrics.text() and len(opened) == 1
        assert b"zhaoshang_engine_up 0.0" in metrics.text()


def _no_engine() -> Engine:
    raise EngineUnavailable("down")
