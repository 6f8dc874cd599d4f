"""Requests the pages of articles and documents, once a visit; each response is stored before it is parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import HeldCapture, NewPage, Page
from crawler.canonical import canonicalise
from crawler.extraction.documents.linked_documents import extension_of, is_document
from crawler.lists.client_redirect import article_redirect, leads_nowhere
from crawler.sources import site_of
from crawler.spiders.article_parts import ArticleParts
from crawler.spiders.links import PageLinks
from crawler.spiders.request_errors import (
    KnownError,
    describe_failure,
    is_never_asked,
    is_too_large,
    raise_archive_error,
)
from crawler.spiders.scrapy_response import page_of
from crawler.spiders.visit import ATTACHMENT, HISTORY_PAGE, NEW_PAGE, PART, REVISIT, Visit
from crawler.web.site_policy import MOST_DOCUMENT_BYTES

LED_HOME = "转到了首页，文章已不在原处"
MOST_DOORS = 3  # pages on the way to an article that only lead on
MOST_ATTACHMENTS = 10  # of one page


class ArticlePages:
    """Asks for pages of the archive's frontier and takes their answers."""

    def __init__(self, visit: Visit, parts: ArticleParts) -> None:
        self._visit, self._parts = visit, parts
        self._asked: set[str] = set()  # keys of pages asked for on this visit

    # --- asking for pages

    def waiting(self) -> Iterator[Request]:
        """Requests for pages that earlier visits left, and those whose next visit is due."""
        visit = self._visit
        for page in visit.archive.frontier.pages_to_fetch(
            visit.source.name, visit.source.budget.pages, visit.run.now()
        ):
            yield from self._request(page)

    def within_budget(self, pages: Iterable[Page]) -> Iterator[Request]:
        """Requests for as many of `pages` as the visit's budget leaves room for; the others wait in the frontier."""
        for page in pages:
            if self._visit.stats.requests + self._visit.stats.queued >= self._visit.source.budget.pages:
                break
            yield from self._request(page)

    def _request(self, page: Page) -> Iterator[Request]:
        """The request for a page, unless this visit asked for it already."""
        if page.canonical_url in self._asked:
            return
        self._asked.add(page.canonical_url)
        priority = REVISIT if page.state != "queued" else HISTORY_PAGE if page.history else NEW_PAGE
        headers = {}
        if page.etag:
            headers["If-None-Match"] = page.etag
        if page.last_modified:
            headers["If-Modified-Since"] = page.last_modified
        meta: dict[str, Any] = {"role": "article", "key": page.canonical_url}
        if extension_of(page.url, page.title):
            # an entry of a list that is a document is an article of its own, one that a page links belongs to that page's
            linked = page.referrer is not None and self._visit.archive.frontier.page(page.referrer) is not None
            role = "attachment" if linked else "article"
            priority, meta = ATTACHMENT, {**meta, "role": role, "download_maxsize": MOST_DOCUMENT_BYTES}
        self._visit.stats.queued += 1
        yield Request(
            page.url,
            callback=self.parse,
            errback=partial(self.failed, page=page),
            headers=headers,
            priority=priority,
            meta=meta,
            cb_kwargs={"page": page},
            dont_filter=True,
        )

    # --- their answers

    def parse(self, response: Response, page: Page) -> Iterator[Request]:
        """The answer to the request for a page."""
        visit = self._visit
        visit.stats.queued -= 1
        self._count(page)
        capture: HeldCapture | None = response.meta.get("capture")
        if response.meta.get("blocked"):
            visit.blocked(page, response.meta["blocked"], response.status, capture)
        elif response.status == 304:
            visit.unchanged(page)
        elif response.status in (404, 410):
            visit.stats.gone += 1
            visit.gone(page, f"HTTP {response.status}", response.status)
        elif capture is None:
            visit.failed(page, f"HTTP {response.status}", response.status)
        else:
            yield from self._captured(response, page, capture)

    def _count(self, page: Page) -> None:
        """An answer, or none, to the request for an article that a list named."""
        if page.first_fetched is None and not extension_of(page.url, page.title):
            self._visit.stats.named += 1

    def _captured(self, response: Response, page: Page, capture: HeldCapture) -> Iterator[Request]:
        """A page that came as asked; what it links is followed before it counts as fetched."""
        visit = self._visit
        if capture.role != "article":
            visit.fetched(page, capture, response, revisit=False)
            return
        is_file = is_document(response.body)
        if _leads_home(page, response):
            self._is_no_article(capture, LED_HOME)
            visit.failed(page, LED_HOME, response.status)
            return
        if not is_file and (target := article_redirect(page_of(response, response.meta), visit.source.allows)):
            yield from self._led_on(response, page, capture, target)
            return
        known = page.first_fetched is not None
        if not known:
            visit.stats.new += 1
        elif visit.run.writer.is_known(capture):
            visit.stats.unchanged += 1
        else:
            visit.stats.changed += 1
        if is_file:
            visit.fetched(page, capture, response, revisit=False)
            return
        links = self._parts.links_of(response)
        if not known or page.reason is not None:  # or it held no article until now
            yield from self._documents(links, page)
        yield from self._parts.follow(response, links, page, capture)

    def _led_on(self, response: Response, page: Page, capture: HeldCapture, target: str) -> Iterator[Request]:
        """A page that holds nothing itself leads to the article, in the reader's browser: that is fetched in its place."""
        visit = self._visit
        passed: tuple[str, ...] = (*response.meta.get("doors", ()), canonicalise(response.url))
        key = canonicalise(target)
        known = visit.archive.frontier.page(key) if key not in (*passed, page.canonical_url) else None
        self._is_no_article(capture, f"只把读者转到 {target}")
        if key in passed or len(passed) > MOST_DOORS:
            visit.failed(page, f"一再转向，没有尽头：{target}")
        elif not visit.source.allows(target):
            visit.stats.gone += 1
            visit.stats.elsewhere[site_of(target)] += 1
            visit.gone(page, f"转到了来源之外的网站：{target}")
        elif known is not None and known.state in ("queued", "fetched"):
            visit.gone(page, f"转到了另有一条的文章：{target}")
        else:
            visit.stats.queued += 1
            yield Request(
                target,
                callback=self.parse,
                errback=partial(self.failed, page=page),
                priority=PART,
                meta={"role": "article", "key": page.canonical_url, "doors": passed},
                cb_kwargs={"page": page},
                dont_filter=True,
            )

    def _is_no_article(self, capture: HeldCapture, reason: str) -> None:
        """What came holds no article, whatever its frame shows: it is not extracted, now or later."""
        self._visit.run.writer.flush()  # it is marked by its row
        if capture.capture is not None:
            self._visit.archive.articles.mark_extracted(capture.capture.id, "superseded", reason)

    def _documents(self, links: PageLinks, page: Page) -> Iterator[Request]:
        """Documents that the page links become pages of the frontier."""
        visit = self._visit
        linked = [(url, canonicalise(url), title) for url, title in links.documents[:MOST_ATTACHMENTS]]
        linked = [document for document in linked if visit.source.allows(document[0])]
        if not linked:
            return
        known = visit.archive.frontier.pages_of(key for _, key, _ in linked)
        new = [
            NewPage(url, key, title, referrer=page.canonical_url, history=True)
            for url, key, title in linked
            if key not in known
        ]
        if not new:
            return
        visit.archive.frontier.add_pages(visit.source.name, new, visit.run.now())
        added = visit.archive.frontier.pages_of(entry.canonical_url for entry in new)
        for entry in new:
            if entry.canonical_url in added:
                yield from self._request(added[entry.canonical_url])

    def failed(self, failure: Failure, page: Page) -> None:
        """No answer: a broken connection, a timeout, an answer too large, or robots.txt."""
        visit = self._visit
        visit.stats.queued -= 1
        raise_archive_error(failure)
        self._count(page)
        reason = describe_failure(failure)
        if is_too_large(failure) and extension_of(page.url, page.title):
            visit.stats.gone += 1
            visit.gone(page, reason)  # a document does not shrink; a page that large is a fault of the site
        elif is_never_asked(failure):
            visit.stats.forbidden += not isinstance(failure.value, KnownError)
            visit.gone(page, reason)
        else:
            visit.failed(page, reason)
            visit.no_page(failure)


def _leads_home(page: Page, response: Response) -> bool:
    """Whether redirects led from an article's address to the home page, as sites answer for what they have no more."""
    passed = response.meta.get("redirect_urls")
    return bool(passed) and leads_nowhere(response.url) and not leads_nowhere(page.url)
