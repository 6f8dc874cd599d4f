"""Reports how a visit proceeds, and how it ended, to the process that started the run."""

from __future__ import annotations

import time
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.spiders.site_spider import SiteSpider
from crawler.spiders.visit import AWAY


class Progress:
    """After each answer the stats go to the run; at the end the visit is concluded, which writes the report and the next due time."""

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
            visit = spider.visit
            took = response.meta.get("download_latency")
            visit.logger.info(
                "%s %s %s 字节%s", response.status, response.url, len(response.body), f"，{took:.1f} 秒" if took else ""
            )
            visit.stats.silent = 0
            if response.status not in AWAY:
                visit.stats.away = 0
            visit.run.progress(visit.source.name, visit.stats)

    def closed(self, spider: Spider, reason: str) -> None:
        if isinstance(spider, SiteSpider):
            run = spider.visit.run
            stats = spider.visit.stats
            spider.visit.logger.info(
                "结束（%s）：请求 %s，快照 %s，失败 %s", reason, stats.requests, stats.captures, stats.failed
            )
            run.conclude(spider.source, spider.visit.stats, reason, time.monotonic() - self._began)
            if spider.owns_run:
                run.finish()
