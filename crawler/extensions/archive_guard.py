"""Ends the crawl when the archive cannot be written to: nothing more is requested when the answers cannot be stored."""

from __future__ import annotations

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.defer import _schedule_coro
from twisted.python.failure import Failure

from crawler.archive import ArchiveError
from crawler.spiders.site_spider import SiteSpider


class ArchiveGuard:
    """Closes the spider with `archive`, and tells the run why."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        guard = cls(crawler)
        crawler.signals.connect(guard.failed, signal=signals.spider_error)
        return guard

    def failed(self, failure: Failure, spider: Spider) -> None:
        if isinstance(spider, SiteSpider) and isinstance(failure.value, ArchiveError):
            spider.visit.run.broken = str(failure.value)
            _schedule_coro(self._crawler.engine.close_spider_async(reason="archive"))
