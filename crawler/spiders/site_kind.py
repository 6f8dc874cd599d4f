"""What differs between kinds of sites: how their lists are read, at which URLs, and what their articles' pages link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scrapy.http import Response

from crawler.archive import ListState, Role
from crawler.platforms import Entry, ListPage
from crawler.spiders.links import PageLinks, page_links
from crawler.web.page import WebPage


@dataclass(frozen=True, slots=True)
class SiteKind:
    """Where a field has a default, that is what most sites do."""

    # the list on a page; raises ListError
    read: Callable[[Response], ListPage]
    # where an article's page leads
    links: Callable[[WebPage], PageLinks] = page_links
    # as what a list's page is kept
    role: Role = "list"
    # where a list's newest entries are shown
    first_address: Callable[[ListState], str] = lambda state: state.url
    # where else the list at an address may be read, after the first page was refused at the URL that was asked; None: nowhere
    other_address: Callable[[str, str], str | None] = lambda address, asked: None
    # where an entry's page is asked for, by the entry and its canonical URL
    fetch_address: Callable[[Entry, str], str] = lambda entry, key: entry.url
    # what an index said of a list's last change, to be kept with the list's state
    digest: Callable[[ListState], str | None] = lambda state: state.digest
