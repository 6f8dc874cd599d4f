"""read_list and recognise: which system made the page, and what its list says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from lxml import html

from crawler.platforms.page import Entry, ListError, ListPage, Recognition

MOST_BYTES = 20_000_000


def read_list(content: bytes, url: str, *, headers: Mapping[str, str] | None = None) -> ListPage:
    """The list on a page fetched from `url`; `headers` are the response's. Raises ListError where the page cannot be read as one."""
    if len(content) >= MOST_BYTES:
        raise ListError(f"列表页有 {len(content) // 1_000_000} MB，超过上限 20 MB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    root = html.document_fromstring(text or "<p></p>", base_url=url)
    entries: dict[str, Entry] = {}
    for link in root.iter("a"):
        title, href = (link.get("title") or link.text_content()).strip(), (link.get("href") or "").strip()
        if len(re.findall(r"[\u4e00-\u9fff]", title)) >= 8 and href and not href.startswith(("javascript:", "#")):
            entries.setdefault(urljoin(url, href), Entry(urljoin(url, href), title))
    return ListPage(tuple(entries.values()))


def recognise(content: bytes, url: str, *, headers: Mapping[str, str] | None = None) -> Recognition:
    """Which publishing system made the page, without reading its list. Raises ListError as `read_list` does."""
    return Recognition("generic", 0.0, "")
