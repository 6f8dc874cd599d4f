"""Reads each list from its newest entry, then continues where earlier visits stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.article import parse_published
from crawler.lists.client_redirect import client_redirect_of
from crawler.platforms import ListError, ListRequest
from crawler.sources.source_status import redirected_off_list
from crawler.spiders.article_pages import ArticlePages
from crawler.spiders.cursors import MOST_FAILURES, Cursor, Reading, after_first, after_more, load, request_key, resumed
from crawler.spiders.list_reader import ListProgress, ListReader
from crawler.spiders.request_errors import (
    ElsewhereError,
    describe_failure,
    is_never_asked,
    raise_archive_error,
    request_of,
)
from crawler.spiders.scrapy_response import header
from crawler.spiders.selector_list import document_of
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import FIRST_LIST, GAP_LIST, HISTORY_LIST, Visit

MOST_SHELLS = 2
MOST_LEVELS = 2  # lists of lists: boards of a forum, sitemaps of an index


class Pagination:
    """Asks for the pages of a site's lists, and for the articles that they name."""

    def __init__(self, visit: Visit, kind: SiteKind, reader: ListReader, pages: ArticlePages) -> None:
        self._visit, self._kind, self._reader, self._pages = visit, kind, reader, pages
        self._lists: dict[str, ListProgress] = {}
        self._asked: set[tuple[str, str, bytes]] = set()

    # --- the first page of a list

    def first_page(self, address: str, level: int = 0) -> Iterator[Request]:
        """The request for a list's newest entries: conditional, where the list was read before."""
        visit = self._visit
        if address in self._lists or not visit.source.allows(address):
            return
        state = visit.archive.frontier.list_state(visit.source.name, address)
        progress = self._lists[address] = ListProgress(address, state, resumed(load(state.cursor)), level)
        headers = {}
        if state.newest is not None:
            headers = {"If-None-Match": state.etag or "", "If-Modified-Since": state.last_modified or ""}
        request = ListRequest("GET", self._kind.first_address(state), headers={k: v for k, v in headers.items() if v})
        yield self._first_request(request, progress, FIRST_LIST - level)

    def _first_request(self, request: ListRequest, progress: ListProgress, priority: int = FIRST_LIST) -> Request:
        return self._request(request, self.parse_first, self.first_failed, priority, progress=progress)

    def _request(
        self,
        request: ListRequest,
        callback: Callable[..., Iterator[Request]],
        errback: Callable[[Failure], None],
        priority: int,
        **arguments: Any,
    ) -> Request:
        self._asked.add(request_key(request))
        return Request(
            request.url,
            method=request.method,
            body=request.body,
            headers=dict(request.headers),
            callback=callback,
            errback=errback,
            priority=priority,
            meta={"role": self._kind.role},
            cb_kwargs=arguments,
            dont_filter=True,
        )

    def parse_first(self, response: Response, progress: ListProgress) -> Iterator[Request]:
        """The answer to the request for a list's first page."""
        stats, now = self._visit.stats, self._visit.run.now
        if response.status == 304:
            stats.lists += 1
            stats.unmoved += 1
            self._reader.save(progress, replace(progress.state, visited_at=now()))
            yield from self._go_on(progress)
            return
        reading = self._reader.read(response)
        if (isinstance(reading, str) or not (reading.shown or reading.next or reading.lists)) and (
            target := redirect_of_empty(self._visit, response) if progress.shells < MOST_SHELLS else None
        ):
            progress.shells += 1
            yield self._first_request(target, progress)
            return
        if isinstance(reading, str):
            yield from self._first_refused(response, progress, reading)
            return
        stats.lists += 1
        asked = (response.meta.get("redirect_urls") or [response.url])[0]
        if redirected_off_list(asked, response.url):
            stats.redirected_off_list.append(f"列表转向了 {response.url}（{asked}）")
        stats.entries += reading.own
        if reading.own:
            stats.platforms.add(reading.platform)
        first_visit = progress.state.newest is None
        if self._was_asked(reading.next):
            reading = replace(reading, next=None)
        if reading.next is not None and not reading.shown and progress.shells < MOST_SHELLS:
            progress.shells += 1  # an empty frame that a script fills: what it asks for is the first page
            yield self._first_request(reading.next, progress)
            return
        progress.cursors = after_first(reading, progress.cursors, first_visit=first_visit)
        progress.shown = dict.fromkeys((True, False), reading.keys)
        top = next((row for row in reading.rows if not row.entry.sticky), reading.rows[0] if reading.rows else None)
        # that a frame or an index is unchanged would say nothing about what fills it, or what it names
        whole = not progress.shells and not reading.lists
        state = replace(
            progress.state,
            etag=header(response, "ETag") if whole else None,
            last_modified=header(response, "Last-Modified") if whole else None,
            visited_at=now(),
            newest=top.key if top else progress.state.newest,
            newest_at=parse_published(top.entry.date)[0] if top else progress.state.newest_at,
        )
        yield from self._pages.within_budget(self._reader.keep(progress, reading, state, history=False))
        for address in reading.lists:
            if progress.level < MOST_LEVELS:
                yield from self.first_page(address, progress.level + 1)
        yield from self._go_on(progress)

    def _first_refused(self, response: Response, progress: ListProgress, reason: str) -> Iterator[Request]:
        """A list whose first page is not to be read there; a challenge is an answer, and nothing else is tried."""
        blocked = bool(response.meta.get("blocked"))
        asked = response.request.url if response.request else response.url
        other = None if blocked else self._kind.other_address(progress.address, asked)
        if other is not None:
            progress.state = replace(progress.state, etag=None, last_modified=None)
            yield self._first_request(ListRequest("GET", other), progress)
            return
        stats = self._visit.stats
        stats.failed += not blocked
        stats.missing += response.status in (404, 410)
        stats.add_reason(f"{reason} {response.url}")
        if blocked:
            stats.blocked += 1
            raise CloseSpider("blocked")

    def first_failed(self, failure: Failure) -> None:
        """No answer to the request for a list's first page."""
        if self._failure(failure):
            self._visit.no_page(failure)

    # --- the pages behind it

    def _go_on(self, progress: ListProgress) -> Iterator[Request]:
        """The next page of each cursor of a list."""
        for cursor in progress.cursors:
            if request_key(cursor.request) in self._asked:
                continue
            made = self._request(
                cursor.request,
                self.parse_more,
                partial(self.more_failed, progress=progress, cursor=cursor),
                GAP_LIST if cursor.gap or cursor.again else HISTORY_LIST,
                progress=progress,
                cursor=cursor,
            )
            if cursor.failures:
                made.meta["dont_retry"] = True  # what failed on another night may be a page behind the end
            yield made

    def parse_more(self, response: Response, progress: ListProgress, cursor: Cursor) -> Iterator[Request]:
        """The answer to the request for a cursor's page."""
        reading = self._reader.read(response, cursor.container)
        if isinstance(reading, str):
            if response.meta.get("blocked"):
                self._visit.was_blocked(reading)
            elif response.status in (404, 410):
                self._reader.move(progress, cursor, None)  # some systems name a next page that is not there
            else:
                self._visit.stats.failed += 1
                self._visit.stats.add_reason(f"{reading} {response.url}")
                self._another_night(progress, cursor)
            return
        self._visit.stats.lists += 1
        reading = replace(reading, newer=is_newer(reading, progress.state.newest_at))
        same = reading.keys == progress.shown.get(cursor.gap)
        progress.same[cursor.gap] = progress.same.get(cursor.gap, 0) + 1 if same else 0
        # once, a list may have grown by just a page since the page before was read
        repeated = progress.same[cursor.gap] > 1 or self._was_asked(reading.next)
        progress.shown[cursor.gap] = reading.keys
        progress.cursors = after_more(progress.cursors, cursor, reading, repeated=repeated)
        history = not (cursor.gap or cursor.last)
        yield from self._pages.within_budget(self._reader.keep(progress, reading, progress.state, history=history))
        yield from self._go_on(progress)

    def _was_asked(self, request: ListRequest | None) -> bool:
        return request is not None and request_key(request) in self._asked

    def more_failed(self, failure: Failure, progress: ListProgress, cursor: Cursor) -> None:
        """No answer to the request for a cursor's page."""
        if self._failure(failure):
            self._another_night(progress, cursor)
            self._visit.no_page(failure)
        else:
            self._reader.move(progress, cursor, None)

    def _another_night(self, progress: ListProgress, cursor: Cursor) -> None:
        """A page behind the first did not come: it is asked for another night, a few times."""
        again = replace(cursor, failures=cursor.failures + 1)
        self._reader.move(progress, cursor, again if again.failures < MOST_FAILURES else None)

    def _failure(self, failure: Failure) -> bool:
        """Counts a list page that did not come; False where it was not to be asked for."""
        raise_archive_error(failure)
        stats, request = self._visit.stats, request_of(failure)
        reason = describe_failure(failure)
        if is_never_asked(failure):
            stats.forbidden += 1
            passed = request.meta.get("redirect_urls")
            told = f"{passed[0]} {reason}" if passed else f"{reason} {request.url}"
            if isinstance(failure.value, ElsewhereError):
                stats.redirected_off_list.append(told)
            else:
                stats.add_reason(told)
            return False
        stats.failed += 1
        stats.add_reason(f"{reason} {request.url}")
        return True


def is_newer(reading: Reading, first: datetime | None) -> bool:
    """Whether all entries of a page that have a date are from after the first entry of the list."""
    days = [day for row in reading.rows if (day := parse_published(row.entry.date)[0])]
    return bool(days) and first is not None and min(days) > first


def redirect_of_empty(visit: Visit, response: Response) -> ListRequest | None:
    """Where a first page that shows nothing sends its reader by itself: after a redesign the old address may be a door."""
    if response.status != 200 or response.meta.get("blocked"):
        return None
    try:
        place = client_redirect_of(document_of(response))
    except ListError:
        return None
    if place and not visit.source.allows(place):
        visit.stats.redirected_off_list.append(f"{response.url} 转到了来源之外的网站：{place}")
        return None
    return ListRequest("GET", place) if place else None
