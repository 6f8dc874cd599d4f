"""The extract stage: captures that wait → articles, in worker processes with a time limit a page.

A page that only names the document which holds its text is given to a worker again, with the document.

Killed at any moment and started again it continues: an article and the mark on its capture are one transaction. A page that
hangs or crashes its worker is recorded as failed, and the run goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from crawler.article import Article, Attachment, ExtractionError, NotAnArticle
from crawler.canonical import canonicalise
from crawler.configuration import Settings
from crawler.documents import (
    Linked,
    documents_on,
    extension_of,
    holding_the_text,
    is_document,
    may_name_documents,
    says_nothing_itself,
)
from crawler.drift import Read

if TYPE_CHECKING:
    from crawler.archive import Archive, Capture
    from crawler.sources import Source

MAX_PARTS = 30  # pages of one article; a chain that is longer is a loop of links
MOST_DOCUMENTS = 3  # that are tried for the text which a page does not have itself
SAMPLE = 40  # pages of a source that a report remembers
SAMPLE_TEXT = 2000  # characters of each
PAGES_A_WORKER = 2000  # then the worker is replaced, so that what lxml's allocator keeps does not pile up


@dataclass(frozen=True, slots=True)
class Page:
    """What a worker is given: one page as captured."""

    content: bytes
    url: str
    headers: Mapping[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list said of a page."""

    title: str = ""
    date: datetime | None = None


