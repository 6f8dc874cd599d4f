"""What was set up for an earlier version goes on working: its data folder, its schedule, the commands of its crontab and units."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from starlette.testclient import TestClient

from crawler.archive import Archive
from crawler.article import SHANGHAI
from crawler.configuration import Settings
from crawler.sources import load_registry
from crawler.spiders.cursors import load
from crawler.stages.extract import extract_captures
from crawler.terminal import step
from indexer.engines.registry import open_engine
from indexer.indexing.refresh import correct, refresh
from indexer.insight import INSIGHT_VERSION
from search_api.application import create_application
from tests import old_archive
from tests.archive_fixtures import postgresql_server, settings
from tests.old_archive import ENCLAVE, GONE, LIST, OFF_TOPIC, PARK, QUEUED, SITE, WAITING, WALL, key_of
from zhaoshang.schedule import start_scheduler

__all__ = ["postgresql_server", "settings"]

ROOT = Path(__file__).parents[1]


@pytest.fixture
def old(settings: Settings) -> Iterator[Archive]:
    """An archive that the first version filled, opened by this one."""
    old_archive.build(settings)
    with Archive.open(settings) as archive:
        yield archive


def test_an_archive_of_the_first_version_has_all_that_it_had(old: Archive) -> None:
    counts = old.counts()
    assert (counts.sources, counts.captures, counts.articles, counts.revisions) == (1, 9, 2, 4)
    enclave, park = old.articles.get(key_of(ENCLAVE)), old.articles.get(key_of(PARK))
    assert enclave is not None and park is not None and old.articles.get(key_of(GONE)) is None
    assert [r.article.text for r in old.articles.revisions(enclave.id)] == [
        old_archive.FIRST_TEXT,
        old_archive.LATER_TEXT,
    ]
    assert (enclave.article.origin, park.article.author) == ("临湖日报", old_archive.CORRECTED)
    reading = old.readings.get(enclave.id)
    assert reading is not None and reading["practices"][0]["id"] == "enclave"
    assert [(r.canonical_url, r.score) for r in old.rejections.rejected()] == [(OFF_TOPIC, 0.02)]
    dossier = old.dossiers.get(old_archive.DOSSIER)
    assert dossier is not None and [(i.article, i.note) for i in dossier.items] == [
        (park.id, "第1篇"),
        (enclave.id, "第2篇"),
    ]


def test_its_crawl_goes_on_where_it_stopped(old: Archive) -> None:
    state = old.frontier.source_state("linhu")
    assert state.enabled and state.status == "verified" and state.due_at is not None
    assert [report.report.outcome for report in old.runs.of_sources("linhu")] == ["ok", "ok"]
    (read,) = old.frontier.list_states("linhu")
    (cursor,) = load(read.cursor)
    assert read.url == LIST and cursor.request.url == f"{SITE}/zs/index_2.html" and cursor.shift == 1
    assert [p.canonical_url for p in old.frontier.pages_to_fetch("linhu", 10, old_archive.NIGHT)] == [QUEUED]
    wall = old.frontier.page(WALL)
    assert wall is not None and (wall.state, wall.reason) == ("blocked", "HTTP 412")
    seen_twice = old.captures.latest(PARK)
    assert seen_twice is not None and seen_twice.refers_to is not None
    assert "以商招商" in old.captures.payload(seen_twice).content.decode()


def test_it_is_extracted_read_indexed_found_and_shown(old: Archive, settings: Settings) -> None:
    registry = load_registry(settings)
    once = extract_captures(old, registry, settings)
    assert (once.captures, once.new, once.failed) == (
        2,
        1,
        0,
    )  # what waited, and what was rejected, by the gate of today
    again = extract_captures(old, registry, settings, everything=True)
    assert (again.new, again.changed, again.failed) == (0, 0, 0)
    enclave = old.articles.get(key_of(ENCLAVE))
    assert enclave is not None and enclave.article.text == old_archive.LATER_TEXT
    assert len(old.articles.revisions(enclave.id)) == 2
    assert correct(old) == []
    report = refresh(settings, old, registry, step)
    assert (report.written, report.failed) == (3, ())
    reading = old.readings.get(enclave.id)
    assert reading is not None and reading["version"] == INSIGHT_VERSION
    with TestClient(create_application(settings), base_url="http://127.0.0.1:8000") as client:
        found = client.get("/api/v1/search", params={"q": "飞地"}).raise_for_status().json()
        assert [hit["id"] for hit in found["hits"]] == [enclave.id]
        assert client.get("/api/v1/status").raise_for_status().json()["counts"]["articles"] == 3
        assert (
            client.get(f"/api/v1/articles/{key_of(WAITING)}").raise_for_status().json()["title"] == "招商引资推进会召开"
        )
        for address in (f"/articles/{key_of(PARK)}", f"/dossiers/{old_archive.DOSSIER}", "/sources", "/sources/linhu"):
            assert client.get(address).status_code == 200, address
        assert old_archive.CORRECTED in client.get(f"/articles/{key_of(PARK)}").text
        assert client.get(f"/articles/{enclave.id}/revisions").text.count("<ins>") > 1  # beside the legend


def test_an_index_whose_fields_stand_in_another_order_is_not_outdated(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    engine = open_engine(settings, write=True)
    engine.write((), (), cursor=0)
    engine.close()
    (made,) = (tmp_path / "index").rglob("made.json")
    facts = json.loads(made.read_text())
    made.write_text(json.dumps({**facts, "fields": facts["fields"][::-1]}))
    assert open_engine(settings).health().problem is None
    made.write_text(json.dumps({**facts, "fields": facts["fields"][1:]}))
    assert "重建索引" in (open_engine(settings).health().problem or "")


def test_a_schedule_names_its_function_as_ever(tmp_path: Path) -> None:
    """The job lies on disk with the name of its function; a job whose function cannot be found is thrown away, and a missed night with it."""
    start_scheduler(Settings(data=tmp_path), "02:00")[0].shutdown()
    store = SQLAlchemyJobStore(url=f"sqlite:///{tmp_path / 'schedule.sqlite'}")
    store.start(BackgroundScheduler(timezone=SHANGHAI), "default")
    job = store.lookup_job("nightly")
    assert job is not None and job.func_ref == "zhaoshang.schedule:run_night"


# What crontabs, units, containers and the documents of earlier versions call.
COMMANDS = [
    ["zhaoshang", "nightly", "--help"],
    ["zhaoshang", "serve", "--help"],
    ["zhaoshang", "schedule", "--at", "02:00", "--help"],
    ["zhaoshang", "index", "--rebuild", "--help"],
    ["zhaoshang", "extract", "--all", "--help"],
    ["crawler.sources.lint"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_of_earlier_versions_are_understood(command: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]


@pytest.mark.parametrize(
    "name",
    [
        "crawler.settings:BOT_NAME",  # scrapy.cfg
        "crawler.extraction:extract",
        "crawler.extraction:join",
        "crawler.platforms:read_list",
        "crawler.article:Article",
        "crawler.article:ExtractionError",
        "crawler.article:NotAnArticle",
        "indexer.insight:read",
        "zhaoshang.cli:main",  # the installed command
        "zhaoshang.demo.web:main",  # python -m zhaoshang.demo.web
    ],
)
def test_names_that_others_import_stay(name: str) -> None:
    module, attribute = name.split(":")
    assert hasattr(importlib.import_module(module), attribute)
