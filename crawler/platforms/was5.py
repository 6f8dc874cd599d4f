"""WAS5, the search server of TRS: lists that are a search's answer, HTML or JSON, ?channelid=&page=n counted from 1."""

from __future__ import annotations

import re

from crawler.lists import json_list, paging
from crawler.lists.list_page import ListPage, Recognition
from crawler.lists.page_number import asked_number, page_number
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import examine
from crawler.platforms.system import System

PLATFORM = "was5"

_PAGE = re.compile(
    r"""(?:href|action)\s*=\s*["']?[^"'>\s]*\bsearch\?[^"'>]*\bchannelid=\d+[^"'>]*\bpage=|href\s*=\s*["']?[^"'>\s]*\bsearch\?[^"'>]*\bpage=\d+[^"'>]*channelid="""
)
_MARKS = (
    Fingerprint(0.3, "WAS 检索参数", ("outlinetemplate", "outlinepage", "searchword=&", "was40/", "was5/")),
    Fingerprint(0.9, "search?channelid 分页", ("channelid=",), _PAGE, 2),
)


def recognise(document: Document) -> Recognition:
    """By its own address, or by the addresses its pager links; a site's search box alone says nothing."""
    own = [(0.95, "was5 地址")] if re.search(r"/was\d*/web/(?:search|outline|detail)", document.url) else []
    if document.kind == "json":
        return weigh(PLATFORM, document, (), found=own)
    return weigh(PLATFORM, document, _MARKS, found=own)


def read(document: Document) -> ListPage:
    """The search's hits; the next page by its link, or by counting while hits are left."""
    if document.kind == "json":
        found = json_list.entries(document, json_list.records(document.data))
        return ListPage(
            found,
            _following(
                document, len(found), json_list.number(document.data, "count", "total", "totalnum", "recordcount"), None
            ),
        )
    shown = examine(document)
    total = re.search(r"共\s*(?:有|找到|检索到)?\s*(?:<[^>]+>\s*)*(\d+)\s*(?:<[^>]+>\s*)*(?:条|项|篇)", document.text)
    pages = re.search(
        r"共\s*(?:<[^>]+>\s*)*(\d+)\s*(?:<[^>]+>\s*)*页|var\s+(?:nPageCount|pagecount|countPage)\s*=\s*(\d+)",
        document.text,
        re.IGNORECASE,
    )
    count = page_number(pages[1] or pages[2]) if pages else None
    return ListPage(
        shown.entries,
        shown.next_page or _following(document, len(shown.entries), page_number(total[1]) if total else None, count),
    )


def _following(document: Document, shown: int, total: int | None, pages: int | None) -> str | None:
    asked = paging.query(document.url)
    page, size = asked_number(asked, "page"), asked_number(asked, "perpage", "prepage")
    page, size = page if page is not None else 1, size if size is not None else shown
    more = page < pages if pages is not None else total is not None and page * max(size, 1) < total
    return paging.with_query(document.url, page=page + 1) if shown and more and "channelid" in asked else None


SYSTEM = System(PLATFORM, recognise, read)
