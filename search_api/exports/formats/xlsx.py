"""XLSX: the same table as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.format import RecordFormat
from search_api.exports.record import Record
from search_api.exports.table import COLUMNS, row
from search_api.exports.workbook import XLSX, workbook

_WIDTHS = {"标题": 48, "正文": 60, "引用": 48, "日期": 12, "原文网址": 30}


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """Rows go to disk as they come."""
    return workbook(COLUMNS, map(row, records), _WIDTHS)


FORMAT = RecordFormat(
    name="xlsx",
    title="XLSX",
    media_type=XLSX,
    extension="xlsx",
    order=20,
    is_text=False,
    write=write,
)
