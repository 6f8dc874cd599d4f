"""The extract stage: captures that wait → articles, in worker processes with a time limit a page.

Killed at any moment and started again it continues: an article and the mark on its capture are one transaction. A page that
hangs or crashes its worker is recorded as failed, and the run goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from crawler.article import Article, ExtractionError, NotAnArticle
from crawler.configuration import Settings

if TYPE_CHECKING:
    from crawler.archive import Archive, Capture
    from crawler.sources import Source

MAX_PARTS = 30  # pages of one article; a chain that is longer is a loop of links
PAGES_A_WORKER = 2000  # then the worker is replaced, so that what lxml's allocator keeps does not pile up


@dataclass(frozen=True, slots=True)
class Page:
    """What a worker is given: one page as captured."""

    content: bytes
    url: str
    headers: Mapping[str, str]
    status: int


@dataclass
class ExtractReport:
    """Counts of one run of the stage; `failures` holds (url, reason)."""

    captures: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    not_article: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    by_source: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, source: str | None, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        row = self.by_source.setdefault(source or "", {})
        row[outcome] = row.get(outcome, 0) + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """A worker's answer: an article with its topic, or the reason why there is none."""

    article: Article | None = None
    about: bool = True
    refused: str | None = None  # NotAnArticle
    failed: str | None = None


def extract_page(pages: list[Page], source: Source | None) -> Outcome:
    """Runs in a worker: the article on the first page, joined with its further parts, and its topic score."""
    from crawler.extraction import extract, join
    from crawler.topic import score

    try:
        parts = [extract(pages[0].content, pages[0].url, headers=pages[0].headers, source=source)]
        for page in pages[1:]:
            try:
                parts.append(extract(page.content, page.url, headers=page.headers, source=source))
            except NotAnArticle:
                break  # the chain led off the article, to a list or a wall: what came before it stands
        article = join(parts) if len(parts) > 1 else parts[0]
    except NotAnArticle as refusal:
        return Outcome(refused=refusal.reason)
    except ExtractionError as error:
        return Outcome(failed=error.reason)
    topic = score(article.title, article.text)
    about = topic.about or bool(source is not None and not source.gate)
    return Outcome(article=article.with_(topic_score=topic.value), about=about)


def extract_captures(
    archive: Archive,
    registry: Mapping[str, Source],
    settings: Settings,
    *,
    everything: bool = False,
    source: str | None = None,
    progress: Callable[[int, ExtractReport], None] | None = None,
) -> ExtractReport:
    """Extracts what waits; `everything`: every capture again, in order, so that revisions come out as they were. Raises ArchiveError."""
    report = ExtractReport()
    waiting: deque[tuple[Capture, ProcessFuture[Any]]] = deque()
    workers = settings.worker_count

    def settle(capture: Capture, future: ProcessFuture[Any]) -> None:
        try:
            outcome: Outcome = future.result()
        except FutureTimeout:
            outcome = Outcome(failed=f"超过 {settings.page_timeout:g} 秒仍未提取完")
        except ProcessExpired as expired:
            outcome = Outcome(failed=f"提取进程中途退出（退出码 {expired.exitcode}）")
        _store(archive, capture, outcome, report)
        report.captures += 1
        if progress:
            progress(report.captures, report)

    with ProcessPool(max_workers=workers, max_tasks=PAGES_A_WORKER, context=get_context("forkserver")) as pool:
        try:
            for capture in archive.captures_to_extract(everything=everything, source=source):
                pages = list(_parts(archive, capture))
                owner = registry.get(capture.source) if capture.source else None
                waiting.append((capture, pool.schedule(extract_page, (pages, owner), timeout=settings.page_timeout)))
                # settled in the order of the captures, so that two versions of a page become revisions in that order
                while len(waiting) >= 4 * workers or (waiting and waiting[0][1].done()):
                    settle(*waiting.popleft())
            while waiting:
                settle(*waiting.popleft())
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise
    return report


def _parts(archive: Archive, capture: Capture) -> Iterator[Page]:
    """The page, and the further parts of its article that the crawl captured after it."""
    for part in (capture, *archive.parts_of(capture)[:MAX_PARTS]):
        payload = archive.payload(part)
        yield Page(payload.content, payload.url, payload.headers, payload.status)


def _store(archive: Archive, capture: Capture, outcome: Outcome, report: ExtractReport) -> None:
    with archive.transaction():
        if outcome.failed is not None:
            archive.mark_extracted(capture.id, "failed", outcome.failed)
            report.failures.append((capture.url, outcome.failed))
            report.count(capture.source, "failed")
        elif outcome.article is None:
            archive.mark_extracted(capture.id, "not_article", outcome.refused)
            report.count(capture.source, "not_article")
        elif not outcome.about:
            article = outcome.article
            archive.reject(
                article.canonical_url,
                source=capture.source,
                capture=capture.id,
                title=article.title,
                score=article.topic_score,
                reason="与招商引资无关",
            )
            archive.mark_extracted(capture.id, "rejected", None)
            report.count(capture.source, "rejected")
        else:
            article = outcome.article.with_(captured_at=capture.fetched_at)
            saved = archive.save_article(article, capture=capture.id, topic=article.topic_score)
            archive.mark_extracted(capture.id, "article", None)
            report.count(capture.source, saved.outcome)
