"""The index stage: what changed in the archive since the engine's own cursor goes into the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexer.analysis.fields import Prepared, prepare
from indexer.document import document_of
from indexer.engines.base import Engine
from indexer.frequencies import Counting
from indexer.ranking import FREQUENCY_FIELDS

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source

BATCH = 5_000  # articles a commit
_READ = 500  # articles read from the archive at a time
SAMPLE = 10_000  # articles counted for the table of document frequencies: those with the first ids, which are hashes and so a fair sample
GROWN = 1.2  # the table is made again when the index has grown so much since

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """`failed`: (article id, reason)."""

    written: int
    deleted: int
    failed: tuple[tuple[str, str], ...]
    cursor: int
    seconds: float
    rebuilt: bool = False


def index(
    archive: Archive,
    engine: Engine,
    registry: Mapping[str, Source],
    *,
    rebuild: bool = False,
    progress: Progress | None = None,
    workers: int = 1,
) -> IndexReport:
    """Bring the engine up to the archive's last change. Can be killed at any moment and started again. `progress(done, expected)`. Raises EngineError.

    `workers` is taken for the stages' common signature: analysis takes a fifth of the time that an engine needs to write, and runs beside it.
    """
    started = time.perf_counter()
    expected = archive.counts().articles
    written = deleted = 0
    failed: list[tuple[str, str]] = []
    counting = Counting(FREQUENCY_FIELDS, SAMPLE)
    if rebuild:
        cursor = archive.last_change()  # what changes while this runs comes again below
        report = engine.rebuild(_everything(archive, registry, counting, progress, expected), cursor)
        written, failed = report.written, list(report.failed)
    cursor = engine.cursor()
    while changes := list(archive.changes_since(cursor, BATCH)):
        gone = [change.id for change in changes if change.deleted]
        there = [change.id for change in changes if not change.deleted]
        report = engine.write(_prepared(archive, registry, there, counting), gone, changes[-1].change)
        written += report.written
        deleted += report.deleted
        failed.extend(report.failed)
        if progress is not None:
            progress(written, max(expected, written))
        before, cursor = cursor, engine.cursor()
        if cursor == before:
            break  # the engine could not take any of it; `failed` says why, and the next run tries again
    _keep_frequencies(archive, engine, registry, counting, expected, anew=rebuild)
    return IndexReport(written, deleted, tuple(failed), engine.cursor(), time.perf_counter() - started, rebuild)


def _everything(
    archive: Archive,
    registry: Mapping[str, Source],
    counting: Counting,
    progress: Progress | None,
    expected: int,
) -> Iterator[Prepared]:
    done = 0
    for ids in _pages(archive):
        for prepared in _prepared(archive, registry, ids, counting):
            done += 1
            yield prepared
        if progress is not None:
            progress(done, max(expected, done))


def _pages(archive: Archive) -> Iterator[list[str]]:
    after: str | None = None
    while ids := list(archive.article_ids(after, _READ)):
        yield ids
        after = ids[-1]


def _prepared(
    archive: Archive, registry: Mapping[str, Source], ids: Sequence[str], counting: Counting
) -> Iterator[Prepared]:
    """The articles as they are now, with their readings; an article that is gone meanwhile is left out (its deletion is a later change)."""
    for start in range(0, len(ids), _READ):
        page = ids[start : start + _READ]
        readings: Mapping[str, dict[str, Any]] = archive.readings(page)
        for id_, stored in archive.articles(page).items():
            source = registry.get(stored.article.source) if stored.article.source else None
            prepared = prepare(document_of(stored, source, readings.get(id_)))
            counting.add(id_, prepared.streams)
            yield prepared


def _keep_frequencies(
    archive: Archive,
    engine: Engine,
    registry: Mapping[str, Source],
    counted: Counting,
    articles: int,
    *,
    anew: bool,
) -> None:
    """Make the table of document frequencies anew where there is none or the index has outgrown it.

    It hangs on the archive alone, so that it is the same on every engine and after every interruption. What was counted on the way does where it is the sample:
    a rebuild goes by ids, as the sample does, and a small archive may have been written whole.
    """
    table = engine.frequencies()
    if articles == 0 or (table.documents and not anew and articles <= table.archive * GROWN):
        return
    whole = counted.documents == min(SAMPLE, articles) and not counted.twice
    if not whole or (articles > SAMPLE and not anew):
        counted = Counting(FREQUENCY_FIELDS, SAMPLE)
        for ids in _pages(archive):
            for _ in _prepared(archive, registry, ids[: SAMPLE - counted.documents], counted):
                pass
            if counted.documents >= SAMPLE:
                break
    engine.save_frequencies(counted.table(articles))
