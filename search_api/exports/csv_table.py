"""CSV: UTF-8 with a byte order mark, so that a spreadsheet reads the Chinese right."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from search_api.exports.record import Record
from search_api.exports.table import COLUMNS, row


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """A line of column names, then one row an article."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf" + _taken(buffer)
    for record in records:
        # A NUL ends the cell, and often the file, in several readers.
        writer.writerow(cell.replace("\0", "") for cell in row(record))
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
