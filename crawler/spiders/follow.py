"""What an article's page leads to: its next part, and the documents that it links.

Cheap, so that the crawl does not wait for extraction: most pages lead nowhere, and their text says so before they are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from crawler.article import ExtractionError
from crawler.extraction.decoding import decode
from crawler.extraction.frame import walk
from crawler.extraction.parts import next_part
from crawler.extraction.tree import parse
from crawler.platforms.discuz_thread import read_thread

EXTENSIONS = frozenset({"pdf", "doc", "docx", "ofd", "wps", "xls", "xlsx"})
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|ofd|wps|xlsx?)\b", re.IGNORECASE)
_STEM = re.compile(r"(.*?)(?:[_-]\d{1,2})?(?:\.[A-Za-z]{2,5})?")
_PAGE = r"[?&](?:amp;)?(?:page|p|pn|pageno|pagenum|cp|currentpage)=\d"
_SPLIT_POST = b"show_threadpage("


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a page leads: the URL of the next page of the same article, and (URL, words of the link) of documents, each once, in order."""

    next_part: str | None = None
    documents: tuple[tuple[str, str], ...] = ()


def leads_of(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> Leads:
    """What an article's page leads to; all URLs absolute."""
    text = decode(content, headers)
    stem = _STEM.fullmatch(urlsplit(url).path.rpartition("/")[2])
    name = re.escape(stem[1]) if stem else ""
    goes_on = re.search(rf"{name}[_-]\d|{_PAGE}|createPageHTML\([^)]*{name}", text, re.IGNORECASE)
    documents: dict[str, str] = {}
    if _DOCUMENT.search(text):
        for target, words in _documents(text, url):
            documents.setdefault(target, words)
    following = None
    if goes_on:
        try:
            following = next_part(walk(parse(text), url), url)
        except ExtractionError:
            following = None  # nor will it be extracted
    return Leads(following, tuple(documents.items()))


def leads_of_thread(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> Leads:
    """Where a thread's page leads: to the rest of an opening post that its author split. Further pages hold replies, attachments are for members."""
    if _SPLIT_POST not in content:
        return Leads()
    try:
        article = read_thread(parse(decode(content, headers)), url)
    except ExtractionError:
        return Leads()
    return Leads(article.next_part if article else None)


def attachment_extension(url: str) -> str | None:
    """The extension of a document's address, lower case; None where it is not one's."""
    extension = urlsplit(url).path.rpartition(".")[2].lower()
    return extension if extension in EXTENSIONS else None


def _documents(text: str, url: str) -> Iterator[tuple[str, str]]:
    try:
        root = html.document_fromstring(text)
    except (etree.ParserError, ValueError):
        return
    base = urljoin(url, str(root.xpath("string(//base/@href)")).strip())
    for link in root.iter("a"):
        href = (link.get("href") or "").strip()
        if not _DOCUMENT.search(href):
            continue
        try:
            target = urljoin(base, href).partition("#")[0]
            if urlsplit(target).scheme in ("http", "https") and attachment_extension(target):
                yield target, " ".join("".join(link.itertext()).split())
        except ValueError:
            continue
