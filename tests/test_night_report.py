"""A night's row for a source: what the crawl and the extraction counted, added up and kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.terminal import step
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source
from zhaoshang.nightly import run_night

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
LONG = "<p>清河县召开招商引资工作推进会，部署产业链招商和驻点招商，全年新签约项目二十三个。</p>" * 9000


def test_failures_of_the_crawl_and_of_the_extraction_are_added_up(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, delay=0.0, workers=1, page_timeout=0.2)
    pages = {
        "/": Answer(
            "".join(f"<li><a href='/a_{n}.html'>清河县招商引资推进会之{n}</a> 2026-02-0{n}</li>" for n in (1, 2))
        ),
        "/a_1.html": Answer("", 500),
        "/a_2.html": Answer(f"<h1>清河县招商引资推进会之二</h1>{LONG}"),  # takes longer than a page may
    }
    with Site(pages) as site, Archive.open(settings) as archive:
        write_source(settings, f"{site.url}/", name="qinghe")
        archive.frontier.set_source("qinghe", enabled=True)
        (row,) = run_night(settings, archive, step, now=NOW).rows
        assert (row.requests, row.new, row.failed) == (4, 0, 2)
        (kept,) = archive.runs.of_sources("qinghe", limit=5)
        assert kept.report.failed == 2
