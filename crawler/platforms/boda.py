"""Boda Visual SiteBuilder: pages count backwards (tzgg.htm, tzgg/<count-1>.htm … tzgg/1.htm) and shift as pages are added; follow 下页."""

from __future__ import annotations

import re

from crawler.lists.list_page import ArticleHints, ListPage, Recognition
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import read as _read
from crawler.platforms.system import System

PLATFORM = "boda"
ARTICLE = ArticleHints(
    title="form[name=_newscontent_fromname] h1, form[name=_newscontent_fromname] h2, form[name=_newscontent_fromname] h3, .titlestyle",
    date=".timestyle",
    origin=".authorstyle",
    body=".v_news_content, [id^=vsb_content]",
)

_ARTICLE = re.compile(
    r"info/\d{3,5}/\d+\.s?html?|NewsContentUrl[^\"'\s]*wbnewsid=\d+|content\.jsp\?[^\"'\s]*wbnewsid=\d+"
)
_MARKS = (
    Fingerprint(0.95, "Visual SiteBuilder", ("visual sitebuilder",)),
    Fingerprint(0.7, "博达脚本", ("_sitegray", "_showdynclick", "vsb_content", "vsb_temp", "/system/resource/js/")),
    Fingerprint(0.45, "wbtreeid", ("wbtreeid=",)),
    Fingerprint(0.6, "line_u 行", ("line_u",), re.compile(r"""id=["']line_u\d+_\d+["']""")),
    Fingerprint(0.7, "info/栏目/编号 文章地址", ("info/", "wbnewsid"), _ARTICLE, 3),
)


def recognise(document: Document) -> Recognition:
    """By its announcement, its scripts, info/1003/12345.htm."""
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """下页 is a plain link; the last page has none."""
    return _read(document)


SYSTEM = System(PLATFORM, recognise, read, ARTICLE)
