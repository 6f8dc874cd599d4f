"""PHPCMS: ?m=content&c=index&a=lists&catid=&page=n counted from 1; on the last page 下一页 leads to that page again."""

from __future__ import annotations

import re

from crawler.lists.article_hints import ArticleHints
from crawler.lists.list_page import ListPage, Platform, Recognition
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import read as _read

PLATFORM: Platform = "phpcms"
ARTICLE = ArticleHints(
    title="#Article h1", date="#Article h1 span", origin="#Article h1 span", body="#Article .content"
)

_MARKS = (
    Fingerprint(
        0.9,
        "m=content&c=index",
        ("m=content&", "m=search&", "m=link&", "m=member&", "m=comment&", "m=formguide&"),
        re.compile(r"[?&]m=\w+&(?:amp;)?c=\w+"),
    ),
    Fingerprint(0.9, "PHPCMS", ("phpcms",)),
    Fingerprint(0.9, "api.php?op=", ("api.php?op=",)),
    Fingerprint(0.45, "statics 目录", ("/statics/js/", "/statics/css/", "/statics/images/")),
    Fingerprint(0.45, "默认模板样式", ("lh24", "text-c"), re.compile(r"""class=["'][^"']*\b(?:lh24|text-c)\b""")),
    Fingerprint(
        0.4,
        "默认模板分栏",
        ("col-left", "col-auto"),
        re.compile(r"""class=["']col-left["'][\s\S]*class=["']crumbs["']|class=["']col-auto["']"""),
    ),
    Fingerprint(0.45, "pages 分页", ("pages",), re.compile(r"""id=["']pages["']""")),
    Fingerprint(0.4, "uploadfile 附件", ("/uploadfile/20",)),
    Fingerprint(0.3, "catid", ("catid",)),
    Fingerprint(
        0.45,
        "list-栏目-页 地址",
        ("list-", "show-", "content-"),
        re.compile(r"(?:list|show|content)-\d+-\d+(?:-\d+)?\.html"),
        2,
    ),
)


def recognise(document: Document) -> Recognition:
    """By its dynamic addresses, its folders, its default template."""
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """A plain 下一页."""
    return _read(document)
