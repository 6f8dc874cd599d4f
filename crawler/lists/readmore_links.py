"""Rows whose title is not a link: the title stands as text, and a link such as 查看详情 leads to the article."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from crawler.lists import row_days, titles
from crawler.lists.flat_page import FlatPage, Link
from crawler.lists.row_days import Row

_READ_MORE = re.compile(r"详|查看|阅读|全文|进入|了解|view|read|detail|learn", re.IGNORECASE)
_FEWEST = 3


def titled(page: FlatPage) -> dict[int, list[Link]]:
    """Links such as 查看详情 whose target no other link has, grouped by shape. Each has the title of its row as its text."""
    known = {x.url for x in page.links if x.url and (x.text or x.hint) and not titles.is_more(x.text or x.hint)}
    found: defaultdict[int, list[Link]] = defaultdict(list)
    for link in page.links:
        if link.url and link.url not in known and titles.is_more(link.text) and _READ_MORE.search(link.text):
            found[link.shape].append(link)
    out: dict[int, list[Link]] = {}
    for shape, links in found.items():
        if len(links) >= _FEWEST:
            told = [(row.link, _title(row, page)) for row in row_days.rows_of(links)]
            if sum(bool(title) for _, title in told) * 5 >= len(told) * 4:
                out[-shape] = [replace(link, text=title, hint="") for link, title in told if title]
    return out


def _title(row: Row, page: FlatPage) -> str:
    """The heading of a row; without one the first piece of its text that is long enough for a title."""
    if row.element is row.link.element:
        return ""
    for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "strong", "b"):
        for node in row.element.iterdescendants(tag):
            if titles.length(text := page.text_of(node)) >= 4 and not row_days.is_day(text):
                return text
    start, _ = page.spans[row.element]
    pieces = page.chunks[start : row.link.start][-8:]
    return next((p for p in pieces if 4 <= titles.length(p) <= 60 and not row_days.is_day(p)), "")
