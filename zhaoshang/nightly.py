"""A night: crawl what is due, extract, read and index, and report each source against what was expected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.archive import Archive, ArchiveError, SourceReport, SourceState
from crawler.archive.nights.night import rows_written
from crawler.archive.nights.running import NightProgress
from crawler.cli.progress import crawl_note
from crawler.configuration import ConfigurationError, Settings
from crawler.probing.golden import keep_goldens
from crawler.reasons import describe_error
from crawler.sources import Source, read_registry
from crawler.sources.backfill_status import backfill_status
from crawler.sources.reading_alarms import alarmed
from crawler.sources.source_status import OUTCOME_NAMES, STALE, stale, stale_line
from crawler.spiders.report import CrawlReport, SiteReport
from crawler.stages.backfill import backfill
from crawler.stages.crawl import crawl, enabled_sources
from crawler.stages.drift_report import Drifted, find_drift, find_reading_alarms
from crawler.stages.extract import ExtractReport, extract_captures
from crawler.stages.run_log import log_path, note
from crawler.terminal import Refusal
from indexer.engines.base import EngineError
from indexer.indexing.refresh import Bars, correct, correction_faults, refresh, unread_lines
from indexer.indexing.stage import IndexReport
from search_api.server import base_of
from search_api.watches.sending import Sent, send_due
from search_api.web.app_state import AppState
from zhaoshang.night_progress import watched

MOST_UNREADABLE = 10  # captures named in a report

Tell = Callable[[Archive, int, "NightReport"], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One source in one night. `new`, `changed` count articles, `rejected` pages off the subject; `entries` what its lists showed (None: unchanged),
    `drift` the signs of a changed layout, and what is odd in how the pages are read."""

    source: str
    title: str
    outcome: str
    requests: int
    entries: int | None
    expected: int
    new: int
    changed: int
    rejected: int
    blocked: int
    failed: int
    note: str
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NightReport:
    """`problems` are lines for the operator: broken source files, captures that cannot be read, articles without a reading, an engine that is down, documents that the index refused.

    `drifted` are the sources whose site seems to have changed its layout, or whose pages are read oddly, `remarks` lines about what is no fault of the night: a gate that changed, a list that went stale. A night
    is `broken` where an error ended it; `problems` then says which.
    """

    started: datetime
    seconds: float
    rows: tuple[Row, ...]
    captures: int
    articles: int
    indexed: int
    problems: tuple[str, ...]
    interrupted: bool = False
    drifted: tuple[Drifted, ...] = ()
    remarks: tuple[str, ...] = ()
    broken: bool = False

    @property
    def below_expectation(self) -> list[Row]:
        """The enabled sources that did not bring what their files expect, or brought it otherwise than before."""
        return [row for row in self.rows if row.outcome in ("short", "blocked", "failed", "drift")]

    @property
    def ok(self) -> bool:
        return not (self.below_expectation or self.problems or self.interrupted or self.drifted)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"started": self.started.isoformat(timespec="seconds")}


@dataclass(frozen=True, slots=True)
class Stages:
    """What a night runs, as functions that take its `run` too: on this machine, or on several."""

    crawl: Callable[..., CrawlReport]
    extract: Callable[..., ExtractReport]
    refresh: Callable[..., IndexReport]
    backfill: Callable[..., CrawlReport] | None = None  # None: not while others crawl


def _extract_here(*arguments: Any, run: int, **options: Any) -> ExtractReport:
    return extract_captures(*arguments, **options)


def _refresh_here(*arguments: Any, run: int, **options: Any) -> IndexReport:
    return refresh(*arguments, **options)


HERE = Stages(crawl, _extract_here, _refresh_here, backfill)


