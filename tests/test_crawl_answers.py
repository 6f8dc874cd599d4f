"""One night over sites that each answer in a way of their own: what is followed, what is kept, what is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.archive import Archive, Capture
from crawler.canonical import canonicalise
from crawler.configuration import Settings, load_settings
from crawler.spiders.report import SiteReport
from crawler.stages.crawl import crawl
from tests.loopback_site import Answer, Site
from tests.news_site import News, rows_of, title
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
CHALLENGE = Answer("<html><script>document.cookie='k=1';location.reload()</script></html>")


def calendar(path: str) -> Answer | None:
    """Every day has eight new articles, and a next day."""
    if path.startswith("/a_"):
        return Answer("<p>样例</p>")
    if not path.startswith("/c"):
        return None
    day = int(path.rpartition("=")[2] or 0)
    rows = "".join(f'<li><a href="/a_{day}_{n}.html">{title(day * 10 + n)}</a></li>' for n in range(8))
    return Answer(f'<html><body><ul>{rows}</ul><a href="/c?day={day + 1}">下一页</a></body></html>')


def part(number: int, link: str) -> Answer:
    return Answer(f"<html><body><p>样例第{number}部分。</p>{link}<a href='/n/8.html'>下一篇：另一篇</a></body></html>")


class BreakingOff:
    """Every page ends too early when it is asked for the first time; `miscounting`: always, by the same bytes."""

    def __init__(self, *, miscounting: bool = False) -> None:
        self.news, self.miscounting, self.asked = News(6), miscounting, Counter[str]()

    def __call__(self, path: str) -> Answer | None:
        answer = self.news(path)
        self.asked[path] += 1
        return answer and replace(answer, missing=7 if self.miscounting else 20 if self.asked[path] == 1 else 0)


class Night:
    """Fifteen sites crawled side by side, in one process."""

    def __init__(self, settings: Settings, archive: Archive, sites: dict[str, Site]) -> None:
        self.settings, self.archive, self.sites = settings, archive, sites
        write_source(settings, f"{sites['forbidding'].url}/", name="forbidding")
        write_source(settings, f"{sites['broken-robots'].url}/index.html", name="broken-robots")
        write_source(settings, f"{sites['silent'].url}/index.html", name="silent")
        write_source(settings, f"{sites['trap'].url}/c?day=0", name="trap", budget="{ pages = 40 }")
        write_source(settings, f"{sites['challenge'].url}/index.html", name="challenge")
        write_source(settings, f"{sites['leading-away'].url}/", name="leading-away")
        for name in ("parts", "many-parts"):
            write_source(settings, f"{sites[name].url}/", name=name)
        write_source(settings, f"{sites['documents'].url}/", name="documents")
        for name in ("breaking-off", "miscounting", "away", "doubles"):
            write_source(settings, f"{sites[name].url}/index.html", name=name)
        old = f'["{sites["old-name"].url.removeprefix("http://")}"]'
        write_source(settings, f"{sites['new-name'].url}/index.html", name="new-name", allowed_hosts=old)
        write_source(settings, f"{sites['door'].url}/zs/", name="door")
        names = [name for name in sites if name not in ("other", "old-name")]
        self.reports: dict[str, SiteReport] = {r.source: r for r in crawl(names, archive, settings, now=NOW).sites}

    def captures(self, name: str) -> list[Capture]:
        return list(self.archive.captures.to_extract(source=name))

    def files(self, name: str) -> list[str]:
        return sorted(capture.url.rpartition("/")[2] for capture in self.captures(name))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    settings = load_settings(data=tmp_path_factory.mktemp("data"), delay=0.0)
    news = News(20)
    linking = '<html><body><p>样例</p><a href="/f/plan.pdf">方案</a><a href="/f/large.docx">附件</a><a href="/f/x.zip">包</a></body></html>'
    sites = {
        "other": Site(respond=News(1)),
        "forbidding": Site(
            {"/robots.txt": Answer("User-agent: *\nDisallow: /secret/\n"), "/open/a_1.html": Answer("<p>样例正文</p>")}
        ),
        "broken-robots": Site({"/robots.txt": Answer("", 503)}, News(5)),
        "silent": Site(respond=lambda path: Answer("", 0) if "/a_" in path else news(path)),
        "breaking-off": Site(respond=BreakingOff()),
        "miscounting": Site(respond=BreakingOff(miscounting=True)),
        "away": Site(
            {"/a_19.html": Answer("", 503, {"Retry-After": "600"})},
            lambda path: Answer("", 503) if "/a_" in path else news(path),
        ),
        "doubles": Site(
            {
                "/index.html": rows_of(*(address for n in range(6) for address in (f"/go?to={n}", f"/a_{n}.html"))),
                **{f"/go?to={n}": Answer("", 302, {"Location": f"/a_{n}.html"}) for n in range(6)},
            },
            news,
        ),
        "trap": Site(respond=calendar),
        "challenge": Site(respond=lambda path: CHALLENGE if "/a_" in path else news(path)),
        "parts": Site(
            {
                "/": rows_of("/n/7.html", "/n/8.html", "/n/9.html"),
                "/n/7.html": part(1, "<a href='7_2.html'>下一页</a>"),
                "/n/7_2.html": part(2, "<a href='7_3.html'>下一页</a>"),
                "/n/7_3.html": part(3, "<a href='7_2.html'>上一页</a>"),
                "/n/8.html": Answer("<p>样例八</p>"),
                "/n/9.html": Answer("<p>样例九</p>"),
            }
        ),
        "many-parts": Site(
            {
                "/": rows_of("/n/7.html", "/n/8.html", "/n/9.html"),
                "/n/7.html": part(1, "<a href='7_2.html'>下一页</a>"),
                **{f"/n/7_{n}.html": part(n, f"<a href='7_{n + 1}.html'>下一页</a>") for n in range(2, 40)},
            }
        ),
        "documents": Site(
            {
                "/": rows_of("/a_1.html", "/a_2.html", "/a_3.html"),
                "/a_1.html": Answer(linking),
                "/f/plan.pdf": Answer(b"%PDF-1.4 sample", headers={"Content-Type": "application/pdf"}),
                "/f/large.docx": Answer(
                    b"PK\x03\x04" + bytes(11_000_000), headers={"Content-Type": "application/octet-stream"}
                ),
            }
        ),
    }
    sites["door"] = Site(
        {"/zs/": Answer('<html><head><meta http-equiv="refresh" content="0;url=/index.html"></head></html>')}, News(4)
    )
    sites["new-name"] = Site(respond=news)
    sites["old-name"] = Site(respond=lambda path: Answer("", 301, {"Location": sites["new-name"].url + path}))
    sites["new-name"].pages["/index.html"] = rows_of(*(f"{sites['old-name'].url}/a_{n}.html" for n in range(9)))
    sites["leading-away"] = Site({"/": rows_of(*(f"http://mp.example.com/s/{n}.html" for n in range(5)))})
    elsewhere = f"{sites['other'].url}/a_0.html"
    sites["forbidding"].pages |= {
        "/": rows_of("/open/a_1.html", "/secret/a_2.html", elsewhere, "/moved.html"),
        "/moved.html": Answer("", 302, {"Location": elsewhere}),
    }
    with ExitStack() as stack, Archive.open(settings) as archive:
        for site in sites.values():
            stack.enter_context(site)
        yield Night(settings, archive, sites)


def test_what_robots_forbids_is_not_asked_for(night: Night) -> None:
    assert "/secret/a_2.html" not in night.sites["forbidding"].asked
    assert night.files("forbidding") == ["a_1.html"]
    assert night.reports["forbidding"].forbidden == 2  # and the redirect


def test_another_host_is_recorded_and_followed_once_it_is_allowed(night: Night) -> None:
    other = night.sites["other"]
    assert night.reports["forbidding"].elsewhere == 1
    assert not other.log
    named = night.archive.frontier.page(f"{other.url}/a_0.html")
    assert named and named.state == "gone" and named.title == title(3)
    host = f'["{other.url.removeprefix("http://")}"]'
    write_source(night.settings, f"{night.sites['forbidding'].url}/", name="forbidding", allowed_hosts=host)
    crawl(["forbidding"], night.archive, night.settings, now=NOW, force=True)
    assert other.asked == ["/a_0.html"]


def test_a_list_that_only_leads_elsewhere_falls_short_and_says_where(night: Night) -> None:
    report = night.reports["leading-away"]
    assert (report.outcome, report.entries, report.elsewhere) == ("short", 0, 5)
    assert "mp.example.com" in report.note and "allowed_hosts" in report.note


def test_a_robots_txt_that_fails_forbids_all(night: Night) -> None:
    report = night.reports["broken-robots"]
    assert (report.outcome, report.status, night.sites["broken-robots"].asked) == ("failed", "forbidden", [])


def test_a_site_that_stops_answering_is_left_alone(night: Night) -> None:
    report = night.reports["silent"]
    assert report.finish == "silent" and 3 <= report.failed <= 4  # one may have been under way
    page = night.archive.frontier.page(f"{night.sites['silent'].url}/a_19.html")
    assert page and page.state == "failed" and page.next_visit


def test_a_page_that_breaks_off_is_asked_for_again(night: Night) -> None:
    whole = [News(6)(f"/a_{n}.html") for n in range(6)]
    captures = night.captures("breaking-off")
    assert {capture.length for capture in captures} == {len(str(page and page.body).encode()) for page in whole}
    assert len(captures) == 6 and set(Counter(night.sites["breaking-off"].asked).values()) == {2}


def test_a_server_that_counts_wrong_is_found_out_once(night: Night) -> None:
    assert len(night.captures("miscounting")) == 6
    assert len(night.sites["miscounting"].asked) <= 8


def test_a_server_that_is_not_at_work_is_left_alone(night: Night) -> None:
    asked = Counter(path for path in night.sites["away"].asked if "/a_" in path)
    assert night.reports["away"].finish == "away" and 5 <= len(asked) <= 6
    assert asked["/a_19.html"] == 1  # it said when it wants to be asked again


def test_an_article_whose_second_address_redirects_to_it_is_fetched_once(night: Night) -> None:
    site = night.sites["doubles"]
    assert Counter(path for path in site.asked if "/a_" in path) == {f"/a_{n}.html": 1 for n in range(6)}
    assert night.files("doubles") == [f"a_{n}.html" for n in range(6)]
    assert night.reports["doubles"].forbidden == 0


def test_a_site_that_redirects_every_page_is_asked_where_it_answers(night: Night) -> None:
    assert night.files("new-name") == [f"a_{n}.html" for n in range(9)]
    assert len([path for path in night.sites["old-name"].asked if "/a_" in path]) <= 2


def test_a_list_that_became_a_door_is_read_behind_it(night: Night) -> None:
    report = night.reports["door"]
    assert (report.outcome, report.new, report.lists) == ("ok", 4, 1)


def test_a_trap_costs_no_more_than_the_budget(night: Night) -> None:
    assert night.reports["trap"].finish == "pages"
    assert len(night.sites["trap"].asked) == 40


def test_a_challenge_is_recorded_never_extracted_and_ends_the_visit(night: Night) -> None:
    report, site = night.reports["challenge"], night.sites["challenge"]
    assert (report.outcome, report.finish, report.status) == ("blocked", "blocked", "verified")
    assert 3 <= len([path for path in site.asked if "/a_" in path]) <= 4
    assert night.captures("challenge") == []
    page = night.archive.frontier.page(f"{site.url}/a_19.html")
    assert page and page.state == "blocked" and page.capture is not None
    state = night.archive.frontier.source_state("challenge")
    assert state.due_at and state.due_at >= NOW + timedelta(days=1)


def test_an_article_on_several_pages_comes_whole(night: Night) -> None:
    parts = {c.url.rpartition("/")[2]: night.archive.captures.parts_of(c) for c in night.captures("parts")}
    assert [p.url.rpartition("/")[2] for p in parts["7.html"]] == ["7_2.html", "7_3.html"]
    assert parts["8.html"] == parts["9.html"] == []
    assert night.reports["parts"].new == 3


def test_a_chain_of_parts_without_end_is_followed_so_far_and_no_farther(night: Night) -> None:
    (first,) = night.captures("many-parts")  # the other two entries are gone
    assert [p.url.rpartition("_")[2] for p in night.archive.captures.parts_of(first)] == [
        f"{n}.html" for n in range(2, 31)
    ]


def test_documents_are_kept_where_they_are_small(night: Night) -> None:
    site = night.sites["documents"]
    kept = night.archive.captures.latest(canonicalise(f"{site.url}/f/plan.pdf"))
    assert kept and kept.role == "attachment"
    assert night.archive.captures.latest(f"{site.url}/f/large.docx") is None
    large = night.archive.frontier.page(f"{site.url}/f/large.docx")
    assert large and (large.state, large.next_visit) == ("gone", None)
    assert "/f/x.zip" not in site.asked
    assert night.files("documents") == ["a_1.html"]
