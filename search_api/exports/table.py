"""The columns that the tables (CSV, XLSX) share, and what keeps a cell from being read as a formula.

地区 is where the site is, 地方 are the places that the article tells of.
"""

from __future__ import annotations

from search_api.exports.record import Record
from search_api.wording import kind_name

COLUMNS = ("编号", "标题", "日期", "网站", "来源", "作者", "类别", "地区", "地方", "举措", "原文网址", "文库网址", "快照网址", "引用", "正文")  # fmt: skip

# What a spreadsheet may take for the beginning of a formula, in both widths (OWASP: CSV injection).
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def row(record: Record) -> tuple[str, ...]:
    """The cells of one article, in the order of COLUMNS, defused."""
    from search_api.exports.gbt7714 import citation

    article = record.article
    cells = (
        article.external_id or article.id,
        record.title,
        record.date,
        record.publisher,
        article.origin or "",
        article.author or "",
        kind_name(article.kind),
        record.region,
        "；".join(record.places),
        "；".join(record.practices),
        article.url,
        record.page,
        record.snapshot,
        citation(record),
        article.text,
    )
    return tuple(defused(cell) for cell in cells)


def defused(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell and (cell[0] in _FORMULA or cell.lstrip()[:1] in _FORMULA) else cell
