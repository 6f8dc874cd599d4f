"""Probing an address and checking a source: few requests, a file that can be used, and what changed."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest

from crawler.archive import Archive
from crawler.canonical import canonicalise
from crawler.configuration import Settings
from crawler.probing.probe import check, probe
from crawler.sources import Source, parse_source
from crawler.stages.crawl import crawl
from crawler.terminal import Refusal
from tests.loopback_site import Answer, Site
from tests.sites.discuz import DiscuzSite
from tests.sites.feeds import FeedSite
from tests.sites.trs import TrsSearchSite, TrsSite
from tests.sites.web import Site as SystemSite


@pytest.mark.parametrize(
    ("make", "platform", "requests"),
    [(TrsSite, "trs", 3), (TrsSearchSite, "trs", 4), (DiscuzSite, "discuz", 3), (FeedSite, "rss", 3)],
)
def test_a_list_is_told_in_at_most_four_requests(
    settings: Settings, make: type[SystemSite], platform: str, requests: int
) -> None:
    with make() as site:
        told: list[str] = []
        found = probe(site.start_url, settings, progress=told.append)
        assert (found.status, found.platform) == ("verified", platform)
        assert found.requests == len(site.requests) == len(told) == requests
        assert canonicalise(found.entries[0][1]) in map(canonicalise, site.article_urls)
        assert found.article and found.article.refusal is None and found.article.about
        text = found.toml(found.draft)
        assert len(text.splitlines()) <= 12
        source = parse_source(tomllib.loads(text), "probe")
        assert source.start_urls == [site.start_url]
        assert source.spider_name == {"discuz": "forum", "rss": "feed"}.get(platform, "portal")
        assert source.expected <= len(found.entries)
        assert any(found.entries[0][0] in line for line in found.lines())


def test_what_is_no_list_is_said_plainly(settings: Settings) -> None:
    challenge = Answer("<html><script>document.cookie='a=b';location.reload();</script></html>", 412)
    pages = {
        "/wall/": challenge,
        "/empty/": Answer("<html><body>建设中</body></html>"),
        "/robots.txt": Answer("User-agent: *\nDisallow: /no/"),
    }
    with Site(pages) as site:
        said = {path: probe(site.url + path, settings) for path in ("/wall/", "/empty/", "/no/", "/gone/")}
        assert {path: found.status for path, found in said.items()} == {
            "/wall/": "challenge",
            "/empty/": "no_list",
            "/no/": "forbidden",
            "/gone/": "dead",
        }
        assert "/no/" not in site.asked
    assert probe("http://127.0.0.1:1/", settings).status == "unreachable"
    with pytest.raises(Refusal, match="CONTACT"):
        probe("http://www.example.gov.cn/", settings)
    with pytest.raises(Refusal, match="不是网址"):
        probe("ftp://127.0.0.1/", settings)


THEN, NOW = datetime(2024, 4, 10, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def source_of(url: str, **facts: object) -> Source:
    data = {
        "name": "s",
        "title": "样例",
        "kind": "news",
        "region": "340000",
        "start_urls": [url],
        "seen_in": "测试",
        **facts,
    }
    return parse_source(data, "s.toml")


def test_a_source_that_is_reached_gets_a_golden_page(archive: Archive, settings: Settings) -> None:
    with TrsSite() as site:
        source = source_of(site.start_url)
        assert check(source, archive, settings, now=THEN).ok
        folder = settings.data / "golden" / "s"
        assert (folder / "page.html").read_text(encoding="utf-8") == site.article(site.pieces[0])
        asked = len(site.requests)
        assert not check(source, archive, settings, now=THEN).changes
        assert len(site.requests) == asked + 2  # robots.txt and the list
        page = folder / "page.html"
        page.write_text(page.read_text(encoding="utf-8").replace(site.pieces[0].title, "换了模板"), encoding="utf-8")
        (change,) = check(source, archive, settings, now=THEN).changes
        assert "标题" in change and "换了模板" in change


def test_a_check_says_what_changed(archive: Archive, settings: Settings) -> None:
    rows = [
        f'<li><a href="/a_{n}.html">样例县举行第{n}场招商引资项目集中签约仪式</a> 2026-02-{n + 1:02d}</li>'
        for n in range(12)
    ]
    with Site(respond=lambda path: Answer("<p>样例</p>") if "/a_" in path else None) as site, Site() as elsewhere:
        site.pages["/l/"] = Answer(f"<ul>{''.join(rows)}</ul>")
        source = source_of(f"{site.url}/l/", expected=5)
        before = check(source, archive, settings, now=NOW)
        assert before.ok and before.entries == 12 and not before.changes
        (settings.data / "sources").mkdir()
        text = f'name = "s"\ntitle = "样例"\nkind = "news"\nregion = "340000"\nseen_in = "测试"\nstart_urls = ["{site.url}/l/"]\n'
        (settings.data / "sources" / "s.toml").write_text(text, encoding="utf-8")
        crawl(["s"], archive, settings)

        site.pages["/l/"] = Answer(f"<ul>{''.join(rows[:4])}</ul>")
        after = check(source, archive, settings, now=NOW)
        assert not after.ok and "从 12 条减到 4 条" in after.line()

        site.pages["/l/"] = Answer("", 302, {"Location": f"{elsewhere.url}/l/"})
        elsewhere.pages["/l/"] = Answer(f"<ul>{''.join(rows)}</ul>")
        moved = check(source, archive, settings, now=NOW)
        assert (moved.ok, moved.status) == (False, "moved") and archive.frontier.source_state("s").status == "moved"

        site.pages["/l/"] = Answer("<script>location.reload()</script>", 412)
        assert check(source, archive, settings, now=NOW).status == "challenge"
