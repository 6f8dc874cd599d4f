"""The crawl against sites on loopback: what is asked for, what is kept, what the next night does."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.spiders.report import CrawlReport
from crawler.stages.crawl import CrawlError, crawl, due_sources
from tests.crawl_desk import NOW, visit
from tests.loopback_site import Answer, Site
from tests.news_site import News
from tests.sample_sources import write_source


def captured(archive: Archive) -> list[str]:
    return [capture.url.rpartition("/")[2] for capture in archive.captures.to_extract()]


def articles_asked(site: Site) -> list[str]:
    return [path for path in site.asked if "/a_" in path]


def test_every_article_once_then_lists_only_then_what_is_new(archive: Archive, settings: Settings) -> None:
    news = News(35)
    with Site(respond=news) as site:
        write_source(settings, f"{site.url}/index.html")
        first = visit(archive, settings)
        assert (first.outcome, first.new, first.lists) == ("ok", 35, 4)
        assert sorted(captured(archive)) == sorted(f"a_{n}.html" for n in range(35))
        assert len(articles_asked(site)) == 35

        site.forget()
        second = visit(archive, settings, NOW + timedelta(hours=20))
        assert site.log == [("/robots.txt", 404), ("/index.html", 304)]
        assert (second.outcome, second.new, second.captures) == ("ok", 0, 0)

        site.forget()
        news.articles += [35, 36, 37]
        third = visit(archive, settings, NOW + timedelta(hours=21))
        assert sorted(articles_asked(site)) == ["/a_35.html", "/a_36.html", "/a_37.html"]
        assert third.new == 3 and third.lists <= 2 and third.requests <= 5


def test_history_arrives_over_the_nights_and_new_entries_come_first(archive: Archive, settings: Settings) -> None:
    news = News(40)
    with Site(respond=news) as site:
        write_source(settings, f"{site.url}/index.html", budget="{ pages = 20 }")
        for night in range(4):
            site.forget()
            report = visit(archive, settings, NOW + timedelta(hours=night))
            if night:
                assert {f"/a_{n}.html" for n in news.articles[-4:]} <= set(articles_asked(site)[:6])
            assert report.requests <= 20
            news.articles += range(len(news.articles), len(news.articles) + 4)
        visit(archive, settings, NOW + timedelta(hours=10))
        assert sorted(captured(archive)) == sorted(f"a_{n}.html" for n in news.articles)
        assert archive.frontier.list_state("sample", f"{site.url}/index.html").done


def test_a_changed_page_is_captured_again_and_an_unchanged_one_refers_to_its_bytes(
    archive: Archive, settings: Settings
) -> None:
    news = News(2)
    with Site(respond=news) as site:
        write_source(settings, f"{site.url}/index.html")
        visit(archive, settings)
        news.changed.add(1)
        report = visit(archive, settings, NOW + timedelta(days=40))
        assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
        latest = {n: archive.captures.latest(f"{site.url}/a_{n}.html") for n in (0, 1)}
        assert latest[0] and latest[0].refers_to is not None
        assert latest[1] and latest[1].refers_to is None
        assert "补充" in archive.captures.payload(latest[1]).content.decode()


def crawling(settings: Settings) -> subprocess.Popen[str]:
    """The same crawl in a process of its own, to be killed."""
    code = (
        "from crawler.archive import Archive; from crawler.configuration import settings; from crawler.stages.crawl import crawl\n"
        "with Archive.open(settings()) as a: print(crawl(['sample'], a, settings(), force=True).to_json())"
    )
    environment = {**os.environ, "ZHAOSHANG_DATA": str(settings.data), "ZHAOSHANG_DELAY": "0.01"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def wait_for(site: Site, count: int) -> None:
    end = time.monotonic() + 30
    while len(site.log) < count and time.monotonic() < end:
        time.sleep(0.01)
    assert len(site.log) >= count


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_crawl_that_is_cut_off_goes_on_where_it_stopped(
    archive: Archive, settings: Settings, number: signal.Signals
) -> None:
    with Site(respond=News(40)) as site:
        write_source(settings, f"{site.url}/index.html")
        process = crawling(settings)
        wait_for(site, 15)
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
        if number == signal.SIGINT:
            assert "'interrupted': True" in said and "shutdown" in said
            assert not list((settings.data / "captures").glob("*.open"))
        time.sleep(0.3)
        before = len(site.log)
        time.sleep(0.3)
        assert len(site.log) == before, "whoever asked for the crawl is gone, and it goes on"
        report = visit(archive, settings)
        assert report.outcome == "ok"
        assert sorted(set(captured(archive))) == sorted(f"a_{n}.html" for n in range(40))


def test_sites_side_by_side_and_never_two_sources_of_one_site(archive: Archive, settings: Settings) -> None:
    x, y = News(5, prefix="/x"), News(5, prefix="/y")
    with Site(respond=lambda path: x(path) or y(path)) as one, Site(respond=News(5)) as two:
        write_source(settings, f"{one.url}/x/index.html", name="x")
        write_source(settings, f"{one.url}/y/index.html", name="y")
        write_source(settings, f"{two.url}/index.html", name="z")
        seen: set[str] = set()
        report = crawl(["x", "y", "z"], archive, settings, now=NOW, progress=lambda source, *counts: seen.add(source))
        assert [site.new for site in report.sites] == [5, 5, 5] and seen == {"x", "y", "z"}
        sides = ["x" if path.startswith("/x") else "y" for path in one.asked]
        assert sides in ([*"xxxxxx", *"yyyyyy"], [*"yyyyyy", *"xxxxxx"])
        again: CrawlReport = crawl(["x", "y", "z"], archive, settings, now=NOW + timedelta(hours=1))
        assert not again.sites and set(again.not_due) == {"x", "y", "z"}


def test_a_source_is_due_from_its_very_moment(archive: Archive) -> None:
    for name, seconds in (("past", -1), ("now", 0), ("later", 1)):
        archive.frontier.set_source(name, enabled=True, due_at=NOW + timedelta(seconds=seconds))
    assert due_sources({}, archive, NOW, names=["past", "now", "later", "new"]) == ["new", "now", "past"]
    assert len(due_sources({}, archive, NOW, names=["later"], force=True)) == 1


def test_a_full_disk_ends_the_crawl_and_loses_nothing(archive: Archive, settings: Settings) -> None:
    news = News(40)
    noise = random.Random(1)
    filler = {n: noise.randbytes(30_000).hex() for n in news.articles}  # does not shrink in a capture file

    def large(path: str) -> Answer | None:
        answer = news(path)
        number = path.removesuffix(".html").rpartition("_")[2]
        return Answer(f"{answer.body!r}<p>{filler[int(number)]}</p>") if answer and "/a_" in path else answer

    with Site(respond=large) as site:
        write_source(settings, f"{site.url}/index.html")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, before[1]))  # what the crawl's process inherits
        try:
            with pytest.raises(CrawlError, match=r"读写.*再次运行"):
                visit(archive, settings)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert len(articles_asked(site)) < 30
        report = visit(archive, settings)
        assert report.outcome == "ok"
        assert sorted(set(captured(archive))) == sorted(f"a_{n}.html" for n in range(40))


def test_refusals_are_one_clear_line(archive: Archive, settings: Settings) -> None:
    with pytest.raises(CrawlError, match="没有名为 'nowhere' 的来源"):
        crawl(["nowhere"], archive, settings)
    write_source(settings, "http://www.example.gov.cn/")
    with pytest.raises(CrawlError, match="ZHAOSHANG_CONTACT"):
        crawl(["sample"], archive, settings)


def test_scrapy_itself_lists_and_crawls(archive: Archive, settings: Settings) -> None:
    with Site(respond=News(3)) as site:
        write_source(settings, f"{site.url}/index.html")
        environment = {**os.environ, "ZHAOSHANG_DATA": str(settings.data), "ZHAOSHANG_DELAY": "0"}
        root = Path(__file__).parents[1]

        def scrapy(*words: str) -> str:
            command = [sys.executable, "-m", "scrapy", *words]
            return subprocess.run(
                command, cwd=root, env=environment, capture_output=True, text=True, check=True, timeout=60
            ).stdout

        assert "sample" in scrapy("list").split()
        scrapy("crawl", "sample")
        assert len(captured(archive)) == 3
        assert archive.runs.latest()[0].finished_at is not None
