"""State that the spiders of one run share: the archive, the run's capture file, the clock, the deadline, the reports."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from crawler.archive import Archive, ArchiveError, CrawlWriter
from crawler.configuration import settings
from crawler.sources import Source
from crawler.sources.source_status import listed
from crawler.spiders.report import (
    Outcome,
    SiteReport,
    backfill_outcome,
    due_after,
    note_of,
    nothing_came,
    outcome_of,
)


@dataclass
class VisitStats:
    """What one visit to a source came to so far."""

    requests: int = 0
    captures: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    blocked: int = 0
    failed: int = 0
    gone: int = 0
    named: int = 0  # articles asked for that had never come before
    forbidden: int = 0  # by robots.txt
    elsewhere: Counter[str] = field(default_factory=Counter)  # entries by host that the source does not allow
    silent: int = 0  # requests in a row that nothing answered
    away: int = 0  # answers in a row that the server is not at work
    lists: int = 0
    redirected_off_list: list[str] = field(default_factory=list)  # lists that a redirect led off, in words
    missing: int = 0  # lists whose first page answered 404 or 410
    unmoved: int = 0  # lists that said that they had not changed: they show what they showed
    entries: int = 0  # what the first pages of its lists showed
    platforms: set[str] = field(default_factory=set)  # publishing systems of the lists that showed some
    queued: int = 0  # pages asked for and not answered yet
    reasons: list[str] = field(default_factory=list)  # of what was blocked or failed, the first few

    def add_reason(self, reason: str) -> None:
        if len(self.reasons) < 5 and reason not in self.reasons:
            self.reasons.append(reason)


MANY = 3  # new articles of which not one came: that is no coincidence


def describe_fault(error: BaseException) -> str:
    """An unexpected exception in one line: its type and message."""
    said = " ".join(str(error).split())[:200]
    return f"程序出错（{type(error).__name__}{f'：{said}' if said else ''}）"


class CrawlRun:
    """One run. `deadline` is a `time.monotonic()` value, None: no limit; `progress(source, stats)` may be called at any time."""

    def __init__(
        self,
        archive: Archive,
        id: int,
        *,
        now: datetime | None = None,
        deadline: float | None = None,
        progress: Callable[[str, VisitStats], None] = lambda source, stats: None,
        concluded: Callable[[SiteReport], None] = lambda report: None,
        may_ask: Callable[[], bool] = lambda: True,
        visit: str | None = None,
    ) -> None:
        self.archive, self.id, self.deadline = archive, id, deadline
        self.progress, self._concluded = progress, concluded
        self.may_ask = may_ask  # looked at before every request: whether this run is still the one that visits the site
        self.writer: CrawlWriter = archive.crawl_writer(id, visit=visit)
        self.broken: str | None = None  # why the archive can no longer be written to
        self._began, self._started = now or datetime.now(UTC), time.monotonic()
        self._reports: list[SiteReport] = []

    @classmethod
    def standalone(cls) -> Self:
        """A run of its own, for `scrapy crawl NAME`."""
        archive = Archive.open(settings())
        return cls(archive, archive.runs.start("crawl"))

    def now(self) -> datetime:
        """The run's clock: real time, or time that goes on from the `now` it was given."""
        return self._began + timedelta(seconds=time.monotonic() - self._started)

    def conclude(self, source: Source, stats: VisitStats, finish: str, seconds: float) -> None:
        """A visit has ended: its report and what follows for the source go into the archive."""
        entries = None if stats.unmoved else stats.entries
        outcome = outcome_of(
            finish, lists=stats.lists, entries=entries, expected=source.expected, blocked=stats.blocked > 0
        )
        nothing = outcome == "ok" and self._brought_nothing(source, stats, finish)
        if nothing:
            outcome = "failed"
            stats.reasons.insert(0, nothing_came(entries, stats.gone, stats.failed))
        note = note_of(
            "ok" if nothing else outcome,  # the lists were read
            finish,
            entries,
            source.expected,
            [*_led_elsewhere(stats), *stats.redirected_off_list, *stats.reasons],
        )
        report = _site_report(source, stats, finish, seconds, outcome=outcome, entries=entries, note=note)
        self._reports.append(report)
        try:
            self._record(source, report, stats)
        except ArchiveError as error:
            self.broken = str(error)
        self._concluded(report)

    def conclude_backfill(self, source: Source, stats: VisitStats, finish: str, seconds: float) -> None:
        """A night's share of a backfill has ended. It says nothing of how the source's visits go, and when the next is due."""
        outcome = backfill_outcome(finish, lists=stats.lists, captures=stats.captures)
        note = note_of("ok", finish, stats.entries, 0, [*stats.redirected_off_list, *stats.reasons])
        report = _site_report(source, stats, finish, seconds, outcome=outcome, entries=stats.entries, note=note)
        self._reports.append(report)
        try:
            self.writer.flush()
            self.archive.backfills.visited(source.name, requests=stats.requests, note=note, now=self.now())
        except ArchiveError as error:
            self.broken = str(error)
        self._concluded(report)

    def _brought_nothing(self, source: Source, stats: VisitStats, finish: str) -> bool:
        """Whether the lists named articles and not one came: of those asked for tonight, or ever."""
        if stats.new or stats.changed or stats.unchanged or stats.blocked:
            return False
        if stats.named >= MANY or (stats.named and finish in ("silent", "away")):
            return True
        return (
            bool(stats.entries or stats.unmoved)
            and not self.archive.frontier.has_fetched(source.name)
            and finish == "finished"
        )

    def _record(self, source: Source, report: SiteReport, stats: VisitStats) -> None:
        self.writer.flush()
        with self.archive.transaction():
            self.archive.runs.record_source(self.id, source.name, report.to_archive())
            if report.outcome == "interrupted" or report.finish in ("no_contact", "archive", "error"):
                return
            now = self.now()
            earlier = self.archive.runs.of_sources(source.name, limit=5)
            bad = 0
            while bad < len(earlier) and (
                earlier[bad].run == self.id or earlier[bad].report.outcome in ("blocked", "failed")
            ):
                bad += 1
            shown = listed(stats.entries, stats.platforms) if stats.entries else "列表没有变化"
            because = [*stats.redirected_off_list, *stats.reasons]
            self.archive.frontier.set_source(
                source.name,
                last_visit=now,
                due_at=due_after(report.outcome, max(0, bad - 1), now),
                status=report.status,
                status_answer=because[0] if report.status != "verified" and because else shown,
                status_at=now,
            )

    def finish(self) -> None:
        """Ends a run of its own."""
        self.writer.close()
        self.archive.runs.finish(self.id, {"sites": [report.to_json() for report in self._reports]}, self.now())
        self.archive.close()


