"""Boda Visual SiteBuilder: pages count backwards (tzgg.htm, tzgg/<count-1>.htm … tzgg/1.htm) and shift as pages are added; follow 下页."""

from __future__ import annotations

import re

from crawler.platforms.document import Document
from crawler.platforms.evidence import often, weigh
from crawler.platforms.generic import read as _read
from crawler.platforms.page import ListPage, Platform, Recognition

PLATFORM: Platform = "boda"

_ARTICLE = re.compile(r"info/\d{3,5}/\d+\.s?html?|NewsContentUrl[^\"'\s]*wbnewsid=\d+|content\.jsp\?[^\"'\s]*wbnewsid=\d+")
_MARKS = (
    (re.compile(r"Visual SiteBuilder", re.IGNORECASE), 0.95, "Visual SiteBuilder"),
    (re.compile(r"_sitegray|_showDynClick|vsb_content|vsb_temp|/system/resource/js/"), 0.7, "博达脚本"),
    (re.compile(r"wbtreeid="), 0.6, "wbtreeid"),
    (re.compile(r"""id=["']line_u\d+_\d+["']"""), 0.6, "line_u 行"),
)


def recognise(document: Document) -> Recognition:
    """By its announcement, its scripts, info/1003/12345.htm."""
    return weigh(PLATFORM, document.text, _MARKS, found=often(_ARTICLE, document.text, 0.7, "info/栏目/编号 文章地址"))


def read(document: Document) -> ListPage:
    """下页 is a plain link; the last page's is none."""
    return _read(document)
