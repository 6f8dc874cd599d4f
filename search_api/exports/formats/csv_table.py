"""CSV: UTF-8 with a byte order mark, so that a spreadsheet reads the Chinese right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.format import RecordFormat
from search_api.exports.record import Record
from search_api.exports.table import COLUMNS, csv_lines, row


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """A line of column names, then one row an article."""
    return csv_lines(COLUMNS, map(row, records))


FORMAT = RecordFormat(
    name="csv", title="CSV", media_type="text/csv; charset=utf-8", extension="csv", order=10, write=write
)
