"""The crawl of a run by the workers of a cluster: one visit a source that is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from crawler.archive import Archive, ForgottenError, SourceReport
from crawler.archive.cluster.workers import Worker
from crawler.cluster.queue import NewJob, Queue, open_queue
from crawler.cluster.waiting import wait_for
from crawler.configuration import Settings
from crawler.sources import Source, read_registry
from crawler.spiders.report import CrawlReport, SiteReport
from crawler.stages.crawl import CrawlError, Progress, due_sources, enabled_sources, refuse_without_contact
from crawler.terminal import Refusal

LAST_SECONDS = 300.0  # beyond the night's time, in which running visits end


def crawl(
    names: Iterable[str] | None,
    archive: Archive,
    settings: Settings,
    *,
    now: datetime | None = None,
    force: bool = False,
    progress: Progress | None = None,
    concluded: Callable[[SiteReport], None] | None = None,
    run: int | None = None,
) -> CrawlReport:
    """As `crawler.stages.crawl.crawl`, on the cluster's machines. Ctrl-C takes out what nobody has begun; visits that go on are finished by their workers. Raises CrawlError, Refusal."""
    began = time.monotonic()
    clock = archive.workers.now()  # of the database: those of the machines may differ
    moment = now or clock
    registry, faults = read_registry(settings)
    wanted = list(dict.fromkeys(names)) if names is not None else enabled_sources(registry, archive)
    for name in wanted:
        if name not in registry:
            fault = next((fault for fault in faults if fault.file.stem == name), None)
            raise CrawlError(str(fault) if fault else f"没有名为 {name!r} 的来源；用 zhaoshang sources list 查看")
        if tombstone := archive.tombstones.of_source(name):
            raise CrawlError(str(ForgottenError(tombstone)))
    due = due_sources(registry, archive, moment, force=force, names=wanted)
    chosen = [registry[name] for name in due]
    refuse_without_contact(chosen, settings)
    if chosen and not any(map(_visits, archive.workers.alive())):
        raise Refusal("没有采集的工作进程：在一台机器上运行 zhaoshang cluster work --crawl 8")
    part_of = run
    run = archive.runs.start("crawl", moment) if part_of is None else part_of
    interrupted = False
    until = clock.timestamp() + settings.night_minutes * 60
    jobs = {source.name: _job(source, run, now=now, until=until, force=force) for source in chosen}

    told: set[str] = set()

    def done(finished: set[str]) -> None:
        if concluded is not None and (fresh := finished - told):
            for name, site in _sites(archive, run).items():
                if name in fresh:
                    concluded(site)
            told.update(fresh)
        if progress is not None:
            progress("", len(finished), len(finished), len(jobs) - len(finished))

    with open_queue(settings, archive) as queue:
        try:
            ends = began + settings.night_minutes * 60 + LAST_SECONDS
            wait_for(queue, archive, run, jobs, able=_visits, until=ends, done=done)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            _end(queue, run)
    sites = _sites(archive, run)
    report = CrawlReport(
        run=run,
        sites=tuple(sorted(sites.values(), key=lambda site: site.source)),
        seconds=round(time.monotonic() - began, 3),
        interrupted=interrupted,
        not_due=tuple(name for name in wanted if name not in jobs),
        unvisited=tuple(name for name in jobs if name not in sites),
    )
    if part_of is None:
        archive.runs.finish(run, report.to_json())
    return report


def lost_report(source: str, reason: str) -> SiteReport:
    """Of a source whose visits were lost one after the other."""
    empty = SourceReport(outcome="failed", note=f"没有采成；{reason}")
    return _as_site(source, empty, finish="error")


def _visits(worker: Worker) -> bool:
    return worker.visits > 0


def _job(source: Source, run: int, *, now: datetime | None, until: float, force: bool) -> NewJob:
    arguments = {
        "run": run,
        "name": source.name,
        "now": now.isoformat() if now else None,
        "until": until,
        "force": force,
        "attempt": 1,
    }
    # the lock only spreads work: sources of several groups meet at the locks of the visit itself
    return NewJob("visit", arguments, lock=min(source.groups), unique=f"visit {run} {source.name}")


def _end(queue: Queue, run: int) -> None:
    queue.drop(run)


def _sites(archive: Archive, run: int) -> dict[str, SiteReport]:
    """The reports of a run's visits by source. Where a worker died between its last write and the result, what the archive keeps of every visit stands for it."""
    found: dict[str, SiteReport] = {}
    kept: Mapping[str, SourceReport] | None = None
    for part in archive.parts.results(run, "visit"):
        if part.report is not None:
            found[part.name] = SiteReport.from_json(part.report)
            continue
        if kept is None:
            kept = {row.source: row.report for row in archive.runs.of_sources(run=run, limit=10**6)}
        if part.name in kept:
            found[part.name] = _as_site(part.name, kept[part.name], finish="finished")
    return found


def _as_site(source: str, kept: SourceReport, *, finish: str) -> SiteReport:
    return SiteReport(
        source=source,
        outcome=kept.outcome,  # type: ignore[arg-type]  # it was one when it was written
        requests=kept.requests,
        captures=0,
        new=kept.new,
        changed=kept.changed,
        unchanged=kept.unchanged,
        blocked=kept.blocked,
        failed=kept.failed,
        gone=0,
        forbidden=0,
        elsewhere=0,
        lists=0,
        entries=None,
        seconds=0.0,
        finish=finish,
        status="verified" if kept.outcome == "ok" else "unreachable",
        note=kept.note,
    )
