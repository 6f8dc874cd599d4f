"""Tells the run how a visit goes on, and how it ended."""

from __future__ import annotations

import time
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.spiders.site import AWAY, SiteSpider


class Progress:
    """After each answer the tally goes to the night; at the end the visit is concluded, which writes the report and the next due time."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls()
        crawler.signals.connect(progress.answered, signal=signals.response_received)
        crawler.signals.connect(progress.closed, signal=signals.spider_closed)
        return progress

    def answered(self, response: Response, spider: Spider) -> None:
        if isinstance(spider, SiteSpider):
            spider.tally.silent = 0
            if response.status not in AWAY:
                spider.tally.away = 0
            spider.night.progress(spider.source.name, spider.tally)

    def closed(self, spider: Spider, reason: str) -> None:
        if isinstance(spider, SiteSpider):
            spider.night.conclude(spider.source, spider.tally, reason, time.monotonic() - self._began)
            if spider.owns_night:
                spider.night.finish()
