"""The publishing systems: found in this folder, asked which of them made a page, and what its list says."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import import_module

from crawler.lists.list_page import ArticleHints, ListPage, Recognition
from crawler.lists.parsed_document import Document
from crawler.platforms import generic
from crawler.platforms.system import Category, ForumAddresses, System
from crawler.web.page import WebPage

_SURE = 0.5  # less than this and the page is anybody's


@cache
def systems() -> Mapping[str, System]:
    """What each file of this folder says in its SYSTEM, by name, in the order of names. Raises ValueError where two say the same name."""
    folder = import_module(__name__.rpartition(".")[0])
    modules = [import_module(f"{folder.__name__}.{found.name}") for found in pkgutil.iter_modules(folder.__path__)]
    said: list[System] = [module.SYSTEM for module in modules if hasattr(module, "SYSTEM")]
    by_name = {system.name: system for system in sorted(said, key=lambda system: system.name)}
    if len(by_name) < len(said):
        raise ValueError(f"two publishing systems have the same name: {sorted(system.name for system in said)}")
    return by_name


def read_list(content: bytes, url: str, *, headers: Mapping[str, str] | None = None) -> ListPage:
    """The list on a page fetched from `url` (absolute); `headers` are the response's. Raises ListError where the page cannot be read as one."""
    return list_in(Document.open(content, url, headers))


def list_in(document: Document) -> ListPage:
    """The list on an opened page. Raises ListError as `read_list` does."""
    system, recognition = _choose(document)
    page = system.read(document)
    return replace(
        page, platform=recognition.platform, confidence=recognition.confidence, reason=page.reason or recognition.reason
    )


def recognise(content: bytes, url: str, *, headers: Mapping[str, str] | None = None) -> Recognition:
    """Which publishing system made the page, without reading its list. Raises ListError as `read_list` does."""
    return _choose(Document.open(content, url, headers))[1]


def article_hints(page: WebPage) -> ArticleHints:
    """Where the system that made an article's page has its title, date, 来源 and body; all '' where no system is recognised."""
    return _choose(Document(page.url, page))[0].article


def search_between(document: Document, since: date, until: date) -> str | None:
    """Where the site's own search finds what lies between two days, both included, as a page of a list names it; None where it names none."""
    return _choose(document)[0].search(document, since, until)


def is_feed(page: ListPage) -> bool:
    """Whether a list that was read is a feed or a site map."""
    return systems()[page.platform].is_feed


def categories(document: Document) -> list[Category]:
    """The lists that a page names for its script alone, whichever system made it."""
    return [category for system in systems().values() for category in system.categories(document)]


def forums() -> list[ForumAddresses]:
    """How each system that is a forum addresses its boards and threads."""
    return [system.forum for system in systems().values() if system.forum is not None]


def _choose(document: Document) -> tuple[System, Recognition]:
    """The system that is surest of the page, of two equally sure the first by name; none where none is sure enough."""
    best, known = generic.SYSTEM, generic.recognise(document)
    for system in systems().values():
        found = system.recognise(document)
        if found.confidence >= _SURE and found.confidence > known.confidence:
            best, known = system, found
    return best, known
