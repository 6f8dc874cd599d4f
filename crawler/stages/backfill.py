"""backfill(): a night's share of the parts of sources' past that the operator asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from crawler.archive import Archive, ForgottenError
from crawler.configuration import Settings
from crawler.sources import read_registry
from crawler.spiders.report import CrawlReport, SiteReport
from crawler.stages.crawl import Progress, refuse_without_contact, run_process
from crawler.stages.run_log import log_path
from crawler.terminal import Refusal


def backfill(
    names: Sequence[str],
    archive: Archive,
    settings: Settings,
    *,
    now: datetime | None = None,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> CrawlReport:
    """Goes on with the backfills of these sources (`Archive.backfills.start` made them), each within its source's budget and all within `minutes` (None: a night's).

    `progress` and Ctrl-C as for `crawl`; a run of its own, which says nothing of how the sources' visits go. Raises CrawlError, and Refusal for a source that is not there.
    """
    moment = now or datetime.now(UTC)
    started = time.monotonic()
    registry, _ = read_registry(settings)
    spans: dict[str, tuple[str, str]] = {}
    for name in names:
        asked = archive.backfills.get(name)
        if name not in registry or asked is None:
            raise Refusal(f"来源 {name} 没有要补采的：zhaoshang crawl {name} --since 2018")
        if tombstone := archive.tombstones.of_source(name):
            raise Refusal(str(ForgottenError(tombstone)))
        spans[name] = (asked.since.isoformat(), asked.until.isoformat())
    refuse_without_contact([registry[name] for name in names], settings)
    run = archive.runs.start("backfill", moment)
    order: dict[str, Any] = {
        "run": run,
        "sources": list(names),
        "now": now.isoformat() if now else None,
        "minutes": settings.night_minutes if minutes is None else minutes,
        "side_by_side": settings.side_by_side,
        "log": str(log_path(settings.data, run, moment)),
        "spans": spans,
    }
    sites: list[SiteReport] = []
    interrupted = run_process(order, settings, sites.append, progress or (lambda *values: None))
    visited = {site.source for site in sites}
    report = CrawlReport(
        run=run,
        sites=tuple(sorted(sites, key=lambda site: site.source)),
        seconds=round(time.monotonic() - started, 3),
        interrupted=interrupted,
        unvisited=tuple(name for name in names if name not in visited),
    )
    archive.runs.finish(run, report.to_json())
    return report
