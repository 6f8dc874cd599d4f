"""DedeCMS: list_<type>_<n>.html counted from 1, index.html equal to page 1."""

from __future__ import annotations

import re

from crawler.platforms.document import Document
from crawler.platforms.evidence import often, weigh
from crawler.platforms.generic import read as _read
from crawler.platforms.page import ListPage, Platform, Recognition

PLATFORM: Platform = "dede"

_MARKS = (
    (re.compile(r"dede(?:cms|58|_)|power(?:ed)? by dede|织梦", re.IGNORECASE), 0.9, "DedeCMS"),
    (re.compile(r"/?plus/(?:view|list|search|count|feedback|diy|download|guestbook)(?:[\w-]*)\.(?:php|html)"), 0.7, "plus 脚本"),
    (re.compile(r"""class=["']thisclass["']"""), 0.6, "thisclass 分页"),
    (re.compile(r"""class=["']pageinfo["']>\s*共\s*<strong>"""), 0.7, "pageinfo 分页"),
    (re.compile(r"/?(?:templets|dedehtml)/(?:default|\w+)/"), 0.5, "templets"),
    (re.compile(r"/a/\w+/(?:19|20)\d\d/\d{4}/\d+\.html"), 0.6, "a/栏目/年/月日 文章地址"),
)
_PAGE = re.compile(r"list_\d+_\d+\.html")


def recognise(document: Document) -> Recognition:
    """By its pager, its plus folder, its name."""
    return weigh(PLATFORM, document.text + document.url, _MARKS, found=often(_PAGE, document.text + document.url, 0.6, "list_类型_页 地址", 2))


def read(document: Document) -> ListPage:
    """下一页 is a plain link; where it is lost, the drop-down list of pages tells."""
    return _read(document)
