"""The spider on every publishing system, side by side: each article once, a stop by itself, and little asked the night after."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from crawler.archive import Archive
from crawler.canonical import canonicalise
from crawler.configuration import Settings
from crawler.stages.crawl import crawl
from tests.sample_sources import write_source
from tests.sites.articles import Piece
from tests.sites.boda import BodaSite
from tests.sites.cms import DedeSite, EmpireSite, PhpcmsSite, Was5Site
from tests.sites.discuz import DiscuzSite
from tests.sites.feeds import FeedSite
from tests.sites.hanweb import JpaasSite, JpageSite
from tests.sites.traps import AspNetSite, CalendarSite, EndlessSite, SessionSite
from tests.sites.trs import TrsSearchSite, TrsSite
from tests.sites.ucap import UcapSite
from tests.sites.web import Answer, Asked, Site

NOW = datetime(2024, 4, 1, 2, tzinfo=UTC)
ONE_PAGE_ONLY = 10  # what a directory shows whose second page is not there


class SitemapSite(FeedSite):
    """The same site, read by its index of sitemaps."""

    start = "/sitemap.xml"


class OldestFirstSite(DedeSite):
    """What is new stands on the last page."""

    def part(self, number: int) -> list[Piece]:
        return self.pieces[::-1][(number - 1) * self.per_page : number * self.per_page]


class DirectorySite(UcapSite):
    """One category of a directory, by the page that a reader would copy: its number stands behind the #."""

    start = "/tzcjj/gkmlpt/index#7"

    def page(self, asked: Asked) -> Answer | None:
        return super().page(asked) if asked.path.endswith(("/7", "/index")) else None


def all_sites() -> dict[str, Site]:
    return {
        "trs-0": TrsSite(),
        "trs-1": TrsSite(from_one=True),
        "trs-search": TrsSearchSite(),
        "jpage": JpageSite(),
        "jpage-overlap": JpageSite(overlap=1),
        "jpaas": JpaasSite(),
        "jpaas-deaf": JpaasSite(deaf=True),
        "boda": BodaSite(),
        "ucap": UcapSite(),
        "ucap-broken": UcapSite(broken=True),
        "ucap-category": DirectorySite(),
        "dede": DedeSite(),
        "oldest-first": OldestFirstSite(),
        "empire": EmpireSite(),
        "empire-0": EmpireSite(dynamic=True),
        "phpcms": PhpcmsSite(),
        "was5": Was5Site(),
        "was5-json": Was5Site(data=True),
        "forum": DiscuzSite(),
        "forum-rewritten": DiscuzSite(rewritten=True),
        "feed": FeedSite(),
        "feed-sitemap": SitemapSite(),
        "endless": EndlessSite(),
        "calendar": CalendarSite(),
        "session": SessionSite(),
        "asp": AspNetSite(),
    }


def asked(site: Site) -> tuple[Counter[str], list[str]]:
    """How often each article was asked for, by its canonical address; and everything else but robots.txt."""
    known = {canonicalise(url) for url in site.article_urls}
    pages: Counter[str] = Counter()
    lists = []
    for line in site.requests:
        path = line.partition(" ")[2]
        if (key := canonicalise(site.url + path)) in known:
            pages[key] += 1
        elif path != "/robots.txt":
            lists.append(line)
    return pages, lists


def test_every_system_over_three_nights(archive: Archive, settings: Settings) -> None:
    sites = all_sites()
    with ExitStack() as stack:
        for name, site in sites.items():
            stack.enter_context(site)
            first_word = name.partition("-")[0]
            spider = first_word if first_word in ("forum", "feed") else "portal"
            kind = "forum" if spider == "forum" else "news"
            facts = {"kind": f'"{kind}"', "spider": f'"{spider}"', "budget": "{ pages = 120 }"}
            write_source(settings, site.start_url, name=name, **facts)
        sites["boda"].after(3, lambda: sites["boda"].publish(2))  # in mid-crawl
        crawl(list(sites), archive, settings, now=NOW)
        boda_later = sites["boda"].article_urls[:2]
        for name, site in sites.items():
            pages, lists = asked(site)
            expected = {canonicalise(url) for url in site.article_urls if name != "boda" or url not in boda_later}
            if name in ("ucap-broken", "jpaas-deaf"):
                expected = {canonicalise(url) for url in site.article_urls[:ONE_PAGE_ONLY]}
            assert set(pages) == expected, name
            assert max(pages.values()) == 1, name
            assert len(lists) <= 120 - len(expected), name
            assert archive.frontier.list_state(name, site.start_url).done == (name != "feed-sitemap"), name
            site.requests.clear()
            site.publish(3)

        for name, system in (("trs-0", "trs"), ("jpage", "hanweb"), ("dede", "dede"), ("forum", "discuz")):
            assert f"，发布系统 {system}" in (archive.frontier.source_state(name).status_answer or "")
        crawl(list(sites), archive, settings, now=NOW + timedelta(minutes=10), force=True)
        for name, site in sites.items():
            pages, lists = asked(site)
            new = site.article_urls[: 5 if name == "boda" else 3]
            assert pages == Counter(map(canonicalise, new)), name
            assert len(lists) <= 2, (name, lists)
            site.requests.clear()

        report = crawl(list(sites), archive, settings, now=NOW + timedelta(minutes=20), force=True)
        for name, site in sites.items():
            pages, lists = asked(site)
            assert not pages and len(lists) <= 2, name
        assert [site.source for site in report.sites if site.outcome != "ok"] == []
