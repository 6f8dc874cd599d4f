"""A site with an RSS feed and a site map of two parts."""

from __future__ import annotations

from typing import Any

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site


class FeedSite(Site):
    """/rss.xml has all articles; /sitemap.xml is an index of /sitemap-1.xml, which is full, and /sitemap-news.xml, which grows."""

    start = "/rss.xml"

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.full = len(self.pieces) - 10

    def address(self, piece: Piece) -> str:
        return f"/news/{piece.day:%Y-%m}/{piece.day:%d}/content_{piece.number}.html"

    def page(self, asked: Asked) -> Answer | None:
        xml = "text/xml; charset=utf-8"
        if asked.path == "/rss.xml":
            items = "".join(
                f"<item><title><![CDATA[{p.title}]]></title><link>{self.url}{self.address(p)}</link><pubDate>{p.day} 09:00:00.0</pubDate><description>&nbsp;{p.paragraphs[0]} A&B</description></item>"
                for p in self.pieces
            )
            return Answer(
                f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>招商动态</title><link>{self.url}</link>{items}</channel></rss>',
                type=xml,
            )
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        older, newer = self.pieces[-self.full :], self.pieces[: -self.full]
        if asked.path == "/sitemap.xml":
            parts = (("sitemap-1.xml", older[0].day), ("sitemap-news.xml", newer[0].day))
            maps = "".join(f"<sitemap><loc>{self.url}/{n}</loc><lastmod>{day}</lastmod></sitemap>" for n, day in parts)
            return Answer(
                f'{head}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>',
                type=xml,
            )
        if asked.path == "/sitemap-1.xml":
            urls = "".join(
                f"<url><loc>{self.url}{self.address(p)}</loc><lastmod>{p.day}</lastmod></url>" for p in older
            )
            return Answer(
                f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>', type=xml
            )
        if asked.path == "/sitemap-news.xml":
            urls = "".join(
                f"<url><loc>{self.url}{self.address(p)}</loc><news:news><news:publication_date>{p.day}T09:00:00+08:00</news:publication_date><news:title>{p.title}</news:title></news:news></url>"
                for p in newer
            )
            return Answer(
                f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>',
                type=xml,
            )
        return None
