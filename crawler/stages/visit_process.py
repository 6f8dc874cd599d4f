"""The process in which a worker of a cluster visits sites: `python -m crawler.stages.visit_process WORKER LEASE-SECONDS`.

Orders come as JSON lines on stdin, one a visit, with the settings in the environment; each line on stdout is one JSON object, `begun`, `progress` or `end`.
A line `stop` ends the visits cleanly; the end of stdin means that the worker is gone, and ends all at once.

A visit holds the locks of its source and of its groups of sites, and a token (see `crawler.archive.cluster`): before each request it makes sure of the
first, and each of its writes hangs on the second. Its captures lie in a file of its own, which is closed before the visit counts as done.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, Literal

# first of all: it looks at every module that is loaded by then, and at every frame that led to it
import scrapy.core.downloader.handlers.http11  # noqa: F401
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.archive import Archive, ArchiveError
from crawler.archive.cluster.lease import Lease
from crawler.archive.cluster.visits import StaleVisitError, VisitDatabase
from crawler.archive.errors import StoreError
from crawler.configuration import settings
from crawler.sources import Source, SourceError
from crawler.sources.registry import file_of, load_source
from crawler.spiders.loader import spider_of
from crawler.spiders.report import SiteReport
from crawler.spiders.run_state import CrawlRun, VisitStats, describe_fault
from crawler.stages.crawl_process import PROGRESS_SECONDS, tell
from crawler.web import rendering

logger = logging.getLogger(__name__)

How = Literal["done", "idle", "late", "busy", "lost", "broken"]
"""How an order ended: visited · nothing to do (not due, or visited in this run already) · the run's time is over · another holds the locks · the locks were lost · the archive refused."""

WATCH_SECONDS = 0.5  # between two looks whether a visit still has its locks
MOST_WAITING = 64
STORE_TRIES, STORE_PAUSE = 3, 5.0  # at the end of a visit; seconds between two
CARE_SECONDS = 30.0
MOST_LOG = 20_000_000  # bytes of the log; it begins anew when nothing is visited


