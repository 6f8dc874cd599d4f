"""What an article's page leads to: its next part, and the documents that it links. Cheap, by links alone; extraction comes later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lxml import etree, html

from crawler.extraction.decoding import decode

EXTENSIONS = frozenset({"pdf", "doc", "docx", "ofd", "wps", "xls", "xlsx"})
_NEXT = re.compile(
    r"(?:[(\[（【「]?\s*)?(?:下一页|下一頁|下页|下頁|后一页|後一頁|余下全文|阅读全文|next(?: page)?)\s*[)\]）】」]?\s*[>»›]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\[【(（]?\s*(\d{1,2})\s*[\]】)）]?")
_PATH = re.compile(r"(.*?)(?:[_-](\d{1,2}))?(\.[A-Za-z]{3,5})?")
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|ofd|wps|xlsx?)\b", re.IGNORECASE)
_PARAMETERS = frozenset({"page", "p", "pageno", "pageindex", "pn", "cp"})

Numbered = tuple[tuple[str, str, str, str], int | None]


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a page leads: the URL of the next page of the same article, and (URL, words of the link) of documents, each once, in order."""

    next_part: str | None = None
    documents: tuple[tuple[str, str], ...] = ()


def leads_of(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> Leads:
    """What an article's page leads to; all URLs absolute.

    A link is the next part only if it says so (下一页, a page number) and its address is this one's but for the number: 下一篇 is another
    article.
    """
    text = decode(content, headers)
    here = _numbered(url)
    stem = here[0][1].rpartition("/")[2]
    # most pages lead nowhere: look at their text before they are parsed
    may_go_on = re.search(
        rf"{re.escape(stem)}[_-]\d|[?&](?:amp;)?(?:page|p|pageno|pageindex|pn|cp)=\d", text, re.IGNORECASE
    )
    may_link = _DOCUMENT.search(text)
    if not may_go_on and not may_link:
        return Leads()
    following: str | None = None
    documents: dict[str, str] = {}
    for link, href in _links(text):
        if may_link and _DOCUMENT.search(href):
            target = _absolute(href, link, url)
            if target and attachment_extension(target):
                documents.setdefault(target, _words(link))
        elif may_go_on and following is None and (stem in href or "=" in href):
            target = _absolute(href, link, url)
            if target and _follows(link, _numbered(target), here):
                following = target
    return Leads(following, tuple(documents.items()))


def _follows(link: html.HtmlElement, there: Numbered, here: Numbered) -> bool:
    if there[0] != here[0] or there[1] not in ({here[1] + 1} if here[1] is not None else {1, 2}):
        return False
    words = _words(link)
    number = _NUMBER.fullmatch(words)
    return (
        link.get("rel") == "next"
        or bool(_NEXT.fullmatch(words))
        or (number is not None and int(number[1]) == (here[1] or 1) + 1)
    )


def attachment_extension(url: str) -> str | None:
    """The extension of a document's address, lower case; None where it is not one's."""
    extension = urlsplit(url).path.rpartition(".")[2].lower()
    return extension if extension in EXTENSIONS else None


def _links(text: str) -> Iterator[tuple[html.HtmlElement, str]]:
    try:
        root = html.document_fromstring(text)
    except (etree.ParserError, ValueError):
        return
    for link in root.iter("a", "link"):
        href = (link.get("href") or "").strip()
        if href and not href.startswith(("#", "javascript:", "mailto:")):
            yield link, href


def _absolute(href: str, link: html.HtmlElement, url: str) -> str | None:
    try:
        base = link.getroottree().xpath("string(//base/@href)")
        target = urljoin(urljoin(url, str(base).strip()), href).partition("#")[0]
        return target if urlsplit(target).scheme in ("http", "https") else None
    except ValueError:
        return None


def _words(link: html.HtmlElement) -> str:
    return " ".join("".join(link.itertext()).split())


def _numbered(url: str) -> Numbered:
    """The address without its page number, and the number; None where it has none."""
    parts = urlsplit(url)
    query, number = [], None
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in _PARAMETERS and value.isdecimal():
            number = int(value)
        else:
            query.append((name, value))
    folder, _, file = parts.path.rpartition("/")
    stem, extension = file, ""
    if number is None and (found := _PATH.fullmatch(file)):
        stem, extension = found[1], found[3] or ""
        number = int(found[2]) if found[2] else None
    return (parts.netloc, f"{folder}/{stem}", extension, urlencode(query)), number