def run_night(
    settings: Settings,
    archive: Archive,
    bars: Bars,
    *,
    now: datetime | None = None,
    force: bool = False,
    names: list[str] | None = None,
    stages: Stages = HERE,
    began: Callable[[int], object] = lambda run: None,
    tell: Tell = lambda archive, run, report: None,
) -> NightReport:
    """One night. `now` sets the clock, `force` visits sources that are not due, `names` takes these sources and no others, `stages` says where the work is done.

    `began(run)` is called once the night has a run. `tell(archive, run, report)` is called in the transaction that keeps the report, also of a night
    that an error ends, so that a report that is kept is one that somebody will be told of.

    Raises Refusal where no source is enabled, and what the stages raise but for an engine that is down: then the articles wait in the archive, and the
    next night indexes them.
    """
    clock = time.monotonic()
    registry, faults = read_registry(settings)
    if not (names or enabled_sources(registry, archive) or archive.backfills.open()):
        raise Refusal(
            "还没有启用任何来源，今夜无事可做。看有哪些：zhaoshang sources list；启用：zhaoshang sources enable 名称，或 --region 湖南、--kind government"
        )
    run = archive.runs.start("nightly", now)
    began(run)
    started = now or datetime.now().astimezone()
    log = log_path(settings.data, run, started)
    progress = NightProgress(settings.data, run, started)
    try:
        report = _stages(
            settings,
            archive,
            registry,
            [str(fault) for fault in faults],
            run=run,
            bars=watched(bars, progress, log),
            progress=progress,
            now=now,
            started=started,
            force=force,
            names=names,
            stages=stages,
        )
    except Exception as error:
        rows = tuple(Row(**{f.name: getattr(row, f.name) for f in fields(Row)}) for row in rows_written(archive, run))
        seconds = round(time.monotonic() - clock, 1)
        report = NightReport(
            started, seconds, rows, captures=0, articles=0, indexed=0, problems=(fault_of(error),), broken=True
        )
        _finish(archive, run, report, log, tell)
        raise
    _finish(archive, run, report, log, tell)
    return report


def fault_of(error: Exception) -> str:
    """What ended a night, in one line: what this program raises says it itself, anything else is an error of the program or the machine."""
    if isinstance(error, Refusal | ArchiveError | EngineError | ConfigurationError | OSError):
        return describe_error(error)
    return f"程序出错（{type(error).__name__}：{describe_error(error)}）"


def _finish(archive: Archive, run: int, report: NightReport, log: Path, tell: Tell) -> None:
    lines = [f"✗ {problem}" for problem in report.problems]
    for row in report.below_expectation:
        lines.append(f"{row.source} {OUTCOME_NAMES.get(row.outcome, row.outcome)} {row.note}")
    note(log, *lines, f"结束：{len(report.rows)} 个来源，{report.articles} 篇文章，{report.seconds} 秒")
    with archive.transaction():
        archive.runs.finish(run, report.to_json())
        tell(archive, run, report)


def _stages(
    settings: Settings,
    archive: Archive,
    registry: Mapping[str, Source],
    problems: list[str],
    *,
    run: int,
    bars: Bars,
    progress: NightProgress,
    now: datetime | None,
    started: datetime,
    force: bool,
    names: list[str] | None,
    stages: Stages,
) -> NightReport:
    clock = time.monotonic()
    states = archive.frontier.source_states()
    with bars("采集") as bar:
        noted = crawl_note(bar)

        def visiting(source: str, requests: int, captures: int, queued: int) -> None:
            noted(source, requests, captures, queued)
            if source:  # workers on other machines tell of all together
                progress.visiting(source, requests, captures, queued)

        crawled = stages.crawl(
            names,
            archive,
            settings,
            now=now,
            force=force,
            progress=visiting,
            concluded=lambda site: progress.visited(site.source),
            run=run,
        )
    remarks: list[str] = []
    captures, interrupted = crawled.captures, crawled.interrupted
    past = [name for name in archive.backfills.open() if name in registry and (not names or name in names)]
    left = settings.night_minutes - (time.monotonic() - clock) / 60
    if past and stages.backfill is None:
        remarks.append(
            f"{len(past)} 个来源的补采没有接着读：有工作进程（cluster work）时不补采，停下它们再运行 zhaoshang nightly"
        )
    elif past and stages.backfill and left > 0 and not interrupted:
        with bars("补采") as bar:
            read = stages.backfill(past, archive, settings, now=now, minutes=left, progress=crawl_note(bar))
        captures, interrupted = captures + read.captures, read.interrupted
    with bars("提取") as bar:
        extracted = stages.extract(
            archive,
            registry,
            settings,
            progress=lambda done, report: bar.update(done, report.waiting, f"新文章 {report.new}"),
            tell=remarks.append,
            run=run,
        )
    remarks += [f"{name}：{told}" for name in past if (told := _backfilled(archive, registry[name]))]
    problems += extracted.unreadable[:MOST_UNREADABLE]
    if len(extracted.unreadable) > MOST_UNREADABLE:
        problems.append(f"另有 {len(extracted.unreadable) - MOST_UNREADABLE} 份存档读不出，见 zhaoshang doctor")
    try:
        remarks += correct(archive)
        problems += correction_faults(archive)
    except (
        ArchiveError
    ) as error:  # a slip in a file that is written by hand is no reason to leave the night's articles unread
        problems.append(f"{error}；订正都停在上一次的样子")
    indexed, read_from = 0, datetime.now(UTC)
    try:
        report_of_index = stages.refresh(settings, archive, registry, bars, run=run)
        indexed = report_of_index.written
        problems += [f"索引没有收下文章 {article}：{reason}" for article, reason in report_of_index.failed[:5]]
    except EngineError as error:
        problems.append(f"检索引擎：{error.reason} 文章已在文库里，下一次会补上索引。")
    problems += unread_lines(archive, since=read_from)
    with bars("关注"):
        sent = tell_readers(settings, now)
        problems += sent.problems
        remarks += sent.faults
    with bars("比较"):
        try:
            keep_goldens(archive, registry, settings, extracted.sample)
        except OSError as error:
            problems.append(f"样例没有存下：{describe_error(error)}")
        drifted = find_drift(archive, settings.data, run, crawled.sites, extracted)
        visited = {site.source for site in crawled.sites}
        archive.reviews.refresh()
        to_look_at = extracted.sample.keys() | (alarmed(archive) & visited)
        drifted += find_reading_alarms(archive, settings.data, run, to_look_at)
    rows = tuple(_row(site, registry, extracted, drifted) for site in crawled.sites)
    for row in rows:
        archive.runs.record_source(run, row.source, _kept(row))
    return NightReport(
        started=started,
        seconds=round(time.monotonic() - clock, 1),
        rows=rows,
        captures=captures,
        articles=extracted.new + extracted.changed,
        indexed=indexed,
        problems=(*problems, *_unvisited(crawled)),
        interrupted=interrupted,
        drifted=tuple(drifted),
        remarks=(*remarks, *_gone_stale(archive, crawled, states, now or datetime.now(UTC))),
    )


