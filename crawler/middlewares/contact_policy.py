"""Drops requests that the crawl may not send: to hosts that the source does not allow, or without a contact beyond this machine.

Nor to an article a second time, where an address of its own and one that redirects to it stand in the same lists.
"""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.canonical import canonicalise
from crawler.middlewares.robots import is_robots
from crawler.spiders.request_errors import ElsewhereError, KnownError, NotAskedError
from crawler.spiders.site_spider import SiteSpider
from crawler.web.contact_policy import NO_CONTACT
from crawler.web.rendering import SCRIPTS
from crawler.web.site_policy import SitePolicy


class ReachMiddleware:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._policy: SitePolicy = crawler.settings["SITE_POLICY"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        spider = self._crawler.spider
        if fault := self._policy.address_fault(request.url):
            raise NotAskedError(fault)
        # rules may stand on another host: a robots.txt that redirects there is followed; so may scripts that a page needs
        free = is_robots(request) or request.meta.get("rendering") in SCRIPTS
        if isinstance(spider, SiteSpider) and not free and not spider.source.allows(request.url):
            raise ElsewhereError(f"转到了来源之外的网站：{request.url}")
        if self._policy.needs_contact(request.url):
            raise ElsewhereError(NO_CONTACT)
        request.meta["proxy"] = self._policy.proxy_for(
            request.url
        )  # None too: else Scrapy takes one from the environment
        if isinstance(spider, SiteSpider) and request.meta.get("role") == "article" and "redirect_urls" in request.meta:
            key = canonicalise(request.url)
            passed = {canonicalise(url) for url in request.meta["redirect_urls"]}
            page = None
            if key not in passed:
                spider.visit.run.writer.flush()  # what became of that page just now counts
                page = spider.visit.archive.frontier.page(key)
            if page is not None and page.state in ("queued", "fetched"):
                raise KnownError(f"转到了另有一条的文章：{request.url}")
