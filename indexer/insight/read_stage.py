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
SHORT = (
    50_000  # characters of a text that is read at once: a longer one may take long, and only a process can be stopped
)
TIMEOUT = 60.0  # seconds an article may take; a novel of 10 MB needs a few
SAVED_TOGETHER = 50  # readings a transaction
ALL = 10**12

Answer = tuple[dict[str, Any], bytes]


@dataclass(frozen=True, slots=True)
class Unread:
    """An article that the reading stumbled over: a fault of the program."""

    reason: str


@dataclass
class ReadReport:
    """Counts of one run; `failures` holds (article id, reason); those articles stay unread and are tried again after a pause (`Readings.fail`)."""

    read: int = 0
    failed: int = 0
    clustered: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def read_article(title: str, text: str, published: str | None) -> Answer | Unread:
    """Runs in a worker: the reading, as JSON keeps it, and the signature."""
    try:
        return read(title, text, published=published).to_json(), signature(text)
    except Exception as error:  # of one text; it is kept with the article, shown, and the others are read
        return Unread(f"程序出错（{type(error).__name__}：{' '.join(str(error).split())[:200]}）")


def read_due(
    archive: Archive,
    *,
    workers: int,
    progress: Callable[[int], None] | None = None,
    at_once: bool = False,
    beginning: str = "",
) -> ReadReport:
    """Read what is due, then bring the clusters up to date. `progress` is told how many were read; `at_once`: what failed lately is tried too. Raises ArchiveError.

    `beginning`: only articles whose ids begin so, and the clusters are left to who reads the rest.
    """
    report = ReadReport()
    done: list[tuple[str, str, Answer]] = []

    def save() -> None:
        with archive.transaction():
            for article, revision, (reading, mark) in done:
                archive.readings.save(article, revision, INSIGHT_VERSION, reading, mark)
        done.clear()

    def keep(article: str, revision: str, answer: Answer | TaskFailure | Unread) -> None:
        if isinstance(answer, TaskFailure | Unread):
            reason = answer.reason if isinstance(answer, Unread) else answer.reason("研读")
            archive.readings.fail(article, revision, INSIGHT_VERSION, reason)
            report.failed += 1
            report.failures.append((article, reason))
            return
        done.append((article, revision, answer))
        report.read += 1
        if len(done) >= SAVED_TOGETHER:
            save()
        if progress:
            progress(report.read)

    due = archive.readings.due(INSIGHT_VERSION, ALL, at_once=at_once, beginning=beginning)
    first = list(islice(due, FEW))
    if len(first) < FEW and all(len(article.text) <= SHORT for _, _, article in first):
        for id, revision, article in first:
            keep(id, revision, read_article(*_asked(article)))
    else:
        _read_in_workers(chain(first, due), workers, keep)
    save()
    if beginning:
        return report
    changes = cluster_changes(republications(archive.readings.signatures()), dict(archive.readings.clusters()))
    if changes:
        report.clustered = archive.readings.save_clusters(changes)
    return report


def _asked(article: Article) -> tuple[str, str, str | None]:
    return article.title, article.text, format_published(article)


def _read_in_workers(
    due: Iterable[tuple[str, str, Article]],
    workers: int,
    keep: Callable[[str, str, Answer | TaskFailure | Unread], None],
) -> None:
    tasks = (((id, revision), _asked(article)) for id, revision, article in due)
    with WorkerPool(workers, seconds=TIMEOUT) as pool:
        for (id, revision), answer in pool.in_order(read_article, tasks, waiting=16 * workers):
            keep(id, revision, answer)
