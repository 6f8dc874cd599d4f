"""Backfills against a site on loopback: a part of the past in nights, apart from the visits."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.sources import load_registry
from crawler.sources.backfill_status import BackfillStatus, backfill_status
from crawler.spiders.report import SiteReport
from crawler.stages.backfill import backfill
from crawler.stages.crawl import crawl
from crawler.stages.extract import extract_captures
from tests.loopback_site import Answer, Site
from tests.news_site import title
from tests.past_site import Past, day_of
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
SPAN = (date(2019, 1, 1), date(2020, 12, 31))
COUNT = 200  # 40 pages: 2018-01-01 to 2022-11-27
WANTED = {f"/a_{n}.html" for n in range(COUNT) if SPAN[0] <= day_of(n) <= SPAN[1]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", delay=0.0, workers=1)


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        yield opened


def night(archive: Archive, settings: Settings, number: int = 0) -> SiteReport:
    (report,) = backfill(["sample"], archive, settings, now=NOW + timedelta(days=number)).sites
    return report


def status(archive: Archive, pages: int = 500) -> BackfillStatus:
    found = backfill_status(archive, "sample", pages)
    assert found is not None
    return found


def fetched(archive: Archive, below: str = "/a_") -> set[str]:
    """The paths of what came, from there on."""
    return {below + page.url.partition(below)[2] for page in archive.frontier.pages("sample", state="fetched")}


def test_a_span_arrives_in_nights_within_the_budget_and_ends_behind_its_first_day(
    archive: Archive, settings: Settings
) -> None:
    with Site(respond=Past(COUNT)) as site:
        write_source(settings, f"{site.url}/index.html", since="2022-01-01", budget="{ pages = 70 }")
        archive.backfills.start("sample", *SPAN)
        first = night(archive, settings)
        assert first.requests == 70 and first.finish == "pages"
        halfway = status(archive, 70)
        assert halfway.reached and SPAN[0] < halfway.reached < SPAN[1] and halfway.nights and not halfway.done
        assert f"已读到 {halfway.reached}" in halfway.told and "约还要 1 夜" in halfway.told
        second = night(archive, settings, 1)
        extract_captures(archive, load_registry(settings), settings)
        ended = status(archive, 70)
        assert second.outcome == "ok" and ended.done and not ended.lacking
        assert ended.counts.found == ended.counts.kept == len(WANTED) and "已补完" in ended.told
        assert fetched(archive) == WANTED
        lists = {path for path in site.asked if "index" in path}
        assert max(int(p.partition("_")[2].removesuffix(".html") or 1) for p in lists) == 34  # not to the list's end
        assert archive.backfills.open() == []


def test_killed_in_the_middle_it_goes_on_and_loses_nothing(archive: Archive, settings: Settings) -> None:
    with Site(respond=Past(COUNT)) as site:
        write_source(settings, f"{site.url}/index.html", since="2022-01-01")
        archive.backfills.start("sample", *SPAN)
        code = (
            "from crawler.archive import Archive; from crawler.configuration import settings; from crawler.stages.backfill import backfill\n"
            "with Archive.open(settings()) as a: backfill(['sample'], a, settings())"
        )
        environment = {**os.environ, "ZHAOSHANG_DATA": str(settings.data), "ZHAOSHANG_DELAY": "0"}
        for least in (30, 70):
            process = subprocess.Popen([sys.executable, "-c", code], env=environment)
            while len(site.log) < least and process.poll() is None:
                time.sleep(0.01)
            process.kill()
            process.wait()
        night(archive, settings)
        assert status(archive).done and fetched(archive) == WANTED
        articles = [path for path in site.asked if "/a_" in path]
        assert len(articles) - len(set(articles)) <= 2 * 20  # what was held back when it was killed comes again


def test_nothing_is_lost_where_the_list_grows_while_it_is_read(archive: Archive, settings: Settings) -> None:
    past = Past(COUNT)

    def grow(page: int) -> None:
        if page in (3, 17, 18, 25):
            past.articles += range(len(past.articles), len(past.articles) + 4)

    past.listed = grow
    with Site(respond=past) as site:
        write_source(settings, f"{site.url}/index.html", since="2022-01-01", budget="{ pages = 70 }")
        archive.backfills.start("sample", *SPAN)
        for number in range(3):
            night(archive, settings, number)
            past.articles += range(len(past.articles), len(past.articles) + 13)
        assert status(archive).done and fetched(archive) == WANTED
        assert site.asked


def test_visits_and_backfill_do_not_move_each_other(archive: Archive, settings: Settings) -> None:
    """The visits read down through what the backfill has, and end where the list does; the backfill ends where it was asked to."""
    past = Past(COUNT)
    with Site(respond=past) as site:
        write_source(settings, f"{site.url}/index.html", budget="{ pages = 70 }")

        def visit(number: int) -> SiteReport:
            (report,) = crawl(["sample"], archive, settings, now=NOW + timedelta(days=number), force=True).sites
            return report

        visit(0)
        before, due = archive.frontier.list_states("sample"), archive.frontier.source_state("sample")
        archive.backfills.start("sample", *SPAN)
        night(archive, settings)
        assert archive.frontier.list_states("sample") == before and archive.frontier.source_state("sample") == due
        assert [run.run for run in archive.runs.of_sources("sample")] == [1]
        night(archive, settings, 1)
        assert status(archive).done
        for number in range(1, 8):
            visit(number)
            assert status(archive).done
        assert fetched(archive) == {f"/a_{n}.html" for n in range(COUNT)}
        assert archive.frontier.list_state("sample", f"{site.url}/index.html").done


def test_a_list_without_days_is_dated_by_its_articles_and_says_so(archive: Archive, settings: Settings) -> None:
    with Site(respond=Past(COUNT, dated=False)) as site:
        write_source(settings, f"{site.url}/index.html", budget="{ pages = 30 }")
        archive.backfills.start("sample", date(2021, 6, 1), date(2021, 12, 31))
        night(archive, settings)
        assert "还没有见到日期" in status(archive).told and not status(archive).done
        for number in range(1, 9):
            extract_captures(archive, load_registry(settings), settings)
            if status(archive).done:
                break
            night(archive, settings, number)
        ended = status(archive)
        assert ended.done and any("没有日期" in line for line in ended.lacking)
        assert {f"/a_{n}.html" for n in range(COUNT) if date(2021, 6, 1) <= day_of(n) <= date(2021, 12, 31)} <= fetched(
            archive
        )
        assert len(site.asked) < COUNT * 0.75  # it ended before the list did


def test_what_is_out_of_reach_is_said(archive: Archive, settings: Settings) -> None:
    with Site(respond=Past(12)) as site:
        write_source(settings, f"{site.url}/index.html", f"{site.url}/gone.html")
        archive.backfills.start("sample", date(2015, 1, 1), date(2018, 2, 1))
        night(archive, settings)
        told = "\n".join(status(archive).lacking)
        assert "列表只到 2018-01-01，更早的没有列出" in told and "HTTP 404" in told and status(archive).done


def test_another_span_begins_anew_and_the_same_goes_on(archive: Archive) -> None:
    archive.backfills.start("sample", *SPAN)
    archive.backfills.visited("sample", requests=5, note="", now=NOW)
    archive.backfills.stop("sample")
    assert archive.backfills.open() == []
    again = archive.backfills.start("sample", *SPAN)
    assert again.requests == 5 and not again.stopped
    assert archive.backfills.start("sample", date(2018, 1, 1), SPAN[1]).requests == 0


class Paper:
    """A newspaper: its address leads to today's issue, and each issue but Sunday's lists its articles; none before 2020-03-02."""

    def __init__(self) -> None:
        self.today = date(2022, 11, 26)

    def __call__(self, path: str) -> Answer | None:
        if path == "/index.html":
            return Answer(
                f'<html><head><meta http-equiv="refresh" content="0; url=/html/{self.today:%Y-%m/%d}/node_2.htm"></head></html>'
            )
        found = re.fullmatch(r"/html/(\d{4})-(\d\d)/(\d\d)/(node_2|content_(\d+))\.htm", path)
        if found is None:
            return None
        day = date(int(found[1]), int(found[2]), int(found[3]))
        if day < date(2020, 3, 2) or day > self.today or day.weekday() == 6:
            return None
        if found[5]:
            return Answer(f"<html><body><h1>{title(int(found[5]))}</h1><p>{day}的第{found[5]}条。</p></body></html>")
        rows = "".join(
            f'<li><a href="content_{day:%m%d}{n}.htm">{title(day.toordinal() + n)}</a></li>' for n in range(3)
        )
        return Answer(f"<html><body><h2>第01版</h2><ul>{rows}</ul></body></html>")


def test_a_calendar_is_read_by_its_days_and_starts_at_the_last_one_asked_for(
    archive: Archive, settings: Settings
) -> None:
    with Site(respond=Paper()) as site:
        write_source(settings, f"{site.url}/index.html", budget="{ pages = 40 }")
        archive.backfills.start("sample", date(2020, 2, 20), date(2020, 3, 15))
        for number in range(2):
            night(archive, settings, number)
        issues = [path for path in site.asked if "node_2" in path]
        assert issues[0] == "/html/2022-11/26/node_2.htm" and issues[1] == "/html/2020-03/15/node_2.htm"
        assert {path.split("content")[0] for path in fetched(archive, "/html")} == {
            f"/html/{day:%Y-%m/%d}/" for n in range(14) if (day := date(2020, 3, 2) + timedelta(days=n)).weekday() != 6
        }
        assert status(archive).done and len(fetched(archive, "/html")) == 36
