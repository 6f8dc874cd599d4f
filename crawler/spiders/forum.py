"""Forums: boards → threads. The opening post is the article; a thread's further pages hold replies."""

from __future__ import annotations

from dataclasses import replace

from crawler.archive import ListState
from crawler.platforms import Entry
from crawler.platforms.registry import forums
from crawler.spiders.links import thread_links
from crawler.spiders.portal import portal
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import Visit


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
    if state.newest is None:
        return state.url
    return next((board for forum in forums() if (board := forum.newest_first(state.url))), state.url)


def _other_address(address: str, asked: str) -> str | None:
    """The next of the other addresses at which the board may be read."""
    others = next((others for forum in forums() if (others := forum.elsewhere(address))), ())
    following = others[others.index(asked) + 1 :] if asked in others else others
    return following[0] if following else None


def _fetch_address(entry: Entry, key: str) -> str:
    """A thread's address without what only decorates it."""
    return key if any(forum.is_decorated(entry.url) for forum in forums()) else entry.url
