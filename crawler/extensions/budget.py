"""Limits of a visit: pages and minutes of the source, and the end of the night's time."""

from __future__ import annotations

import time
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import CallLaterResult, call_later
from scrapy.utils.defer import _schedule_coro

from crawler.spiders.site_spider import SiteSpider
from crawler.web.contact_policy import NO_CONTACT
from crawler.web.site_policy import SitePolicy


class Budget:
    """Closes the spider with `pages`, `minutes` or `night`; what is queued stays in the archive's frontier."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._timers: list[CallLaterResult] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        budget = cls(crawler)
        crawler.signals.connect(budget.opened, signal=signals.spider_opened)
        crawler.signals.connect(budget.asked, signal=signals.request_reached_downloader)
        crawler.signals.connect(budget.closed, signal=signals.spider_closed)
        return budget

    def opened(self, spider: Spider) -> None:
        if not isinstance(spider, SiteSpider):
            return
        policy: SitePolicy = self._crawler.settings["SITE_POLICY"]
        if any(map(policy.needs_contact, spider.source.start_urls)):
            spider.logger.error(NO_CONTACT)
            raise CloseSpider("no_contact")
        self._timers.append(call_later(spider.source.budget.minutes * 60, self._close, "minutes"))
        if spider.visit.run.deadline is not None:
            self._timers.append(
                call_later(max(0.0, spider.visit.run.deadline - time.monotonic()), self._close, "night")
            )

    def asked(self, request: Request, spider: Spider) -> None:
        if not isinstance(spider, SiteSpider) or not {"role", "rendering"} & set(request.meta):
            return  # robots.txt is not what the budget is for
        spider.visit.stats.requests += 1
        if spider.visit.stats.requests >= spider.source.budget.pages:
            self._close("pages")

    def closed(self, spider: Spider) -> None:
        for timer in self._timers:
            timer.cancel()

    def _close(self, reason: str) -> None:
        _schedule_coro(self._crawler.engine.close_spider_async(reason=reason))
