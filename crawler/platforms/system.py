"""What a publishing system's file says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from crawler.lists.day_search import search_between
from crawler.lists.list_page import ArticleHints, ListPage, Recognition
from crawler.lists.parsed_document import Document


class Category(NamedTuple):
    """A list that a page of lists names for its script. `fragment` chooses it where it stands behind the page's address; `url` is the list's own."""

    name: str
    url: str
    fragment: str


@dataclass(frozen=True, slots=True)
class ForumAddresses:
    """How a forum's addresses are made; each function answers for its own forum's addresses alone."""

    # the board at an address with its newest threads first; None where the address is no board's
    newest_first: Callable[[str], str | None]
    # where else the board at an address may be read, in the order in which to try; () where the address is no board's
    elsewhere: Callable[[str], tuple[str, ...]]
    # whether a thread's address differs from its canonical URL only by parameters that select nothing; then the canonical URL is fetched
    is_decorated: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class System:
    """One publishing system, as SYSTEM of a file in this folder. Where a field has a default, that is what most systems do."""

    # as `platform = …` in a source names it
    name: str
    # how sure the system is that it made the page, 0–1, and by which marks
    recognise: Callable[[Document], Recognition]
    # the page's list; the caller fills in platform, confidence and reason. Raises ListError
    read: Callable[[Document], ListPage]
    # places in its own article template
    article: ArticleHints = field(default_factory=ArticleHints)
    # whether a list is a feed: it names articles by itself, and no site is built of such pages
    is_feed: bool = False
    # how boards and threads are addressed, of a forum
    forum: ForumAddresses | None = None
    # the lists that a page names for its script alone
    categories: Callable[[Document], list[Category]] = lambda document: []
    # where what lies between two days, both included, is found by the site's own search, as a list's page names it; None where it names none
    search: Callable[[Document, date, date], str | None] = search_between
