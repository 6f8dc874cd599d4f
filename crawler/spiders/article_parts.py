"""Articles on several pages: requests the further parts one after the other; the article counts as fetched when all have come."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import HeldCapture, Page
from crawler.extraction.reject_page import passing_error
from crawler.spiders.links import PageLinks
from crawler.spiders.request_errors import describe_failure, is_never_asked, is_too_large, raise_archive_error
from crawler.spiders.scrapy_response import page_of
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import PART, Visit

MOST_PARTS = 30


class ArticleParts:
    """Follows the link to the next part from page to page. A crawl cut off in between asks for all of the article again."""

    def __init__(self, visit: Visit, kind: SiteKind) -> None:
        self._visit, self._kind = visit, kind

    def links_of(self, response: Response) -> PageLinks:
        """Where a page of an article leads."""
        return self._kind.links(page_of(response, response.meta))

    def follow(self, response: Response, links: PageLinks, page: Page, capture: HeldCapture) -> Iterator[Request]:
        """The request for the second part; without one the article is done."""
        yield from self._next(response, links, page, capture, number=2, seen=frozenset({response.url}))

    def _next(
        self, response: Response, links: PageLinks, page: Page, first: HeldCapture, *, number: int, seen: frozenset[str]
    ) -> Iterator[Request]:
        url = links.next_part if number <= MOST_PARTS else None
        if url is None or url in seen or not self._visit.source.allows(url):
            self._visit.fetched(page, first, response)
            return
        yield Request(
            url,
            callback=self.parse,
            errback=partial(self.failed, page=page, first=first, number=number),
            priority=PART,
            meta={"role": "part", "key": page.canonical_url},
            cb_kwargs={"page": page, "first": first, "number": number, "seen": seen | {url}},
            dont_filter=True,
        )

    def parse(
        self, response: Response, page: Page, first: HeldCapture, number: int, seen: frozenset[str]
    ) -> Iterator[Request]:
        """The answer to the request for part `number`."""
        if response.meta.get("blocked"):
            self._visit.blocked(page, response.meta["blocked"], response.status)
        elif response.status in (404, 410):
            self._visit.fetched(page, first, response)
        elif response.meta.get("capture") is None:
            self._visit.failed(page, f"第 {number} 页 HTTP {response.status}", response.status)
        elif error := passing_error(page_of(response, response.meta).text):
            self._visit.failed(page, f"第 {number} 页{error}", response.status)
        else:
            yield from self._next(response, self.links_of(response), page, first, number=number + 1, seen=seen)

    def failed(self, failure: Failure, page: Page, first: HeldCapture, number: int) -> None:
        """No answer: where the part must not be asked for, the article ends before it."""
        raise_archive_error(failure)
        if is_never_asked(failure) or is_too_large(failure):
            self._visit.fetched(page, first, None)
        else:
            self._visit.failed(page, f"第 {number} 页{describe_failure(failure)}")
            self._visit.no_page(failure)
