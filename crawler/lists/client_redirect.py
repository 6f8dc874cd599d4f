"""Where a page that only redirects in the browser leads: meta refresh, a script's location, the frame that holds the site or the article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from lxml import html

from crawler.lists import url_shape
from crawler.lists.list_page import ListError
from crawler.lists.parsed_document import Document
from crawler.web.markup import sub_tags, without_parts
from crawler.web.page import WebPage

MOST_TEXT = 200  # characters; a page that says more is no door
MOST_SECONDS = 10  # after which a page refreshes; what waits longer is read first
MOST_LINKS = 5  # of a page that a script or a small frame leads on from
_REFRESH = re.compile(r"""(?is)^\s*(\d{0,9})(?:\.\d*)?\s*[;,]?\s*(?:url\s*=)?\s*['"]?(.*?)['"]?\s*$""")
_WINDOW = r"(?:\b(?:window|self|top|parent|document)\s*\.\s*)*\blocation(?:\s*\.\s*href)?"
_GOES = rf"(?:{_WINDOW}|\bwindow\s*\[\s*['\"]location['\"]\s*\])\s*(?:=(?!=)|\.\s*(?:replace|assign)\s*\()|\bwindow\s*\.\s*navigate\s*\("
_OPENED = re.compile(r"""\bwindow\s*\.\s*open\s*\(\s*(['"])([^'"\s<>]+)\1\s*,\s*(['"])_(?:self|top|parent)\3""")
_TEXT = r"""\\?(['"])([^'"\\\s<>]+)\\?{quote}(?!\s*\+)"""
_LOCATION = re.compile(rf"(?:{_GOES})\s*{_TEXT.format(quote=chr(92) + '1')}")
_BY_NAME = re.compile(rf"(?:{_GOES})\s*([A-Za-z_$][\w$]*)\s*[;)\n}}<]")
_COMMENTS = re.compile(r"/\*.*?\*/|(?m:(?<![:'\"\w])//[^\n]*$)", re.DOTALL)
_READER = re.compile(r"(?i)userAgent|navigator|screen\s*\.|isMobile|orientation")  # a script that asks who reads
_BANNERS = re.compile(r"(?i)top|head|banner|left|menu|foot|bottom|nav")
_ASIDE = re.compile(
    r"(?i)weather|tianqi|(?:^|[^a-z])(?:map|ads?|adv|stat|player|video)(?:[^a-z]|$)|count|tongji|share|login|search|comment|pinglun|banner|top|head|foot|menu|left|right|nav"
)
_DOCUMENT = re.compile(
    r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|wps|ofd)\b|\bviewer\b"
)  # shown in a frame: the page is its article
_CONTENT = re.compile(r"(?i)content|article|detail|main|show|view|info|news|text|zhengwen|neirong")
_SENTENCE = re.compile(r">[^<>{};=]{80,}<")  # between two tags, and no code
_LEADING = ("refresh", "<frame", "<iframe", "location", "window.open", "navigate")
_NOT_SAID = ("script", "style", "noscript", "head", "a", "select", "button", "iframe", "option")
_MOST_MARKUP = 200_000  # characters of a page that may be a door
_TALL = 300  # pixels of a frame that may hold an article


def client_redirect(content: bytes, url: str, headers: Mapping[str, str] | None = None) -> str | None:
    """The address that a page without content of its own sends its reader to; None where it stays."""
    try:
        document = Document.open(content, url, headers)
    except ListError:
        return None
    return client_redirect_of(document)


def client_redirect_of(document: Document) -> str | None:
    """The same as `client_redirect`, for a page that is parsed already."""
    if document.kind != "html":
        return None
    try:
        tree = document.tree
    except ListError:
        return None
    found = _by_header(document.headers) or _refreshed(tree) or _framed(tree)
    if found is None and _shown(tree) <= MOST_TEXT and not tree.xpath(f"count(//a[@href]) > {MOST_LINKS}"):
        frames = tree.xpath("//iframe/@src")
        found = _scripted(tree) or (str(frames[0]) if len(frames) == 1 else None)
    return _elsewhere(found, document)


def article_redirect(page: WebPage, allows: Callable[[str], bool]) -> str | None:
    """The address to which an entry's page without text sends its reader, or of the frame that holds the article; None where the page is one itself.

    A frame counts only where `allows` says that its page may be asked for: what else is shown in one is a film or a map. Most pages are told by a look at their source; only what may be a door is parsed.
    """
    text = page.text
    by_header = _by_header(page.headers)
    if len(text) > _MOST_MARKUP or _SENTENCE.search(text):
        return None
    lowered = text.lower()
    if not by_header and not any(word in lowered for word in _LEADING):
        return None
    said = re.sub(r"&\w{1,10};", "", sub_tags("<[^>]*>", "", without_parts(text, *_NOT_SAID)))
    if len("".join(said.split())) > MOST_TEXT:
        return None
    try:
        document = Document.of(page)
        if document.kind != "html":
            return None
        tree = document.tree
    except ListError:
        return None
    few_links = not tree.xpath(f"count(//a[@href]) > {MOST_LINKS}")
    found = (
        by_header
        or _refreshed(tree)
        or (_scripted(tree) if few_links else None)
        or (_refreshed(tree, unscripted=True) if few_links else None)
    )
    place = _elsewhere(found, document)
    if place is None:
        place = _elsewhere(_framed(tree) or _content_frame(tree, few_links=few_links), document)
        place = place if place and allows(place) else None
    return place if place and not leads_nowhere(place) else None


