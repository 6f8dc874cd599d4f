"""The index stage: writes what changed in the archive since the engine's own cursor into the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from indexer.analysis.document import Document, document_of
from indexer.analysis.fields import Prepared
from indexer.analysis.frequencies import Counting
from indexer.engines.base import Engine, IndexOutdated, Unready, WriteReport
from indexer.indexing.analysis_pool import AnalysisPool
from indexer.indexing.comparison import ahead_line
from indexer.search.ranking import FREQUENCY_FIELDS

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
    """`failed`: (article id, reason); the engine keeps their ids, and the next run tries them again.

    `unread`: the same of articles that were indexed without practices, places and figures, because they could not be read.
    """

    written: int
    deleted: int
    failed: tuple[tuple[str, str], ...]
    cursor: int
    seconds: float
    rebuilt: bool = False
    unread: tuple[tuple[str, str], ...] = ()


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

    Many articles are analysed by `workers` processes, while this one reads the archive and hands the engine what is ready.
    """
    started = time.perf_counter()
    expected = archive.counts().articles
    due = rebuild or _is_due(engine, expected)  # an index that is rebuilt may be one that cannot be read
    counting = Counting(FREQUENCY_FIELDS, archive.articles.ids(limit=SAMPLE) if due else ())
    with AnalysisPool(counting, workers) as preparing:
        report = _bring(archive, engine, registry, preparing, expected, rebuild=rebuild, progress=progress)
    if due and expected:
        _keep_frequencies(archive, engine, registry, counting, expected)
    return replace(report, seconds=time.perf_counter() - started)


def _is_due(engine: Engine, expected: int) -> bool:
    table = engine.frequencies()
    return not table.documents or expected > table.archive * GROWN


def _bring(
    archive: Archive,
    engine: Engine,
    registry: Mapping[str, Source],
    preparing: AnalysisPool,
    expected: int,
    *,
    rebuild: bool,
    progress: Progress | None,
) -> IndexReport:
    written = deleted = 0
    failed: dict[str, str] = {}

    def told(report: WriteReport, tried: Iterable[str]) -> None:
        nonlocal written, deleted
        written += report.written
        deleted += report.deleted
        for id_ in tried:
            failed.pop(id_, None)
        failed.update(report.failed)
        if progress is not None:
            progress(written, max(expected, written))

    if rebuild:
        cursor = archive.articles.last_change()  # what changes while this runs comes again below
        told(engine.rebuild(_everything(archive, registry, preparing, progress, expected), cursor), ())
    else:
        if (reached := engine.cursor()) > (last := archive.articles.last_change()):
            raise IndexOutdated(ahead_line(reached, last))
        failed_ids = engine.failed_ids()  # what failed before is tried again
        for ids in (failed_ids[at : at + BATCH] for at in range(0, len(failed_ids), BATCH)):
            documents = list(_documents(archive, registry, ids))
            gone = set(ids).difference(document.id for document in documents)
            told(engine.write(preparing.prepared(documents, len(documents)), gone, engine.cursor()), ids)
    while changes := list(archive.articles.changes_since(engine.cursor(), BATCH)):
        deletions = [change.id for change in changes if change.deleted]
        there = [change.id for change in changes if not change.deleted]
        prepared = preparing.prepared(_documents(archive, registry, there), len(there))
        told(engine.write(prepared, deletions, changes[-1].change), (change.id for change in changes))
    return IndexReport(
        written, deleted, failed=tuple(failed.items()), cursor=engine.cursor(), seconds=0.0, rebuilt=rebuild
    )


def _everything(
    archive: Archive,
    registry: Mapping[str, Source],
    preparing: AnalysisPool,
    progress: Progress | None,
    expected: int,
) -> Iterator[Prepared | Unready]:
    ids = chain.from_iterable(_pages(archive))
    for done, prepared in enumerate(preparing.prepared(_documents(archive, registry, ids), expected), 1):
        yield prepared
        if progress is not None and (done % _READ == 0 or done == expected):
            progress(done, max(expected, done))


def _pages(archive: Archive) -> Iterator[list[str]]:
    after: str | None = None
    while ids := list(archive.articles.ids(after, _READ)):
        yield ids
        after = ids[-1]


def _documents(archive: Archive, registry: Mapping[str, Source], ids: Iterable[str]) -> Iterator[Document]:
    """The articles as they are now, with their readings; an article that is gone meanwhile is left out (its deletion is a later change)."""
    waiting = iter(ids)
    while page := list(islice(waiting, _READ)):
        readings: Mapping[str, dict[str, Any]] = archive.readings.get_many(page)
        for id_, stored in archive.articles.get_many(page).items():
            source = registry.get(stored.article.source) if stored.article.source else None
            yield document_of(stored, source, readings.get(id_))


def _keep_frequencies(
    archive: Archive, engine: Engine, registry: Mapping[str, Source], counted: Counting, articles: int
) -> None:
    """Make the table of document frequencies anew.

    It hangs on the archive alone, so that it is the same on every engine and after every interruption. What was counted on the way does where all of the
    sample came by once.
    """
    if not counted.whole:
        ids = archive.articles.ids(limit=SAMPLE)
        counted = Counting(FREQUENCY_FIELDS, ids)
        for _ in AnalysisPool(counted, 1).prepared(_documents(archive, registry, ids), 0):
            pass
    engine.save_frequencies(counted.table(articles))
