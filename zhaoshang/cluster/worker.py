"""`zhaoshang cluster work`: takes jobs from the queue until Ctrl-C.

The work itself is done in child processes, which may die: their jobs are deferred anew. Where the database goes away, the worker begins anew when it is back. A worker that was
stopped for long finds out when it wakes, ends its children and joins again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.archive import Archive, ArchiveError
from crawler.archive.cluster.lease import LEASE_SECONDS, libpq_url
from crawler.archive.cluster.workers import BEAT_SECONDS, SILENT_SECONDS
from crawler.cluster.crawl import lost_report
from crawler.cluster.membership import refuse_beside_one_machine, refuse_other_versions, schema_fault
from crawler.cluster.pooling import refuse_pooled
from crawler.cluster.queue import QUEUES, NewJob, Queue, open_queue, refuse_single, refuse_without_extra
from crawler.configuration import Settings, own_version
from crawler.stages.crawl import environment
from crawler.terminal import Refusal, err
from zhaoshang.cluster.child import Child, ChildLost

if TYPE_CHECKING:
    from procrastinate import App

MOST_ATTEMPTS = 3
"""A job that was lost so often with its process is not tried again in this run."""
SWEEP_SECONDS = 10.0
PAUSE_SECONDS = 20.0  # after the archive refused: a full disk does not take one job after the other
_AGAIN_SECONDS = (1.0, 2.0, 5.0, 10.0)  # before a worker whose database went away tries again


@dataclass(frozen=True, slots=True)
class Duties:
    """`visits` sites side by side, `extracts` processes that extract and read, `indexes`: whether it writes the index."""

    visits: int
    extracts: int
    indexes: bool


class _Gone(Exception):
    """The worker was away for so long that others took over what it held."""


class _Beside(Refusal):
    """A machine crawls by itself."""


def work(settings: Settings, name: str, duties: Duties, lease_seconds: float = LEASE_SECONDS) -> None:
    """Works until SIGINT or SIGTERM; the second one ends all at once. Raises Refusal, ArchiveError."""
    refuse_single(settings)
    refuse_without_extra()
    refuse_pooled(settings.database)
    asyncio.run(_Worker(settings, name, duties, lease_seconds).run())


class _Worker:
    def __init__(self, settings: Settings, name: str, duties: Duties, lease_seconds: float) -> None:
        self._settings, self._name, self._duties, self._lease_seconds = settings, name, duties, lease_seconds
        self._stopping = asyncio.Event()
        self._began = False
        # jobs of who was silent for so long are deferred anew; the locks of a visit go with its process, or after the lease's time
        self._silent = min(SILENT_SECONDS, max(3 * BEAT_SECONDS, lease_seconds))

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        failures = 0
        while not self._stopping.is_set():
            since = time.monotonic()
            try:
                archive = await asyncio.to_thread(Archive.open, self._settings)
                try:
                    await self._joined(archive)
                finally:
                    await asyncio.to_thread(archive.close)
            except _Gone:
                err.print("停了一阵，别的机器可能已经接手；重新开始")
            except (ArchiveError, _Beside) as error:
                if not self._began:
                    raise
                err.print(f"{error}；稍后再试", markup=False)
            failures = 0 if time.monotonic() - since > 60 else min(failures + 1, len(_AGAIN_SECONDS))
            if failures:
                await self._pause(_AGAIN_SECONDS[failures - 1])

    def _stop(self) -> None:
        if self._stopping.is_set():
            os._exit(130)  # the children see that nobody gives them orders any more, and end
        err.print("收到结束的信号：访问就此收尾，其余的工作放回队列；再按一次立即结束")
        self._stopping.set()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _joined(self, archive: Archive) -> None:
        """One time as a member of the cluster: from joining to leaving, or to losing the database."""
        await asyncio.to_thread(self._join, archive)
        children = self._children()
        try:
            with open_queue(self._settings, archive) as queue:
                await self._served(archive, queue, children)
        except (ArchiveError, _Gone):
            raise  # it comes back soon: who asks meanwhile whether there are workers finds its row
        except BaseException:
            await self._leave(archive)
            raise
        else:
            await self._leave(archive)
        finally:
            for child in children.values():
                await child.kill()

    async def _leave(self, archive: Archive) -> None:
        with contextlib.suppress(ArchiveError):
            await asyncio.to_thread(archive.visits.revoke, self._name)
            await asyncio.to_thread(archive.workers.leave, self._name, os.getpid())

    def _join(self, archive: Archive) -> None:
        host, duties = socket.gethostname(), self._duties
        try:
            refuse_beside_one_machine(archive, self._settings)
        except Refusal as error:
            raise _Beside(str(error)) from error
        refuse_other_versions(worker for worker in archive.workers.alive() if worker.name != self._name)
        for worker in archive.workers.all():
            here = worker.name == self._name and worker.host == host
            if here and (worker.process == os.getpid() or not Path(f"/proc/{worker.process}").exists()):
                archive.workers.leave(worker.name, worker.process)  # this process before, or one that died
        archive.workers.join(
            self._name,
            host,
            os.getpid(),
            own_version(),
            visits=duties.visits,
            extracts=duties.extracts,
            indexes=duties.indexes,
        )
        archive.visits.revoke(self._name)
        try:
            refuse_beside_one_machine(archive, self._settings)  # again: it may have begun before it could see the row
        except Refusal as error:
            archive.workers.leave(self._name, os.getpid())
            raise _Beside(str(error)) from error
        self._began = True
        if not self._settings.store:
            err.print(
                "没有设 ZHAOSHANG_STORE：各台机器的 DATA/captures 须是同一个共享文件夹，否则别的机器读不到这里的快照"
            )
        did = [f"同时采集 {duties.visits} 个网站" if duties.visits else ""]
        did += [f"{duties.extracts} 个进程提取" if duties.extracts else "", "写索引" if duties.indexes else ""]
        err.print(f"工作进程 {self._name}：{'，'.join(filter(None, did))}。Ctrl-C 结束。", markup=False)

    def _children(self) -> dict[str, Child]:
        own = environment(self._settings) | {"ZHAOSHANG_MACHINE": self._name}
        of_jobs = own | {"ZHAOSHANG_WORKERS": str(max(1, self._duties.extracts))}
        silent = max(self._lease_seconds, 3 * BEAT_SECONDS)
        visit = Child("crawler.stages.visit_process", (self._name, str(self._lease_seconds)), own, silent)
        others = {
            queue: Child("zhaoshang.cluster.job_process", (self._name,), of_jobs, silent)
            for queue in ("extract", "index", "night")
        }
        return {"visit": visit, **others}

    async def _served(self, archive: Archive, queue: Queue, children: dict[str, Child]) -> None:
        """Listens to the queues. Raises ArchiveError where the database is gone, _Gone where this process was."""
        import psycopg
        from procrastinate import App, PsycopgConnector
        from procrastinate.exceptions import ConnectorException

        app = App(connector=PsycopgConnector(conninfo=libpq_url(self._settings.database), min_size=1, max_size=4))
        self._register(app, archive, queue, children)
        wanted = {
            "visit": self._duties.visits,
            "extract": int(self._duties.extracts > 0),
            "index": int(self._duties.indexes),
            "night": 1,
        }
        try:
            async with app.open_async():
                tasks = [
                    asyncio.create_task(self._listen(app, name, count), name=name)
                    for name, count in wanted.items()
                    if count
                ]
                tasks += [asyncio.create_task(self._beat(archive)), asyncio.create_task(self._sweep(queue))]
                stopping = asyncio.create_task(self._stopping.wait())
                done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
                if stopping in done:
                    await self._finish(children, tasks)
                    return
                stopping.cancel()
                for child in children.values():
                    await child.kill()
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                wrong = [
                    r for r in results if isinstance(r, BaseException) and not isinstance(r, asyncio.CancelledError)
                ]
                raise wrong[0] if wrong else ArchiveError("任务队列断开了")
        except (ConnectorException, psycopg.Error) as error:
            raise ArchiveError(f"任务队列：{' '.join(str(error.__cause__ or error).split())[:200]}") from error

    async def _finish(self, children: dict[str, Child], tasks: list[asyncio.Task[None]]) -> None:
        """What is at work ends soon or is put back; the jobs' rows go before the connection does."""
        for child in children.values():
            await child.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, app: App, queue: str, concurrency: int) -> None:
        visits = queue == "visit"
        await app.run_worker_async(
            queues=[queue],
            name=f"{self._name} {queue}",
            concurrency=concurrency,
            listen_notify=visits,  # a connection of its own
            fetch_job_polling_interval=1.0,
            abort_job_polling_interval=3600.0,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=self._silent,
        )

    async def _beat(self, archive: Archive) -> None:
        last = time.clock_gettime(time.CLOCK_BOOTTIME)
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            if now - last > self._silent:
                raise _Gone
            if not await asyncio.to_thread(archive.workers.beat, self._name, os.getpid()):
                raise Refusal(f"工作进程 {self._name} 已被除名（cluster forget），或另一个进程用了这个名字")
            if fault := await asyncio.to_thread(schema_fault, archive):
                raise Refusal(fault)
            last = time.clock_gettime(time.CLOCK_BOOTTIME)

    async def _sweep(self, queue: Queue) -> None:
        longest = self._settings.night_minutes * 60 + 1800
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await asyncio.to_thread(queue.sweep, self._silent, longest)

    # --- the jobs

    def _register(self, app: App, archive: Archive, queue: Queue, children: dict[str, Child]) -> None:
        async def visit(**arguments: Any) -> None:
            await self._visit(archive, queue, children["visit"], arguments)

        app.task(name="visit", queue="visit")(visit)
        for kind in ("extract", "read", "index", "night", "prune"):
            app.task(name=kind, queue=QUEUES[kind])(self._job(kind, archive, queue, children[QUEUES[kind]]))
        app.periodic(cron="17 * * * *", queueing_lock="prune")(app.tasks["prune"])

    async def _visit(self, archive: Archive, queue: Queue, child: Child, arguments: dict[str, Any]) -> None:
        source, attempt = arguments["name"], int(arguments["attempt"])
        order = {key: arguments[key] for key in ("run", "now", "until", "force")}
        try:
            answer = await child.ask({**order, "source": source})
            how, reason = answer["how"], answer["reason"]
        except ChildLost as error:
            how, reason = "lost", f"采集{error}"
        if how in ("done", "idle", "late"):
            return
        if self._stopping.is_set():
            how = "busy"
        if how == "broken":
            err.print(f"来源 {source}：{reason}", markup=False)
            await self._pause(PAUSE_SECONDS)
        if how == "lost":
            err.print(f"来源 {source}：第 {attempt} 次访问没有做完（{reason or '与数据库断了联系'}）", markup=False)
            attempt += 1
        if attempt > MOST_ATTEMPTS:
            report = lost_report(source, reason).to_json()
            run = int(arguments["run"])
            await asyncio.to_thread(archive.parts.done, run, "visit", source, self._name, report=report)
            return
        again = await asyncio.to_thread(_visit_again, archive, self._settings, {**arguments, "attempt": attempt})
        if again is not None:
            await asyncio.to_thread(queue.defer, [again])

    def _job(self, kind: str, archive: Archive, queue: Queue, child: Child) -> Callable[..., Awaitable[None]]:
        async def job(**arguments: Any) -> None:
            attempt = int(arguments.get("attempt", 1))
            try:
                wrong = (await child.ask({"kind": kind, "arguments": arguments}))["wrong"]
            except ChildLost as error:
                wrong = str(error)
            if not wrong:
                return
            if not self._stopping.is_set():
                err.print(f"{kind}：{wrong}", markup=False)
                attempt += 1
                await self._pause(PAUSE_SECONDS)
            if attempt > MOST_ATTEMPTS:
                if "run" in arguments:
                    run, name = int(arguments["run"]), str(arguments["name"])
                    told = {"error": wrong}
                    await asyncio.to_thread(archive.parts.done, run, kind, name, self._name, report=told)
                return
            lock = "index" if kind == "index" else None
            await asyncio.to_thread(queue.defer, [NewJob(kind, {**arguments, "attempt": attempt}, lock=lock)])

        return job


def _visit_again(archive: Archive, settings: Settings, arguments: dict[str, Any]) -> NewJob | None:
    """The same visit anew, unless the run's time is over."""
    from crawler.sources import SourceError
    from crawler.sources.registry import file_of, load_source

    if archive.workers.now().timestamp() >= arguments["until"]:
        return None
    try:
        lock = min(load_source(file_of(settings, arguments["name"])).groups)
    except SourceError:
        lock = arguments["name"]
    return NewJob("visit", arguments, lock=lock, unique=f"visit {arguments['run']} {arguments['name']}")
