"""Figures, one a row, as CSV: the amount, what it counts, and the words it was read from, so that nobody needs to believe it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crawler.sources.regions import region_name
from search_api.exports.citation import citation
from search_api.exports.format import FigureFormat, FoundFigure
from search_api.exports.record import Record
from search_api.exports.table import csv_lines, defused
from search_api.text import quoted
from search_api.wording import FIGURE_STAGE, FIGURE_STATUS, UNITS, figure_kind

COLUMNS = (
    "数值",
    "上限",
    "单位",
    "种类",
    "状态",
    "进展",
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


def write(found: Iterable[FoundFigure]) -> Iterator[bytes]:
    """The heading, then a row a figure. Offsets count characters of the article's text."""
    return csv_lines(COLUMNS, (_row(record, figure) for record, figure in found))


def _row(record: Record, figure: Mapping[str, Any]) -> list[str]:
    text, start, end = record.article.text, int(figure["start"]), int(figure["end"])
    quote = quoted(text, start, end, AROUND)
    words = (
        UNITS.get(str(figure["unit"]), str(figure["unit"])),
        figure_kind(str(figure["kind"]), str(figure["unit"])),
        FIGURE_STATUS.get(str(figure["status"]), str(figure["status"])),
        FIGURE_STAGE.get(str(figure.get("stage")), ""),
        str(figure.get("period") or ""),
        region_name(figure.get("region")),
        quote,
    )
    place = (record.article.external_id or record.article.id, record.title, record.date, record.article.url)
    cells = [defused(cell) for cell in (*words, *place, record.page, citation(record))]
    numbers = [str(int(figure["value"])), str(int(figure["high"])) if figure.get("high") else ""]
    return [*numbers, *cells[:7], str(start), str(end), *cells[7:]]


FORMAT = FigureFormat(
    name="figures", title="其中的数字", media_type="text/csv; charset=utf-8", extension="csv", order=70, write=write
)
