"""Exceptions of this program's own callbacks: reported for the source, and the page is fetched again on other nights, a few times."""

from __future__ import annotations

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import ArchiveError, Page, revisits
from crawler.spiders.run_state import describe_fault
from crawler.spiders.site_spider import SiteSpider


class Faults:
    """An exception that a spider's callback did not expect. The archive's own are for the guard."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        faults = cls()
        crawler.signals.connect(faults.failed, signal=signals.spider_error)
        return faults

    def failed(self, failure: Failure, response: Response, spider: Spider) -> None:
        error = failure.value
        if not isinstance(spider, SiteSpider) or error is None or isinstance(error, ArchiveError):
            return
        reason = describe_fault(error)
        spider.visit.stats.failed += 1
        spider.visit.stats.add_reason(f"{reason} {response.url}")
        page = response.cb_kwargs.get("page") if response.request else None
        if isinstance(page, Page):
            spider.visit.run.writer.save_page(
                revisits.failed(page, spider.visit.run.now(), reason, status=response.status)
            )
