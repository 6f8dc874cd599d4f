"""Obeys Crawl-delay of robots.txt, which Scrapy ignores."""

from __future__ import annotations

import logging
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.utils.httpobj import urlparse_cached

from crawler.web.robots import Rules

logger = logging.getLogger(__name__)


class CrawlDelay:
    """Never less between two requests to a host than its robots.txt asks for, up to what the site policy grants."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._least: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.parsed, signal=signals.robots_parsed)
        return extension

    def parsed(self, robotparser: Rules, request: Request) -> None:
        if robotparser.crawl_delay:
            if not self._least:  # few sites ask for it; where none does, no request is looked at
                self._crawler.signals.connect(self.reached, signal=signals.request_reached_downloader)
            host = urlparse_cached(request).hostname or ""
            self._least[host] = max(robotparser.crawl_delay, self._least.get(host, 0.0))
            logger.info("%s 的 robots.txt 要求间隔 %g 秒", host, self._least[host])

    def reached(self, request: Request) -> None:
        assert self._crawler.engine is not None
        host = urlparse_cached(request).hostname or ""
        slot = self._crawler.engine.downloader.slots.get(host)
        if slot is not None and host in self._least:
            slot.delay = max(slot.delay, self._least[host])
