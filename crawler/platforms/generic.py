"""Any list: where no publishing system is recognised, and what the systems' own readers start from."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.platforms import dates, paging, rows
from crawler.platforms.document import Document
from crawler.platforms.outline import Outline, outline
from crawler.platforms.page import Entry, ListPage, ListRequest, Platform, Recognition

PLATFORM: Platform = "generic"


@dataclass(slots=True)
class Reading:
    """What can be read without knowing the system. `weight`: how much like a list the list looks (1 is doubtful, 10 and more is sure)."""

    outline: Outline
    entries: tuple[Entry, ...]
    next_page: str | None
    weight: float


def recognise(document: Document) -> Recognition:
    """Always a little: what nothing else claims is generic."""
    return Recognition(PLATFORM, 0.1, "没有认出发布系统")


def examine(document: Document) -> Reading:
    """Entries by their rows, the next page by its link."""
    page = outline(document)
    entries, group = rows.read(page, document.url, now=dates.served_on(document.headers))
    return Reading(page, tuple(entries), paging.next_link(page, document), group.weight if group else 0.0)


def read(document: Document) -> ListPage:
    """The list of a page of any making."""
    found = examine(document)
    request: ListRequest | None = paging.post_back(found.outline, document) if found.next_page is None else None
    return ListPage(found.entries, found.next_page, request)
