"""SiteSpider: the pages of one site. Every answer is kept before it is looked at; what becomes of a page is written down at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import ArchiveError, Capture, NewPage, Page, visits
from crawler.canonical import canonicalise
from crawler.documents import extension_of, is_document
from crawler.sources import Source
from crawler.spiders.follow import Leads, leads_of
from crawler.spiders.night import Night, Tally
from crawler.web.page import WebPage

# what is asked first: lists move while they are read, history can wait
FIRST_LIST, GAP_LIST, PART, NEW_PAGE, REVISIT, ATTACHMENT, HISTORY_PAGE, HISTORY_LIST = 100, 90, 80, 70, 50, 40, 30, 10

MOST_BLOCKED = 3  # challenges before the site is left alone for the night
MOST_SILENT = 3  # requests in a row without any answer, each tried twice
AWAY = frozenset({502, 503, 504})  # answered where the server behind is down or has too much to do
MOST_AWAY = 5  # such answers in a row, each asked for twice
MOST_PARTS = 30
MOST_ATTACHMENTS = 10  # of one page
ATTACHMENT_BYTES = 10_000_000


class ElsewhereError(IgnoreRequest):
    """The request would leave the source, usually by a redirect; the message is one line."""


class KnownError(IgnoreRequest):
    """A redirect leads to a page that the archive has, or will ask for, under its own address; the message is one line."""


class SiteSpider(Spider):
    """One visit to one source. `night` is the run that it belongs to; without one it makes its own."""

    source: ClassVar[Source]

    def __init__(self, night: Night | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.owns_night = night is None
        self.night = night or Night.of_one()
        self.archive = self.night.archive
        self.tally = Tally()
        self.asked: set[str] = set()  # keys of pages asked for on this visit

    # --- asking for pages

    def waiting(self) -> Iterator[Request]:
        """Pages that earlier visits left, and those whose next visit is due."""
        for page in self.archive.pages_to_fetch(self.source.name, self.source.budget.pages, self.night.now()):
            yield from self.page_request(page)

    def page_request(self, page: Page) -> Iterator[Request]:
        """The request for a page, unless this visit asked for it already."""
        if page.canonical_url in self.asked:
            return
        self.asked.add(page.canonical_url)
        priority = REVISIT if page.state != "queued" else HISTORY_PAGE if page.history else NEW_PAGE
        headers = {}
        if page.etag:
            headers["If-None-Match"] = page.etag
        if page.last_modified:
            headers["If-Modified-Since"] = page.last_modified
        meta: dict[str, Any] = {"role": "article", "key": page.canonical_url}
        if extension_of(page.url, page.title):
            # an entry of a list that is a document is an article of its own, one that a page links belongs to that page's
            linked = page.referrer is not None and self.archive.page(page.referrer) is not None
            role = "attachment" if linked else "article"
            priority, meta = ATTACHMENT, {**meta, "role": role, "download_maxsize": ATTACHMENT_BYTES}
        self.tally.queued += 1
        yield Request(
            page.url,
            callback=self.parse_page,
            errback=self.page_failed,
            headers=headers,
            priority=priority,
            meta=meta,
            cb_kwargs={"page": page},
            dont_filter=True,
        )

    # --- their answers

    def parse_page(self, response: Response, page: Page) -> Iterator[Request]:
        self.tally.queued -= 1
        now = self.night.now()
        capture: Capture | None = response.meta.get("capture")
        if response.meta.get("blocked"):
            reason = response.meta["blocked"]
            self.archive.save_page(
                visits.blocked(page, now, reason, status=response.status, capture=capture.id if capture else None)
            )
            self.was_blocked(reason)
        elif response.status == 304:
            self.tally.unchanged += 1
            self.archive.save_page(visits.fetched(page, now, status=304))
        elif response.status in (404, 410):
            self.tally.gone += 1
            self.archive.save_page(visits.gone(page, now, f"HTTP {response.status}", status=response.status))
        elif capture is None:
            self.put_off(page, f"HTTP {response.status}", response.status)
        else:
            yield from self.keep(response, page, capture)

    def keep(self, response: Response, page: Page, capture: Capture) -> Iterator[Request]:
        """A page that came as asked. Its further parts come before it counts as fetched: a crawl cut off in between asks for all of it again."""
        if capture.role != "article":
            self.finish(page, capture, response, revisit=False)
            return
        known = page.first_fetched is not None
        if not known:
            self.tally.new += 1
        elif capture.refers_to is not None:
            self.tally.unchanged += 1
        else:
            self.tally.changed += 1
        if is_document(response.body):
            self.finish(page, capture, response, revisit=False)
            return
        leads = self.leads(response)
        if not known:
            yield from self.documents(leads, page)
        yield from self.next_part(response, leads, page, capture, 2, {response.url})

    def leads(self, response: Response) -> Leads:
        """Where a page of an article leads."""
        return leads_of(page_of(response, response.meta))

    def next_part(
        self, response: Response, leads: Leads, page: Page, first: Capture, number: int, seen: set[str]
    ) -> Iterator[Request]:
        """The request for the part after `response`; without one the page is done."""
        url = leads.next_part if number <= MOST_PARTS else None
        if url is None or url in seen or not self.source.allows(url):
            self.finish(page, first, response)
            return
        yield Request(
            url,
            callback=self.parse_part,
            errback=self.part_failed,
            priority=PART,
            meta={"role": "part", "key": page.canonical_url},
            cb_kwargs={"page": page, "first": first, "number": number, "seen": {*seen, url}},
            dont_filter=True,
        )

    def parse_part(
        self, response: Response, page: Page, first: Capture, number: int, seen: set[str]
    ) -> Iterator[Request]:
        if response.meta.get("blocked"):
            reason = response.meta["blocked"]
            self.archive.save_page(visits.blocked(page, self.night.now(), reason, status=response.status))
            self.was_blocked(reason)
        elif response.status in (404, 410):
            self.finish(page, first, response)
        elif response.meta.get("capture") is None:
            self.put_off(page, f"第 {number} 页 HTTP {response.status}", response.status)
        else:
            yield from self.next_part(response, self.leads(response), page, first, number + 1, seen)

    def finish(self, page: Page, capture: Capture, response: Response | None, *, revisit: bool = True) -> None:
        """Writes down that the page is fetched; its validators count only where it is all there is to the article."""
        headers = response.headers if response is not None and response.url == page.url else {}
        done = visits.fetched(
            page,
            self.night.now(),
            capture=capture.id,
            status=capture.status,
            etag=_text(headers.get("ETag")),
            last_modified=_text(headers.get("Last-Modified")),
        )
        self.archive.save_page(done if revisit else replace(done, next_visit=None))

    def documents(self, leads: Leads, page: Page) -> Iterator[Request]:
        """Documents that the page links become pages of the frontier."""
        new = [
            NewPage(url, key, title, referrer=page.canonical_url, history=True)
            for url, title in leads.documents[:MOST_ATTACHMENTS]
            if self.source.allows(url) and self.archive.page(key := canonicalise(url)) is None
        ]
        if not new:
            return
        self.archive.add_pages(self.source.name, new, self.night.now())
        for entry in new:
            added = self.archive.page(entry.canonical_url)
            if added is not None:
                yield from self.page_request(added)

    def page_failed(self, failure: Failure) -> None:
        """No answer: a broken connection, a timeout, an answer too large, or robots.txt."""
        page: Page = failure.request.cb_kwargs["page"]  # type: ignore[attr-defined]
        self.tally.queued -= 1
        raise_fault_of_archive(failure)
        if isinstance(failure.value, IgnoreRequest):
            self.tally.forbidden += not isinstance(failure.value, KnownError)
            self.archive.save_page(visits.gone(page, self.night.now(), refusal_of(failure)))
        elif is_too_large(failure):
            self.tally.gone += 1
            self.archive.save_page(visits.gone(page, self.night.now(), reason_of(failure)))
        else:
            self.put_off(page, reason_of(failure))
            self.no_answer()

    def part_failed(self, failure: Failure) -> None:
        """A further part that does not come: where it must not be asked for, the article ends before it."""
        arguments = failure.request.cb_kwargs  # type: ignore[attr-defined]
        raise_fault_of_archive(failure)
        if isinstance(failure.value, IgnoreRequest) or is_too_large(failure):
            self.finish(arguments["page"], arguments["first"], None)
        else:
            self.put_off(arguments["page"], f"第 {arguments['number']} 页{reason_of(failure)}")
            self.no_answer()

    def put_off(self, page: Page, reason: str, status: int | None = None) -> None:
        """A page that could not be fetched tonight."""
        self.tally.failed += 1
        self.tally.because(f"{reason} {page.url}")
        self.archive.save_page(visits.failed(page, self.night.now(), reason, status=status))
        if status in AWAY:
            self.is_away()

    def is_away(self) -> None:
        """Counts answers in a row that the server is not at work; it is left alone for the night."""
        self.tally.away += 1
        if self.tally.away >= MOST_AWAY:
            raise CloseSpider("away")

    def no_answer(self) -> None:
        """Counts requests in a row that nothing answered; a site that is silent is left alone for the night."""
        self.tally.silent += 1
        if self.tally.silent >= MOST_SILENT:
            raise CloseSpider("silent")

    def was_blocked(self, reason: str) -> None:
        """Counts a challenge; asks more slowly from now on, and after a few leaves the site alone."""
        self.tally.blocked += 1
        self.tally.because(reason)
        for slot in self.crawler.engine.downloader.slots.values():
            slot.delay = max(2 * slot.delay, 1.0)
        if self.tally.blocked >= MOST_BLOCKED:
            raise CloseSpider("blocked")


# by name: Scrapy's own errors, and Twisted's behind them
_FAILURES = {
    "DownloadConnectionRefusedError": "拒绝连接",
    "ConnectionRefusedError": "拒绝连接",
    "CannotResolveHostError": "找不到主机",
    "DNSLookupError": "找不到主机",
    "DownloadTimeoutError": "超时，没有回答",
    "TimeoutError": "超时，没有回答",
    "TCPTimedOutError": "超时，没有回答",
    "DownloadCancelledError": "超过大小上限",
    "ResponseDataLossError": "内容不完整",
}


def reason_of(failure: Failure) -> str:
    """A download error in one line."""
    name, text = type(failure.value).__name__, " ".join(failure.getErrorMessage().split())
    if name in _FAILURES:
        return _FAILURES[name]
    if "SSL" in text:
        found = re.search(r"'([a-z0-9 ]{6,})'\)", text)
        return f"TLS 握手失败（{found[1] if found else '没有说明'}）"
    return "连接中断" if "ConnectionLost" in text or "ConnectionDone" in text else f"{name}：{text}"[:200]


def is_too_large(failure: Failure) -> bool:
    """Whether the answer was cut off because it exceeded the limit."""
    return type(failure.value).__name__ == "DownloadCancelledError"


def raise_fault_of_archive(failure: Failure) -> None:
    """Where an answer could not be kept, that is not the site's fault: the error goes on to end the crawl."""
    if isinstance(failure.value, ArchiveError):
        raise failure.value


def refusal_of(failure: Failure) -> str:
    """Why a request was not made, in one line."""
    told = isinstance(failure.value, ElsewhereError | KnownError)
    return failure.getErrorMessage() if told else "robots.txt 不允许"


def page_of(response: Response, meta: dict[str, Any]) -> WebPage:
    """The response as the stages beyond Scrapy take it; `meta` is that of its request, where the page stays, so that it is decoded once."""
    page: WebPage | None = meta.get("page")
    if page is None or page.content is not response.body:  # what was kept is of an answer that led here
        page = meta["page"] = WebPage(response.body, response.url, headers_of(response))
    return page


def headers_of(response: Response) -> dict[str, str]:
    """A response's headers as the stages beyond Scrapy take them; the bytes of a file's name may be of any encoding."""
    return {
        name.decode("latin-1"): b",".join(response.headers.getlist(name)).decode("latin-1") for name in response.headers
    }


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None
