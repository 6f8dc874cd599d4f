"""Has what a visit fetched written in time, and ends the crawl when the archive cannot be written to: nothing more is requested when the answers cannot be stored."""

from __future__ import annotations

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from scrapy.utils.defer import _schedule_coro
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from crawler.archive import ArchiveError
from crawler.spiders.site_spider import SiteSpider

FLUSH_SECONDS = 0.5  # between two looks whether anything has been held back for too long


class ArchiveGuard:
    """Closes the spider with `archive`, and tells the run why."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._flushing: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        guard = cls(crawler)
        crawler.signals.connect(guard.opened, signal=signals.spider_opened)
        crawler.signals.connect(guard.failed, signal=signals.spider_error)
        crawler.signals.connect(guard.closed, signal=signals.spider_closed)
        return guard

    def opened(self, spider: Spider) -> None:
        if isinstance(spider, SiteSpider):
            self._flushing = create_looping_call(self._flush, spider)
            self._flushing.start(FLUSH_SECONDS, now=False)

    def closed(self, spider: Spider) -> None:
        if self._flushing is not None and self._flushing.running:
            self._flushing.stop()

    def _flush(self, spider: SiteSpider) -> None:
        try:
            spider.visit.run.writer.flush_if_due()
        except ArchiveError as error:
            self._end(spider, error)

    def failed(self, failure: Failure, spider: Spider) -> None:
        if isinstance(spider, SiteSpider) and isinstance(failure.value, ArchiveError):
            self._end(spider, failure.value)

    def _end(self, spider: SiteSpider, error: ArchiveError) -> None:
        if self._crawler.engine is not None and self._crawler.engine.running:
            spider.visit.run.broken = str(error)
            _schedule_coro(self._crawler.engine.close_spider_async(reason="archive"))
