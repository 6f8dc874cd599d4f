"""ListReader: what a page of a list says against what the archive knows, and how both are written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.archive import ListState, NewPage, Page
from crawler.archive.visits import ELSEWHERE
from crawler.article import parse_published
from crawler.canonical import canonicalise, siblings
from crawler.platforms import Entry, ListError, ListPage
from crawler.sources import site_of
from crawler.spiders import marks
from crawler.spiders.listing import list_page_of
from crawler.spiders.marks import Cursor, Reading, Row
from crawler.spiders.night import fault_of
from crawler.spiders.site import SiteSpider

NEWS = timedelta(days=60)  # what is older can wait for what is newer: a sitemap names all at once


@dataclass
class ListVisit:
    """One list on this visit. `address` is its name in the archive; `shown` are the keys of the page read last, for each chain of pages; `same`
    counts how often in a row they were those of the page before."""

    address: str
    state: ListState
    cursors: list[Cursor]
    level: int = 0
    shells: int = 0
    shown: dict[bool, frozenset[str]] = field(default_factory=dict)
    same: dict[bool, int] = field(default_factory=dict)


class ListReader(SiteSpider):
    """The half of a list spider that does not ask for anything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: set[str] = set()  # keys of entries that this visit was the first to see

    def read(self, response: Response) -> Reading | str:
        """A page of a list as read, or in one line why it was not."""
        if response.meta.get("blocked"):
            return str(response.meta["blocked"])
        if response.status != 200:
            return f"HTTP {response.status}"
        try:
            page = self.list_page(response)
        except ListError as error:
            return error.reason
        except Exception as error:  # a page that nobody foresaw: the others go on
            self.logger.exception("列表解析出错：%s", response.url)
            return f"列表没有读成：{fault_of(error)}"
        recent = [entry for entry in page.entries if not marks.is_before(entry.date, self.source.since)]
        entries: dict[str, Entry] = {}
        for entry in recent:
            entries.setdefault(canonicalise(entry.url), entry)
        others = {key: siblings(key) for key in entries}
        known = self.archive.pages_of([*entries, *(other for keys in others.values() for other in keys)])
        rows = []
        for key, entry in entries.items():
            # a site that moved to https, or that names itself with www. by turns, has no new articles for it
            page_before = next((known[k] for k in (key, *others[key]) if k in known), None)
            if self.source.allows(entry.url):
                named = page_before is not None and page_before.reason == ELSEWHERE
                rows.append(Row(entry, key, page_before is not None and not named, named, key in self.found))
            else:
                self.tally.elsewhere[site_of(entry.url)] += 1
                if page_before is None:  # recorded, so that one can see what the list named
                    self.archive.save_page(self.page_of(entry, key, response.url, state="gone", reason=ELSEWHERE))
        old = len(page.entries) - len(recent)
        following = marks.next_request(page)
        if following is not None and not self.source.allows(following.url):
            following = None
        return Reading(
            rows=tuple(rows),
            next=following,
            lists=page.lists,
            shown=len(page.entries),
            own=len(rows) + old,
            old=bool(old) and not rows,
            platform=page.platform,
        )

    def list_page(self, response: Response) -> ListPage:
        """The list on a page. Raises ListError."""
        return list_page_of(response, self.source.selectors)

    def fetch_address(self, entry: Entry, key: str) -> str:
        """The address at which an entry's page is asked for."""
        return entry.url

    def keep_reading(self, visit: ListVisit, reading: Reading, state: ListState, *, history: bool) -> Iterator[Request]:
        """Queues what a page named and moves the marks, together; then the requests for its pages."""
        recent = (self.night.now() - NEWS).date()
        found = [
            (
                row,
                self.page_of(
                    row.entry, row.key, visit.address, history=history or marks.is_before(row.entry.date, recent)
                ),
            )
            for row in reading.new
        ]
        with self.archive.transaction():
            self.archive.add_pages(
                self.source.name,
                [
                    NewPage(
                        p.url,
                        p.canonical_url,
                        title=p.title,
                        date=row.entry.date,
                        referrer=p.referrer,
                        history=p.history,
                    )
                    for row, p in found
                ],
                self.night.now(),
            )
            for row, page in found:
                if row.named:
                    self.archive.save_page(page)
            self.save(visit, state)
        self.found.update(row.key for row, _ in found)
        for _, page in found:
            if self.tally.requests + self.tally.queued >= self.source.budget.pages:
                break  # they wait in the frontier
            yield from self.page_request(page)

    def page_of(self, entry: Entry, key: str, referrer: str, **facts: Any) -> Page:
        """A row of the frontier for an entry."""
        return Page(
            canonical_url=key,
            url=self.fetch_address(entry, key),
            source=self.source.name,
            title=entry.title,
            date=parse_published(entry.date)[0],
            referrer=referrer,
            added_at=self.night.now(),
            **facts,
        )

    def move(self, visit: ListVisit, cursor: Cursor, following: Cursor | None) -> None:
        """Another cursor, or none, in the place of one."""
        place = marks.place_of(cursor, visit.cursors)
        visit.cursors[place : place + 1] = [following] if following else []
        self.save(visit, visit.state)

    def save(self, visit: ListVisit, state: ListState) -> None:
        read_to_the_end = state.newest is not None and all(cursor.gap or cursor.last for cursor in visit.cursors)
        visit.state = replace(state, cursor=marks.dump(visit.cursors), done=read_to_the_end)
        self.archive.save_list(visit.state)
