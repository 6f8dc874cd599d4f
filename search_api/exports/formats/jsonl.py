"""JSON lines: one whole article a line, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from search_api.exports.format import RecordFormat
from search_api.exports.record import Record


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """Fields as `Article.to_json` names them, without blocks (`text` has them), and practices, places, other readings, each with its probability, page, snapshot and what is unsure beside."""
    for record in records:
        line = record.article.to_json()
        line.pop("blocks", None)
        line |= {"publisher": record.publisher, "practices": list(record.practices), "page": record.page}
        line["places"] = list(record.places)
        line |= {name: list(record.values[name]) for name in ("industry", "firm", "investor_origin", "event", "genre")}
        line["readings"] = [asdict(read) for read in record.readings]
        line["snapshot"], line["unsure"] = record.snapshot, list(record.article.unsure)
        full = {name: value for name, value in line.items() if value not in ("", [], None)}
        yield json.dumps(full, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


FORMAT = RecordFormat(
    name="jsonl", title="JSONL", media_type="application/x-ndjson", extension="jsonl", order=30, write=write
)
