"""A table as an XLSX file, every cell as text; written to a temporary file row by row, then sent."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters, the format's own limit
MOST_ROWS = 1_048_576  # of one sheet, the format's own limit
_PIECE = 64 * 1024
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def workbook(heading: Sequence[str], rows: Iterable[Sequence[str]], widths: Mapping[str, int]) -> Iterator[bytes]:
    """Memory is constant: rows go to disk as they come. More rows than a sheet holds go on in a further sheet. `widths` of columns, in characters, by their heading."""
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
        )
        bold = book.add_format({"bold": True})
        sheet, line = None, MOST_ROWS
        for cells in chain([None], rows):  # a book without rows still has its heading
            if sheet is None or line >= MOST_ROWS:
                sheet, line = book.add_worksheet(), 1
                sheet.freeze_panes(1, 0)
                for column, name in enumerate(heading):
                    sheet.set_column(column, column, widths.get(name, 14))
                    sheet.write_string(0, column, name, bold)
            if cells is None:
                continue
            for column, cell in enumerate(cells):
                sheet.write_string(line, column, _UNWRITABLE.sub("", cell)[:LONGEST_CELL])
            line += 1
        book.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
