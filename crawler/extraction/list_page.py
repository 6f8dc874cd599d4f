"""Refuses pages that are lists of articles: the text found on them lies among the rows of a list, or the page holds nothing but the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.article import NotAnArticle
from crawler.extraction.body.find_body import Body
from crawler.extraction.metadata.publication_date import date_line
from crawler.extraction.metadata.title import key
from crawler.extraction.page.lines import Frame
from crawler.web.page import WebPage

LIST_PAGE = "这是列表页"  # what the reason begins with
_CERTAIN = 0.95  # confidence of a body from which its page is no list
_LIKELY = 0.8  # the same where the page is headed by a title, or has another reason to be one
_INSIDE = 0.9  # share of a text that stands among the rows
_SOME_ROWS = 0.05  # share of a page that is the rows' titles, with a heading among them
_MOSTLY_ROWS, _FEW_WORDS = 0.4, 100  # share of a page that is the rows' titles; characters beside them that are no text
_FEWEST = 5  # rows
_NEAR = 4  # lines from a text to the days of the rows around it
_ROWS_ONLY = 0.2  # of the page's text; so much of it are the rows' titles where they have no days
_ROW = 120  # characters of a row at most
_DAY = re.compile(r"(?<![\d.])(?:(?:19|20)\d\d[-/.年]\d{1,2}|\d{1,2}[-/月]\d{1,2})(?!\d)")
_BEGINNING = 12  # characters of a title that tell a row


def reject_list(page: WebPage, frame: Frame, body: Body) -> None:
    """Raise NotAnArticle where the page is a list. A page whose body is read with confidence is passed without a look, since reading it as a list costs
    time; where the title is its heading, less confidence will do."""
    headed = body.title.provenance.rule in ("heading", "meta:articletitle")
    found = [i for i, kept in enumerate(body.kept) if kept]
    if found and body.confidence >= (_LIKELY if headed else _CERTAIN):
        return
    size = sum(len(frame.lines[i].text) for i in found)
    if found and headed and not _has_days(frame, found if size >= _FEW_WORDS else range(len(frame.lines))):
        return  # a list that is headed like an article has rows with days, and the text among them
    titles, dated = _entries(page)
    if len(titles) < _FEWEST:
        return
    beginnings = {key(title)[:_BEGINNING] for title in titles}
    rows = [i for i, line in enumerate(frame.lines) if line.linked and key(line.text)[:_BEGINNING] in beginnings]
    all_dated = dated * 5 >= len(titles) * 4
    share = sum(map(len, titles)) / max(1, sum(len(line.text) for line in frame.lines))
    if not found:
        is_list = (share >= _ROWS_ONLY or all_dated) and not _has_byline(frame, body.title.line, rows)
    elif not all_dated:
        is_list = False
    else:
        inside = _inside(frame, found, rows) if rows else 0.0
        line = frame.lines[body.title.line] if body.title.line >= 0 else None
        of_a_row = key(body.title.text)[:_BEGINNING] in beginnings or (line and line.linked * 2 >= len(line.text))
        among = bool(rows) and rows[0] < body.title.line < rows[-1] and share >= _SOME_ROWS
        # a heading that is one of the rows', or above nothing but a few words, is none of an article
        is_list = (inside >= _INSIDE and (not headed or of_a_row or among)) or (
            share >= _MOSTLY_ROWS and size < _FEW_WORDS
        )
        if not headed and len(titles) > _FEWEST and body.confidence < _LIKELY:
            is_list = is_list or not rows or inside >= 0.5
    if is_list:
        raise NotAnArticle(f"{LIST_PAGE}（{len(titles)} 条），不是文章：用 zhaoshang sources add 把它加为来源")


def _has_days(frame: Frame, found: Sequence[int]) -> bool:
    """Whether enough short lines tell a day for a list of dated rows, one of them within `found` or near it; far cheaper than reading the list."""
    days = [i for i, line in enumerate(frame.lines) if len(line.text) < _ROW and _DAY.search(line.text)]
    near = any(found[0] - _NEAR <= i <= found[-1] + _NEAR for i in days)
    return near and len(days) >= _FEWEST - 1


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
