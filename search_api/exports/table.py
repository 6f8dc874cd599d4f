"""The columns that the tables (CSV, XLSX) share, how CSV is written, and what keeps a cell from being read as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from unicodedata import category, normalize

from indexer.analysis.facets import FACETS
from search_api.exports.citation import citation
from search_api.exports.record import Record

_FIELDS: list[tuple[str, Callable[[Record], str]]] = [
    ("编号", lambda record: record.article.external_id or record.article.id),
    ("标题", lambda record: record.title),
    ("日期", lambda record: record.date),
    ("网站", lambda record: record.publisher),
    ("作者", lambda record: record.article.author or ""),
    ("原文网址", lambda record: record.article.url),
    ("文库网址", lambda record: record.page),
    ("快照网址", lambda record: record.snapshot),
    ("存疑", lambda record: record.unsure),
    ("读出的把握", lambda record: record.certainty),
    ("引用", citation),
    ("正文", lambda record: record.article.text),
]
for _column, _name in sorted((facet.column, name) for name, facet in FACETS.items() if facet.column is not None):
    _FIELDS.insert(_column, (FACETS[_name].label, partial(Record.named, facet=_name)))
COLUMNS = tuple(heading for heading, _ in _FIELDS)

# What a spreadsheet may take for the beginning of a formula (OWASP: CSV injection); NFKC turns the other widths and heights of them into these.
_FORMULA = frozenset("=+-@−")
_BREAKS = frozenset("\t\r\n")  # as the first character, whatever follows
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs without ink


def row(record: Record) -> tuple[str, ...]:
    """The cells of one article, in the order of COLUMNS, defused."""
    return tuple(defused(cell(record)) for _, cell in _FIELDS)


def csv_lines(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The heading, then a line a row, whose cells are defused; UTF-8 with a byte order mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heading)
    yield b"\xef\xbb\xbf" + _taken(buffer)
    for cells in rows:
        writer.writerow(cells)
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def defused(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would run, whatever invisible characters stand before it, and without NUL, which ends the cell and often the file in several readers."""
    cell = cell.replace("\0", "")
    seen = next((c for c in cell if category(c)[0] not in "CMZ" and c not in _BLANK), "")
    return f"'{cell}" if cell[:1] in _BREAKS or normalize("NFKC", seen)[:1] in _FORMULA else cell
