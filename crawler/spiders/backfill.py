"""Reads a part of a source's past: its lists page by page from the newest entry, the articles of the days that were asked for, and nothing else.
Where a list ends before the first day, and its pages have a search that takes days or name a list that goes back further, that is read as one list more.

How far it has read is kept apart from the cursors of the visits (`crawler.archive.history`): neither moves the other. Whether the archive knows an entry
already decides only whether it is queued, never where reading ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import ListState, NewPage, Page
from crawler.archive.history.models import BackfillList, Ended
from crawler.article import SHANGHAI, article_id
from crawler.lists.dated_address import DatedAddress, dated_address, issue_of
from crawler.platforms import ListRequest
from crawler.platforms.registry import search_between
from crawler.spiders.article_pages import ArticlePages
from crawler.spiders.cursors import (
    MOST_FAILURES,
    PATIENCE,
    Cursor,
    Reading,
    Row,
    dump,
    load,
    request_key,
    resumed,
    starts_over,
)
from crawler.spiders.list_reader import ListReader
from crawler.spiders.pagination import MOST_LEVELS, MOST_SHELLS, redirect_of_empty
from crawler.spiders.request_errors import describe_failure, is_never_asked, raise_archive_error, request_of
from crawler.spiders.selector_list import document_of
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import FIRST_LIST, HISTORY_LIST, Visit

ONE_DAY = timedelta(days=1)
MOST_ABSENT = 40  # days in a row without a page, before a calendar is taken to end
PAST = 2  # pages in a row from before the span, before reading ends: one may be out of order
TAIL = 3  # entries at the end of a page that say which day it reaches


@dataclass
class _List:
    """One list on this visit; `cursor` is its page to read next, None once it is read as far as asked."""

    state: BackfillList
    cursor: Cursor | None
    shells: int = 0  # first pages so far that held nothing themselves
    seen: set[str] = field(default_factory=set)  # keys of entries on the pages so far
    stale: int = 0  # pages in a row with nothing that was not seen on this visit
    search: str | None = (
        None  # where the site's own search has the days asked for; '' where its pages name none, None before one was looked at
    )


class BackfillReader:
    """Asks for the pages of a source's lists, and for the articles of `span` (first and last day) that they name."""

    def __init__(
        self, visit: Visit, kind: SiteKind, reader: ListReader, pages: ArticlePages, span: tuple[date, date]
    ) -> None:
        self._visit, self._kind, self._reader, self._pages = visit, kind, reader, pages
        self._since, self._until = span
        self._lists: dict[str, _List] = {}
        self._asked: set[tuple[str, str, bytes]] = set()

    def start(self) -> Iterator[Request]:
        """The pages of lists to go on with, and articles that earlier nights left."""
        source, archive = self._visit.source, self._visit.archive
        known = {one.url: one for one in archive.backfills.lists(source.name)}
        for url in dict.fromkeys((*source.start_urls, *known)):
            yield from self._open(url, known.get(url), 0)
        waiting = archive.backfills.pages_to_fetch(source.name, source.budget.pages, self._visit.run.now())
        yield from self._pages.within_budget(waiting)

    def _open(self, url: str, known: BackfillList | None, level: int) -> Iterator[Request]:
        if url in self._lists or not self._visit.source.allows(url):
            return
        name = self._visit.source.name
        state = known or BackfillList(name, url, level)
        first = Cursor(ListRequest("GET", self._kind.first_address(ListState(name, url))))
        cursor = None if state.ended else next(iter(resumed(load(state.cursor))), first)
        one = self._lists[url] = _List(state, cursor)
        if known is None:
            self._visit.archive.backfills.save_list(state)
        yield from self._go_on(one)

    def _go_on(self, one: _List, priority: int = HISTORY_LIST) -> Iterator[Request]:
        """The next page of a list; articles come first, so that a night's budget is not spent on lists alone."""
        cursor = one.cursor
        if cursor is None or request_key(cursor.request) in self._asked:
            return
        self._asked.add(request_key(cursor.request))
        yield Request(
            cursor.request.url,
            method=cursor.request.method,
            body=cursor.request.body,
            headers=dict(cursor.request.headers),
            callback=self._parse,
            errback=partial(self._failed, one=one, cursor=cursor),
            priority=FIRST_LIST if cursor.again or not one.state.pages else priority,
            meta={"role": self._kind.role},
            cb_kwargs={"one": one, "cursor": cursor},
            dont_filter=True,
        )

    def _parse(self, response: Response, one: _List, cursor: Cursor) -> Iterator[Request]:
        """The answer to the request for a page of a list."""
        reading = self._reader.read(response, cursor.container)
        shows = not isinstance(reading, str) and (reading.shown or reading.lists)
        if not (shows or one.state.pages) and one.shells < MOST_SHELLS:
            named = None if isinstance(reading, str) else reading.next
            if target := named or redirect_of_empty(self._visit, response):
                one.shells += 1
                one.cursor = replace(cursor, request=target)
                yield from self._go_on(one, FIRST_LIST)
                return
        if isinstance(reading, str) and cursor.calendar and response.status in (404, 410):
            yield from self._no_issue(one, cursor, f"HTTP {response.status} {response.url}")
            return
        if isinstance(reading, str):
            self._refused(response, one, cursor, reading)
            yield from self._search(one)
            return
        if cursor.calendar and not reading.shown:
            yield from self._no_issue(one, cursor, response.url)
            return
        if one.search is None:
            one.search = self._address_of_search(response)
        self._visit.stats.lists += 1
        self._visit.stats.entries += reading.own
        for url in reading.lists:
            if one.state.level < MOST_LEVELS:
                yield from self._open(url, None, one.state.level + 1)
        archived = self._archived_days(reading)
        found = [_day(row) or archived.get(row.key) for row in reading.rows if not row.entry.sticky]
        days = [day for day in found if day is not None]
        fresh = reading.keys - one.seen
        one.seen |= reading.keys
        one.stale = 0 if fresh else one.stale + 1
        ascending = _is_ascending(days)
        past = _are(days, reading, lambda day: day > self._until if ascending else day < self._since)
        idle = max(cursor.idle, 1) if cursor.again else cursor.idle + 1  # a page that is read again counts once
        if archived:  # where the list has no days, those of the next page are not known before it is fetched
            idle = PAST
        following = self._following(one, cursor, reading, idle=idle if past else 0)
        issue = issue_of(response.url, (row.entry.url for row in reading.rows)) if reading.next is None else None
        before_all = False
        if issue is not None:
            day = min(issue.day - ONE_DAY, self._until)
            before_all = day < self._since
            following = None if before_all else self._issue(issue, day, cursor)
        ended: Ended | None = None if following else "since" if past or before_all else "end"
        reached = self._reached(one, days, ascending=ascending, last=following is None)
        queued = self._keep(one, reading, replace(one.state, ended=ended, reached=reached), following)
        yield from self._pages.within_budget(queued)
        yield from self._go_on(one)
        yield from self._search(one)

    def _address_of_search(self, response: Response) -> str:
        if self._kind.role != "list":
            return ""
        return search_between(document_of(response), self._since, self._until) or ""

    def _search(self, one: _List) -> Iterator[Request]:
        """Opens the site's own search where a list has ended without reaching the first day asked for."""
        state = one.state
        if one.search and state.ended == "end" and (state.reached is None or state.reached > self._since):
            yield from self._open(one.search, None, state.level)

    def _following(self, one: _List, cursor: Cursor, reading: Reading, *, idle: int) -> Cursor | None:
        """The page behind; None where reading ends."""
        request = reading.next
        if request is None or not reading.shown or idle >= PAST or one.stale > PATIENCE:
            return None
        if request_key(request) in self._asked or starts_over(cursor.request, request):
            return None
        return Cursor(request, idle=idle, back=cursor.request, container=reading.container or cursor.container)

    @staticmethod
    def _issue(known: DatedAddress, day: date, cursor: Cursor, *, absent: int = 0) -> Cursor:
        """The page of another day of a calendar, `absent` days behind the last that was there."""
        return Cursor(ListRequest("GET", known.on(day)), idle=absent, container=cursor.container, calendar=True)

    def _no_issue(self, one: _List, cursor: Cursor, note: str) -> Iterator[Request]:
        """A day of a calendar has no page: the day before it is asked for, unless too many in a row had none."""
        known = dated_address(cursor.request.url)
        day = known.day - ONE_DAY if known else self._since
        if known is None or day < self._since:
            self._save(one, None, note="", ended="since")
        elif cursor.idle >= MOST_ABSENT:
            self._save(one, None, note=f"再往前 {MOST_ABSENT} 天都没有；{note}", ended="end")
            yield from self._search(one)
        else:
            self._save(one, self._issue(known, day, cursor, absent=cursor.idle + 1), note="")
            yield from self._go_on(one)

    def _keep(self, one: _List, reading: Reading, state: BackfillList, following: Cursor | None) -> list[Page]:
        """Queues what a page names of the span and moves the cursor, in one transaction; the pages that were queued."""
        visit, frontier = self._visit, self._visit.archive.frontier
        days = {row.key: _day(row) for row in reading.rows}  # one that the archive knows is not queued
        wanted = [
            row
            for row in reading.rows
            if not row.known
            and not row.backfilled
            and ((day := days[row.key]) is None or self._since <= day <= self._until)
        ]
        found = [(row, self._reader.page(row.entry, row.key, state.url, history=True)) for row in wanted]
        one.cursor = following
        one.state = replace(
            state,
            cursor=dump([following]) if following else None,
            pages=state.pages + 1,
            entries=state.entries + len(found),
            undated=state.undated + sum(days[row.key] is None for row, _ in found),
            note="",
        )
        with visit.archive.transaction():
            frontier.add_pages(
                visit.source.name,
                [
                    NewPage(
                        p.url, p.canonical_url, title=p.title, date=row.entry.date, referrer=p.referrer, history=True
                    )
                    for row, p in found
                ],
                visit.run.now(),
            )
            for row, page in found:
                if row.named:
                    frontier.save_page(page)
            visit.archive.backfills.add_pages(visit.source.name, [row.key for row, _ in found])
            visit.archive.backfills.save_list(one.state)
        return [page for _, page in found]

    # --- days

    def _archived_days(self, reading: Reading) -> dict[str, date]:
        """The days of entries that the list does not date, as their articles in the archive have them."""
        undated = {article_id(row.key): row.key for row in reading.rows if _day(row) is None}
        stored = self._visit.archive.articles.get_many(undated)
        dated = [(undated[id], one.article.published_at) for id, one in stored.items()]
        return {key: at.astimezone(SHANGHAI).date() for key, at in dated if at is not None}

    def _reached(self, one: _List, days: Sequence[date], *, ascending: bool, last: bool) -> date | None:
        """The day down to which (of a list in order of age: up to which) everything has been seen; `last`: no page follows this one."""
        if not days:
            return one.state.reached
        older, newer = (max, min) if ascending else (min, max)
        here = older(days) if last else newer(days[-TAIL:])
        return here if one.state.reached is None else older(here, one.state.reached)

    # --- pages that did not come

    def _refused(self, response: Response, one: _List, cursor: Cursor, reason: str) -> None:
        if response.meta.get("blocked"):
            self._save(one, cursor, note=reason)
            self._visit.was_blocked(reason)
        elif response.status in (404, 410):  # some systems name a next page that is not there
            gone = f"HTTP {response.status} {response.url}"
            self._save(one, None, note=gone, ended="end" if one.state.pages else "failed")
            if not one.state.pages:
                self._visit.stats.add_reason(gone)
        else:
            self._another_night(one, cursor, f"{reason} {response.url}")

    def _failed(self, failure: Failure, one: _List, cursor: Cursor) -> None:
        """No answer to the request for a page of a list."""
        raise_archive_error(failure)
        reason = f"{describe_failure(failure)} {request_of(failure).url}"
        if is_never_asked(failure):
            self._visit.stats.forbidden += 1
            self._visit.stats.add_reason(reason)
            self._save(one, None, note=reason, ended="failed")
            return
        self._another_night(one, cursor, reason)
        self._visit.no_page(failure)

    def _another_night(self, one: _List, cursor: Cursor, reason: str) -> None:
        """A page did not come: it is asked for another night, a few times."""
        self._visit.stats.failed += 1
        self._visit.stats.add_reason(reason)
        again = replace(cursor, failures=cursor.failures + 1)
        given_up = again.failures >= MOST_FAILURES
        self._save(one, None if given_up else again, note=reason, ended="failed" if given_up else None)

    def _save(self, one: _List, cursor: Cursor | None, *, note: str, ended: Ended | None = None) -> None:
        one.cursor = cursor
        one.state = replace(one.state, cursor=dump([cursor]) if cursor else None, note=note, ended=ended)
        self._visit.archive.backfills.save_list(one.state)


def _day(row: Row) -> date | None:
    """The day that the list gives an entry; naive moments are Shanghai's."""
    when = row.entry.date
    if isinstance(when, datetime):
        return (when.astimezone(SHANGHAI) if when.tzinfo else when).date()
    return when


def _is_ascending(days: Sequence[date]) -> bool:
    """Whether a page stands in order of age, oldest first."""
    return len(days) > 1 and days[0] < days[-1] and list(days) == sorted(days)


def _are(days: Sequence[date], reading: Reading, condition: Callable[[date], bool]) -> bool:
    """Whether a page's days all meet a condition, and enough of its entries have one."""
    return bool(days) and (len(days) >= TAIL or 2 * len(days) >= len(reading.rows)) and all(map(condition, days))
