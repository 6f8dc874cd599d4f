"""The read stage: articles that this insight has not read → readings and signatures, in worker processes; then the clusters of republications.

Killed at any moment and started again it continues: a reading and its mark are one transaction, and clusters are made anew from all signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from crawler.article import Article, format_published
from crawler.stages.worker_pool import TaskFailure, WorkerPool
from indexer.insight.clusters import cluster_changes, republications
from indexer.insight.reader import INSIGHT_VERSION, read
from indexer.insight.signature import signature

if TYPE_CHECKING:
    from crawler.archive import Archive

FEW = 64  # articles that are read at once rather than wait for processes to start
TIMEOUT = 60.0  # seconds an article may take; a novel of 10 MB needs a few
SAVED_TOGETHER = 50  # readings a transaction
ALL = 10**12

Answer = tuple[dict[str, Any], bytes]


@dataclass
class ReadReport:
    """Counts of one run; `failures` holds (article id, reason); those articles stay unread and are tried again."""

    read: int = 0
    failed: int = 0
    clustered: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def read_article(title: str, text: str, published: str | None) -> Answer:
    """Runs in a worker: the reading, as JSON keeps it, and the signature."""
    return read(title, text, published=published).to_json(), signature(text)


def read_due(archive: Archive, *, workers: int, progress: Callable[[int], None] | None = None) -> ReadReport:
    """Read what is due, then bring the clusters up to date. `progress` is told how many were read. Raises ArchiveError."""
    report = ReadReport()
    done: list[tuple[str, str, Answer]] = []

    def save() -> None:
        with archive.transaction():
            for article, revision, (reading, mark) in done:
                archive.readings.save(article, revision, INSIGHT_VERSION, reading, mark)
        done.clear()

    def keep(article: str, revision: str, answer: Answer) -> None:
        done.append((article, revision, answer))
        report.read += 1
        if len(done) >= SAVED_TOGETHER:
            save()
        if progress:
            progress(report.read)

    due = archive.readings.due(INSIGHT_VERSION, ALL)
    first = list(islice(due, FEW))
    if len(first) < FEW:
        for id, revision, article in first:
            keep(id, revision, read_article(*_asked(article)))
    else:
        _read_in_workers(chain(first, due), workers, keep, report)
    save()
    changes = cluster_changes(republications(archive.readings.signatures()), dict(archive.readings.clusters()))
    if changes:
        report.clustered = archive.readings.save_clusters(changes)
    return report


def _asked(article: Article) -> tuple[str, str, str | None]:
    return article.title, article.text, format_published(article)


def _read_in_workers(
    due: Iterable[tuple[str, str, Article]], workers: int, keep: Callable[[str, str, Answer], None], report: ReadReport
) -> None:
    tasks = (((id, revision), _asked(article)) for id, revision, article in due)
    with WorkerPool(workers, seconds=TIMEOUT) as pool:
        for (id, revision), answer in pool.in_order(read_article, tasks, waiting=16 * workers):
            if isinstance(answer, TaskFailure):
                report.failed += 1
                report.failures.append((id, answer.reason("研读")))
            else:
                keep(id, revision, answer)
