"""The extract stage: captures that wait → articles, in worker processes with a time limit a page.

A page that only names the document which holds its text is given to a worker again, with the document.

Killed at any moment and started again it continues: an article and the mark on its capture are one transaction, with those of some tens of others. A page that
hangs or crashes its worker is recorded as failed, and the run goes on.

A capture whose record cannot be read is recorded as failed too, and its page is asked for again (docs/decisions/0301).

What was rejected by another version of the gate waits again when the stage starts (docs/decisions/0123).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crawler.archive.errors import ElsewhereError, UnreadableRecordError
from crawler.archive.forgetting.tombstones import FORGOTTEN, ForgottenError
from crawler.archive.rejections import JUDGED_AGAIN
from crawler.archive.revisits import next_revisit, no_article
from crawler.archive.saving.extracted import Item
from crawler.archive.unreadable import is_unreadable
from crawler.article import article_id
from crawler.canonical import canonicalise
from crawler.configuration import Settings
from crawler.extraction.list_witness import Listed
from crawler.extraction.reject_page import is_passing
from crawler.extraction.worker import Outcome, Page, extract_page
from crawler.stages.drift import Read
from crawler.stages.mended import Mended, MendReport
from crawler.stages.shared_reads import SAME_TEXT, SharedReads
from crawler.stages.worker_pool import TaskFailure, WorkerPool
from crawler.topic import TOPIC_VERSION

if TYPE_CHECKING:
    from crawler.archive import Archive, Capture
    from crawler.sources import Source

MAX_PARTS = 30  # pages of one article; a chain that is longer is a loop of links
SAMPLE = 40  # pages of a source that a report remembers
SAMPLE_TEXT = 2000  # characters of each
SAVED_TOGETHER = 64  # captures whose outcome is one transaction
HELD_SECONDS = 2.0  # that an outcome waits for others, where pages take long
PAGES_A_WORKER = 2000  # then the worker is replaced, so that what lxml's allocator keeps does not pile up

_Arguments = tuple[list[Page], "Source | None", Listed | None, list[Page] | None]  # of extract_page


@dataclass
class ExtractReport:
    """Counts of one run of the stage: `waiting` captures at its start, `judged_again` of them because the gate changed, `captures` done with; `forgotten` of them of pages that were taken down; `mended` what `everything` changed in articles; `failures` holds (url, reason),
    `unreadable` a line for the operator on each capture whose record could not be read (those of articles are among the failures), `sample` the first pages of each source as they were read, without those whose bytes were known already and those judged again.
    `by_source` has no pages that were rejected before and still are.
    """

    waiting: int = 0
    judged_again: int = 0
    captures: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    not_article: int = 0
    failed: int = 0
    forgotten: int = 0
    mended: MendReport = field(default_factory=MendReport)
    failures: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    sample: dict[str, list[Read]] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """All but the sample."""
        facts = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "sample"}
        return facts | {"mended": asdict(self.mended)}

    def count(self, source: str | None, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        row = self.by_source.setdefault(source or "", {})
        row[outcome] = row.get(outcome, 0) + 1

    def replace(self, capture: Capture, aside: ExtractReport) -> None:
        """A page of this run was read again, as `aside` counts it: what it was taken for before is taken back."""
        sample = self.sample.get(capture.source or "", [])
        for place, read in enumerate(sample):
            if read.capture != capture.id:
                continue
            new = next(iter(aside.sample.get(capture.source or "", ())), read)
            if new.outcome != read.outcome:
                row = self.by_source.get(capture.source or "", {})
                before = (
                    next((n for n in ("new", "changed", "same") if row.get(n)), "new")
                    if read.outcome == "article"
                    else read.outcome
                )
                if row.get(before):
                    row[before] -= 1
                    setattr(self, before, getattr(self, before) - 1)
                    self.count(capture.source, "new" if new.outcome == "article" else new.outcome)
            sample[place] = new


def extract_captures(
    archive: Archive,
    registry: Mapping[str, Source],
    settings: Settings,
    *,
    everything: bool = False,
    source: str | None = None,
    progress: Callable[[int, ExtractReport], None] | None = None,
    tell: Callable[[str], None] | None = None,
    workers: WorkerPool | None = None,
) -> ExtractReport:
    """Extracts what waits; `everything`: every capture again, in order, so that revisions come out as they were. `source`: only its captures; '': only those of none.

    `tell` is given a line where pages are judged again; `workers` are used and left running, where they are given. Where a store is set, what this machine has closed is put into it first, and what no machine
    has put there waits. Raises ArchiveError; StoreError where the store does not answer: all that is left then waits.
    """
    archive.capture_files.store_closed()
    again = archive.rejections.judge_again(TOPIC_VERSION)
    if again and tell and not everything:
        tell(f"判断是否与招商引资有关的词表有变：从前不切题的 {again:,} 份快照重新判断；已收的文章不动。")
    report = ExtractReport(
        judged_again=again, waiting=archive.captures.count_to_extract(everything=everything, source=source)
    )
    mended = Mended(archive)
    pending: list[_Settled] = []
    waited: list[float] = []  # when each was settled
    shared = SharedReads(archive, lambda id: read_anew(found).article if (found := archive.captures.get(id)) else None)

    def asked(capture: Capture, documents: list[Page] | None = None) -> _Arguments:
        pages = list(_parts(archive, capture))
        owner = registry.get(capture.source) if capture.source else None
        return pages, owner, listed_of(capture), documents

    def listed_of(capture: Capture) -> Listed | None:
        page = archive.frontier.page(capture.canonical_url)
        return Listed(page.title, page.date, shared.titles(capture.source)) if page is not None else None

    def settle(capture: Capture, answer: Outcome | TaskFailure) -> None:
        outcome = _outcome(answer)
        if outcome.wanted:
            try:
                documents, awaited = _documents(archive, outcome.wanted, report)
                if not documents and awaited:
                    return  # they come on a later night, and the page is extracted then
                arguments = asked(capture, documents)
            except UnreadableRecordError as error:
                give_up(capture, error)
                return
            except ElsewhereError:
                return  # a document that is not stored yet
            except ForgottenError as error:
                forget(capture, error)
                done()
                return
            with_text = _outcome(pool.run(extract_page, *arguments))
            outcome = outcome if with_text.failed and outcome.article else with_text
        store(capture, outcome)

    def store(capture: Capture, outcome: Outcome) -> None:
        article = outcome.article
        again = shared.seen(capture, article, listed_of(capture)) if article is not None else []
        if article is not None and (reason := shared.refusal(capture, article)):
            outcome = Outcome(refused=reason)
        pending.append(_Settled(capture, outcome, capture.reason == JUDGED_AGAIN and not everything))
        waited.append(time.monotonic())
        done()
        if again or len(pending) >= SAVED_TOGETHER or time.monotonic() - waited[0] > HELD_SECONDS:
            flush()
        for other in filter(None, map(archive.captures.get, again)):
            read_again(other)

    def flush() -> None:
        """Saves what has been settled, in one transaction."""
        batch = list(pending)
        forgotten = save(batch, report)
        pending.clear()
        waited.clear()
        for settled in batch:
            if settled.capture.id in forgotten:
                forget(settled.capture, forgotten[settled.capture.id])

    def save(batch: list[_Settled], counted: ExtractReport) -> dict[int, ForgottenError]:
        ids = {id for settled in batch for id in settled.articles()}
        if everything:
            mended.about_to_save(ids)
        forgotten = _store_all(archive, batch, counted)
        if everything:
            mended.saved(ids)
        return forgotten

    def read_anew(capture: Capture) -> Outcome:
        try:
            return _outcome(pool.run(extract_page, *asked(capture)))
        except (UnreadableRecordError, ElsewhereError, ForgottenError):
            return Outcome(failed="")  # what was read of it stands

    def read_again(capture: Capture) -> None:
        """More is known now of what its page shares with others; in the report it counts as before, or as what it turned out to be."""
        outcome = read_anew(capture)
        if outcome.article is not None and (reason := shared.refusal(capture, outcome.article)):
            outcome = Outcome(refused=reason)
        if outcome.wanted or outcome.failed is not None:
            return
        aside = ExtractReport()
        if error := save([_Settled(capture, outcome)], aside).get(capture.id):
            archive.tombstones.follow(capture.canonical_url, error.tombstone)
            return
        report.replace(capture, aside)

    def forget(capture: Capture, error: ForgottenError) -> None:
        """It was taken down while its page was fetched, or another address led to it."""
        archive.tombstones.follow(capture.canonical_url, error.tombstone)
        archive.articles.mark_extracted(capture.id, "forgotten", FORGOTTEN)
        report.forgotten += 1

    def give_up(capture: Capture, error: UnreadableRecordError) -> None:
        _mark_unreadable(archive, capture, error, report)
        report.failures.append((capture.url, str(error)))
        report.count(capture.source, "failed")
        done()

    def done() -> None:
        report.captures += 1
        if progress:
            progress(report.captures, report)

    def tasks() -> Iterator[tuple[Capture, _Arguments]]:
        for capture in archive.captures.to_extract(everything=everything, source=source):
            try:
                arguments = asked(capture)
            except UnreadableRecordError as error:
                give_up(capture, error)
            except ElsewhereError:
                continue  # a further part of it is not stored yet
            except ForgottenError as error:
                forget(capture, error)
                done()
            else:
                yield capture, arguments

    with nullcontext(workers) if workers is not None else extract_pool(settings) as pool:
        # settled in the order of the captures, so that two versions of a page become revisions in that order
        for capture, answer in pool.in_order(extract_page, tasks(), waiting=4 * settings.worker_count):
            settle(capture, answer)
        flush()
    report.mended = mended.report()
    return report


def extract_pool(settings: Settings) -> WorkerPool:
    """Processes that extract, each page within its time."""
    return WorkerPool(settings.worker_count, seconds=settings.page_timeout, tasks_a_worker=PAGES_A_WORKER)


def _outcome(answer: Outcome | TaskFailure) -> Outcome:
    return Outcome(failed=answer.reason("提取")) if isinstance(answer, TaskFailure) else answer


def _parts(archive: Archive, capture: Capture) -> Iterator[Page]:
    """The page, and the further parts of its article that the crawl captured after it. Raises UnreadableRecordError where one of them cannot be read:
    half an article is none."""
    for part in (capture, *archive.captures.parts_of(capture)[:MAX_PARTS]):
        payload = archive.captures.payload(part)
        yield Page(payload.content, payload.url, payload.headers, payload.status)


def _documents(archive: Archive, wanted: Iterable[str], report: ExtractReport) -> tuple[list[Page], bool]:
    """Of the documents those that were captured, and whether another is still to come. Raises UnreadableRecordError where one cannot be read and does not come again."""
    found, awaited = [], False
    for url in wanted:
        key = canonicalise(url)
        capture = archive.captures.latest(key, role="attachment") or archive.captures.latest(key, role="article")
        if capture is not None:
            try:
                payload = archive.captures.payload(capture)
            except UnreadableRecordError as error:
                if not _mark_unreadable(archive, capture, error, report):
                    raise
                awaited = True
                continue
            found.append(Page(payload.content, url, payload.headers, payload.status))
            continue
        page = archive.frontier.page(key)
        awaited = awaited or (page is not None and (page.state == "queued" or page.next_visit is not None))
    return found, awaited


def _mark_unreadable(archive: Archive, capture: Capture, error: UnreadableRecordError, report: ExtractReport) -> bool:
    """Notes it, and tells the operator; whether the page is going to be fetched again."""
    again = archive.unreadable.mark(capture, str(error))
    report.unreadable.append(unreadable_line(capture.url, str(error), asked_again=again))
    return again


def unreadable_line(url: str, reason: str, *, asked_again: bool) -> str:
    """What is wrong with a capture and what to do, for a report."""
    put_back = "把存档文件从备份放回 DATA/captures，再运行 zhaoshang extract --all"
    do = f"这一页已排队，下一夜重新抓取；或{put_back}" if asked_again else f"不会重新抓取：若有备份，{put_back}"
    return f"存档读不出 {url}：{reason}。{do}"


def _remember(capture: Capture, outcome: Outcome, made: str, report: ExtractReport) -> None:
    """Keeps a page for whoever compares the night with earlier ones."""
    sample = report.sample.setdefault(capture.source or "", [])
    if capture.refers_to is not None or len(sample) >= SAMPLE:
        return
    article = outcome.article
    body = article.provenance.get("body") if article is not None else None
    if body is not None and "attachment:" in body.rule:
        return
    read = Read(capture.id, capture.url, capture.canonical_url, made, outcome.refused or outcome.failed or "")
    if article is not None:
        read = replace(read, title=article.title, text=article.text[:SAMPLE_TEXT], confidence=article.confidence)
    sample.append(read)


@dataclass(frozen=True, slots=True)
class _Settled:
    """A capture with what was read in it, to be saved with others. `again`: it waited because the gate changed."""

    capture: Capture
    outcome: Outcome
    again: bool = False

    @property
    def kept(self) -> bool:
        return self.outcome.failed is None and self.outcome.article is not None and self.outcome.on_topic

    def articles(self) -> set[str]:
        """Ids of the articles that saving it may change."""
        ids = {article_id(self.capture.canonical_url), article_id(canonicalise(self.capture.url))}
        return ids | ({self.outcome.article.id} if self.outcome.article is not None else set())

    def item(self) -> Item:
        article = self.outcome.article
        assert article is not None
        return Item(article.with_(captured_at=self.capture.fetched_at), self.capture.id, article.topic_score)


def _store_all(archive: Archive, batch: list[_Settled], report: ExtractReport) -> dict[int, ForgottenError]:
    """All of them, in their order, in one transaction (docs/decisions/0461); by capture what was taken down, of which nothing is saved."""
    forgotten: dict[int, ForgottenError] = {}
    with archive.transaction():
        for settled in batch:
            if is_unreadable(settled.capture.reason):
                archive.unreadable.clear(settled.capture)
        for kept, group in groupby(batch, key=lambda settled: settled.kept):
            if not kept:
                for settled in group:
                    _note(archive, settled, report)
                continue
            saved_now = list(group)
            answers = archive.articles.save_extracted([settled.item() for settled in saved_now])
            for settled, answer in zip(saved_now, answers, strict=True):
                if isinstance(answer, ForgottenError):
                    forgotten[settled.capture.id] = answer
                    continue
                report.count(settled.capture.source, answer.outcome)
                if settled.again:
                    _revisit(archive, settled.capture)
                else:  # an old page says nothing of how the site is tonight
                    _remember(settled.capture, settled.outcome, "article", report)
    return forgotten


def _note(archive: Archive, settled: _Settled, report: ExtractReport) -> None:
    """What is no article, or none of those that are kept."""
    capture, outcome = settled.capture, settled.outcome
    if outcome.failed is not None:
        made = "failed"
        archive.articles.mark_extracted(capture.id, "failed", outcome.failed)
        report.failures.append((capture.url, outcome.failed))
        report.count(capture.source, "failed")
    elif outcome.article is None:
        made = "not_article"
        archive.articles.mark_extracted(capture.id, "not_article", outcome.refused)
        _ask_again(archive, capture, outcome.refused or "")
        report.count(capture.source, "not_article")
    else:
        made = "rejected"
        article = outcome.article
        archive.rejections.reject(
            article.canonical_url,
            source=capture.source,
            capture=capture.id,
            title=article.title,
            score=article.topic_score,
            reason="与招商引资无关",
        )
        archive.articles.mark_extracted(capture.id, "rejected", None)
        if settled.again:
            report.rejected += 1
        else:
            report.count(capture.source, "rejected")
    if not settled.again:
        _remember(capture, outcome, made, report)


def _ask_again(archive: Archive, capture: Capture, reason: str) -> None:
    """A page without an article is asked again later: soon where it is an error that came as a page (docs/decisions/0391)."""
    page = archive.frontier.page(capture.canonical_url)
    if page is None or page.state != "fetched" or page.capture != capture.id:
        return
    passing = is_passing(reason) or reason.startswith(SAME_TEXT) or _is_of_another_page(archive, capture)
    times = archive.captures.refusals(capture)
    archive.frontier.save_page(no_article(page, reason, times, passing=passing))


def _is_of_another_page(archive: Archive, capture: Capture) -> bool:
    """Whether the same bytes came for another page too, without an article: the site's answer to whatever it has not."""
    original = archive.captures.get(capture.refers_to) if capture.refers_to is not None else None
    return original is not None and original.canonical_url != capture.canonical_url


def _revisit(archive: Archive, capture: Capture) -> None:
    """A rejected page is not asked again; now that it is kept it is, as long as its age allows."""
    page = archive.frontier.page(capture.canonical_url)
    if page is not None and page.state == "fetched" and page.next_visit is None and page.fetched_at is not None:
        due = next_revisit(page.date, page.first_fetched or page.fetched_at, page.fetched_at)
        archive.frontier.save_page(replace(page, next_visit=due))
