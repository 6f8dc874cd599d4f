"""Crawl-delay of robots.txt, which Scrapy reads past."""

from __future__ import annotations

from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.utils.httpobj import urlparse_cached

MOST_SECONDS = 60.0


class CrawlDelay:
    """Never less between two requests than robots.txt asks for, up to a minute."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._least: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.parsed, signal=signals.robots_parsed)
        crawler.signals.connect(extension.reached, signal=signals.request_reached_downloader)
        return extension

    def parsed(self, robotparser: Any, request: Request) -> None:
        asked = robotparser.rp.crawl_delay(self._crawler.settings["ROBOTSTXT_USER_AGENT"])
        if asked:
            self._least[urlparse_cached(request).hostname or ""] = min(float(asked), MOST_SECONDS)

    def reached(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        slot = self._crawler.engine.downloader.slots.get(host)
        if slot is not None and host in self._least:
            slot.delay = max(slot.delay, self._least[host])
