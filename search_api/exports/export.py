"""The hits of a query as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, TypeVar

from crawler.archive import Archive
from indexer.query.figure_conditions import asked, meets
from indexer.query.parser import parse
from indexer.query.tree import Figure
from indexer.search.searcher import Searcher
from search_api.exports.format import FigureFormat, FoundFigure, RecordFormat
from search_api.exports.record import Record, Standard
from search_api.exports.records import Recorder
from search_api.exports.registry import search_formats

T = TypeVar("T")


@dataclass(slots=True)
class Counter:
    """Counts what goes through: articles, or figures."""

    count: int = 0

    def through(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            self.count += 1
            yield item


def pieces(
    format: RecordFormat | FigureFormat,
    read: Iterable[tuple[Record, Mapping[str, Any]]],
    conditions: Sequence[Figure] = (),
    counter: Counter | None = None,
) -> Iterator[bytes]:
    """The pieces of the file, from articles and their readings. A format of figures has the figures that meet one of the conditions, or all where
    there are none."""
    counter = counter or Counter()
    if isinstance(format, FigureFormat):
        return format.write(counter.through(_figures(read, conditions)))
    return format.write(counter.through(record for record, _ in read))


def _figures(read: Iterable[tuple[Record, Mapping[str, Any]]], conditions: Sequence[Figure]) -> Iterator[FoundFigure]:
    for record, reading in read:
        for figure in reading.get("figures") or ():
            if not conditions or any(meets(condition, figure) for condition in conditions):
                yield FoundFigure(record, figure)


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
    standard: Standard = "2025",
) -> int:
    """Write all strict hits of a query to a binary stream; the number of articles written. A format of figures writes the figures that the query asks
    for, and their number is returned.

    `archive` defaults to the searcher's own. `base` is the web address of the archive, for links to snapshots; `standard` the edition of GB/T 7714 to cite
    by. Raises KeyError for an unknown format,
    EngineError, ArchiveError.
    """
    chosen = search_formats()[format]
    archive = archive or searcher.archive
    if archive is None:
        raise ValueError("an export needs an archive")
    recorder, counter = Recorder(base, lambda name: _title(searcher, name), cited, standard=standard), Counter()
    read = recorder.with_readings(searcher.ids(query, filters), archive)
    for piece in pieces(chosen, read, list(asked(parse(query).root)), counter):
        stream.write(piece)
    return counter.count


def _title(searcher: Searcher, name: str | None) -> str:
    source = searcher.registry.get(name or "")
    return source.title if source else (name or "")