def leads_nowhere(place: str) -> bool:
    """Whether an address is a home page, a login or a search: where sites send those who ask for what is not there."""
    path = urlsplit(place).path
    return url_shape.is_service(place) or re.fullmatch(r"/?(?:(?:index|default|home|main)\.\w+)?", path) is not None


def _elsewhere(found: str | None, document: Document) -> str | None:
    place = document.absolute(found.strip()) if found else None
    return place if place and place.partition("#")[0] != document.url.partition("#")[0] else None


def _shown(tree: html.HtmlElement) -> int:
    return sum(len(text.strip()) for text in tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))


def _by_header(headers: Mapping[str, str] | None) -> str | None:
    """What the header Refresh says."""
    value = next((v for k, v in (headers or {}).items() if k.lower() == "refresh"), None)
    return _target(value) if value else None


def _target(value: str) -> str | None:
    found = _REFRESH.match(value)
    return str(found[2]) if found and found[2] and int(found[1] or 0) <= MOST_SECONDS else None


def _refreshed(tree: html.HtmlElement, *, unscripted: bool = False) -> str | None:
    """The target of a meta refresh; `unscripted`: of one that is for readers without scripts."""
    for meta in tree.xpath("//meta[@http-equiv and @content]"):
        if bool(meta.xpath("ancestor::noscript")) is not unscripted:
            continue
        if meta.get("http-equiv", "").strip().lower() == "refresh" and (target := _target(meta.get("content", ""))):
            return target
    return None


def _scripted(tree: html.HtmlElement) -> str | None:
    """Where a script goes, by an address that it has in one piece; not one that asks first who reads."""
    for code in _codes(tree):
        if "http" in code or "/*" in code or "//" in code:
            code = _COMMENTS.sub(" ", code)
        if _READER.search(code):
            continue
        if found := _LOCATION.search(code) or _OPENED.search(code):
            return found[2]
        if named := _BY_NAME.search(code):
            given = re.search(rf"\b{re.escape(named[1])}\s*=\s*(['\"])([^'\"\s<>]+)\1(?!\s*\+)", code)
            if given:
                return given[2]
    return None


def _codes(tree: html.HtmlElement) -> Iterator[str]:
    yield from map(str, tree.xpath("//script[not(@src)]/text()"))
    yield from map(str, tree.xpath("//body/@onload"))


def _content_frame(tree: html.HtmlElement, *, few_links: bool) -> str | None:
    """The one frame within a page that may hold the article: not small, not hidden, none of those beside it."""
    frames, pictures = [], tree.xpath("boolean(//img)")
    for frame in tree.xpath("//iframe[@src]"):
        source, style = frame.get("src", "").strip(), re.sub(r"\s", "", frame.get("style", "").lower())
        names = f"{frame.get('id', '')} {frame.get('name', '')} {frame.get('class', '')}"
        sizes = [frame.get(side, "") for side in ("width", "height")]
        sizes += re.findall(r"(?<![\w-])(?:width|height):(\d+)px", style)
        tiny = any(
            size.strip().removesuffix("px").isdigit() and int(size.strip().removesuffix("px")) < 100 for size in sizes
        )
        if (
            not source
            or _DOCUMENT.search(source)
            or tiny
            or "display:none" in style
            or _ASIDE.search(f"{urlsplit(source).path} {names}")
        ):
            continue
        height = frame.get("height", "").strip().removesuffix("px")
        tall = (
            (height.isdigit() and int(height) >= _TALL)
            or height == "100%"
            or re.search(r"height:(?:100%|[3-9]\d\d|\d{4})", style)
        )
        if (few_links and not pictures) or tall or _CONTENT.search(f"{names} {urlsplit(source).path}"):
            frames.append(source)
    return frames[0] if len(frames) == 1 else None


def _framed(tree: html.HtmlElement) -> str | None:
    """Of a frameset the frame that is neither banner nor menu."""
    frames = [frame for frame in tree.xpath("//frame[@src]") if frame.get("src", "").strip()]
    telling = [f for f in frames if not _BANNERS.search(f"{f.get('name', '')} {f.get('src', '').rpartition('/')[2]}")]
    return str((telling or frames)[0].get("src")) if frames else None
