"""Obeys robots.txt of each origin, fetched once a visit and read by the same rules as for single pages.

Scrapy's own middleware never sees the status: an error page would be rules, and no answer would allow everything.
"""

from __future__ import annotations

import asyncio
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from crawler.spiders.request_errors import PrivateAddressError, RobotsError, describe_failure, raise_archive_error
from crawler.spiders.scrapy_response import headers_of
from crawler.web import robots
from crawler.web.robots import Rules
from crawler.web.site_policy import SitePolicy

PRIORITY = 1000  # before any page


class RobotsMiddleware:
    """Raises RobotsError for what must not be asked, PrivateAddressError where the host must not. Sends `robots_parsed` with the Rules, once for each origin."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._policy: SitePolicy = crawler.settings["SITE_POLICY"]
        self._rules: dict[str, asyncio.Future[Rules]] = {}  # by origin

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if is_robots(request):
            return
        origin = robots.origin_of(request.url)
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._read(origin))
        rules = await asyncio.shield(self._rules[origin])
        if refusal := rules.refusal(request.url):
            raise RobotsError(refusal, rules)

    async def _read(self, origin: str) -> Rules:
        request = Request(
            robots.robots_url(origin),
            priority=PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            if isinstance(error, PrivateAddressError) and robots.origin_of(error.url) == origin:
                raise  # nothing of that host is asked for, robots.txt or not
            failure = Failure(error)  # type: ignore[no-untyped-call]
            raise_archive_error(failure)
            return robots.unreachable(describe_failure(failure))
        rules = robots.read(response.status, response.body, headers_of(response), self._policy)
        ended = robots.origin_of(response.url)
        if response.url == robots.robots_url(response.url) and ended not in self._rules:
            # a redirect to https, as a rule: that site has said it, too
            told: asyncio.Future[Rules] = asyncio.get_running_loop().create_future()
            told.set_result(rules)
            self._rules[ended] = told
        for site in {origin, ended}:
            self._crawler.signals.send_catch_log(signals.robots_parsed, robotparser=rules, request=Request(site))
        return rules


def is_robots(request: Request) -> bool:
    """Whether a request, redirected or not, asks for a robots.txt in order to obey it."""
    return bool(request.meta.get("dont_obey_robotstxt"))
