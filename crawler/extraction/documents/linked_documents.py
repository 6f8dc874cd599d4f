"""The documents (PDF, DOC, OFD …) that a page links or shows in a frame, and which of them hold what the page itself does not say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from lxml import etree

from crawler.extraction.page.frame import absolute

EXTENSIONS = frozenset({"pdf", "doc", "docx", "ofd", "wps", "xls", "xlsx"})
READABLE = frozenset({"pdf", "docx"})

_DOCUMENT = re.compile(r"\.(?:pdf|docx?|ofd|wps|xlsx?)\b", re.IGNORECASE)
_NAMED = re.compile(r"\.(pdf|docx?|ofd|wps|xlsx?)[)）\]】》”\s]*$", re.IGNORECASE)  # at the end of a link's words
_PAGE = re.compile(r"(?:\.(?:s?html?|xhtml)|/)$", re.IGNORECASE)  # what a path that serves no file ends in
_SCRIPTED = re.compile(r"""["']([^"'\s()]*/[^"'\s()]*\.(?:pdf|docx?|ofd|wps|xlsx?))["']""", re.IGNORECASE)
_SHOWN = {"a": "href", "iframe": "src", "embed": "src", "object": "data"}
_FULL_TEXT = re.compile(r"附件|正文|全文|原文|查看|点击|下载|阅读|PDF|文件", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\W_]+")
_LIKE = 0.5
_LEAST_BODY = 40  # characters beside the title and the names of documents; fewer are no body


@dataclass(frozen=True, slots=True)
class Linked:
    """A document: `words` of its link, '' where it is `shown` on the page, in a frame or a viewer."""

    url: str
    words: str
    shown: bool = False


def documents_in(root: etree._Element, url: str) -> list[Linked]:
    """The documents of a parsed page, each once, in order."""
    found: dict[str, Linked] = {}
    for document in _documents(root, url):
        found.setdefault(document.url, document)
    return list(found.values())


def may_name_documents(text: str) -> bool:
    """Whether a page may lead to documents, told by its source: most do not, and need not be parsed for it."""
    return _DOCUMENT.search(text) is not None


def extension_of(url: str, words: str = "") -> str | None:
    """The extension of a document's address, lower case; None where the address is no document's.

    Where a script delivers the document, the file named in its parameters tells the extension, otherwise the `words` of the link.
    """
    if extension := _extension_of_path(url):
        return extension
    parts = urlsplit(url)
    if _PAGE.search(parts.path) or not parts.query:
        return None  # a page, or a viewer
    values = [value for _, value in parse_qsl(parts.query)]
    named = next((match for said in (*values, words) if (match := _NAMED.search(said))), None)
    return named[1].lower() if named else None


def _extension_of_path(url: str) -> str | None:
    extension = urlsplit(url).path.rpartition(".")[2].lower()
    return extension if extension in EXTENSIONS else None


def is_document(content: bytes) -> bool:
    """Whether bytes are those of a document rather than of a page."""
    return b"%PDF-" in content[:1024] or content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf"))


def holding_the_text(documents: Iterable[Linked], title: str) -> list[Linked]:
    """The documents that may hold the text of an article whose page has none: shown on the page, named as the article is, or linked as its text."""
    title = _PUNCTUATION.sub("", title)
    fit = []
    for document in documents:
        words = _PUNCTUATION.sub("", _DOCUMENT.sub("", document.words))
        like = bool(words) and (
            words in title or title in words or SequenceMatcher(None, words, title, autojunk=False).ratio() >= _LIKE
        )
        if extension_of(document.url, document.words) in READABLE and (
            document.shown or like or _FULL_TEXT.search(document.words)
        ):
            fit.append((not document.shown, not like, document))
    return [document for *_, document in sorted(fit, key=lambda ranked: ranked[:2])]


def says_nothing_itself(text: str, title: str, documents: Iterable[Linked]) -> bool:
    """Whether a body is no more than the title and the names of documents."""
    names = [_PUNCTUATION.sub("", words) for words in (title, *(document.words for document in documents))]
    left = 0
    for line in text.splitlines():
        bare = _PUNCTUATION.sub("", line)
        for name in filter(None, names):
            bare = bare.replace(name, "")
        left += len(bare)
    return left < _LEAST_BODY


def _documents(root: etree._Element, url: str) -> Iterator[Linked]:
    base = absolute(url, str(root.xpath("string(//base/@href)"))) or url
    for element in root.iter(*_SHOWN):
        shown = element.tag != "a"
        address = (element.get(_SHOWN[str(element.tag)]) or (shown and element.get("data-src")) or "").strip()
        words = "" if shown else " ".join("".join(element.itertext()).split())
        if not shown and (address[:1] in ("", "#") or address[:11].lower() == "javascript:"):
            scripted = _SCRIPTED.search(f"{address} {element.get('onclick') or ''}")
            address = scripted[1] if scripted else ""
        if not (_DOCUMENT.search(address) or _NAMED.search(words)):
            continue
        try:
            target = _target(urljoin(base, address), words, shown)
        except ValueError:
            continue
        if target:
            yield Linked(target, words, shown)


def _target(address: str, words: str, shown: bool) -> str | None:
    """The document's own address: of a viewer's, that of the file that it is told to show."""
    address, _, fragment = address.partition("#")
    if urlsplit(address).scheme not in ("http", "https"):
        return None
    candidates = [address]
    if shown or _PAGE.search(urlsplit(address).path):
        told = [value for _, value in parse_qsl(urlsplit(address).query)]
        told += [unquote(fragment.removeprefix("!")), *(value for _, value in parse_qsl(fragment.rpartition("?")[2]))]
        candidates += [urljoin(address, value.partition("#")[0]) for value in told if value]
    for candidate in candidates:
        if urlsplit(candidate).scheme in ("http", "https") and _extension_of_path(candidate):
            return candidate
    return address if not shown and extension_of(address, words) else None
