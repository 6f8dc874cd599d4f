"""Advice about a URL that is not a list: an article, a home page, a file, a site that does not answer."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.article import ExtractionError
from crawler.lists import url_shape
from crawler.lists.flat_page import flatten
from crawler.lists.parsed_document import Document
from crawler.platforms import ListError, ListPage
from crawler.platforms.registry import is_feed
from crawler.probing.fetch_list import FetchedList, Status
from crawler.probing.site_sections import WAY_ON, find_sections
from crawler.web.fetcher import Answer
from crawler.web.rendering import is_page

LEAST_TEXT = 200  # characters of an article
LEAST_COLUMNS = 3  # by name, of a page of columns
LEAST_WAYS_ON = 4  # links such as 更多 of a page of columns
SURE = 0.8  # confidence of a body beside which a list is no column
_ABOUT: dict[Status, str] = {
    "challenge": "过些时候再试；或在浏览器里把网页存进文件夹，用 zhaoshang import 文件夹",
    "forbidden": "换一个 robots.txt 允许的列表页或订阅源",
    "dead": "从网站首页找这个栏目现在的网址，或用 zhaoshang sources discover 首页网址",
    "unreachable": "在浏览器里打开看看：打得开就过些时候再试，打不开就是网址有误或网站停了",
    "no_list": "换成列出文章的那一页；列表若由脚本写出，zhaoshang sources probe 网址 会在浏览器里看（render = true），或试网站的订阅源、网站地图、手机版",
}


def is_article(found: FetchedList) -> bool:
    """Whether the page is an article by its address and by what it holds, whatever it links beside."""
    page, answer = found.page, found.answer
    if answer is None or answer.status != 200 or (page is not None and is_feed(page)):
        return False
    if page is not None and page.entries and url_shape.likeness(answer.url) < 1:
        return False
    return _title(answer) is not None


def other_than_a_column(found: FetchedList) -> str:
    """What a page is that was read as a list and is no column: an article, a home page, a page of columns; '' where it may be one."""
    answer, page = found.answer, found.page
    if found.status != "verified" or answer is None or page is None or is_feed(page):
        return ""
    if is_article(found) or _is_single_page(answer, page):
        return "是一篇文章，不是列表"
    named = _columns(answer)
    if named >= LEAST_COLUMNS and is_home(answer.url):
        return "是网站首页，不是栏目"
    if named >= LEAST_COLUMNS and _ways_on(answer) >= LEAST_WAYS_ON:
        return "是导航页，不是栏目"
    return ""


def _is_single_page(answer: Answer, page: ListPage) -> bool:
    """Whether a page with hardly a dated row has a text of its own: 投资指南 may be one page, with a list beside it."""
    dated = sum(entry.date is not None for entry in page.entries)
    if not page.entries or dated * 2 >= len(page.entries):
        return False
    from crawler.extraction import extract

    try:
        article = extract(answer.content, answer.url, headers=answer.headers)
    except ExtractionError:
        return False
    titles = sum(len(entry.title) for entry in page.entries if entry.title in article.text)
    return len(article.text) - titles >= LEAST_TEXT and (article.confidence or 0.0) >= SURE


def _ways_on(answer: Answer) -> int:
    """How many links such as 更多 a page has: one for each column that it shows the beginning of."""
    try:
        page = flatten(Document.open(answer.content, answer.url, answer.headers))
    except ListError:
        return 0
    return len({link.url for link in page.links if link.url and WAY_ON.fullmatch(link.text or link.hint)})


def diagnosis(found: FetchedList) -> str:
    """One line for the operator; '' where nothing needs to be done."""
    answer = found.answer
    if found.status in ("verified", "no_list") and answer is not None and answer.status == 200:
        if is_article(found):
            return (
                f"这是一篇文章（{_title(answer)}），不是列表。只收这一篇：zhaoshang add {answer.url}；"
                "要整个栏目，用文章上方“当前位置”里那一栏的网址"
            )
        if is_home(answer.url) or found.status == "no_list":
            named = _columns(answer)
            if named >= LEAST_COLUMNS or (named and found.status == "no_list"):
                what = "网站首页" if is_home(answer.url) else "导航页"
                return f"看来是{what}，不是栏目的列表；找出其中的栏目：zhaoshang sources discover {answer.url}"
    if found.status == "unreachable" and answer is None:
        if found.url.startswith("https:") and "TLS" in found.said:
            return f"试试不加密的：http{found.url.removeprefix('https')}"
        if found.url.startswith("http:") and ("拒绝" in found.said or "断开" in found.said):
            return f"有的网站只有加密的，试试 https{found.url.removeprefix('http')}；在浏览器里也打不开，就是网址有误或网站停了"
    return "" if found.status == "verified" else _ABOUT[found.status]


def may_be_scripted(found: FetchedList) -> bool:
    """Whether a page that shows no list may have one that its scripts write."""
    answer = found.answer
    return (
        found.status == "no_list"
        and answer is not None
        and is_page(answer.status, answer.headers)
        and b"<script" in answer.content.lower()
        and not other_than_a_column(found)
    )


def _title(answer: Answer) -> str | None:
    """The title of the article that the page is; None where it is none."""
    from crawler.extraction import extract

    try:
        article = extract(answer.content, answer.url, headers=answer.headers)
    except ExtractionError:
        return None
    if len(article.text) < LEAST_TEXT or article.published_at is None or not article.title:
        return None
    return article.title


def is_home(url: str) -> bool:
    """Whether an address is a site's own."""
    parts = urlsplit(url)
    return not parts.query and re.fullmatch(r"(?i)/?(?:(?:index|default|home|main)\.\w+)?", parts.path) is not None


def _columns(answer: Answer) -> int:
    try:
        return len(find_sections(answer.content, answer.url, headers=answer.headers))
    except ListError:
        return 0
