"""Hands every response to the archive before another middleware may drop it; challenges are kept as blocked."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from crawler.archive import Exchange, Role
from crawler.canonical import canonicalise
from crawler.middlewares.robots import is_robots
from crawler.spiders.scrapy_response import page_of
from crawler.spiders.site_spider import SiteSpider
from crawler.web.challenge import challenge_on
from crawler.web.rendering import Resource

_NOT_PAGES = ("image/", "audio/", "video/", "font/")


class CaptureMiddleware:
    """Sets `meta["capture"]` to the HeldCapture, and `meta["blocked"]` to the reason where the answer is a challenge."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        spider = self._crawler.spider
        if not isinstance(spider, SiteSpider) or "rendering" in request.meta:
            return response  # what a browser asked for is told by the document that it made
        role: Role = request.meta.get("role") or ("robots" if is_robots(request) else "other")
        reason = None if role == "robots" else challenge_on(page_of(response, request.meta), response.status)
        request.meta["blocked"], request.meta["capture"] = reason, None
        came: Resource | None = request.meta.pop("rendered_from", None)
        if came is not None:  # before the document that a browser made of it, which is the page's
            spider.visit.run.writer.write(
                Exchange(
                    url=response.url,
                    status=came.status,
                    headers=tuple(came.headers.items()),
                    body=came.content,
                    fetched_at=spider.visit.run.now(),
                    source=spider.source.name,
                    role="other",
                    canonical_url=request.meta.get("key") or canonicalise(response.url),
                    request_headers=_pairs(request.headers),
                )
            )
        if reason or 200 <= response.status < 300:
            request.meta["capture"] = spider.visit.run.writer.write(
                Exchange(
                    url=response.url,
                    status=response.status,
                    headers=_pairs(response.headers),
                    body=response.body,
                    fetched_at=spider.visit.run.now(),
                    source=spider.source.name,
                    role=_role_of(role, response),
                    canonical_url=request.meta.get("key") or canonicalise(response.url),
                    method=request.method,
                    request_headers=_pairs(request.headers),
                    request_body=request.body,
                    address=str(response.ip_address) if response.ip_address else None,
                    blocked=reason,
                )
            )
            spider.visit.stats.captures += role != "robots"
        return response


def _role_of(asked: Role, response: Response) -> Role:
    """What came, where it is not what was asked for: an entry of a list may lead to a picture."""
    if asked != "article":
        return asked
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
    return "other" if kind.startswith(_NOT_PAGES) else asked


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )
