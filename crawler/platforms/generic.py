"""Reads any list. Used where no publishing system is recognised, and as the base of the systems' own readers."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from crawler.lists import dates, json_list, json_paging, paging, rows, titles, url_shape
from crawler.lists.flat_page import FlatPage, flatten
from crawler.lists.list_page import Entry, ListPage, ListRequest, Recognition
from crawler.lists.parsed_document import Document
from crawler.platforms.system import System

PLATFORM = "generic"

_CLEAR = 5.0  # a group of rows of this weight is a list beyond doubt


@dataclass(slots=True)
class Reading:
    """What can be read without knowing the system. `weight`: how much like a list the list looks (1 is doubtful, 10 and more is sure)."""

    page: FlatPage
    entries: tuple[Entry, ...]
    next_page: str | None
    weight: float


def recognise(document: Document) -> Recognition:
    """A low confidence for every page, so that a page that no system claims is generic."""
    return Recognition(PLATFORM, 0.1, "没有认出发布系统")


def examine(document: Document) -> Reading:
    """Entries by their rows, the next page by its link."""
    page = flatten(document)
    found, group = rows.read(page, document.url, now=dates.served_on(document.headers))
    entries, weight = tuple(found), group.weight if group else 0.0
    if weight < _CLEAR and len(scripted := _scripted(document)) > len(entries):
        entries, weight = scripted, _CLEAR
    following = paging.next_link(page, document)
    if following is not None:
        entries = tuple(e for e in entries if e.url != following)
    return Reading(page, entries, following, weight)


def _scripted(document: Document) -> tuple[Entry, ...]:
    """The entries that the page's scripts would show; none where the titles and addresses there are a menu's."""
    entries = json_list.entries(document, json_list.in_scripts(document.scripts))
    if len(entries) < 3 or median(titles.length(e.title) for e in entries) < 6:
        return ()
    told = sum(e.date is not None or url_shape.likeness(e.url) >= 0.8 for e in entries)
    return entries if told * 2 >= len(entries) else ()


def read(document: Document) -> ListPage:
    """The list of a page, whatever made it."""
    if document.kind == "json":
        return _read_data(document)
    found = examine(document)
    request: ListRequest | None = paging.post_back(found.page, document) if found.next_page is None else None
    return ListPage(found.entries, found.next_page, request)


def _read_data(document: Document) -> ListPage:
    """JSON of no known system: the portals' rolling lists, or HTML inside JSON, paged by a number in their address."""
    entries = json_list.entries(document, json_list.records(document.data) or json_list.in_scripts(document.marked))
    if not entries and (markup := json_list.markup(document.data)):
        entries = examine(document.fragment(markup)).entries
    return ListPage(entries, json_paging.following(document.url, document.data, len(entries)))


SYSTEM = System(PLATFORM, recognise, read)
