"""What an article's page links that is fetched too: its next part, and its documents.

Cheap, so that the crawl does not wait for extraction: most pages lead nowhere, and their text says so before they are parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.article import ExtractionError
from crawler.extraction.page.frame import walk
from crawler.extraction.parsed_page import ParsedPage
from crawler.extraction.parts import next_part
from crawler.web.page import WebPage

_STEM = re.compile(r"(.*?)(?:[_-]\d{1,2})?(?:\.[A-Za-z]{2,5})?")
_ASSIGNED = re.compile(r"=\d")  # seldom in a page, so that only what stands before it is looked at
_PAGE = re.compile(r"[?&](?:amp;)?(?:page|p|pn|pageno|pagenum|cp|currentpage)$")
_LONGEST_PAGE = 16  # characters that _PAGE may take
_PAGER = re.compile(r"createpagehtml\(([^)]*)")
_NUMBERED = re.compile(r"[_-]\d")


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Where a page leads: the URL of the next page of the same article, and (URL, words of the link) of documents, each once, in order."""

    next_part: str | None = None
    documents: tuple[tuple[str, str], ...] = ()


def page_links(page: WebPage) -> PageLinks:
    """What an article's page leads to; all URLs absolute."""
    parsed = ParsedPage(page)
    try:
        following = next_part(walk(parsed.root, page.url), page.url) if may_go_on(page) else None
        return PageLinks(following, tuple((document.url, document.words) for document in parsed.documents))
    except ExtractionError:
        return PageLinks()  # nor will it be extracted


def may_go_on(page: WebPage) -> bool:
    """Whether a page's source names further pages of the same article. No pattern is made of the page's name: that would be made anew for every page."""
    text = page.text.lower()
    stem = _STEM.fullmatch(urlsplit(page.url).path.rpartition("/")[2].lower())
    name = stem[1] if stem else ""
    numbered = (text[max(0, found.start() - _LONGEST_PAGE) : found.start()] for found in _ASSIGNED.finditer(text))
    if any(map(_PAGE.search, numbered)) or any(name in arguments for arguments in _PAGER.findall(text)):
        return True
    if not name:
        return _NUMBERED.search(text) is not None
    at = text.find(name)
    while at >= 0:
        if _NUMBERED.match(text, at + len(name)):
            return True
        at = text.find(name, at + 1)
    return False


def thread_links(page: WebPage) -> PageLinks:
    """Where a thread's page leads: to the rest of an opening post that its author split. Further pages hold replies, attachments are for members."""
    from crawler.extraction.forum.registry import may_be_split, read_thread  # with it comes most of extraction

    if not may_be_split(page.content):
        return PageLinks()
    try:
        article = read_thread(ParsedPage(page))
    except ExtractionError:
        return PageLinks()
    return PageLinks(article.next_part if article else None)
