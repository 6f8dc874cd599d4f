"""EmpireCMS: static lists index_2.html counted from 1, dynamic ones ListInfo?page= counted from 0."""

from __future__ import annotations

import re

from crawler.lists import paging
from crawler.lists.list_page import ArticleHints, ListPage, Recognition
from crawler.lists.page_number import asked_number, page_number
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import examine
from crawler.platforms.system import System

PLATFORM = "empire"
ARTICLE = ArticleHints(title=".title_info h1", date=".info_text", origin=".info_text", body="#text")

_ARTICLE = re.compile(r"20\d\d-\d\d-\d\d/\d+\.html")
_MARKS = (
    Fingerprint(
        0.9,
        "e 目录脚本",
        tuple(
            f"/e/{n}/"
            for n in (
                "action",
                "public",
                "search",
                "enews",
                "data",
                "member",
                "tool",
                "pl",
                "extend",
                "tags",
                "space",
                "downsys",
            )
        ),
    ),
    Fingerprint(0.7, "EmpireCMS", ("empirecms", "empire cms", "帝国网站管理", "帝国cms")),
    Fingerprint(0.7, "d/file 附件", ("/d/file/",)),
    Fingerprint(0.9, "Total record 分页", ('"total record"', "'total record'", 'title="总数"')),
    Fingerprint(0.7, "epages 分页", ('"epages"', "'epages'")),
    Fingerprint(0.45, "年-月-日/编号 文章地址", ("-",), _ARTICLE, 3),
)


def recognise(document: Document) -> Recognition:
    """By the scripts and files of its folders e and d, and its pager."""
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """下一页, or the next number where a dynamic list says how many there are."""
    found = examine(document)
    return ListPage(found.entries, found.next_page or _dynamic(document, len(found.entries)))


def _dynamic(document: Document, shown: int) -> str | None:
    """Page n + 1 of a ListInfo list without links: n counts from 0, totalnum says when to stop."""
    if not re.search(r"/e/action/ListInfo", document.url, re.IGNORECASE) or not shown:
        return None
    asked = paging.query(document.url)
    page = asked_number(asked, "page") or 0
    told, line = asked_number(asked, "totalnum"), asked_number(asked, "line")
    total = told if told is not None else _total(document)
    line = line if line is not None else shown
    return paging.with_query(document.url, page=page + 1) if total is not None and (page + 1) * line < total else None


def _total(document: Document) -> int | None:
    found = re.search(r"""title=["'](?:Total record|总数)["']>(?:&nbsp;|\s)*<b>\s*(\d+)""", document.text)
    return page_number(found[1]) if found else None


SYSTEM = System(PLATFORM, recognise, read, ARTICLE)
