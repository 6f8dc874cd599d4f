"""Where on its pages a list stands: learnt on the first, so that a last page with a single row, or none, is not read from the boxes beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lxml import html

from crawler.lists import dates, rows
from crawler.lists.flat_page import Link, class_of, flatten
from crawler.lists.list_page import Entry, ListError, ListPage
from crawler.lists.parsed_document import Document
from crawler.lists.row_days import date_rows, rows_of

_FEWEST = 3  # entries from which a list's place is learnt
_DATED = "dated "  # before the way to a list whose rows show days
_DIGITS = re.compile(r"\d+")
_ROW = re.compile(
    r"/(?:li|tr|dd|dt|dl|p|h\d|a)(?=[/#.]|$)"
)  # where the way to a list ends and that within a row begins


def container_of(document: Document, entries: Sequence[Entry]) -> str:
    """The way to the links of most entries (tags, classes, ids), and whether their rows show days; '' where a page has no such place."""
    if document.kind != "html" or len(entries) < _FEWEST:
        return ""
    named = {entry.url for entry in entries}
    ways: dict[html.HtmlElement, str] = {}
    found = Counter(_way(link, ways) for link in _links(document) if document.absolute(link.get("href")) in named)
    if not found:
        return ""
    way, count = found.most_common(1)[0]
    if count < _FEWEST:
        return ""
    dated = sum(entry.date is not None for entry in entries) >= 0.9 * len(entries)
    return f"{_DATED if dated else ''}{way}"


def read_within(document: Document, page: ListPage, container: str) -> ListPage:
    """`page` as read, or with what stands in the list's place where that page was read from somewhere else: there may be one row or none.

    A page that has no such place is laid out otherwise, and stays as it was read.
    """
    if not container or document.kind != "html":
        return page
    way = container.removeprefix(_DATED)
    ways: dict[html.HtmlElement, str] = {}
    try:
        own = [link for link in _links(document) if _way(link, ways) == way]
    except ListError:
        return page
    named = {entry.url for entry in page.entries}
    if any(document.absolute(link.get("href")) in named for link in own):
        undated = container.startswith(_DATED) and page.entries and not any(e.date for e in page.entries)
        return replace(page, entries=()) if undated else page
    if own:
        return replace(page, entries=tuple(_entries(document, own, must_be_dated=container.startswith(_DATED))))
    place = _ROW.split(way, maxsplit=1)[0]
    is_there = any(_way(element, ways) == place for element in document.tree.iter() if isinstance(element.tag, str))
    return replace(page, entries=()) if is_there and place.count("/") > 1 and re.search(r"[.#]", place) else page


def _entries(document: Document, links: Iterable[html.HtmlElement], *, must_be_dated: bool) -> list[Entry]:
    """The entries of these links, with the days of their rows."""
    page = flatten(document)
    wanted = set(links)
    own: list[Link] = [link for link in page.links if link.element in wanted and link.url and (link.text or link.hint)]
    made = rows_of(own)
    date_rows(made, page, dates.served_on(document.headers))
    found = rows.entries_of(made, page, document.url)
    return [entry for entry in found if entry.date or not must_be_dated]


def _links(document: Document) -> Iterable[html.HtmlElement]:
    return [link for link in document.tree.iter("a") if link.get("href")]


def _way(element: html.HtmlElement, ways: dict[html.HtmlElement, str]) -> str:
    """Tags with their classes and ids from the top of the page down to an element; numbers and states (odd, active) left out."""
    known = ways.get(element)
    if known is not None:
        return known
    parent = element.getparent()
    above = _way(parent, ways) if parent is not None else ""
    tag = str(element.tag)
    classes = class_of(element, tag, 0) if tag not in ("td", "th", "body", "html") else ""
    id = _DIGITS.sub("", element.get("id") or "") if tag not in ("li", "tr", "a", "dd", "dt") else ""
    ways[element] = way = f"{above}/{tag}{'#' + id if id else ''}{'.' + classes if classes else ''}"
    return way
