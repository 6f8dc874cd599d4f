"""The crawl against sites on loopback: what is asked for, what is kept, what the next night does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.canonical import canonicalise
from crawler.configuration import Settings, load_settings
from crawler.crawl_report import CrawlReport, SiteReport
from crawler.run import CrawlError, crawl
from tests.loopback_site import Answer, Site

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
PAGE = 10


class News:
    """A news site: one list, newest first, `PAGE` entries a page, and an article for each."""

    def __init__(self, count: int, *, prefix: str = "") -> None:
        self.articles = list(range(count))
        self.prefix = prefix
        self.changed: set[int] = set()

    def __call__(self, path: str) -> Answer | None:
        name, _, number = path.removeprefix(f"{self.prefix}/").removesuffix(".html").partition("_")
        if name in ("index", ""):
            return self.list_page(int(number or 1))
        if name == "a" and number.isdecimal() and int(number) in self.articles:
            text = "补充了新的数字。" if int(number) in self.changed else ""
            return Answer(f"<html><body><h1>{title(int(number))}</h1><p>样例正文第{number}篇。{text}</p></body></html>")
        return None

    def list_page(self, page: int) -> Answer | None:
        order = sorted(self.articles, reverse=True)
        shown = order[(page - 1) * PAGE : page * PAGE]
        rows = "".join(
            f'<li><a href="{self.prefix}/a_{n}.html">{title(n)}</a><span>2026-02-{n % 28 + 1:02d}</span></li>'
            for n in shown
        )
        more = f'<a href="{self.prefix}/index_{page + 1}.html">下一页</a>' if page * PAGE < len(order) else ""
        body = f'<html><head><title>招商动态</title></head><body><ul class="list">{rows}</ul><div class="page">{more}</div></body></html>'
        return Answer(body, validated=True) if shown else None


def title(number: int) -> str:
    return f"样例县举行第{number}场招商引资项目集中签约仪式"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", delay=0.0)


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        yield opened


def write_source(settings: Settings, *urls: str, name: str = "sample", **facts: str) -> None:
    lines = {"name": f'"{name}"', "title": '"样例"', "kind": '"news"', "region": '"340000"', "seen_in": '"测试"'}
    lines |= {"start_urls": str(list(urls)).replace("'", '"')} | facts
    path = settings.data / "sources" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(f"{key} = {value}" for key, value in lines.items()), encoding="utf-8")


def visit(archive: Archive, settings: Settings, now: datetime = NOW, **arguments: bool) -> SiteReport:
    report = crawl(["sample"], archive, settings, now=now, force=True, **arguments)
    return report.sites[0]


def captured(archive: Archive) -> list[str]:
    return [capture.url.rpartition("/")[2] for capture in archive.captures_to_extract()]


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
        assert archive.list_state("sample", f"{site.url}/index.html").done


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
        latest = {n: archive.latest_capture(f"{site.url}/a_{n}.html") for n in (0, 1)}
        assert latest[0] and latest[0].refers_to is not None
        assert latest[1] and latest[1].refers_to is None
        assert "补充" in archive.payload(latest[1]).content.decode()


def test_robots_forbids_and_other_hosts_are_left_alone(archive: Archive, settings: Settings) -> None:
    with Site(respond=News(1)) as other, Site() as site:
        rows = f'<li><a href="/open/a_1.html">{title(1)}</a></li><li><a href="/secret/a_2.html">{title(2)}</a></li>'
        rows += f'<li><a href="{other.url}/a_0.html">{title(3)}</a></li><li><a href="/moved.html">{title(4)}</a></li>'
        rows += f'<li><a href="/open/a_5.html">{title(5)}</a></li>'
        site.pages |= {
            "/robots.txt": Answer("User-agent: *\nDisallow: /secret/\n", headers={"Content-Type": "text/plain"}),
            "/": Answer(f"<html><body><ul>{rows}</ul></body></html>"),
            "/open/a_1.html": Answer("<p>样例正文</p>"),
            "/open/a_5.html": Answer("<p>样例正文五</p>"),
            "/moved.html": Answer("", 302, {"Location": f"{other.url}/a_0.html"}),
        }
        write_source(settings, f"{site.url}/")
        report = visit(archive, settings)
        assert "/secret/a_2.html" not in site.asked and not other.log
        assert sorted(captured(archive)) == ["a_1.html", "a_5.html"]
        assert (report.forbidden, report.elsewhere) == (2, 1)
        named = archive.page(f"{other.url}/a_0.html")
        assert named and named.state == "gone" and named.title == title(3)
        write_source(settings, f"{site.url}/", allowed_hosts=f'["{other.url.removeprefix("http://")}"]')
        visit(archive, settings)
        assert articles_asked(other) == ["/a_0.html"]


def test_a_robots_txt_that_fails_forbids_all(archive: Archive, settings: Settings) -> None:
    with Site({"/robots.txt": Answer("", 503)}, News(5)) as site:
        write_source(settings, f"{site.url}/index.html")
        report = visit(archive, settings)
        assert (report.outcome, report.status, site.asked) == ("failed", "forbidden", [])


def test_a_site_that_stops_answering_is_left_alone(archive: Archive, settings: Settings) -> None:
    news = News(20)
    with Site(respond=lambda path: Answer("", 0) if "/a_" in path else news(path)) as site:
        write_source(settings, f"{site.url}/index.html")
        report = visit(archive, settings)
        assert report.finish == "silent" and 3 <= report.failed <= 4
        page = archive.page(f"{site.url}/a_19.html")
        assert page and page.state == "failed" and page.next_visit


def test_a_trap_costs_no_more_than_the_budget(archive: Archive, settings: Settings) -> None:
    def calendar(path: str) -> Answer | None:
        if path.startswith("/a_"):
            return Answer("<p>样例</p>")
        day = int(path.rpartition("=")[2] or 0)
        rows = "".join(f'<li><a href="/a_{day}_{n}.html">{title(day * 10 + n)}</a></li>' for n in range(8))
        return Answer(f'<html><body><ul>{rows}</ul><a href="/c?day={day + 1}">下一页</a></body></html>')

    with Site({"/robots.txt": Answer("")}, calendar) as site:
        write_source(settings, f"{site.url}/c?day=0", budget="{ pages = 40 }")
        report = visit(archive, settings)
        assert report.finish == "pages" and len(site.asked) == 40


def test_a_challenge_is_recorded_never_extracted_and_ends_the_visit(archive: Archive, settings: Settings) -> None:
    news = News(20)
    challenge = Answer("<html><script>document.cookie='k=1';location.reload()</script></html>")
    with Site(respond=lambda path: challenge if "/a_" in path else news(path)) as site:
        write_source(settings, f"{site.url}/index.html")
        report = visit(archive, settings)
        assert (report.outcome, report.finish) == ("blocked", "blocked")
        assert 3 <= len(articles_asked(site)) <= 4  # one may have been under way
        assert captured(archive) == []
        page = archive.page(f"{site.url}/a_19.html")
        assert page and page.state == "blocked" and page.capture is not None
        state = archive.source_state("sample")
        assert state.due_at and state.due_at >= NOW + timedelta(days=1)


def test_an_article_on_several_pages_comes_whole(archive: Archive, settings: Settings) -> None:
    parts = {
        f"/n/7{mark}.html": Answer(
            f"<html><body><p>样例第{number}部分。</p>{link}<a href='/n/8.html'>下一篇：另一篇</a></body></html>"
        )
        for number, mark, link in (
            (1, "", "<a href='7_2.html'>下一页</a>"),
            (2, "_2", "<a href='7_3.html'>下一页</a>"),
            (3, "_3", "<a href='7_2.html'>上一页</a>"),
        )
    }
    with Site(parts) as site:
        site.pages |= {
            "/": rows_of("/n/7.html", "/n/8.html", "/n/9.html"),
            "/n/8.html": Answer("<p>样例八</p>"),
            "/n/9.html": Answer("<p>样例九</p>"),
        }
        write_source(settings, f"{site.url}/")
        report = visit(archive, settings)
        first, *others = archive.captures_to_extract()
        assert not any(archive.parts_of(other) for other in others)
        assert [part.url.rpartition("/")[2] for part in archive.parts_of(first)] == ["7_2.html", "7_3.html"]
        assert report.new == 3


def test_documents_are_kept_where_they_are_small(archive: Archive, settings: Settings) -> None:
    page = '<html><body><p>样例</p><a href="/f/plan.pdf">方案</a><a href="/f/large.docx">附件</a><a href="/f/x.zip">包</a></body></html>'
    with Site({"/a_1.html": Answer(page)}) as site:
        site.pages |= {
            "/": rows_of("/a_1.html", "/a_2.html", "/a_3.html"),
            "/f/plan.pdf": Answer(b"%PDF-1.4 sample", headers={"Content-Type": "application/pdf"}),
            "/f/large.docx": Answer(
                b"PK\x03\x04" + bytes(11_000_000), headers={"Content-Type": "application/octet-stream"}
            ),
        }
        write_source(settings, f"{site.url}/")
        visit(archive, settings)
        kept = archive.latest_capture(canonicalise(f"{site.url}/f/plan.pdf"))
        assert kept and kept.role == "attachment"
        assert archive.latest_capture(f"{site.url}/f/large.docx") is None
        assert "/f/x.zip" not in site.asked
        assert captured(archive) == ["a_1.html"]


def rows_of(*paths: str) -> Answer:
    rows = "".join(
        f'<li><a href="{path}">{title(n)}</a><span>2026-02-0{n}</span></li>' for n, path in enumerate(paths, 1)
    )
    return Answer(f"<html><body><ul>{rows}</ul></body></html>")


def crawling(settings: Settings) -> subprocess.Popen[str]:
    """The same crawl in a process of its own, to be killed."""
    code = (
        "from crawler.archive import Archive; from crawler.configuration import settings; from crawler.run import crawl\n"
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
        assert archive.runs()[0].finished_at is not None
