"""Faults of the program in a crawl, told by their messages; and a crawl that is stopped before it has begun."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.stages.crawl import crawl
from tests.loopback_site import Answer, Site
from tests.news_site import News
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
BREAK = """
import crawler.spiders.{module} as broken
def fail(*arguments, **named): raise KeyError("没有 cells 这一项")
broken.{name} = fail
from crawler.stages.crawl_process import main
main()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path, delay=0.0)


class Process:
    """The crawl's process for one source, as `crawler.stages.crawl` starts it, with a program of our own around it or not."""

    def __init__(self, settings: Settings, name: str, program: str | None = None) -> None:
        with Archive.open(settings) as archive:
            run = archive.runs.start("crawl", NOW)
        order = {"run": run, "sources": [name], "now": NOW.isoformat(), "minutes": 5, "side_by_side": 4}
        own = {"ZHAOSHANG_DATA": str(settings.data), "ZHAOSHANG_DELAY": "0", "PYTHONPATH": str(ROOT)}
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ZHAOSHANG_")}
        started = ["-c", program] if program else ["-m", "crawler.stages.crawl_process"]
        self.process = subprocess.Popen(
            [sys.executable, *started], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=kept | own
        )
        self.say(json.dumps(order))

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> list[dict[str, Any]]:
        """The reports of sites, once it has ended by itself."""
        assert self.process.stdout
        try:
            lines = [json.loads(line) for line in self.process.stdout]
            assert self.process.wait(30) == 0
        finally:
            self.process.kill()
        return [line["report"] for line in lines if line["kind"] == "site"]


@pytest.mark.parametrize(
    ("module", "name", "outcome"),
    [("article_pages", "is_document", "failed"), ("pagination", "resumed", "failed"), ("loader", "type", "failed")],
)
def test_a_fault_is_told_by_its_message(settings: Settings, module: str, name: str, outcome: str) -> None:
    with Site(respond=News(3)) as site:
        write_source(settings, f"{site.url}/", name="news")
        program = BREAK.format(module=module, name=name)
        (report,) = Process(settings, "news", program).end()
    assert report["outcome"] == outcome
    assert "程序出错（" in report["note"]
    assert "KeyError：'没有 cells 这一项'" in report["note"]
    with Archive.open(settings) as archive:
        pages = list(archive.frontier.pages("news"))
    assert all(page.state == "failed" and page.next_visit and page.reason for page in pages)
    assert len(pages) == (3 if name == "is_document" else 0)


def test_a_list_that_the_sources_own_selector_breaks(settings: Settings) -> None:
    with Site(respond=News(3)) as site, Archive.open(settings) as archive:
        write_source(settings, f"{site.url}/", name="news", selectors='{ next = "a[[" }')
        (report,) = crawl(["news"], archive, settings, now=NOW).sites
    assert report.outcome == "failed" and "列表没有读成" in report.note and "[" in report.note


@pytest.mark.parametrize("wait", [0.0, 0.6, 1.2])
def test_a_crawl_that_is_stopped_early_ends_by_itself(settings: Settings, wait: float) -> None:
    """Whether its crawler exists, has an engine, or runs already."""

    def slowly(path: str) -> Answer:
        time.sleep(0.3)
        return Answer("<p>样例</p>")

    with Site(respond=slowly) as site:
        write_source(settings, f"{site.url}/", name="slow")
        running = Process(settings, "slow")
        time.sleep(wait)
        running.say("stop")
        reports = running.end()
    assert len(reports) <= 1
    assert all(report["outcome"] in ("interrupted", "failed") for report in reports)
