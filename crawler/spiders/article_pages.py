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
from crawler.spiders.article_parts import ArticleParts
from crawler.spiders.links import PageLinks
from crawler.spiders.request_errors import (
    KnownError,
    describe_failure,
    is_never_asked,
    is_too_large,
    raise_archive_error,
)
from crawler.spiders.visit import ATTACHMENT, HISTORY_PAGE, NEW_PAGE, REVISIT, Visit

MOST_ATTACHMENTS = 10  # of one page
ATTACHMENT_BYTES = 10_000_000


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
            priority, meta = ATTACHMENT, {**meta, "role": role, "download_maxsize": ATTACHMENT_BYTES}
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

    def _captured(self, response: Response, page: Page, capture: HeldCapture) -> Iterator[Request]:
        """A page that came as asked; what it links is followed before it counts as fetched."""
        visit = self._visit
        if capture.role != "article":
            visit.fetched(page, capture, response, revisit=False)
            return
        known = page.first_fetched is not None
        if not known:
            visit.stats.new += 1
        elif visit.run.writer.is_known(capture):
            visit.stats.unchanged += 1
        else:
            visit.stats.changed += 1
        if is_document(response.body):
            visit.fetched(page, capture, response, revisit=False)
            return
        links = self._parts.links_of(response)
        if not known:
            yield from self._documents(links, page)
        yield from self._parts.follow(response, links, page, capture)

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