def tell_readers(settings: Settings, now: datetime | None) -> Sent:
    """Sends what is new in the saved searches that are due."""
    state = AppState(settings)
    try:
        return send_due(state, base_of(settings), now)
    except EngineError as error:
        return Sent(problems=[f"关注没有发送：{error.reason} 下一次会补上。"])
    finally:
        state.close()


def _row(site: SiteReport, registry: Mapping[str, Source], extracted: ExtractReport, drifted: Sequence[Drifted]) -> Row:
    source, made = registry.get(site.source), extracted.by_source.get(site.source, {})
    signs = tuple(sign for d in drifted if d.source == site.source for sign in d.signs)
    return Row(
        source=site.source,
        title=source.title if source else site.source,
        outcome="drift" if signs and site.outcome == "ok" else site.outcome,
        requests=site.requests,
        entries=site.entries,
        expected=source.expected if source else 0,
        new=made.get("new", 0),
        changed=made.get("changed", 0),
        rejected=made.get("rejected", 0),
        blocked=site.blocked,
        failed=site.failed + made.get("failed", 0),
        note=site.note,
        drift=signs,
    )


def _kept(row: Row) -> SourceReport:
    empty = SourceReport(outcome=row.outcome, note="；".join(dict.fromkeys(filter(None, (*row.drift, row.note)))))
    return replace(
        empty,
        requests=row.requests,
        new=row.new,
        changed=row.changed,
        rejected=row.rejected,
        blocked=row.blocked,
        failed=row.failed,
        entries=row.entries,
        expected=row.expected,
    )


def _backfilled(archive: Archive, source: Source) -> str:
    """How far a source's backfill has come, in one line."""
    status = backfill_status(archive, source.name, source.budget.pages)
    return "；".join([status.told, *status.lacking]) if status else ""


def _unvisited(crawled: CrawlReport) -> list[str]:
    if not crawled.unvisited or crawled.interrupted:
        return []
    return [f"夜间时间用完，{len(crawled.unvisited)} 个来源没有轮到，下次优先；可调大 ZHAOSHANG_NIGHT_MINUTES"]


def _gone_stale(
    archive: Archive, crawled: CrawlReport, before: Mapping[str, SourceState], now: datetime
) -> Iterator[str]:
    """Lists in which nothing has been new for long, told once: on the first visit, or the first after they went stale."""
    for site in crawled.sites:
        last = before[site.source].last_visit if site.source in before else None
        for state in stale(archive.frontier.list_states(site.source), now):
            if last is None or (state.newest_at is not None and last - state.newest_at <= STALE):
                yield f"{site.source}：{stale_line(state)}"
