"""Lists followed to their end, on loopback sites that behave as the publishing systems do: every article once, and a stop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawler.canonical import canonicalise
from crawler.platforms import ListRequest, read_list
from tests.sites.boda import BodaSite
from tests.sites.cms import DedeSite, EmpireSite, PhpcmsSite, Was5Site
from tests.sites.discuz import DiscuzSite
from tests.sites.feeds import FeedSite
from tests.sites.hanweb import JpaasSite, JpageSite
from tests.sites.traps import AspNetSite, CalendarSite, EndlessSite, SessionSite
from tests.sites.trs import TrsSearchSite, TrsSite
from tests.sites.ucap import UcapSite
from tests.sites.walk import fetch, follow
from tests.sites.web import Site

SITES: dict[str, tuple[str, Callable[[], Site]]] = {
    "trs from 0": ("trs", TrsSite),
    "trs from 1": ("trs", lambda: TrsSite(from_one=True)),
    "trs search list": ("trs", TrsSearchSite),
    "jpage": ("hanweb", JpageSite),
    "jpaas": ("hanweb", JpaasSite),
    "jpaas, another tag": ("hanweb", lambda: JpaasSite(tag="")),
    "boda": ("boda", BodaSite),
    "ucap": ("ucap", UcapSite),
    "dede": ("dede", DedeSite),
    "empire static": ("empire", EmpireSite),
    "empire dynamic": ("empire", lambda: EmpireSite(dynamic=True)),
    "phpcms": ("phpcms", PhpcmsSite),
    "was5": ("was5", Was5Site),
    "was5 json": ("was5", lambda: Was5Site(data=True)),
    "discuz": ("discuz", DiscuzSite),
    "discuz rewritten": ("discuz", lambda: DiscuzSite(rewritten=True)),
    "rss": ("rss", FeedSite),
    "endless next": ("generic", EndlessSite),
    "calendar": ("generic", CalendarSite),
    "session ids": ("generic", SessionSite),
    "asp.net": ("generic", AspNetSite),
}

ENDED = {  # why the walk stops where no page says that it is the last
    **dict.fromkeys(("ucap", "was5 json", "endless next", "calendar"), "nothing new"),
    "session ids": "circle",
}


@pytest.mark.parametrize("name", SITES)
def test_every_article_is_found_and_the_walk_stops(name: str) -> None:
    platform, make = SITES[name]
    with make() as site:
        walk = follow(site.start_url)
        assert {p.platform for p in walk.pages} - {"generic"} <= {platform}
        assert walk.pages[0].platform == platform
        assert set(walk.found) == {canonicalise(u) for u in site.article_urls}
        assert walk.ended == ENDED.get(name, "end")
        assert len(walk.pages) <= site.count + 3
        told = {canonicalise(site.url + site.address(p)): p for p in site.pieces}
        for url, entry in walk.entries.items():
            assert entry.title == told[url].title
            assert entry.date is not None and str(entry.date)[:10] == str(told[url].day)


@pytest.mark.parametrize("name", ["trs from 0", "jpage", "jpaas", "boda", "discuz", "phpcms", "empire dynamic"])
def test_the_last_page_is_told_as_such(name: str) -> None:
    with SITES[name][1]() as site:
        walk = follow(site.start_url)
        assert walk.ended == "end"
        assert max(n for u, n in walk.found.items() if not walk.entries[u].sticky) == 1


@pytest.mark.parametrize("count", [1, 10, 11])
@pytest.mark.parametrize("name", ["trs from 0", "trs from 1", "boda", "jpaas", "discuz", "phpcms"])
def test_short_lists(name: str, count: int) -> None:
    with SITES[name][1]() as site:
        del site.pieces[: len(site.pieces) - count]
        walk = follow(site.start_url)
        assert set(walk.found) == {canonicalise(u) for u in site.article_urls}
        assert walk.ended == "end"


def test_groups_that_overlap_lose_and_double_nothing() -> None:
    with JpageSite(overlap=1) as site:
        walk = follow(site.start_url)
        assert len(walk.entries) == len(site.pieces)


def test_boda_pages_added_in_mid_crawl() -> None:
    with BodaSite(43) as site:
        site.after(3, lambda: site.publish(10))  # one page more: every address now shows what the one before it showed
        walk = follow(site.start_url)
        again = follow(site.start_url, known=set(walk.found))
        assert set(walk.found) | set(again.found) == {canonicalise(u) for u in site.article_urls}
        assert len(again.pages) <= 3


def test_jpaas_that_gives_page_1_whatever_is_asked() -> None:
    with JpaasSite(deaf=True) as site:
        walk = follow(site.start_url)
        assert walk.ended == "nothing new"
        assert len(walk.found) == site.per_page and len(walk.pages) <= 3


def test_ucap_that_has_no_second_page() -> None:
    with UcapSite(broken=True) as site:
        walk = follow(site.start_url)
        assert walk.ended == "HTTP 404"
        assert len(walk.found) == site.per_page


def test_ucap_directory_page_leads_to_its_interface() -> None:
    with UcapSite() as site:
        walk = follow(site.url + "/tzcjj/gkmlpt/index#0")
        assert len(walk.found) == len(site.pieces)


def test_discuz_page_99_is_the_last_and_has_no_next() -> None:
    with DiscuzSite() as site:
        url = site.start_url + "&page=99"
        content, headers = fetch(ListRequest("GET", url))
        page = read_list(content, url, headers=headers)
        assert page.entries and page.next_page is None


def test_the_last_page_of_an_archiver_leads_nowhere() -> None:
    pages = "<a href='?fid-36.html'>1</a><a href='?fid-36.html&page=2'>2</a><strong>[3]</strong>"
    body = f"<body><ul><li><a href='?tid-9.html'>青禾县的一个帖子</a></li></ul><div class='page'>{pages}</div></body>"
    page = read_list(body.encode(), "http://bbs.example.com/archiver/?fid-36.html&page=3")
    assert len(page.entries) == 1 and page.next_page is None


def test_discuz_archiver_and_index() -> None:
    with DiscuzSite() as site:
        walk = follow(site.archiver_url)
        assert set(walk.found) == {canonicalise(u) for u in site.article_urls}
        content, headers = fetch(ListRequest("GET", site.url + "/forum.php"))
        assert read_list(content, site.url + "/forum.php", headers=headers).lists == (site.start_url + "&page=1",)


def test_site_map_index_names_its_parts() -> None:
    with FeedSite() as site:
        content, headers = fetch(ListRequest("GET", site.url + "/sitemap.xml"))
        index = read_list(content, site.url + "/sitemap.xml", headers=headers)
        assert (index.platform, index.entries) == ("sitemap", ())
        found = {e.url for url in index.lists for e in read_list(fetch(ListRequest("GET", url))[0], url).entries}
        assert found == set(site.article_urls)


def test_a_second_night_reads_one_page_more_than_what_is_new() -> None:
    with TrsSite() as site:
        first = follow(site.start_url)
        site.publish(3)
        second = follow(site.start_url, known=set(first.found))
        assert len(second.entries) == 3
        assert len(second.pages) == 2
