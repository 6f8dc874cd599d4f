"""The process in which Scrapy crawls: `python -m crawler.stages.crawl_process`, started by `crawler.stages.crawl`.

The order comes as one JSON line on stdin, with its settings in the environment; each line on stdout is one JSON object, `progress`, `site` or
`broken` (the archive cannot be written to).
A line `stop` on stdin ends the crawl cleanly; the end of stdin means that whoever asked is gone, and ends it at once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

# first of all: it looks at every module that is loaded by then, and at every frame that led to it
import scrapy.core.downloader.handlers.http11  # noqa: F401
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.archive import Archive, ArchiveError
from crawler.configuration import settings
from crawler.reasons import describe_error
from crawler.sources import Source
from crawler.sources.registry import file_of, load_source
from crawler.spiders.loader import spider_of
from crawler.spiders.report import SiteReport
from crawler.spiders.run_state import CrawlRun, VisitStats, describe_fault
from crawler.stages.run_log import handler, log_path, remove_old
from crawler.web import rendering

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.5  # between two lines about one source


class Crawl:
    """Several sources side by side, never two of one site or group, in the order given."""

    def __init__(
        self,
        sources: list[Source],
        run: CrawlRun,
        process: AsyncCrawlerProcess,
        side_by_side: int,
        spans: Mapping[str, tuple[date, date]],
    ) -> None:
        self._waiting, self._spans = deque(sources), spans
        self._run, self._process = run, process
        self._free = asyncio.Semaphore(side_by_side)
        self._groups: set[str] = set()
        self._changed = asyncio.Condition()
        self.stopping = False

    async def run(self) -> None:
        """Visits all sources; ends when all have ended, or soon after `stop`."""
        tasks = []
        while self._waiting and not self.stopping:
            await self._free.acquire()
            source = await self._next()
            if source is None:
                self._free.release()
                break
            self._groups |= source.groups
            tasks.append(asyncio.create_task(self._visit(source)))
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Starts no more visits and ends the running ones cleanly."""
        self.stopping = True
        async with self._changed:
            self._changed.notify_all()
        # a crawler that is stopped before its engine runs never ends: each is asked once it runs
        while crawlers := list(self._process.crawlers):
            await asyncio.gather(*(c.stop_async() for c in crawlers if c.crawling and c._engine and c._engine.running))
            await asyncio.sleep(0.1)

    async def _next(self) -> Source | None:
        """The first source none of whose sites and groups is being visited; waits for one."""
        async with self._changed:
            while True:
                if self.stopping or self._run.broken or not self._waiting or self._late():
                    return None
                for source in self._waiting:
                    if not source.groups & self._groups:
                        self._waiting.remove(source)
                        return source
                await self._changed.wait()

    def _late(self) -> bool:
        return self._run.deadline is not None and time.monotonic() >= self._run.deadline

    async def _visit(self, source: Source) -> None:
        try:
            if source.render and (lacking := rendering.missing()):
                stats = VisitStats()
                stats.add_reason(lacking)
                self._run.conclude(source, stats, "error", 0.0)
                return
            span = self._spans.get(source.name)
            if span is not None:  # what its file says of the past is for its visits
                source = source.model_copy(update={"since": None})
            await self._process.crawl(spider_of(source), run=self._run, span=span)
        except Exception as error:  # the others go on
            logger.exception("来源 %s 的采集没有开始", source.name)
            stats = VisitStats()
            stats.add_reason(describe_fault(error))
            self._run.conclude(source, stats, "error", 0.0)
        finally:
            async with self._changed:
                self._groups -= source.groups
                self._changed.notify_all()
            self._free.release()


def tell(kind: str, **values: Any) -> None:
    """One line for whoever started the crawl."""
    sys.stdout.write(json.dumps({"kind": kind, **values}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _open_run(order: dict[str, Any], archive: Archive) -> CrawlRun:
    told: dict[str, float] = {}

    def progress(source: str, stats: VisitStats) -> None:
        if time.monotonic() - told.get(source, 0.0) >= PROGRESS_SECONDS:
            told[source] = time.monotonic()
            tell("progress", source=source, requests=stats.requests, captures=stats.captures, queued=stats.queued)

    def concluded(report: SiteReport) -> None:
        tell("progress", source=report.source, requests=report.requests, captures=report.captures, queued=0)
        tell("site", report=report.to_json())

    return CrawlRun(
        archive,
        order["run"],
        now=datetime.fromisoformat(order["now"]) if order["now"] else None,
        deadline=time.monotonic() + order["minutes"] * 60,
        progress=progress,
        concluded=concluded,
    )


def _listen(crawl: Crawl, loop: asyncio.AbstractEventLoop) -> None:
    for line in sys.stdin:
        if line.strip() == "stop":
            loop.call_soon_threadsafe(lambda: asyncio.ensure_future(crawl.stop(), loop=loop))
    os._exit(75)  # the archive outlives this: what is written is whole


def _log(path: Path) -> None:
    """Everything into the log of the run; stderr is for whoever asked."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    try:
        remove_old(settings().data)
        root.addHandler(handler(path))
    except OSError as error:
        root.addHandler(logging.NullHandler())
        sys.stderr.write(f"日志 {path} 写不了：{describe_error(error)}\n")


def main() -> None:
    order = json.loads(sys.stdin.readline())
    sources = [load_source(file_of(settings(), name)) for name in order["sources"]]
    scrapy_settings = Settings()
    scrapy_settings.setmodule("crawler.settings", priority="project")
    scrapy_settings.set("SPIDER_LOADER_CLASS", "scrapy.spiderloader.SpiderLoader")  # the registry's reads every source
    logging.raiseExceptions = False  # a disk too full for the log is told once, by the archive
    own = order.get("log")  # whoever starts a run has named its log; another may leave that to this process
    _log(Path(own) if own else log_path(settings().data, order["run"], datetime.now(UTC)))
    scrapy_settings.set(
        "LOG_INSTALL_ROOT_HANDLER", False
    )  # Scrapy's own would be made anew for each crawler of the run
    process = AsyncCrawlerProcess(scrapy_settings)
    logging.getLogger("scrapy").setLevel(logging.INFO)  # Scrapy has it at DEBUG, and makes a record of each answer
    with Archive.open(settings()) as archive:
        run = _open_run(order, archive)
        loop = asyncio.get_event_loop()
        failed: list[BaseException] = []

        async def work() -> None:
            try:
                day = date.fromisoformat
                spans = {name: (day(first), day(last)) for name, (first, last) in order.get("spans", {}).items()}
                crawl = Crawl(sources, run, process, order["side_by_side"], spans)
                threading.Thread(target=_listen, args=(crawl, loop), daemon=True).start()
                await crawl.run()
            except BaseException as error:
                failed.append(error)
            finally:
                from twisted.internet import reactor

                reactor.stop()  # type: ignore[misc]

        working = loop.create_task(work())
        process.start(stop_after_crawl=False, install_signal_handlers=False)
        if run.broken:
            tell("broken", reason=run.broken)
        try:
            run.writer.close()
        except ArchiveError as error:
            tell("broken", reason=str(error))
        if failed:
            raise failed[0]
        assert working.done()
    sys.stdout.flush()
    os._exit(0)  # the thread that listens on stdin would hold up an orderly end


if __name__ == "__main__":
    main()
