"""Where a page that only redirects in the browser leads: meta refresh, a script's location, the frame that holds the site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.lists.list_page import ListError
from crawler.lists.parsed_document import Document

MOST_TEXT = 200  # characters; a page that says more is no door
_REFRESH = re.compile(r"""(?is)^\s*(\d{1,9})(?:\.\d*)?\s*[;,]\s*(?:url\s*=)?\s*['"]?(.*?)['"]?\s*$""")
_LOCATION = re.compile(
    r"""(?:\b(?:window|self|top|parent|document)\s*\.\s*)*\blocation(?:\s*\.\s*href)?\s*(?:=(?!=)|\.\s*(?:replace|assign)\s*\()\s*(['"])([^'"\s<>]+)\1""",
)
_BANNERS = re.compile(r"(?i)top|head|banner|left|menu|foot|bottom")


def client_redirect(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> str | None:
    """The address that a page without content of its own sends its reader to; None where it stays."""
    try:
        document = Document.open(content, url, headers)
    except ListError:
        return None
    return client_redirect_of(document)


def client_redirect_of(document: Document) -> str | None:
    """`onward`, of an opened page."""
    if document.kind != "html":
        return None
    try:
        tree, url = document.tree, document.url
    except ListError:
        return None
    found = _refreshed(tree) or _framed(tree)
    shown = sum(len(text.strip()) for text in tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
    if found is None and shown <= MOST_TEXT and not tree.xpath("count(//a[@href]) > 5"):
        code = "\n".join([*tree.xpath("//script[not(@src)]/text()"), *tree.xpath("//body/@onload")])
        location = _LOCATION.search(code)
        frames = tree.xpath("//iframe/@src")
        found = location[2] if location else str(frames[0]) if len(frames) == 1 else None
    if not found:
        return None
    try:
        place = urljoin(url, found.strip())
        parts = urlsplit(place)
    except ValueError:
        return None
    is_other = place.partition("#")[0] != url.partition("#")[0]
    return place if parts.scheme in ("http", "https") and parts.hostname and is_other else None


def _refreshed(tree: html.HtmlElement) -> str | None:
    for meta in tree.xpath("//meta[@http-equiv and @content][not(ancestor::noscript)]"):
        if meta.get("http-equiv", "").strip().lower() == "refresh":
            found = _REFRESH.match(meta.get("content", ""))
            if found and found[2] and int(found[1]) <= 10:
                return str(found[2])
    return None


def _framed(tree: html.HtmlElement) -> str | None:
    """Of a frameset the frame that is neither banner nor menu."""
    frames = [frame for frame in tree.xpath("//frame[@src]") if frame.get("src", "").strip()]
    telling = [f for f in frames if not _BANNERS.search(f"{f.get('name', '')} {f.get('src', '').rpartition('/')[2]}")]
    return str((telling or frames)[0].get("src")) if frames else None
