"""Figures, one a line, as JSON: the fields of the API, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from search_api.exports.figure_table import figure_line
from search_api.exports.format import FigureFormat, FoundFigure


def write(found: Iterable[FoundFigure]) -> Iterator[bytes]:
    """One figure a line."""
    for one in found:
        yield json.dumps(figure_line(one), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


FORMAT = FigureFormat(
    name="figures-jsonl",
    title="数字（JSONL）",
    media_type="application/x-ndjson",
    extension="jsonl",
    order=74,
    write=write,
)
