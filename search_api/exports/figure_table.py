"""The columns that the tables of figures (CSV, XLSX) share, and a figure as a row of them or as a line of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.regions import region_name
from indexer.analysis.figure_names import STAGE_LABELS, STATUS_LABELS, UNIT_LABELS
from search_api.exports.citation import citation
from search_api.exports.format import FoundFigure
from search_api.exports.table import defused
from search_api.text import quoted
from search_api.wording import figure_kind, period_name

AROUND = 60  # characters of the sentence that are quoted on either side
COLUMNS = (
    "数值",
    "上限",
    "单位",
    "种类",
    "状态",
    "进展",
    "时期",
    "地方",
    "项目",
    "企业",
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


def figure_row(found: FoundFigure) -> list[str]:
    """The cells of a figure in the order of COLUMNS, defused. Offsets count characters of the article's text."""
    record, figure = found
    words = (
        UNIT_LABELS.get(str(figure["unit"]), str(figure["unit"])),
        figure_kind(str(figure["kind"]), str(figure["unit"])),
        STATUS_LABELS.get(str(figure["status"]), str(figure["status"])),
        STAGE_LABELS.get(str(figure.get("stage")), ""),
        period_name(str(figure.get("period") or "")),
        region_name(figure.get("region")),
        str(figure.get("project") or ""),
        str(figure.get("firm") or ""),
        _quote(found),
    )
    place = (record.article.external_id or record.article.id, record.title, record.date, record.article.url)
    span = [str(int(figure["start"])), str(int(figure["end"]))] if "start" in figure else ["", ""]
    numbers = [str(int(figure["value"])), str(int(figure["high"])) if figure.get("high") else ""]
    after = [defused(cell) for cell in (*place, record.page, citation(record))]
    return [*numbers, *map(defused, words), *span, *after]


def figure_line(found: FoundFigure) -> dict[str, Any]:
    """The figure as the API has it, with its words and where it stands; empty fields left out."""
    record, figure = found
    line: Mapping[str, Any] = {
        **figure,
        "quote": _quote(found),
        "article": record.article.id,
        "title": record.title,
        "published": record.date,
        "url": record.article.url,
        "page": record.page,
        "citation": citation(record),
    }
    return {name: value for name, value in line.items() if value not in ("", None)}


def _quote(found: FoundFigure) -> str:
    """Its words; '' for a figure put in by hand, which has none."""
    if "start" not in found.figure:
        return ""
    return quoted(found.record.article.text, int(found.figure["start"]), int(found.figure["end"]), AROUND)
