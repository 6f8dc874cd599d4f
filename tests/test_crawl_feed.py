"""The feed spider: feeds that a page names, sitemaps in parts and packed; and a source's own selectors."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.spiders.report import SiteReport
from crawler.stages.crawl import crawl
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


def visit(archive: Archive, settings: Settings, url: str, **facts: str) -> SiteReport:
    write_source(settings, url, **facts)
    return crawl(["sample"], archive, settings, now=NOW, force=True).sites[0]


def article(path: str) -> Answer | None:
    return Answer(f"<p>样例 {path}</p>") if path.startswith("/a/") else None


def test_sitemaps_in_parts_and_packed(archive: Archive, settings: Settings) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

    def part(numbers: range) -> str:
        rows = "".join(f"<url><loc>BASE/a/{n}.html</loc><lastmod>2026-02-{n + 1:02d}</lastmod></url>" for n in numbers)
        return f'<?xml version="1.0" encoding="UTF-8"?><urlset {space}>{rows}</urlset>'

    with Site(respond=article) as site:
        index = "".join(f"<sitemap><loc>{site.url}/{name}</loc></sitemap>" for name in ("one.xml", "two.xml.gz"))
        xml = {"Content-Type": "application/xml"}
        packed = gzip.compress(part(range(10, 20)).replace("BASE", site.url).encode())
        site.pages |= {
            "/sitemap.xml": Answer(
                f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex {space}>{index}</sitemapindex>', headers=xml
            ),
            "/one.xml": Answer(part(range(10)).replace("BASE", site.url), headers=xml),
            "/two.xml.gz": Answer(packed, headers={"Content-Type": "application/octet-stream"}),
        }
        report = visit(archive, settings, f"{site.url}/sitemap.xml", spider='"feed"', since="2026-02-03")
        assert (report.outcome, report.new, report.lists) == ("ok", 18, 3)
        assert not {"/a/0.html", "/a/1.html"} & set(site.asked)


def test_a_part_is_read_again_where_the_index_says_otherwise_than_before(archive: Archive, settings: Settings) -> None:
    """Also where what it says lies in the past: articles are published later than the day they bear."""
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    xml = {"Content-Type": "application/xml"}
    with Site(respond=article) as site:
        for count, new, lists in ((3, 3, 3), (3, 0, 1), (4, 1, 2)):
            rows = "".join(f"<url><loc>{site.url}/a/{n}.html</loc></url>" for n in range(count))
            parts = "".join(
                f"<sitemap><loc>{site.url}/{name}.xml</loc><lastmod>2026-01-{day:02d}</lastmod></sitemap>"
                for name, day in (("old", 1), ("new", count))
            )
            site.pages |= {
                "/sitemap.xml": Answer(f"<sitemapindex {space}>{parts}</sitemapindex>", headers=xml),
                "/old.xml": Answer(f"<urlset {space}><url><loc>{site.url}/a/0.html</loc></url></urlset>", headers=xml),
                "/new.xml": Answer(f"<urlset {space}>{rows}</urlset>", headers=xml),
            }
            report = visit(archive, settings, f"{site.url}/sitemap.xml", spider='"feed"')
            assert (report.new, report.lists) == (new, lists)


def test_a_page_that_names_its_feed(archive: Archive, settings: Settings) -> None:
    items = "".join(
        f"<item><title>样例县举行第{n}场招商引资签约仪式</title><link>/a/{n}.html</link><pubDate>{NOW - timedelta(days=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n in range(5)
    )
    with Site(respond=article) as site:
        site.pages |= {
            "/": Answer(
                '<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head><body>首页</body></html>'
            ),
            "/rss.xml": Answer(
                f'<rss version="2.0"><channel><title>样例</title>{items}</channel></rss>',
                headers={"Content-Type": "text/xml"},
            ),
        }
        report = visit(archive, settings, f"{site.url}/", spider='"feed"')
        assert (report.outcome, report.new) == ("ok", 5)


def test_selectors_where_detection_would_choose_otherwise(archive: Archive, settings: Settings) -> None:
    chosen = "".join(f'<p class="x"><a href="/a/{n}.html">要闻{n}</a></p>' for n in range(3))
    others = "".join(
        f'<li><a href="/b/{n}.html">样例县举行第{n}场招商引资签约仪式</a>2026-02-01</li>' for n in range(9)
    )
    with Site(respond=article) as site:
        for number in (1, 2):
            more = '<a id="more" href="/2.html">更多</a>' if number == 1 else ""
            body = chosen if number == 1 else chosen.replace("/a/", "/a/x")
            site.pages[f"/{number}.html"] = Answer(f"<html><body>{body}{more}<ul>{others}</ul></body></html>")
        own = '{ entries = "p.x a", next = "a#more" }'
        report = visit(archive, settings, f"{site.url}/1.html", selectors=own)
        assert report.new == 6 and report.lists == 2
        assert not [path for path in site.asked if path.startswith("/b/")]


def test_the_night_ends_and_what_was_not_visited_is_named(archive: Archive, settings: Settings) -> None:
    rows = "".join(f'<li><a href="/a/{n}.html">样例县举行第{n}场招商引资签约仪式</a>2026-02-01</li>' for n in range(40))
    with Site({"/": Answer(f"<ul>{rows}</ul>")}, article) as site:
        short = settings.model_copy(update={"night_minutes": 0.03, "delay": 0.2})
        write_source(settings, f"{site.url}/", name="p")
        write_source(settings, f"{site.url}/", name="q")
        report = crawl(["p", "q"], archive, short, now=NOW)
        (first,) = report.sites
        assert first.finish == "night" and 0 < first.requests < 40
        assert len(report.unvisited) == 1
        following = crawl(["p", "q"], archive, short, now=NOW + timedelta(hours=21))
        assert report.unvisited[0] in {visited.source for visited in following.sites}
