"""`zhaoshang crawl SOURCE --since … --until …`: the past of a source, in nights."""

from __future__ import annotations

import calendar
import re
from dataclasses import asdict
from datetime import UTC, date, datetime

import typer

from crawler.archive import Archive
from crawler.article import SHANGHAI
from crawler.cli.progress import crawl_note
from crawler.cli.selection import select
from crawler.cluster.membership import crawling
from crawler.configuration import settings
from crawler.sources import load_registry
from crawler.sources.backfill_status import BackfillStatus, backfill_status
from crawler.spiders.report import CrawlReport
from crawler.stages.backfill import backfill as backfill_sources
from crawler.terminal import Refusal, err, print_json, step

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
EARLIEST = 1990  # before which nothing was published on the web


def parse_day(text: str, *, last: bool) -> date:
    """The first (`last`: the last) day of a year, month or day. Raises Refusal."""
    option = "--until" if last else "--since"
    match = _DAY.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = int(match[1]), int(match[2] or (12 if last else 1)), match[3]
        found = date(year, month, int(day) if day else calendar.monthrange(year, month)[1] if last else 1)
    except (ValueError, calendar.IllegalMonthError):
        raise Refusal(f"{option} 应为 2018、2018-06 或 2018-06-15，而不是 {text!r}") from None
    if found.year < EARLIEST:
        raise Refusal(f"{option} 应在 {EARLIEST} 年以后，而不是 {text!r}")
    return found


def backfill(
    names: list[str] | None, *, since: str | None, until: str | None, stop: bool, now: datetime | None, as_json: bool
) -> None:
    """Starts backfills or goes on with them, reads a night's share, and says how far they are. Raises Refusal."""
    if not names:
        raise Refusal("补采要写明来源：zhaoshang crawl 来源 --since 2018 --until 2020")
    config = settings()
    registry = load_registry(config)
    chosen = [source.name for source in select(names, None, None, registry)]
    with Archive.open(config) as archive:
        if stop:
            if since or until:
                raise Refusal("--stop 不与 --since、--until 同用")
            for name in chosen:
                err.print(f"{name}：{'不再补采' if archive.backfills.stop(name) else '没有在补采'}", markup=False)
            return
        if not since:
            raise Refusal("补采要用 --since 写明从何时起，如 --since 2018")
        today = (now or datetime.now(UTC)).astimezone(SHANGHAI).date()
        first, last = parse_day(since, last=False), min(parse_day(until, last=True) if until else today, today)
        if first > last:
            raise Refusal(f"--since {first} 在 --until {last} 之后")
        for name in chosen:
            archive.backfills.start(name, first, last, now)
        todo = [name for name in chosen if not archive.backfills.is_done(name)]
        report = CrawlReport(run=0, sites=(), seconds=0.0)
        if todo:
            with crawling(archive, config) as shared, step("补采") as bar:
                if shared:
                    raise Refusal("有工作进程（cluster work）时不补采：停下它们再运行同一命令")
                report = backfill_sources(todo, archive, config, now=now, progress=crawl_note(bar))
        found = {name: backfill_status(archive, name, registry[name].budget.pages) for name in chosen}
    if as_json:
        print_json({"report": report.to_json(), "backfills": {n: asdict(s) for n, s in found.items() if s}})
    else:
        for line in report.lines() if report.sites else []:
            err.print(line, markup=False)
        for name, status in found.items():
            if status is not None:
                print_status(name, status)
        if report.captures:
            err.print("接着运行 zhaoshang extract 和 zhaoshang index，就能检索到取来的文章。")
    if report.interrupted:
        raise typer.Exit(130)
    if report.failed:
        raise typer.Exit(1)


def print_status(name: str, status: BackfillStatus) -> None:
    """How far a backfill is, what it could not reach, and what goes on by itself."""
    err.print(f"{name}：{status.told}", markup=False)
    for line in status.lacking:
        err.print(f"  · {line}", markup=False)
    if not status.done and not status.backfill.stopped:
        err.print("  没读完的由 nightly 每夜接着读；也可再运行同一命令。不想补了：zhaoshang crawl 来源 --stop")
