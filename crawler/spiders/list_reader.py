"""Compares a page of a list with the archive, queues the new pages, and stores how far the list was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scrapy.http import Response

from crawler.archive import ListState, NewPage, Page
from crawler.archive.revisits import ELSEWHERE
from crawler.article import parse_published
from crawler.canonical import canonicalise, siblings
from crawler.extraction.reject_page import passing_error
from crawler.lists.learnt_container import container_of, read_within
from crawler.platforms import Entry, ListError
from crawler.sources import site_of
from crawler.spiders.cursors import Cursor, Reading, Row, dump, is_before, next_request, place_of
from crawler.spiders.run_state import describe_fault
from crawler.spiders.scrapy_response import page_of
from crawler.spiders.selector_list import document_of
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import Visit

FIRST_YEAR = 1990  # before which nothing was published on the web: what programs write where they know no day
NEWS = timedelta(days=60)  # what is older can wait for what is newer: a sitemap names all at once


@dataclass
class ListProgress:
    """One list on this visit. `shown` and `same` are kept for each chain of pages, by whether it closes a gap."""

    address: str  # its name in the archive
    state: ListState
    cursors: list[Cursor]
    level: int = 0  # in lists of lists
    shells: int = 0  # first pages so far that held nothing themselves
    shown: dict[bool, frozenset[str]] = field(default_factory=dict)  # keys of the page read last
    same: dict[bool, int] = field(default_factory=dict)  # how often in a row they were those of the page before


class ListReader:
    """Asks for nothing itself."""

    def __init__(self, visit: Visit, kind: SiteKind) -> None:
        self._visit, self._kind = visit, kind
        self._found: set[str] = set()  # keys of entries that this visit was the first to see

    def read(self, response: Response, container: str = "") -> Reading | str:
        """A page of a list as read, or in one line why it was not; `container` is where the list stood on its first page."""
        if response.meta.get("blocked"):
            return str(response.meta["blocked"])
        if response.status != 200:
            return f"HTTP {response.status}"
        visit, source = self._visit, self._visit.source
        try:
            page = self._kind.read(response)
            if self._kind.role == "list":
                document = document_of(response)
                page = read_within(document, page, container)
                if not container and next_request(page) is not None:
                    container = container_of(document, page.entries)
        except ListError as error:
            return error.reason
        except Exception as error:  # an unexpected page: the others continue
            visit.logger.exception("列表解析出错：%s", response.url)
            return f"列表没有读成：{describe_fault(error)}"
        if not (page.entries or page.lists or next_request(page)) and (
            refused := passing_error(page_of(response, response.meta).text)
        ):
            return refused
        shown = [e if e.date is None or e.date.year >= FIRST_YEAR else replace(e, date=None) for e in page.entries]
        recent = [entry for entry in shown if not is_before(entry.date, source.since)]
        entries: dict[str, Entry] = {}
        for entry in recent:
            entries.setdefault(canonicalise(entry.url), entry)
        others = {key: siblings(key) for key in entries}
        known = visit.archive.frontier.pages_of([*entries, *(other for keys in others.values() for other in keys)])
        backfilled = visit.archive.backfills.unlisted(page.canonical_url for page in known.values())
        rows = []
        for key, entry in entries.items():
            # a site that moved to https, or that names itself with www. by turns, has no new articles for it
            page_before = next((known[k] for k in (key, *others[key]) if k in known), None)
            if source.allows(entry.url):
                named = page_before is not None and page_before.reason == ELSEWHERE
                of_backfill = page_before is not None and page_before.canonical_url in backfilled
                is_known = page_before is not None and not named and not of_backfill
                rows.append(Row(entry, key, is_known, named, tonight=key in self._found, backfilled=of_backfill))
            else:
                visit.stats.elsewhere[site_of(entry.url)] += 1
                if page_before is None:  # recorded, so that one can see what the list named
                    visit.archive.frontier.save_page(
                        self.page(entry, key, response.url, state="gone", reason=ELSEWHERE)
                    )
        old = len(shown) - len(recent)
        following = next_request(page)
        if following is not None and not source.allows(following.url):
            following = None
        return Reading(
            rows=tuple(rows),
            next=following,
            lists=page.lists,
            shown=len(page.entries),
            own=len(rows) + old,
            old=bool(old) and not rows,
            platform=page.platform,
            container=container,
        )

    def keep(self, progress: ListProgress, reading: Reading, state: ListState, *, history: bool) -> list[Page]:
        """Queues what a page named and moves the cursors, in one transaction; the pages that were queued."""
        visit = self._visit
        recent = (visit.run.now() - NEWS).date()
        found = [
            (
                row,
                self.page(row.entry, row.key, progress.address, history=history or is_before(row.entry.date, recent)),
            )
            for row in reading.new
        ]
        with visit.archive.transaction():
            visit.archive.frontier.add_pages(
                visit.source.name,
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
                visit.run.now(),
            )
            for row, page in found:
                if row.named:
                    visit.archive.frontier.save_page(page)
            if met := [key for row, _ in found if row.backfilled for key in (row.key, *siblings(row.key))]:
                visit.archive.backfills.note_listed(met)
            self.save(progress, state)
        self._found.update(row.key for row, _ in found)
        return [page for row, page in found if not row.backfilled]

    def move(self, progress: ListProgress, cursor: Cursor, following: Cursor | None) -> None:
        """Another cursor, or none, in the place of one."""
        place = place_of(cursor, progress.cursors)
        progress.cursors[place : place + 1] = [following] if following else []
        self.save(progress, progress.state)

    def save(self, progress: ListProgress, state: ListState) -> None:
        """Writes down how far the list was read, as `state` and its cursors say."""
        progress.state = replace(
            state,
            cursor=dump(progress.cursors),
            done=state.newest is not None and _all_read(progress.cursors),
            digest=self._kind.digest(state),
        )
        self._visit.archive.frontier.save_list(progress.state)

    def page(self, entry: Entry, key: str, referrer: str, **facts: Any) -> Page:
        """A row of the frontier for an entry."""
        return Page(
            canonical_url=key,
            url=self._kind.fetch_address(entry, key),
            source=self._visit.source.name,
            title=entry.title,
            date=parse_published(entry.date)[0],
            referrer=referrer,
            added_at=self._visit.run.now(),
            **facts,
        )


def _all_read(cursors: Iterable[Cursor]) -> bool:
    """Whether history was read to its end: what is left are gaps, and the last page that every visit reads."""
    return all(cursor.gap or cursor.last for cursor in cursors)
