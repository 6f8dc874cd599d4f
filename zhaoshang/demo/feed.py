"""A weekly in GB18030 that announces its articles by RSS (the newest) and a sitemap (all of them)."""

from __future__ import annotations

from datetime import date, datetime
from email.utils import format_datetime

from zhaoshang.demo.content import SHANGHAI, Expected, Sample, expect, samples
from zhaoshang.demo.server import TEMPLATES, Page, Request, SiteKind, groups, page, robots

NAME, TITLE = "demo-feed", "西部开发周刊（示例）"
NEWEST = 10  # items of the RSS


def respond(request: Request) -> Page | None:
    """Answers /, /rss.xml, /sitemap.xml and the articles below /c/."""
    own = samples("feed")
    if request.path == "/robots.txt":
        answer = robots()
        return Page(answer.body + f"\nSitemap: {request.base}/sitemap.xml\n".encode(), answer.content_type)
    if request.path == "/":
        return page(
            "feed_home.html",
            encoding="gb18030",
            modified=own[0].published,
            title=TITLE,
            samples=own[:NEWEST],
            address=_address,
        )
    if request.path == "/rss.xml":
        return _xml(request, "feed_rss.xml", own[:NEWEST], "gb18030")
    if request.path == "/sitemap.xml":
        return _xml(request, "feed_sitemap.xml", own, "utf-8")
    return next((_article(request, s) for s in own if _address(s) == request.path), None)


def _xml(request: Request, template: str, rows: tuple[Sample, ...], encoding: str) -> Page:
    text = TEMPLATES.get_template(template).render(
        base=request.base, title=TITLE, samples=rows, address=_address, rfc822=_rfc822
    )
    return Page(text.encode(encoding), "application/xml", modified=rows[0].published)


def _rfc822(at: date) -> str:
    clock = at.timetz() if isinstance(at, datetime) else datetime.min.timetz()
    return format_datetime(datetime.combine(at, clock, tzinfo=SHANGHAI))


def _address(sample: Sample) -> str:
    return f"/c/{sample.published:%Y-%m-%d}/{sample.number}.shtml"


def _article(request: Request, sample: Sample) -> Page:
    blocks = groups(sample.parts(request.edition)[0])
    return page(
        "feed_article.html", encoding="gb18030", modified=sample.published, title=TITLE, sample=sample, blocks=blocks
    )


def expected(base: str) -> list[Expected]:
    return [expect(s, [base + _address(s)]) for s in samples("feed")]


SITE = SiteKind(
    name=NAME,
    title=TITLE,
    kind="news",
    region="510000",
    starts=("/rss.xml", "/sitemap.xml"),
    respond=respond,
    expected=expected,
    spider="feed",
)
