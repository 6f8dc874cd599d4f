"""crawl(): crawls several sites at once, the longest unvisited first, within the night's minutes.

Scrapy's reactor runs once a process, so that the crawl has a process of its own (`crawler.stages.crawl_process`); a caller that dies takes it along.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from crawler.archive import Archive, ForgottenError
from crawler.configuration import PREFIX, Settings
from crawler.sources import Source, read_registry
from crawler.spiders.report import CrawlReport, SiteReport
from crawler.stages.run_log import find_log, log_path
from crawler.terminal import Refusal
from crawler.web.contact_policy import NO_CONTACT
from crawler.web.site_policy import site_policy

Progress = Callable[[str, int, int, int], None]


class CrawlError(Refusal):
    """The crawl could not be made; the message is one line: what, and what to do."""


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
    """Visits the sources named (None: all that are enabled) that are due; `force`: due or not.

    `now` sets the clock for due times and revisits (aware; it goes on from there). `run` is the run that this is a part of, and that the caller finishes.
    `progress(source, requests, captures, queued)` is called as the visits go on, `concluded(report)` where one has ended. Ctrl-C ends the crawl cleanly, a second one at once; what was fetched is kept either way. Raises CrawlError.
    """
    moment = now or datetime.now(UTC)
    started = time.monotonic()
    registry, faults = read_registry(settings)
    wanted = list(dict.fromkeys(names)) if names is not None else enabled_sources(registry, archive)
    for name in wanted:
        if name not in registry:
            fault = next((fault for fault in faults if fault.file.stem == name), None)
            raise CrawlError(str(fault) if fault else f"没有名为 {name!r} 的来源；用 zhaoshang sources list 查看")
        if tombstone := archive.tombstones.of_source(name):
            raise CrawlError(str(ForgottenError(tombstone)))
    due = due_sources(registry, archive, moment, force=force, names=wanted)
    not_due = [name for name in wanted if name not in set(due)]
    chosen = [registry[name] for name in due]
    refuse_without_contact(chosen, settings)
    part_of = run
    run = archive.runs.start("crawl", moment) if part_of is None else part_of
    sites: list[SiteReport] = []
    log = (find_log(settings.data, run) if part_of else None) or log_path(settings.data, run, moment)
    interrupted = False

    def took(site: SiteReport) -> None:
        sites.append(site)
        if concluded:
            concluded(site)

    if chosen:
        order = {
            "run": run,
            "sources": [source.name for source in chosen],
            "now": now.isoformat() if now else None,
            "minutes": settings.night_minutes,
            "side_by_side": settings.side_by_side,
            "spans": {},
            "log": str(log),
        }
        interrupted = run_process(order, settings, took, progress or (lambda *values: None))
    visited = {site.source for site in sites}
    report = CrawlReport(
        run=run,
        sites=tuple(sorted(sites, key=lambda site: site.source)),
        seconds=round(time.monotonic() - started, 3),
        interrupted=interrupted,
        not_due=tuple(not_due),
        unvisited=tuple(source.name for source in chosen if source.name not in visited),
    )
    if part_of is None:
        archive.runs.finish(run, report.to_json())
    return report


def enabled_sources(registry: Mapping[str, Source], archive: Archive) -> list[str]:
    """Names of the sources that the operator has switched on."""
    states = archive.frontier.source_states()
    return [name for name in registry if name in states and states[name].enabled]


def due_sources(
    registry: Mapping[str, Source],
    archive: Archive,
    now: datetime | None = None,
    *,
    force: bool = False,
    names: Iterable[str] | None = None,
) -> list[str]:
    """Of the sources named (None: those enabled) the ones whose visit is due, longest unvisited first; `force`: due or not."""
    moment = now or datetime.now(UTC)
    states = archive.frontier.source_states()

    def is_due(name: str) -> bool:
        state = states.get(name)
        return force or state is None or state.due_at is None or state.due_at <= moment

    def last_visit(name: str) -> tuple[bool, datetime, str]:
        state = states.get(name)
        seen = state.last_visit if state else None
        return seen is not None, seen or moment, name

    wanted = enabled_sources(registry, archive) if names is None else names
    return sorted((name for name in wanted if is_due(name)), key=last_visit)


def refuse_without_contact(sources: Iterable[Source], settings: Settings) -> None:
    """Raises CrawlError where a source lies beyond this machine and no contact is set."""
    policy = site_policy(settings)
    for source in sources:
        if any(map(policy.needs_contact, source.start_urls)):
            raise CrawlError(f"{NO_CONTACT}（来源 {source.name}）")


def run_process(
    order: dict[str, Any], settings: Settings, took: Callable[[SiteReport], object], progress: Progress
) -> bool:
    """Runs the crawl's process and reads its lines; whether it was interrupted. Raises CrawlError."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.stages.crawl_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(settings),
        start_new_session=True,  # Ctrl-C is for this process, which passes it on
    )
    assert process.stdin and process.stdout
    with process, _interrupts(process) as interrupted:
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            _read(process.stdout, took, progress)
        except BaseException:
            process.kill()
            raise
        code = process.wait()
    if code and not interrupted:
        raise CrawlError(
            f"采集进程意外结束（退出码 {code}，日志在 {order['log']}），已抓取的内容都已保存；再次运行同一命令会从停下的地方继续"
        )
    return bool(interrupted)


def _read(lines: IO[str], took: Callable[[SiteReport], object], progress: Progress) -> None:
    """Takes in the lines of the crawl's process until it ends. Raises CrawlError where the archive could not be written to."""
    broken: str | None = None
    for line in lines:
        said = json.loads(line)
        if said["kind"] == "site":
            took(SiteReport.from_json(said["report"]))
        elif said["kind"] == "broken":
            broken = said["reason"]
        else:
            progress(said["source"], said["requests"], said["captures"], said["queued"])
    if broken:
        raise CrawlError(f"{broken}；已抓取的内容都已保存，再次运行同一命令会从停下的地方继续")


@contextmanager
def _interrupts(process: subprocess.Popen[str]) -> Iterator[list[int]]:
    """While this holds, the first Ctrl-C asks the crawl to stop, the second kills it. Yields the list of those received."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def interrupt(number: int, _frame: object) -> None:
        received.append(number)
        if len(received) > 1 or process.stdin is None:
            process.kill()
            return
        try:
            process.stdin.write("stop\n")
            process.stdin.flush()
        except (OSError, ValueError):
            process.kill()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with every setting in it, so that the crawl reads the same ones."""
    own = {PREFIX + name.upper(): str(value) for name, value in settings.model_dump().items()}
    return {**{k: v for k, v in os.environ.items() if not k.upper().startswith(PREFIX)}, **own}
