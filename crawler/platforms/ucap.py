"""ucap (Guangdong): the gkmlpt directory's JSON, and the columns of the same vendor, whose articles are content/post_123.html.

`…/gkmlpt/api/all/<category>?page=n&sid=` counts from 1, category 0 is all; some departments answer 404 from page 2, which ends the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from crawler.lists import json_list, paging
from crawler.lists.list_page import ArticleHints, ListPage, Recognition
from crawler.lists.page_number import asked_number
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import read as _read
from crawler.platforms.system import Category, System

PLATFORM = "ucap"
ARTICLE = ArticleHints(
    title=".content-title, .article-title",
    date=".date, .publish-time",
    origin=".ly, .source",
    body=".article-content, .ucap-content, #zoomcon",
)

_ARTICLE = re.compile(r"content/m?post_\d+\.html?")
_MARKS = (
    Fingerprint(0.9, "NFCMS", ("nfcms_",)),
    Fingerprint(0.45, "gkmlpt 链接", ("/gkmlpt",)),
    Fingerprint(0.45, "ucap", ("ucapcms", "ucapweb", "ucap.js", "ucap_content", "ucap-")),
    Fingerprint(0.85, "content/post_编号 文章地址", ("post_",), _ARTICLE, 2),
)


def recognise(document: Document) -> Recognition:
    """By the directory's interface, or the addresses of its articles."""
    if document.kind == "json":
        shaped = isinstance(document.data, dict) and isinstance(document.data.get("articles"), list)
        return weigh(
            PLATFORM,
            document,
            (),
            found=[(0.95, "gkmlpt 接口")]
            if shaped and ("/gkmlpt/" in document.url or "display_publish_time" in document.text)
            else [],
        )
    own = [(0.9, "gkmlpt 地址")] if "/gkmlpt" in document.url else []
    return weigh(PLATFORM, document, _MARKS, found=own)


def read(document: Document) -> ListPage:
    """The directory's answer, its page (which leads to the answer), or a column."""
    if document.kind == "json":
        found = json_list.entries(document, json_list.records(document.data))
        page = max(asked_number(paging.query(document.url), "page") or 1, 1)
        total = json_list.number(document.data, "total", "count")
        # where no total is told the list goes on until a page is empty; a short last page costs one more request too
        more = bool(found) and (total is None or page * len(found) < total)
        return ListPage(found, paging.with_query(document.url, page=page + 1) if more else None)
    if (directory := _directory(document)) is not None:
        return ListPage((), directory)
    return _read(document)


def _directory(document: Document) -> str | None:
    """The first answer that a directory's page would ask for: the category in its fragment, or all."""
    if "/gkmlpt" not in document.url or "/gkmlpt/content" in document.url:
        return None
    found = re.search(r"""\bSID["']?\s*[:=]\s*["']?(\d+)""", document.text)
    if not found:
        return None
    category = re.search(r"#(\d+)$", document.url)
    return (
        f"{document.url.partition('/gkmlpt')[0]}/gkmlpt/api/all/{category[1] if category else 0}?page=1&sid={found[1]}"
    )


def categories(document: Document) -> list[Category]:
    """The categories of the tree that a directory's page keeps for its script; [] where the page is no directory."""
    root = _directory(document)
    tree = re.search(r"""\bTREE["']?\s*[:=]\s*(?=\[)""", document.text) if root else None
    if root is None or tree is None:
        return []
    try:
        data = json.JSONDecoder(strict=False).raw_decode(document.text, tree.end())[0]
    except (ValueError, RecursionError):
        return []
    return [Category(name, re.sub(r"(?<=/api/all/)\d+", number, root), number) for number, name in _nodes(data, 0)]


def _nodes(data: Any, depth: int) -> Iterator[tuple[str, str]]:
    for node in data if isinstance(data, list) and depth < 6 else ():
        if not isinstance(node, dict):
            continue
        number, name = node.get("id", node.get("cate_id")), node.get("name", node.get("title"))
        if str(number).isdigit() and isinstance(name, str) and name.strip():
            yield str(number), name.strip()
        yield from _nodes(node.get("children", node.get("child")), depth + 1)


SYSTEM = System(PLATFORM, recognise, read, ARTICLE, categories=categories)
