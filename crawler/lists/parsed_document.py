"""A fetched page, parsed once for all list readers: text, tree, base URL, data, scripts."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree, html

from crawler.lists.list_page import ListError
from crawler.web.markup import is_torn, without_parts
from crawler.web.page import WebPage
from crawler.web.resolve_url import resolve

MOST_BYTES = 20_000_000  # of a page
MOST_LINKS = 10_000  # of an HTML page
_MOST_ELEMENTS = 500_000  # of an HTML page
_MOST_FOR_SOUP = 1_000_000  # characters; the tolerant parser takes seconds for more
MOST_ENTRIES = 50_000  # of a feed, a site map (its own limit) or JSON

Kind = Literal["html", "feed", "sitemap", "datastore", "json"]

_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|RDF|urlset|sitemapindex|datastore)[\s>]", re.IGNORECASE)
_KINDS: dict[str, Kind] = {
    "rss": "feed",
    "feed": "feed",
    "rdf": "feed",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "datastore": "datastore",
}
_JSONP = re.compile(
    r"\s*(?:/\*.*?\*/)?\s*(?:(?:try\s*\{\s*)?[\w.$\[\]]*\s*\(|(?:var\s+|window\.)?[\w.$]+\s*=)?\s*(?=[\[{])", re.DOTALL
)
_MARKUP = re.compile(r"<(?:html|head|body|div|ul|table)\b", re.IGNORECASE)
_ADDRESSES = re.compile(r"\ufeff?https?://\S+\s*(?:\n|\Z)")
_ADDRESS = re.compile(r"\ufeff?\s*(?:https?://\S+)?\s*")
_CONTROLS = bytes([*range(9), *range(14, 27)])  # what text has none of
_WHITE = re.compile(r"[\t\r\n]")
_PLAIN = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?/[A-Za-z0-9_./?=&%~,;:@!*+()-]*(?:#[A-Za-z0-9_-]*)?"
)
_NOT_FETCHED = ("javascript:", "mailto:", "tel:", "data:", "about:", "#", "ftp:", "file:", "thunder:")


@dataclass(frozen=True)
class Document:
    """`url` is where the list is: the page's address, with the fragment that tells lists of one page apart. Everything else is worked out when it is asked for."""

    url: str
    page: WebPage

    @classmethod
    def open(cls, content: bytes, url: str, headers: Mapping[str, str] | None = None) -> Document:
        """The page with this payload, unpacked where it is a gzip file. Raises ListError for what is too large, empty or no text."""
        return cls.of(WebPage(content, url, headers))

    @classmethod
    def of(cls, page: WebPage, url: str | None = None) -> Document:
        """As `open`, for a page that may be decoded already. `url`: where it differs from the page's."""
        content = page.content
        if len(content) >= MOST_BYTES:
            raise ListError(f"列表页有 {len(content) // 1_000_000} MB，超过上限 {MOST_BYTES // 1_000_000} MB")
        if content.startswith(b"\x1f\x8b"):
            content = _unpacked(content)
            page = WebPage(content, page.url, page.headers)
        if not content.strip():
            raise ListError("列表页是空的")
        head = content[:4096]
        if head.startswith((b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
            raise ListError("这不是列表页，而是文件（PDF、Office、图片或压缩包）")
        controls = len(head) - len(head.translate(None, _CONTROLS))
        if controls > len(head) // 20 and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ListError("这不是列表页：内容不是文本")
        return cls(url or page.url, page)

    def fragment(self, markup: str) -> Document:
        """Markup that the page holds as data, opened as a page at its address."""
        content, headers = markup.encode("utf-8", "replace"), {"Content-Type": "text/html; charset=utf-8"}
        return Document(self.url, WebPage(content, self.url, headers))

    @property
    def content(self) -> bytes:
        return self.page.content

    @property
    def headers(self) -> Mapping[str, str] | None:
        return self.page.headers

    @property
    def text(self) -> str:
        return self.page.text

    @cached_property
    def marked(self) -> str:
        """Address and markup, where systems leave their marks; pictures written into the page are left out."""
        text = self.text
        if len(text) > 600_000:
            text = text[:400_000] + text[-200_000:]
        if "base64," in text:
            text = re.sub(r"base64,[A-Za-z0-9+/=\s]{200,}", "base64,", text)
        return f"{self.url}\n{text}"

    @cached_property
    def lowered(self) -> str:
        return self.marked.lower()

    @cached_property
    def kind(self) -> Kind:
        head = self.text[:3000].lstrip()
        if head.startswith("<"):
            found = _ROOT.search(re.sub(r"(?s)<!--.*?(?:-->|\Z)", "", head))
            before = re.search(r"<(?:html|body|div|head)\b", head, re.IGNORECASE)
            if found and not (before and before.start() < found.start()):
                return _KINDS[found[1].lower()]
            return "html"
        if _ADDRESSES.match(head) and all(map(_ADDRESS.fullmatch, head.split("\n")[:20][:-1])):
            return "sitemap"  # one address a line
        if self.data is not None or (_JSONP.match(head) and not _MARKUP.search(head)):
            return "json"
        return "html"

    @cached_property
    def data(self) -> Any:
        """The JSON (or JSONP, or JSON in brackets) that the page is; None where it is none."""
        text = self.text.lstrip("\ufeff \t\r\n;")
        start = _JSONP.match(text)
        if start is None or len(text) - start.end() < 2:
            return None
        try:
            return json.JSONDecoder(strict=False).raw_decode(text, start.end())[0]
        except (ValueError, RecursionError):
            return None

    @cached_property
    def tree(self) -> html.HtmlElement:
        """The page's HTML tree; never None. Raises ListError where there are too many links to be a list."""
        return parse(self.text)

    @cached_property
    def base(self) -> str:
        """What relative addresses are relative to."""
        found = re.search(r"""<base\s[^>]*?href\s*=\s*["']?([^"'\s>]+)""", self.text[:20_000], re.IGNORECASE)
        return self.absolute(found[1], self.url) or self.url if found else self.url

    @cached_property
    def scripts(self) -> str:
        """All inline scripts, one after the other."""
        out: list[str] = []
        for piece in re.split(r"(?i)</script", self.marked)[:-1]:
            opened = piece.lower().rfind("<script")
            if opened >= 0:
                out.append(piece[opened:].partition(">")[2])
        return "\n".join(out)

    @cached_property
    def address(self) -> str:
        """Path and query of the page's own address."""
        parts = urlsplit(self.url)
        return parts.path + ("?" + parts.query if parts.query else "")

    def absolute(self, href: str | None, base: str | None = None) -> str | None:
        """The absolute http(s) address that `href` leads to; None where it leads nowhere that can be fetched."""
        return absolute(href, base or self.base)


def _unpacked(content: bytes) -> bytes:
    """What a gzip file holds; raises ListError where it is more than a page may be, or damaged."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(content, MOST_BYTES)
    except zlib.error as error:
        raise ListError("压缩的列表已损坏") from error
    if unpacker.unconsumed_tail:
        raise ListError(f"压缩的列表解开后超过上限 {MOST_BYTES // 1_000_000} MB")
    return plain


def absolute(href: str | None, base: str) -> str | None:
    """`href` joined to `base`; None for scripts, mail, fragments of the same page and what is no address."""
    if href is None:
        return None
    if _PLAIN.fullmatch(href) and "/." not in href:
        return href
    href = _WHITE.sub("", href).strip()
    if not href or href.lower().startswith(_NOT_FETCHED):
        return None
    try:
        url = resolve(base, href.replace("\\", "/"))
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises where it is no number)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if parts.hostname.endswith("."):  # an address such as http://./a.html joined by a template
        return None if parts.hostname == "." else url.replace(parts.netloc, parts.netloc.rstrip("."), 1)
    return url.replace(" ", "%20")


def parse(text: str) -> html.HtmlElement:
    """A tree of any HTML, also of a fragment or of nothing. Raises ListError where there are more than MOST_LINKS links."""
    links = len(re.findall(r"<a[\s>]", text, re.IGNORECASE))
    if links > MOST_LINKS:
        raise ListError(f"列表页有 {links} 个链接，超过上限 {MOST_LINKS} 个")
    if (tags := text.count("<") - text.count("</")) > _MOST_ELEMENTS and len(
        re.findall(r"<[a-z]", text, re.I)
    ) > _MOST_ELEMENTS:
        raise ListError(f"列表页有 {tags} 个标签，超过上限 {_MOST_ELEMENTS} 个")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text[:500], count=1) + text[500:]
    tree = _lxml_tree(text)
    if _links_in(tree) * 10 >= links * 7:
        return tree
    written = without_parts(text, "script")
    links = len(re.findall(r"<a[\s>]", written, re.IGNORECASE))
    if _links_in(tree) * 10 >= links * 7:
        return tree
    whole = _lxml_tree(re.sub(r"(?i)</?(?:html|body)\s*>", "", written))  # libxml2 stops at an early </html>
    if _links_in(whole) * 10 >= links * 7 or len(text) > _MOST_FOR_SOUP or is_torn(written):
        return whole if _links_in(whole) > _links_in(tree) else tree
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    found = [tree, whole]
    with suppress(ParserRejectedMarkup):  # <![x and the like: then the page is what the others made of it
        found.append(_lxml_tree(str(BeautifulSoup(written, "html.parser"))))
    return max(found, key=_links_in)


def _lxml_tree(text: str) -> html.HtmlElement:
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return html.document_fromstring(b"<html><body></body></html>")


def _links_in(tree: html.HtmlElement) -> int:
    return sum(1 for _ in tree.iter("a"))
