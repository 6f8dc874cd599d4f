"""The forum software whose threads are read: found in this folder, and asked for the thread on a page."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from crawler.article import Article
from crawler.extraction.forum.forum_threads import ForumThreads
from crawler.extraction.parsed_page import ParsedPage

if TYPE_CHECKING:
    from crawler.sources import Source


@cache
def forums() -> tuple[ForumThreads, ...]:
    """What each file of this folder says in its THREADS, in the order of file names."""
    folder = import_module(__name__.rpartition(".")[0])
    modules = [import_module(f"{folder.__name__}.{found.name}") for found in pkgutil.iter_modules(folder.__path__)]
    return tuple(module.THREADS for module in modules if hasattr(module, "THREADS"))


def read_thread(page: ParsedPage, source: Source | None = None) -> Article | None:
    """The opening post of the thread on a page as an Article; None where no forum knows the page as a thread of its own.

    Raises NotAnArticle where a forum says why the page is none to keep (a wall, a board, a later page), ExtractionError where
    the page cannot be read.
    """
    content = page.page.content
    if b"\x00" in content:  # UTF-16
        content = page.html.encode("utf-8", "replace")
    for forum in forums():
        if forum.may_be(content) and (article := forum.read(page.root, page.url, source)):
            return article
    return None


def may_be_split(content: bytes) -> bool:
    """Whether the opening post on a page, if there is one, continues on another page."""
    return any(forum.split_mark in content for forum in forums())
