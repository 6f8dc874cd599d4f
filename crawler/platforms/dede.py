"""DedeCMS: list_<type>_<n>.html counted from 1, index.html equal to page 1."""

from __future__ import annotations

import re

from crawler.lists.article_hints import ArticleHints
from crawler.lists.list_page import ListPage, Platform, Recognition
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import read as _read

PLATFORM: Platform = "dede"
ARTICLE = ArticleHints(
    title=".viewbox .title", date=".viewbox .info", origin=".viewbox .info", body=".viewbox .content"
)

_MARKS = (
    Fingerprint(0.9, "DedeCMS", ("dedecms", "dede58", "dede_", "powered by dede", "power by dede", "织梦")),
    Fingerprint(
        0.7,
        "plus 脚本",
        ("plus/",),
        re.compile(r"/?plus/(?:view|list|search|count|feedback|diy|download|guestbook)[\w-]*\.(?:php|html)"),
    ),
    # EyouCMS marks its current page so too: alone it is not enough
    Fingerprint(0.45, "thisclass 分页", ("thisclass",), re.compile(r"""class=["']thisclass["']""")),
    Fingerprint(0.7, "pageinfo 分页", ("pageinfo",), re.compile(r"""class=["']pageinfo["']>\s*共\s*<strong>""")),
    Fingerprint(0.5, "templets", ("templets/", "dedehtml/")),
    Fingerprint(0.6, "a/栏目/年/月日 文章地址", ("/a/",), re.compile(r"/a/\w+/(?:19|20)\d\d/\d{4}/\d+\.html")),
    Fingerprint(0.45, "list_类型_页 地址", ("list_",), re.compile(r"list_\d+_\d+\.html"), 2),
)


def recognise(document: Document) -> Recognition:
    """By its pager, its plus folder, its name."""
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """下一页 is a plain link; where it is lost, the drop-down list of pages tells."""
    return _read(document)
