"""ForumSpider: boards → threads of Discuz!. The opening post is the article; a thread's further pages hold replies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.canonical import canonicalise
from crawler.platforms import Entry, ListRequest
from crawler.platforms.discuz import by_creation
from crawler.spiders.follow import Leads, leads_of_thread
from crawler.spiders.list_reader import ListVisit
from crawler.spiders.portal import PortalSpider
from crawler.spiders.site import FIRST_LIST, page_of

_BOARD = re.compile(r"(.*/)forum\.php\?mod=forumdisplay&fid=(\d+)")
_DYNAMIC = re.compile(r"[^?]*/(?:forum|viewthread)\.php\?")


class ForumSpider(PortalSpider):
    """Boards that were read before are asked for new threads first; a board that will not be read is tried in the archiver."""

    def first_address(self, visit: ListVisit) -> str:
        board = canonicalise(visit.address)
        return by_creation(board) if _BOARD.fullmatch(board) and visit.state.newest is not None else visit.address

    def first_refused(self, response: Response, visit: ListVisit, reason: str) -> Iterator[Request]:
        """First the board in its own order, then the archiver; a challenge is an answer, and nothing else is tried."""
        board = _BOARD.match(canonicalise(visit.address))
        if response.meta.get("blocked") or not board:
            yield from super().first_refused(response, visit, reason)
            return
        archiver = urljoin(board[1], f"archiver/?fid-{board[2]}.html")
        others = [visit.address, archiver]
        asked = response.request.url if response.request else response.url
        following = others[others.index(asked) + 1 :] if asked in others else others
        if not following:
            yield from super().first_refused(response, visit, reason)
            return
        visit.state = replace(visit.state, etag=None, last_modified=None)
        yield self.list_request(
            ListRequest("GET", following[0]), self.parse_first, self.first_failed, FIRST_LIST, visit=visit
        )

    def fetch_address(self, entry: Entry, key: str) -> str:
        """A thread's dynamic address without what only decorates it; a rewritten one as it was found."""
        return key if _DYNAMIC.match(entry.url) else entry.url

    def leads(self, response: Response) -> Leads:
        """To the rest of an opening post, not to the pages of replies."""
        return leads_of_thread(page_of(response, response.meta))
