"""Forums: boards → threads of Discuz!. The opening post is the article; a thread's further pages hold replies."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin

from crawler.archive import ListState
from crawler.canonical import canonicalise
from crawler.platforms import Entry
from crawler.platforms.discuz import by_creation
from crawler.spiders.links import thread_links
from crawler.spiders.portal import portal
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import Visit

_BOARD = re.compile(r"(.*/)forum\.php\?mod=forumdisplay&fid=(\d+)")
_DYNAMIC = re.compile(r"[^?]*/(?:forum|viewthread)\.php\?")


def forum(visit: Visit) -> SiteKind:
    """Boards that were read before are asked for new threads first; a board that will not be read is tried in the archiver."""
    return replace(
        portal(visit),
        links=thread_links,
        first_address=_first_address,
        other_address=_other_address,
        fetch_address=_fetch_address,
    )


def _first_address(state: ListState) -> str:
    board = canonicalise(state.url)
    return by_creation(board) if _BOARD.fullmatch(board) and state.newest is not None else state.url


def _other_address(address: str, asked: str) -> str | None:
    """First the board in its own order, then the archiver."""
    board = _BOARD.match(canonicalise(address))
    if not board:
        return None
    others = [address, urljoin(board[1], f"archiver/?fid-{board[2]}.html")]
    following = others[others.index(asked) + 1 :] if asked in others else others
    return following[0] if following else None


def _fetch_address(entry: Entry, key: str) -> str:
    """A thread's dynamic address without what only decorates it; a rewritten one as it was found."""
    return key if _DYNAMIC.match(entry.url) else entry.url