class Visits:
    """The visits of one process, side by side as they are ordered; whoever orders them sees to it that there are not too many."""

    def __init__(self, archive: Archive, process: AsyncCrawlerProcess, worker: str, lease_seconds: float) -> None:
        self._archive, self._process = archive, process
        self._worker, self._lease_seconds = worker, lease_seconds
        self._running: set[asyncio.Task[None]] = set()
        self._crawlers: set[Crawler] = set()
        self._ended = asyncio.Event()
        self._storing = asyncio.Lock()
        self.stopping = False

    async def wait(self) -> None:
        """Ends some time after `stop`, with the last visit."""
        await self._ended.wait()
        while self._running:
            await asyncio.wait(self._running)

    def begin(self, order: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._visit(order))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Takes no more orders and ends the visits cleanly."""
        self.stopping = True
        self._ended.set()
        while self._running:
            for crawler in list(self._crawlers):
                if crawler.crawling and crawler._engine and crawler._engine.running:
                    await crawler.stop_async()
            await asyncio.sleep(0.1)

    async def _visit(self, order: dict[str, Any]) -> None:
        how: How
        try:
            how, reason = await self._ordered(order)
        except ArchiveError as error:
            how, reason = "broken", str(error)
        except Exception as error:  # the others go on
            logger.exception("来源 %s 的访问没有做成", order["source"])
            how, reason = "broken", describe_fault(error)
        tell("end", id=order["id"], how=how, reason=reason)

    async def _ordered(self, order: dict[str, Any]) -> tuple[How, str]:
        if self.stopping:
            return "busy", ""
        try:
            source = load_source(file_of(settings(), order["source"]))
        except SourceError as error:
            return "lost", str(error)  # another machine may have the file
        keys = {f"source {source.name}", *source.groups}
        wait = self._lease_seconds + 5.0  # by then whoever was stopped has lost them
        lease = await asyncio.to_thread(
            partial(Lease.take, settings().database, self._archive.database.name, keys, seconds=self._lease_seconds, wait=wait)
        )  # fmt: skip
        if lease is None:
            return "busy", ""
        try:
            return await self._held(source, order, keys, lease)
        finally:
            lease.release()

    async def _held(self, source: Source, order: dict[str, Any], keys: set[str], lease: Lease) -> tuple[How, str]:
        """The visit, its locks held."""
        run = int(order["run"])
        now = self._archive.workers.now()
        if now.timestamp() >= order["until"]:
            return "late", ""
        clock = datetime.fromisoformat(order["now"]) if order["now"] else now
        if self._archive.parts.is_done(run, "visit", source.name):
            return "idle", ""
        if self._is_not_due(source, run, clock, force=order["force"]):
            self._archive.parts.done(run, "visit", source.name, self._worker, None)
            return "idle", ""
        token = self._archive.visits.take(source.name, keys, self._worker)
        database = VisitDatabase(self._archive.database, source.name, token, keys, lambda: lease.holds)
        own = Archive(database)
        reports: list[SiteReport] = []
        crawl = CrawlRun(
            own,
            run,
            now=clock,
            deadline=time.monotonic() + order["until"] - now.timestamp(),
            progress=_progress(),
            concluded=reports.append,
            may_ask=lambda: lease.holds,
            visit=str(token),
        )
        tell("begun", id=order["id"], source=source.name)
        try:
            await self._crawl(source, crawl, lease)
            if self.stopping and reports and reports[0].outcome == "interrupted":
                crawl.writer.close()
                own.visits.release(token)
                return "busy", ""  # for another worker, or for this one when it is back
            if crawl.broken or not lease.holds:
                return self._left(crawl, stale=database.refused or not lease.holds)
            crawl.writer.close()
            await self._store(STORE_TRIES)
            with own.transaction():
                own.parts.done(run, "visit", source.name, self._worker, reports[0].to_json())
                own.visits.release(token)
        except StaleVisitError as error:
            crawl.broken = str(error)
            return self._left(crawl, stale=True)
        except BaseException:
            self._left(crawl, stale=False)
            raise
        return "done", ""

    async def _store(self, tries: int = 1) -> None:
        """Puts what this worker has closed into the store. Where that does not answer it is tried again later: nobody extracts it until then."""
        for attempt in range(1, tries + 1):
            async with self._storing:
                try:
                    await asyncio.to_thread(self._archive.capture_files.store_closed)
                    return
                except StoreError as error:
                    logger.error("%s", error)
            if attempt < tries:
                await asyncio.sleep(STORE_PAUSE)

    async def care(self) -> None:
        """What is left of earlier visits goes into the store too."""
        while True:
            try:
                await self._store()
            except ArchiveError as error:
                logger.error("%s", error)  # a database that is away is noticed by the visits
            await asyncio.sleep(CARE_SECONDS)

    def _is_not_due(self, source: Source, run: int, now: datetime, *, force: bool) -> bool:
        """Whether it was visited meanwhile: also by this run, whose worker died before it could say so."""
        mine = self._archive.runs.of_sources(source.name, run=run)
        if mine and mine[0].report.outcome != "interrupted":
            return True
        due = self._archive.frontier.source_state(source.name).due_at
        return not force and due is not None and due > now

    async def _crawl(self, source: Source, run: CrawlRun, lease: Lease) -> None:
        if source.render and (lacking := rendering.missing()):
            stats = VisitStats()
            stats.add_reason(lacking)
            run.conclude(source, stats, "error", 0.0)
            return
        crawler = self._process.create_crawler(spider_of(source))
        self._crawlers.add(crawler)
        watch = asyncio.ensure_future(_watch(crawler, lease))
        try:
            await self._process.crawl(crawler, run=run)
        except Exception as error:
            logger.exception("来源 %s 的采集没有开始", source.name)
            stats = VisitStats()
            stats.add_reason(describe_fault(error))
            run.conclude(source, stats, "error", 0.0)
        finally:
            watch.cancel()
            self._crawlers.discard(crawler)

    def _left(self, run: CrawlRun, *, stale: bool) -> tuple[How, str]:
        """A visit that cannot be finished: what it has written down so far counts, the rest of its file goes."""
        run.writer.abandon()
        try:
            self._archive.captures.recover()
        except ArchiveError as error:
            logger.error("%s", error)  # the next open finishes the file
        return ("lost" if stale else "broken"), run.broken or ""


async def _watch(crawler: Crawler, lease: Lease) -> None:
    """Ends a visit that has lost its locks."""
    while lease.holds:
        await asyncio.sleep(WATCH_SECONDS)
    while not (crawler._engine and crawler._engine.running):
        await asyncio.sleep(0.1)
    await crawler._engine.close_spider_async(reason="lost")


def _progress() -> Any:
    told = 0.0

    def progress(source: str, stats: VisitStats) -> None:
        nonlocal told
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            tell("progress", source=source, requests=stats.requests, captures=stats.captures, queued=stats.queued)

    return progress


def _listen(visits: Visits, loop: asyncio.AbstractEventLoop) -> None:
    for line in sys.stdin:
        if line.strip() == "ping":
            tell("pong")
        elif line.strip() == "stop":
            loop.call_soon_threadsafe(lambda: asyncio.ensure_future(visits.stop(), loop=loop))
        else:
            loop.call_soon_threadsafe(visits.begin, json.loads(line))
    os._exit(75)  # the archive outlives this: what is written is whole


def main() -> None:
    worker, lease_seconds = sys.argv[1], float(sys.argv[2])
    scrapy_settings = Settings()
    scrapy_settings.setmodule("crawler.settings", priority="project")
    log = settings().data / f"crawl-{worker}.log"
    if log.exists() and log.stat().st_size > MOST_LOG:
        log.unlink()
    scrapy_settings.set("LOG_FILE", str(log))
    scrapy_settings.set("SPIDER_LOADER_CLASS", "scrapy.spiderloader.SpiderLoader")  # the registry's reads every source
    logging.raiseExceptions = False  # a disk too full for the log is told once, by the archive
    process = AsyncCrawlerProcess(scrapy_settings)
    with Archive.open(settings()) as archive:
        loop = asyncio.get_event_loop()
        loop.set_default_executor(ThreadPoolExecutor(MOST_WAITING))  # who waits for locks waits in a thread

        async def work() -> None:
            visits = Visits(archive, process, worker, lease_seconds)
            threading.Thread(target=_listen, args=(visits, loop), daemon=True).start()
            tell("ready")
            caring = asyncio.ensure_future(visits.care())
            try:
                await visits.wait()
            finally:
                caring.cancel()
                from twisted.internet import reactor

                reactor.stop()  # type: ignore[misc]

        working = loop.create_task(work())
        process.start(stop_after_crawl=False, install_signal_handlers=False)
        assert working.done()
    sys.stdout.flush()
    os._exit(0)  # the thread that listens on stdin would hold up an orderly end


if __name__ == "__main__":
    main()
