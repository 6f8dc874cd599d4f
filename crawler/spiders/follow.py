"""What an article's page leads to: its next part, and the documents that it links. Cheap, by links alone; extraction comes later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
_PARAMETERS = frozenset({"page", "p", "pageno", "pageindex", "pn", "cp"})


def next_part_of(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> str | None:
    """Absolute URL of the next page of the same article; None where there is none.

    A link counts only if it says so (下一页, a page number) and its address is this one's but for the number: 下一篇 is another article.
    """
    here = _numbered(url)
    for link, target in _links(content, url, headers):
        there = _numbered(target)
        if there[0] != here[0] or there[1] is None:
            continue
        wanted = {here[1] + 1} if here[1] is not None else {1, 2}
        if there[1] not in wanted:
            continue
        words = " ".join("".join(link.itertext()).split())
        number = _NUMBER.fullmatch(words)
        if link.get("rel") == "next" or _NEXT.fullmatch(words) or (number and int(number[1]) == (here[1] or 1) + 1):
            return target
    return None


def attachments_of(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """(absolute URL, words of the link) of the documents that a page links, each once, in the page's order."""
    found: dict[str, str] = {}
    for link, target in _links(content, url, headers):
        if attachment_extension(target):
            found.setdefault(target, " ".join("".join(link.itertext()).split()))
    return list(found.items())


def attachment_extension(url: str) -> str | None:
    """The extension of a document's address, lower case; None where it is not one's."""
    extension = urlsplit(url).path.rpartition(".")[2].lower()
    return extension if extension in EXTENSIONS else None


def _links(content: bytes, url: str, headers: Mapping[str, str] | None) -> Iterator[tuple[html.HtmlElement, str]]:
    try:
        root = html.document_fromstring(decode(content, headers), base_url=url)
    except (etree.ParserError, ValueError):
        return
    base = urljoin(url, (root.xpath("string(//base/@href)") or "").strip())
    for link in root.iter("a", "link"):
        href = (link.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "mailto:")):
            continue
        try:
            target = urljoin(base, href).partition("#")[0]
            if urlsplit(target).scheme in ("http", "https"):
                yield link, target
        except ValueError:
            continue


def _numbered(url: str) -> tuple[tuple[str, str, str, str], int | None]:
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