def _site_report(
    source: Source,
    stats: VisitStats,
    finish: str,
    seconds: float,
    *,
    outcome: Outcome,
    entries: int | None,
    note: str,
) -> SiteReport:
    return SiteReport(
        source=source.name,
        outcome=outcome,
        requests=stats.requests,
        captures=stats.captures,
        new=stats.new,
        changed=stats.changed,
        unchanged=stats.unchanged,
        blocked=stats.blocked,
        failed=stats.failed,
        gone=stats.gone,
        forbidden=stats.forbidden,
        elsewhere=stats.elsewhere.total(),
        lists=stats.lists,
        entries=entries,
        seconds=round(seconds, 3),
        finish=finish,
        status=_status(finish, stats),
        note=note,
    )


def _led_elsewhere(stats: VisitStats) -> list[str]:
    """A line where most entries lie on hosts that the source does not allow."""
    if stats.elsewhere.total() <= stats.entries:
        return []
    hosts = "、".join(host for host, _ in stats.elsewhere.most_common(3))
    return [f"{stats.elsewhere.total()} 条指向 {hosts}，来源文件的 allowed_hosts 没有写"]


def _status(finish: str, stats: VisitStats) -> str:
    """What a visit says of a source's reach: verified, challenge, moved, forbidden, dead, or unreachable (from here)."""
    if stats.redirected_off_list:
        return "moved"
    if stats.lists:
        return "verified"
    if finish == "blocked" or stats.blocked:
        return "challenge"
    if stats.forbidden:
        return "forbidden"
    return "dead" if stats.missing else "unreachable"
