"""Refuses pages that are lists of articles: the text found on them lies among the rows of a list, or the page holds nothing but the rows."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.article import NotAnArticle
from crawler.extraction.body.find_body import Body
from crawler.extraction.metadata.publication_date import date_line
from crawler.extraction.metadata.title import key
from crawler.extraction.page.lines import Frame
from crawler.web.page import WebPage

LIST_PAGE = "这是列表页"  # what the reason begins with
_CERTAIN = 0.95  # confidence of a body from which its page is no list
_FEWEST = 5  # rows
_ROWS_ONLY = 0.2  # of the page's text; so much of it are the rows' titles where they have no days
_BEGINNING = 12  # characters of a title that tell a row


def reject_list(page: WebPage, frame: Frame, body: Body) -> None:
    """Raise NotAnArticle where the page is a list. A page with its title as its heading and a body read with confidence is passed without a look,
    since reading it as a list costs time."""
    headed = body.title.provenance.rule in ("heading", "meta:articletitle")
    found = [i for i, kept in enumerate(body.kept) if kept]
    if found and (headed or body.confidence >= _CERTAIN):
        return
    titles, dated = _entries(page)
    if len(titles) < _FEWEST:
        return
    beginnings = {key(title)[:_BEGINNING] for title in titles}
    rows = [i for i, line in enumerate(frame.lines) if line.linked and key(line.text)[:_BEGINNING] in beginnings]
    all_dated = dated * 5 >= len(titles) * 4
    if found:
        is_list = all_dated and bool(rows) and _inside(frame, found, rows) >= 0.9
    else:
        share = sum(map(len, titles)) / max(1, sum(len(line.text) for line in frame.lines))
        is_list = (share >= _ROWS_ONLY or all_dated) and not _has_byline(frame, body.title.line, rows)
    if is_list:
        raise NotAnArticle(f"{LIST_PAGE}（{len(titles)} 条），不是文章：用 zhaoshang sources add 把它加为来源")


def _entries(page: WebPage) -> tuple[list[str], int]:
    """The titles of the list on the page, and how many of them have a day."""
    from crawler.lists.list_page import ListError
    from crawler.lists.parsed_document import Document
    from crawler.platforms.registry import list_in

    if page.url.startswith("file:"):  # a saved page whose address nobody noted: its links need a host to be links
        page = WebPage(page.content, "http://saved.invalid/" + page.url.rpartition("/")[2], page.headers)
    try:
        entries = list_in(Document.of(page)).entries
    except ListError:
        return [], 0  # what cannot be read as a list is none
    return [entry.title for entry in entries], sum(entry.date is not None for entry in entries)


def _inside(frame: Frame, lines: Sequence[int], rows: Sequence[int]) -> float:
    """The share of the text that stands between the first row and what belongs to the last."""
    sizes = {i: len(frame.lines[i].text) for i in lines}
    return sum(size for i, size in sizes.items() if rows[0] <= i <= rows[-1] + 2) / sum(sizes.values())


def _has_byline(frame: Frame, title: int, rows: Sequence[int]) -> bool:
    """Whether a day stands between the title and the first row below it, and is not the row's own."""
    dated = date_line(frame, title)
    following = next((row for row in rows if row > title), len(frame.lines))
    return 0 <= title < dated < following - 1
