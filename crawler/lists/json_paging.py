"""Paging of lists that are served as JSON: the page number or row offset in the URL, counted up until the totals in the data are reached."""

from __future__ import annotations

import re
from typing import Any

from crawler.lists import json_list, paging

_PAGE = re.compile(r"(?:cur(?:rent)?)?_?(?:page|pg|p)_?(?:no|num|number|index|n)?|pn|curr|current|pno", re.IGNORECASE)
_FIRST = re.compile(r"(?:start|offset|from|skip|iDisplayStart)(?:row|index|record)?", re.IGNORECASE)
_SIZE = re.compile(
    r"(?:page|per)?_?(?:size|num|rows|limit|cnt|count|page)|rows?|limit|num|cnt|length|iDisplayLength", re.IGNORECASE
)
_PAGES = (
    "pages",
    "totalPages",
    "totalPage",
    "pageCount",
    "total_page",
    "total_pages",
    "page_count",
    "allPage",
    "maxPage",
)
_TOTALS = ("total", "totalnum", "totalNum", "totalCount", "total_count", "totalElements", "totalRecords", "totalRows", "recordCount", "recordsTotal", "numFound", "iTotalRecords")  # fmt: skip


def following(url: str, data: Any, count: int) -> str | None:
    """The address after `url`, whose `data` has `count` entries; None where they are the last, or the address asks for no page."""
    asked = {name: int(value) for name, value in paging.query(url).items() if value.isdecimal() and len(value) < 10}
    if not count:
        return None
    size = next((v for n, v in asked.items() if _SIZE.fullmatch(n) and not _PAGE.fullmatch(n) and v > 0), None)
    total = json_list.number(data, *_TOTALS)
    if total is not None and total <= count and not (size and count < size):
        total = None  # it may be this page's
    if name := next((n for n in asked if _PAGE.fullmatch(n)), None):
        at = asked[name]
        pages = json_list.number(data, *_PAGES)
        if (pages and at >= pages) or (total and max(at, 1) * (size or count) >= total):
            return None
        return paging.with_query(url, **{name: at + 1})
    if name := next((n for n in asked if _FIRST.fullmatch(n)), None):
        after = asked[name] + (size or count)
        return None if total and after >= total else paging.with_query(url, **{name: after})
    return None
