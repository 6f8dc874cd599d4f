"""read_list and recognise: which system made the page, and what its list says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Protocol, cast

from crawler.lists import json_list, json_paging
from crawler.lists.article_hints import ArticleHints
from crawler.lists.list_page import ListPage, Platform, Recognition
from crawler.lists.parsed_document import Document
from crawler.platforms import boda, dede, discuz, empire, feed, generic, hanweb, phpcms, sitemap, trs, ucap, was5
from crawler.web.page import WebPage

_SURE = 0.5  # less than this and the page is anybody's


class System(Protocol):
    """What each publishing system's file offers."""

    PLATFORM: Platform
    ARTICLE: ArticleHints  # of its own article template

    def recognise(self, document: Document) -> Recognition:
        """How sure the system is that it made the page, 0–1, and by which marks."""

    def read(self, document: Document) -> ListPage:
        """The page's list; platform, confidence and reason are filled in by the caller."""


def _system(module: ModuleType) -> System:
    return cast(System, module)


SYSTEMS: tuple[System, ...] = tuple(
    map(_system, (feed, sitemap, discuz, hanweb, ucap, was5, trs, boda, dede, empire, phpcms, generic))
)


def read_list(content: bytes, url: str, *, headers: Mapping[str, str] | None = None) -> ListPage:
    """The list on a page fetched from `url` (absolute); `headers` are the response's. Raises ListError where the page cannot be read as one."""
    return list_in(Document.open(content, url, headers))


def list_in(document: Document) -> ListPage:
    """The list on an opened page. Raises ListError as `read_list` does."""
    system, recognition = _choose(document)
    page = _read_data(document) if document.kind == "json" and system.PLATFORM == "generic" else system.read(document)
    return replace(
        page, platform=recognition.platform, confidence=recognition.confidence, reason=page.reason or recognition.reason
    )


def recognise(content: bytes, url: str, *, headers: Mapping[str, str] | None = None) -> Recognition:
    """Which publishing system made the page, without reading its list. Raises ListError as `read_list` does."""
    return _choose(Document.open(content, url, headers))[1]


def article_hints(page: WebPage) -> ArticleHints:
    """Where the system that made an article's page has its title, date, 来源 and body; all '' where no system is recognised."""
    return _choose(Document(page.url, page))[0].ARTICLE


def _choose(document: Document) -> tuple[System, Recognition]:
    best, known = SYSTEMS[-1], SYSTEMS[-1].recognise(document)
    for system in SYSTEMS[:-1]:
        found = system.recognise(document)
        if found.confidence >= _SURE and found.confidence > known.confidence:
            best, known = system, found
    return best, known


def _read_data(document: Document) -> ListPage:
    """JSON of no known system: the portals' rolling lists, or HTML inside JSON, paged by a number in their address."""
    entries = json_list.entries(document, json_list.records(document.data) or json_list.in_scripts(document.marked))
    if not entries and (markup := json_list.markup(document.data)):
        entries = generic.examine(document.fragment(markup)).entries
    return ListPage(entries, json_paging.following(document.url, document.data, len(entries)))
