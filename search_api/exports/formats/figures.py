"""Figures as CSV, one a row: the amount, what it counts, and the words it was read from, so that it can be checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.figure_table import COLUMNS, figure_row
from search_api.exports.format import FigureFormat, FoundFigure
from search_api.exports.table import csv_lines


def write(found: Iterable[FoundFigure]) -> Iterator[bytes]:
    """The heading, then a row a figure."""
    return csv_lines(COLUMNS, map(figure_row, found))


FORMAT = FigureFormat(
    name="figures", title="其中的数字", media_type="text/csv; charset=utf-8", extension="csv", order=70, write=write
)
