"""PHPCMS: ?m=content&c=index&a=lists&catid=&page=n counted from 1; on the last page 下一页 leads to that page again."""

from __future__ import annotations

import re

from crawler.platforms.document import Document
from crawler.platforms.evidence import often, weigh
from crawler.platforms.generic import read as _read
from crawler.platforms.page import ListPage, Platform, Recognition

PLATFORM: Platform = "phpcms"

_MARKS = (
    (re.compile(r"[?&]m=(?:content|search|link|member|comment|formguide)&(?:amp;)?c=\w+"), 0.9, "m=content&c=index"),
    (re.compile(r"phpcms", re.IGNORECASE), 0.9, "PHPCMS"),
    (re.compile(r"api\.php\?op=(?:count|map|get_menu)"), 0.9, "api.php?op="),
    (re.compile(r"/statics/(?:js|css|images)/"), 0.55, "statics 目录"),
    (re.compile(r"""class=["'][^"']*\b(?:lh24|text-c)\b"""), 0.5, "默认模板样式"),
    (re.compile(r"""class=["']col-left["'].*class=["']crumbs["']|class=["']col-auto["']""", re.DOTALL), 0.4, "默认模板分栏"),
    (re.compile(r"""id=["']pages["']"""), 0.55, "pages 分页"),
    (re.compile(r"/uploadfile/(?:19|20)\d\d/"), 0.4, "uploadfile 附件"),
    (re.compile(r"\bcatid\b"), 0.3, "catid"),
)
_PAGE = re.compile(r"(?:list|show|content)-\d+-\d+(?:-\d+)?\.html")


def recognise(document: Document) -> Recognition:
    """By its dynamic addresses, its folders, its default template."""
    return weigh(PLATFORM, document.text + document.url, _MARKS, found=often(_PAGE, document.text, 0.5, "list-栏目-页 地址", 2))


def read(document: Document) -> ListPage:
    """A plain 下一页."""
    return _read(document)
