"""Exports: one module a format with `write(records) -> Iterator[bytes]`, and one line for it in FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from crawler.archive import Archive
from indexer.query.figure_conditions import asked
from indexer.query.parser import parse
from indexer.search.searcher import Searcher
from search_api.exports import bibtex, csv_table, figures, gbt7714, jsonl, ris, xlsx
from search_api.exports.record import Record
from search_api.exports.records import Recorder


@dataclass(frozen=True, slots=True)
class Format:
    """One way to take hits away: `write` turns records into pieces of a file, in constant memory."""

    name: str
    title: str
    media_type: str
    extension: str
    write: Callable[[Iterable[Record]], Iterator[bytes]]


FORMATS: Mapping[str, Format] = {
    format.name: format
    for format in (
        Format("csv", "CSV", "text/csv; charset=utf-8", "csv", csv_table.write),
        Format("xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", xlsx.write),
        Format("jsonl", "JSONL", "application/x-ndjson", "jsonl", jsonl.write),
        Format("ris", "RIS", "application/x-research-info-systems; charset=utf-8", "ris", ris.write),
        Format("bibtex", "BibTeX", "application/x-bibtex; charset=utf-8", "bib", bibtex.write),
        Format("gbt7714", "GB/T 7714", "text/plain; charset=utf-8", "txt", gbt7714.write),
    )
}


def export(
    query: str,
    format: str,
    stream: BinaryIO,
    searcher: Searcher,
    archive: Archive | None = None,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    base: str = "",
    cited: date | None = None,
) -> int:
    """Write the whole strict set of a query to a binary stream, and say how many articles it was.

    `archive` defaults to the searcher's own. `base` is the web address of the archive, for links to snapshots. Raises KeyError for an unknown format, EngineError, ArchiveError.
    """
    write = FORMATS[format].write
    archive = archive or searcher.archive
    if archive is None:
        raise ValueError("an export needs an archive")
    count = 0

    def counted(records: Iterable[Record]) -> Iterator[Record]:
        nonlocal count
        for record in records:
            count += 1
            yield record

    recorder = Recorder(base, lambda name: _title(searcher, name), cited)
    for piece in write(counted(recorder.of_ids(searcher.ids(query, filters), archive))):
        stream.write(piece)
    return count


def export_figures(query: str, stream: BinaryIO, searcher: Searcher, *, base: str = "") -> int:
    """Write the figures of the whole strict set as CSV, those that the query asks for where it asks for any; how many they were. Raises EngineError, ArchiveError."""
    if searcher.archive is None:
        raise ValueError("an export needs an archive")
    recorder, rows = Recorder(base, lambda name: _title(searcher, name)), -1  # the heading is a row
    read = recorder.with_readings(searcher.ids(query), searcher.archive)
    for row in figures.rows(read, list(asked(parse(query).root))):
        stream.write(row)
        rows += 1
    return rows


def _title(searcher: Searcher, name: str | None) -> str:
    source = searcher.registry.get(name or "")
    return source.title if source else (name or "")