@dataclass
class ExtractReport:
    """Counts of one run of the stage; `failures` holds (url, reason), `sample` the first pages of each source as they were read,
    without those whose bytes were known already."""

    captures: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    not_article: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    sample: dict[str, list[Read]] = field(default_factory=dict, repr=False)

    def count(self, source: str | None, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        row = self.by_source.setdefault(source or "", {})
        row[outcome] = row.get(outcome, 0) + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """A worker's answer: an article with its topic, or the reason why there is none.

    `wanted` are the addresses of the documents that may hold the text which the page itself does not have, the likeliest first.
    """

    article: Article | None = None
    about: bool = True
    refused: str | None = None  # NotAnArticle
    failed: str | None = None
    wanted: tuple[str, ...] = ()


def extract_page(
    pages: list[Page],
    source: Source | None,
    listed: Listed | None = None,
    documents: list[Page] | None = None,
) -> Outcome:
    """Runs in a worker: the article on the first page, joined with its further parts, and its topic score.

    `documents`: those that an earlier outcome wanted, as far as they could be had; None asks which they are.
    """
    from crawler.extraction import join
    from crawler.extraction.document import extract_document
    from crawler.topic import score

    first = pages[0]
    wanted: tuple[str, ...] = ()
    try:
        if is_document(first.content):
            on_list = listed or Listed()
            parts = [
                extract_document(first.content, first.url, listed=on_list.title, listed_on=on_list.date, source=source)
            ]
            pages = pages[:1]
        else:
            part, wanted = _first_part(first, source, documents)
            if part is None:
                return Outcome(refused="正文在附件里", wanted=wanted)
            parts = [part]
        for page in pages[1:]:
            try:
                parts.append(_extract(page, source))
            except NotAnArticle:
                break  # the chain led off the article, to a list or a wall: what came before it stands
        article = join(parts) if len(parts) > 1 else parts[0]
    except NotAnArticle as refusal:
        return Outcome(refused=refusal.reason)
    except ExtractionError as error:
        return Outcome(failed=error.reason)
    topic = score(article.title, article.text)
    about = topic.about or bool(source is not None and not source.gate)
    return Outcome(article=article.with_(topic_score=topic.value), about=about, wanted=wanted)


def _extract(page: Page, source: Source | None, document: tuple[Any, str] | None = None) -> Article:
    from crawler.extraction import extract

    return extract(page.content, page.url, headers=page.headers, source=source, document=document)


def _first_part(
    page: Page, source: Source | None, documents: list[Page] | None
) -> tuple[Article | None, tuple[str, ...]]:
    """The article on a page and the documents that it wants; None where it has no text but theirs. Raises ExtractionError."""
    from crawler.extraction.extractor import NO_BODY

    try:
        article = _extract(page, source)
    except NotAnArticle as refusal:
        if refusal.reason != NO_BODY:
            raise
        article = None
    linked = _documents_on(page)
    if article is not None:
        known = {a.url for a in article.attachments}
        shown = [d for d in linked if d.shown and d.url not in known]
        more = tuple(Attachment(d.url, d.words, extension_of(d.url) or "") for d in shown)
        article = article.with_(attachments=(*article.attachments, *more))
    title = article.title if article else ""
    wanted: tuple[str, ...] = ()
    if linked and (article is None or says_nothing_itself(article.text, title, linked)):
        wanted = tuple(d.url for d in holding_the_text(linked, title)[:MOST_DOCUMENTS])
    if documents is not None:
        wanted = ()
    for document in documents or []:
        read = _read(document)
        if read is not None:
            return _extract(page, source, (read, document.url)), ()
    if article is None and not wanted:
        held = documents is not None and holding_the_text(linked, title)
        raise NotAnArticle("正文在附件里，附件没有取到或读不出来" if held else NO_BODY)
    return article, wanted


def _documents_on(page: Page) -> list[Linked]:
    from crawler.extraction.decoding import decode

    if not may_name_documents(page.content):
        return []
    return documents_on(decode(page.content, page.headers), page.url)


def _read(document: Page) -> Any:
    from crawler.platforms.attachments import AttachmentError, read_attachment

    try:
        return read_attachment(document.content)
    except AttachmentError:
        return None  # the page stands as it is


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

    def begin(capture: Capture, pages: list[Page], documents: list[Page] | None = None) -> ProcessFuture[Any]:
        owner = registry.get(capture.source) if capture.source else None
        listed = _listed(archive, capture) if is_document(pages[0].content) else None
        return pool.schedule(extract_page, (pages, owner, listed, documents), timeout=settings.page_timeout)

    def answer(future: ProcessFuture[Any]) -> Outcome:
        try:
            outcome: Outcome = future.result()
        except FutureTimeout:
            outcome = Outcome(failed=f"超过 {settings.page_timeout:g} 秒仍未提取完")
        except ProcessExpired as expired:
            outcome = Outcome(failed=f"提取进程中途退出（退出码 {expired.exitcode}）")
        return outcome

    def settle(capture: Capture, future: ProcessFuture[Any]) -> None:
        outcome = answer(future)
        if outcome.wanted:
            documents, awaited = _documents(archive, outcome.wanted)
            if not documents and awaited:
                return  # they come on a later night, and the page is extracted then
            with_text = answer(begin(capture, list(_parts(archive, capture)), documents))
            outcome = outcome if with_text.failed and outcome.article else with_text
        _store(archive, capture, outcome, report)
        report.captures += 1
        if progress:
            progress(report.captures, report)

    with ProcessPool(max_workers=workers, max_tasks=PAGES_A_WORKER, context=get_context("forkserver")) as pool:
        try:
            for capture in archive.captures_to_extract(everything=everything, source=source):
                waiting.append((capture, begin(capture, list(_parts(archive, capture)))))
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


def _listed(archive: Archive, capture: Capture) -> Listed | None:
    page = archive.page(capture.canonical_url)
    return Listed(page.title, page.date) if page is not None else None


def _documents(archive: Archive, wanted: Iterable[str]) -> tuple[list[Page], bool]:
    """Of the documents those that were captured, and whether another is still to come."""
    found, awaited = [], False
    for url in wanted:
        key = canonicalise(url)
        capture = archive.latest_capture(key, role="attachment") or archive.latest_capture(key, role="article")
        if capture is not None:
            payload = archive.payload(capture)
            found.append(Page(payload.content, url, payload.headers, payload.status))
            continue
        page = archive.page(key)
        awaited = awaited or (page is not None and (page.state == "queued" or page.next_visit is not None))
    return found, awaited


def _remember(capture: Capture, outcome: Outcome, made: str, report: ExtractReport) -> None:
    """Keeps a page for whoever compares the night with earlier ones."""
    sample = report.sample.setdefault(capture.source or "", [])
    if capture.refers_to is not None or len(sample) >= SAMPLE:
        return
    article = outcome.article
    if article is not None and "attachment:" in getattr(article.provenance.get("body"), "rule", ""):
        return
    read = Read(capture.id, capture.url, capture.canonical_url, made, outcome.refused or outcome.failed or "")
    if article is not None:
        read = replace(read, title=article.title, text=article.text[:SAMPLE_TEXT], confidence=article.confidence)
    sample.append(read)


def _store(archive: Archive, capture: Capture, outcome: Outcome, report: ExtractReport) -> None:
    with archive.transaction():
        made = "article"
        if outcome.failed is not None:
            made = "failed"
            archive.mark_extracted(capture.id, "failed", outcome.failed)
            report.failures.append((capture.url, outcome.failed))
            report.count(capture.source, "failed")
        elif outcome.article is None:
            made = "not_article"
            archive.mark_extracted(capture.id, "not_article", outcome.refused)
            report.count(capture.source, "not_article")
        elif not outcome.about:
            made = "rejected"
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
    _remember(capture, outcome, made, report)
