"""Figures, one a row, as XLSX: the same table as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.figure_table import COLUMNS, figure_row
from search_api.exports.format import FigureFormat, FoundFigure
from search_api.exports.workbook import XLSX, workbook


def write(found: Iterable[FoundFigure]) -> Iterator[bytes]:
    """Rows go to disk as they come."""
    return workbook(COLUMNS, map(figure_row, found), widths={"原话": 60, "引用": 48, "标题": 40})


FORMAT = FigureFormat(
    name="figures-xlsx",
    title="数字（XLSX）",
    media_type=XLSX,
    extension="xlsx",
    order=72,
    is_text=False,
    write=write,
)
