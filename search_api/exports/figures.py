"""Figures, one a row, as CSV: the amount, what it counts, and the words it was read from, so that nobody needs to believe it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crawler.sources.regions import region_name
from indexer.query.figure_conditions import meets
from indexer.query.tree import Figure
from search_api.exports.gbt7714 import citation
from search_api.exports.record import Record
from search_api.exports.table import defused
from search_api.marked_text import quoted
from search_api.wording import FIGURE_STATUS, UNITS, figure_kind

COLUMNS = (
    "数值",
    "上限",
    "单位",
    "种类",
    "状态",
    "时期",
    "地方",
    "原话",
    "起",
    "止",
    "编号",
    "标题",
    "日期",
    "原文网址",
    "文库网址",
    "引用",
)
AROUND = 60  # characters of the sentence that are quoted on either side


def rows(records: Iterable[tuple[Record, Mapping[str, Any]]], asked: Sequence[Figure] = ()) -> Iterator[bytes]:
    """The heading, then a row a figure, from articles and their readings; UTF-8 with a byte order mark. Offsets count characters of the article's text.

    `asked`: only figures of which one of these is true; none: all.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf" + _taken(buffer)
    for record, reading in records:
        for figure in reading.get("figures") or ():
            if not asked or any(meets(condition, figure) for condition in asked):
                writer.writerow(_row(record, figure))
                yield _taken(buffer)


def _row(record: Record, figure: Mapping[str, Any]) -> list[str]:
    text, start, end = record.article.text, int(figure["start"]), int(figure["end"])
    quote = quoted(text, start, end, AROUND)
    words = (
        UNITS.get(str(figure["unit"]), str(figure["unit"])),
        figure_kind(str(figure["kind"]), str(figure["unit"])),
        FIGURE_STATUS.get(str(figure["status"]), str(figure["status"])),
        str(figure.get("period") or ""),
        region_name(figure.get("region")),
        quote,
    )
    place = (record.article.external_id or record.article.id, record.title, record.date, record.article.url)
    cells = [defused(cell).replace("\0", "") for cell in (*words, *place, record.page, citation(record))]
    numbers = [str(int(figure["value"])), str(int(figure["high"])) if figure.get("high") else ""]
    return [*numbers, *cells[:6], str(start), str(end), *cells[6:]]


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
