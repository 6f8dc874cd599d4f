"""PortalSpider: lists → articles, whatever paging `crawler.platforms.read_list` understands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.article import parse_published
from crawler.onward import onward_from
from crawler.platforms import ListError, ListRequest
from crawler.sources.register import leads_astray
from crawler.spiders import marks
from crawler.spiders.list_reader import ListReader, ListVisit
from crawler.spiders.listing import document_of
from crawler.spiders.marks import Cursor, Reading
from crawler.spiders.night import fault_of
from crawler.spiders.site import (
    FIRST_LIST,
    GAP_LIST,
    HISTORY_LIST,
    ElsewhereError,
    raise_fault_of_archive,
    reason_of,
    refusal_of,
)

MOST_SHELLS = 2
MOST_LEVELS = 2  # lists of lists: boards of a forum, sitemaps of an index


class PortalSpider(ListReader):
    """Reads each list from its newest entry, then goes on where earlier visits stopped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lists: dict[str, ListVisit] = {}
        self.pages_asked: set[tuple[str, str, bytes]] = set()

    async def start(self) -> AsyncIterator[Request]:
        try:
            for url in self.source.start_urls:
                for request in self.first_page(url):
                    yield request
            for request in self.waiting():
                yield request
        except Exception as error:  # Scrapy ends the visit as if it were finished
            self.tally.failed += 1
            self.tally.because(fault_of(error))
            raise

    # --- the first page of a list

    def first_page(self, address: str, level: int = 0) -> Iterator[Request]:
        """The request for a list's newest entries: conditional, where the list was read before."""
        if address in self.lists or not self.source.allows(address):
            return
        state = self.archive.list_state(self.source.name, address)
        visit = self.lists[address] = ListVisit(address, state, marks.resumed(marks.load(state.cursor)), level)
        headers = {}
        if state.newest is not None:
            headers = {"If-None-Match": state.etag or "", "If-Modified-Since": state.last_modified or ""}
        yield self.list_request(
            ListRequest("GET", self.first_address(visit), headers={k: v for k, v in headers.items() if v}),
            self.parse_first,
            self.first_failed,
            FIRST_LIST - level,
            visit=visit,
        )

    def first_address(self, visit: ListVisit) -> str:
        """Where a list's newest entries are shown."""
        return visit.address

    def list_request(
        self, request: ListRequest, callback: Any, errback: Any, priority: int, **arguments: Any
    ) -> Request:
        self.pages_asked.add(marks.request_key(request))
        return Request(
            request.url,
            method=request.method,
            body=request.body,
            headers=dict(request.headers),
            callback=callback,
            errback=errback,
            priority=priority,
            meta={"role": "list"},
            cb_kwargs=arguments,
            dont_filter=True,
        )

    def parse_first(self, response: Response, visit: ListVisit) -> Iterator[Request]:
        if response.status == 304:
            self.tally.lists += 1
            self.tally.unmoved += 1
            self.save(visit, replace(visit.state, visited_at=self.night.now()))
            yield from self.go_on(visit)
            return
        reading = self.read(response)
        if (isinstance(reading, str) or not (reading.shown or reading.next or reading.lists)) and (
            beyond := self.beyond(response, visit)
        ):
            visit.shells += 1
            yield self.list_request(beyond, self.parse_first, self.first_failed, FIRST_LIST, visit=visit)
            return
        if isinstance(reading, str):
            yield from self.first_refused(response, visit, reading)
            return
        self.tally.lists += 1
        asked = (response.meta.get("redirect_urls") or [response.url])[0]
        if leads_astray(asked, response.url):
            self.tally.astray.append(f"列表转向了 {response.url}（{asked}）")
        self.tally.entries += reading.own
        if reading.own:
            self.tally.platforms.add(reading.platform)
        first_visit = visit.state.newest is None
        if self.was_asked(reading.next):
            reading = replace(reading, next=None)
        if reading.next is not None and not reading.shown and visit.shells < MOST_SHELLS:
            visit.shells += 1  # an empty frame that a script fills: what it asks for is the first page
            yield self.list_request(reading.next, self.parse_first, self.first_failed, FIRST_LIST, visit=visit)
            return
        visit.cursors = marks.after_first(reading, visit.cursors, first_visit=first_visit)
        visit.shown = dict.fromkeys((True, False), reading.keys)
        top = next((row for row in reading.rows if not row.entry.sticky), reading.rows[0] if reading.rows else None)
        # that a frame or an index is unchanged would say nothing about what fills it, or what it names
        whole = not visit.shells and not reading.lists
        state = replace(
            visit.state,
            etag=_header(response, "ETag") if whole else None,
            last_modified=_header(response, "Last-Modified") if whole else None,
            visited_at=self.night.now(),
            newest=top.key if top else visit.state.newest,
            newest_at=parse_published(top.entry.date)[0] if top else visit.state.newest_at,
        )
        yield from self.keep_reading(visit, reading, state, history=False)
        for address in reading.lists:
            if visit.level < MOST_LEVELS:
                yield from self.first_page(address, visit.level + 1)
        yield from self.go_on(visit)

    def beyond(self, response: Response, visit: ListVisit) -> ListRequest | None:
        """Where a first page that shows nothing sends its reader by itself: after a redesign the old address may be a door."""
        if response.status != 200 or response.meta.get("blocked") or visit.shells >= MOST_SHELLS:
            return None
        try:
            place = onward_from(document_of(response))
        except ListError:
            return None
        if place and not self.source.allows(place):
            self.tally.astray.append(f"{response.url} 转到了来源之外的网站：{place}")
            return None
        return ListRequest("GET", place) if place else None

    def first_refused(self, response: Response, visit: ListVisit, reason: str) -> Iterator[Request]:
        """A list whose first page is not to be read tonight."""
        self.tally.failed += not response.meta.get("blocked")
        self.tally.missing += response.status in (404, 410)
        self.tally.because(f"{reason} {response.url}")
        if response.meta.get("blocked"):
            self.tally.blocked += 1
            raise CloseSpider("blocked")
        yield from ()

    def first_failed(self, failure: Failure) -> None:
        if self.list_failure(failure):
            self.no_answer()

    # --- the pages behind it

    def go_on(self, visit: ListVisit) -> Iterator[Request]:
        """The next page of each cursor of a list."""
        for cursor in visit.cursors:
            if marks.request_key(cursor.request) in self.pages_asked:
                continue
            made = self.list_request(
                cursor.request,
                self.parse_more,
                self.more_failed,
                GAP_LIST if cursor.gap or cursor.again else HISTORY_LIST,
                visit=visit,
                cursor=cursor,
            )
            if cursor.failures:
                made.meta["dont_retry"] = True  # what failed on another night may be a page behind the end
            yield made

    def parse_more(self, response: Response, visit: ListVisit, cursor: Cursor) -> Iterator[Request]:
        reading = self.read(response)
        if isinstance(reading, str):
            if response.meta.get("blocked"):
                self.was_blocked(reading)
            elif response.status in (404, 410):
                self.move(visit, cursor, None)  # some systems name a next page that is not there
            else:
                self.stumble(visit, cursor, f"{reading} {response.url}")
            return
        self.tally.lists += 1
        reading = replace(reading, newer=is_newer(reading, visit.state.newest_at))
        same = reading.keys == visit.shown.get(cursor.gap)
        visit.same[cursor.gap] = visit.same.get(cursor.gap, 0) + 1 if same else 0
        # once, a list may have grown by just a page since the page before was read
        repeated = visit.same[cursor.gap] > 1 or self.was_asked(reading.next)
        visit.shown[cursor.gap] = reading.keys
        visit.cursors = marks.after_more(visit.cursors, cursor, reading, repeated=repeated)
        yield from self.keep_reading(visit, reading, visit.state, history=not (cursor.gap or cursor.last))
        yield from self.go_on(visit)

    def was_asked(self, request: ListRequest | None) -> bool:
        return request is not None and marks.request_key(request) in self.pages_asked

    def more_failed(self, failure: Failure) -> None:
        reason = self.list_failure(failure)
        arguments = failure.request.cb_kwargs  # type: ignore[attr-defined]
        if reason:
            self.stumble(arguments["visit"], arguments["cursor"], None)
            self.no_answer()
        else:
            self.move(arguments["visit"], arguments["cursor"], None)

    def list_failure(self, failure: Failure) -> str | None:
        """Counts a list page that did not come; its reason, None where it was not to be asked for."""
        raise_fault_of_archive(failure)
        if isinstance(failure.value, IgnoreRequest):
            self.tally.forbidden += 1
            request: Request = failure.request  # type: ignore[attr-defined]
            led = request.meta.get("redirect_urls")
            told = f"{led[0]} {refusal_of(failure)}" if led else f"{refusal_of(failure)} {request.url}"
            if isinstance(failure.value, ElsewhereError):
                self.tally.astray.append(told)
            else:
                self.tally.because(told)
            return None
        reason = reason_of(failure)
        self.tally.failed += 1
        self.tally.because(f"{reason} {failure.request.url}")  # type: ignore[attr-defined]
        return reason

    def stumble(self, visit: ListVisit, cursor: Cursor, reason: str | None) -> None:
        """A page behind the first did not come: another night, a few times."""
        if reason:
            self.tally.failed += 1
            self.tally.because(reason)
        again = replace(cursor, failures=cursor.failures + 1)
        self.move(visit, cursor, again if again.failures < marks.MOST_FAILURES else None)


def is_newer(reading: Reading, first: datetime | None) -> bool:
    """Whether all entries of a page that have a date are from after the first entry of the list."""
    days = [day for row in reading.rows if (day := parse_published(row.entry.date)[0])]
    return bool(days) and first is not None and min(days) > first


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
