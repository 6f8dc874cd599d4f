"""What an article's page leads to: its next part, and the documents that it links.

Cheap, so that the crawl does not wait for extraction: most pages lead nowhere, and their text says so before they are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.article import ExtractionError
from crawler.documents import documents_on
from crawler.extraction.decoding import decode
from crawler.extraction.frame import walk
from crawler.extraction.parts import next_part
from crawler.extraction.tree import parse
from crawler.platforms.discuz_thread import read_thread

_STEM = re.compile(r"(.*?)(?:[_-]\d{1,2})?(?:\.[A-Za-z]{2,5})?")
_PAGE = r"[?&](?:amp;)?(?:page|p|pn|pageno|pagenum|cp|currentpage)=\d"
_SPLIT_POST = b"show_threadpage("


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Where a page leads: the URL of the next page of the same article, and (URL, words of the link) of documents, each once, in order."""

    next_part: str | None = None
    documents: tuple[tuple[str, str], ...] = ()


def page_links(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> PageLinks:
    """What an article's page leads to; all URLs absolute."""
    text = decode(content, headers)
    stem = _STEM.fullmatch(urlsplit(url).path.rpartition("/")[2])
    name = re.escape(stem[1]) if stem else ""
    goes_on = re.search(rf"{name}[_-]\d|{_PAGE}|createPageHTML\([^)]*{name}", text, re.IGNORECASE)
    following = None
    if goes_on:
        try:
            following = next_part(walk(parse(text), url), url)
        except ExtractionError:
            following = None  # nor will it be extracted
    return PageLinks(following, tuple((document.url, document.words) for document in documents_on(text, url)))


def thread_links(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> PageLinks:
    """Where a thread's page leads: to the rest of an opening post that its author split. Further pages hold replies, attachments are for members."""
    if _SPLIT_POST not in content:
        return PageLinks()
    try:
        article = read_thread(parse(decode(content, headers)), url)
    except ExtractionError:
        return PageLinks()
    return PageLinks(article.next_part if article else None)
