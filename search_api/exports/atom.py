"""Atom: any query as a feed of what is newest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from crawler.archive import StoredArticle
from indexer.search.searcher import Hit
from search_api.parameters import View
from search_api.wording import web_address

_ATOM = "http://www.w3.org/2005/Atom"
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(
    view: View, title: str, hits: Sequence[Hit], stored: Mapping[str, StoredArticle], base: str, now: datetime
) -> bytes:
    """The feed document; `title` names the search, `base` is this archive's address without a slash at the end. An entry is updated when its article changed."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-Hans"})
    _add(root, "title", f"招商文库：{title}")
    _add(root, "id", base + view.uri("/feed"))
    _add(root, "link", href=base + view.uri("/feed"), rel="self", type="application/atom+xml")
    _add(root, "link", href=base + view.uri("/"), rel="alternate", type="text/html")
    changed = [stored[hit.id].last_changed for hit in hits if hit.id in stored]
    _add(root, "updated", max(changed, default=now).isoformat(timespec="seconds"))
    author = _add(root, "author")
    _add(author, "name", "招商文库")
    for hit in hits:
        if hit.id in stored:
            _entry(root, hit, stored[hit.id], base)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: ET.Element, hit: Hit, stored: StoredArticle, base: str) -> None:
    entry = _add(root, "entry")
    _add(entry, "title", hit.title or "无题")
    _add(entry, "id", f"urn:zhaoshang:article:{hit.id}")
    _add(entry, "link", href=f"{base}/articles/{hit.id}", rel="alternate", type="text/html")
    if original := web_address(hit.url):
        _add(entry, "link", href=original, rel="via")
    _add(entry, "updated", stored.last_changed.isoformat(timespec="seconds"))
    if stored.article.published_at:
        _add(entry, "published", stored.article.published_at.isoformat(timespec="seconds"))
    author = _add(entry, "author")
    _add(author, "name", hit.author or hit.publisher or hit.source_title or "佚名")
    _add(entry, "summary", hit.snippet)


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", {k: _UNWRITABLE.sub("", v) for k, v in attributes.items()})
    if text:
        element.text = _UNWRITABLE.sub("", text)
    return element
