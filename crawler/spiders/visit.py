"""One visit to one source: what its parts share, the result of each page, and when the visit ends early."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import HeldCapture, Page, revisits
from crawler.sources import Source
from crawler.spiders.request_errors import RobotsError, describe_failure, is_too_large
from crawler.spiders.run_state import CrawlRun, VisitStats
from crawler.spiders.scrapy_response import header

# priorities: lists move while they are read and are asked first, history can wait
FIRST_LIST, GAP_LIST, PART, NEW_PAGE, REVISIT, ATTACHMENT, HISTORY_PAGE, HISTORY_LIST = 100, 90, 80, 70, 50, 40, 30, 10

MOST_BLOCKED = 3  # challenges before the site is left alone for the night
MOST_SILENT = 3  # requests in a row without any answer, each tried twice
AWAY = frozenset({502, 503, 504})  # answered where the server behind is down or has too much to do
MOST_AWAY = 5  # such answers in a row, each asked for twice


class Visit:
    """The source, the run that the visit belongs to, and what it came to so far. `slow_down` makes the downloader wait longer between two requests."""

    def __init__(self, source: Source, run: CrawlRun, slow_down: Callable[[], None]) -> None:
        self.source, self.run, self.archive = source, run, run.archive
        self.stats = VisitStats()
        self.logger = logging.getLogger(source.name)
        self._slow_down = slow_down

    # --- what became of a page is written down with the page

    def fetched(self, page: Page, capture: HeldCapture, response: Response | None, *, revisit: bool = True) -> None:
        """The page is fetched, as `capture`. The validators of `response` count only where it is all there is to the article."""
        whole = response if response is not None and response.url == page.url else None
        done = revisits.fetched(
            page,
            self.run.now(),
            status=capture.status,
            etag=header(whole, "ETag") if whole else None,
            last_modified=header(whole, "Last-Modified") if whole else None,
        )
        self.run.writer.save_page(done if revisit else replace(done, next_visit=None), capture)

    def unchanged(self, page: Page) -> None:
        """The page answered 304."""
        self.stats.unchanged += 1
        self.run.writer.save_page(revisits.fetched(page, self.run.now(), status=304))

    def gone(self, page: Page, reason: str, status: int | None = None) -> None:
        """The page is never asked for again."""
        self.run.writer.save_page(revisits.gone(page, self.run.now(), reason, status=status))

    def blocked(self, page: Page, reason: str, status: int, capture: HeldCapture | None = None) -> None:
        """The page answered with a challenge. Raises CloseSpider after a few."""
        self.run.writer.save_page(revisits.blocked(page, self.run.now(), reason, status=status), capture)
        self.was_blocked(reason)

    def failed(self, page: Page, reason: str, status: int | None = None) -> None:
        """The page could not be fetched tonight. Raises CloseSpider where the server is not at work."""
        self.stats.failed += 1
        self.stats.add_reason(f"{reason} {page.url}")
        self.run.writer.save_page(revisits.failed(page, self.run.now(), reason, status=status))
        if status in AWAY:
            self._is_away()

    # --- when the site is left alone for the night

    def was_blocked(self, reason: str) -> None:
        """Counts a challenge and asks more slowly from now on. Raises CloseSpider after a few."""
        self.stats.blocked += 1
        self.stats.add_reason(reason)
        self._slow_down()
        if self.stats.blocked >= MOST_BLOCKED:
            raise CloseSpider("blocked")

    def no_page(self, failure: Failure) -> None:
        """Counts a request without a page, where another night may bring one: nothing answered, or not as it should."""
        asked = getattr(failure, "request", None)
        self.logger.info("没有取到 %s：%s", asked.url if asked else "", describe_failure(failure))
        if isinstance(failure.value, RobotsError) and failure.value.rules.state == "challenge":
            self.was_blocked(describe_failure(failure))
        elif isinstance(failure.value, RobotsError) and failure.value.rules.state == "unknown":
            self.stats.forbidden += 1
        elif isinstance(failure.value, RobotsError) or not (
            isinstance(failure.value, IgnoreRequest) or is_too_large(failure)
        ):
            self.no_answer()

    def no_answer(self) -> None:
        """Counts requests in a row that nothing answered. Raises CloseSpider after a few."""
        self.stats.silent += 1
        if self.stats.silent >= MOST_SILENT:
            raise CloseSpider("silent")

    def _is_away(self) -> None:
        self.stats.away += 1
        if self.stats.away >= MOST_AWAY:
            raise CloseSpider("away")
