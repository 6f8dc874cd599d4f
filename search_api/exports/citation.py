"""How an article is cited: GB/T 7714—2025, in force since 2026-07-01, or GB/T 7714—2015 where that is asked for."""

from __future__ import annotations

import re

from search_api.exports.record import Record

# 《临湖日报》, 人民日报海外版, 经济参考报; 通报, 公报 and 简报 are documents
_PAPER = re.compile("《?([一-鿿]{1,14}(?<![通公简快海电情预汇申举])报(?:海外版|社)?)》?")


def citation(record: Record) -> str:
    """One reference; what is unknown is left out. A web page: 主要责任者. 题名[EB/OL]. （发布日期）[引用日期]. 网址. A newspaper article: 主要责任者. 题名[N/OL]. 报名，日期. 网址.

    By the edition of 2025 every mark is full-width but `.` and `[ ]`, and only a web page has a day on which it was read. By that of 2015 marks are half-width.
    """
    full = record.standard == "2025"
    comma, before, behind = ("，", "（", "）") if full else (", ", "(", ")")
    authors = comma.join(record.authors[:3]) + (f"{comma}等" if len(record.authors) > 3 else "")
    day, read_on = record.published.isoformat() if record.published else "", f"[{record.cited.isoformat()}]"
    paper = newspaper(record)
    if paper and day:
        mark, issue = "N/OL", f"{paper}{comma}{day}" + ("" if full else read_on)
    else:
        mark, issue = "EB/OL", (f"{before}{day}{behind}" if day else "") + read_on
    parts = [authors, f"{record.title}[{mark}]", issue, record.url]
    return ". ".join(part for part in parts if part) + "."


def newspaper(record: Record) -> str:
    """The newspaper whose own article this is: one that a news site names as its 来源, or whose site it is; '' for every other page. Elsewhere a 来源 says what was reprinted, and the page is what was read."""
    if record.article.kind != "news":
        return ""
    for name in (record.article.origin or "", record.publisher):
        if match := _PAPER.fullmatch("".join(name.split())):
            return match[1].removesuffix("社")
    return ""
