"""The process in which a worker of a cluster extracts, reads, indexes or runs a night: `python -m zhaoshang.cluster.job_process WORKER`.

Orders (`kind` and `arguments` of a job) come as JSON lines on stdin and are done one after the other; each is answered by a line on stdout. The end of stdin means
that the worker is gone, and ends all at once: what was done is stored.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Any

from crawler.archive import Archive, ArchiveError
from crawler.cluster.extract import extract_batch, to_json
from crawler.cluster.queue import open_queue
from crawler.configuration import Settings, settings
from crawler.reasons import describe_error
from crawler.sources import read_registry
from crawler.stages.extract import extract_pool
from crawler.stages.worker_pool import NoWorkers, WorkerPool
from crawler.terminal import Refusal, Step, err
from indexer.indexing.shared import index_here, read_batch


class Jobs:
    """Does jobs; keeps what many of them need."""

    def __init__(self, config: Settings, archive: Archive, worker: str, stack: ExitStack) -> None:
        self._config, self._archive, self._worker = config, archive, worker
        self._stack = stack
        self._pool: WorkerPool | None = None

    def do(self, kind: str, arguments: dict[str, Any]) -> None:
        """Raises what the stages raise."""
        if kind == "night":
            self._night(arguments)
            return
        if kind == "prune":
            self._archive.parts.prune()
            with open_queue(self._config, self._archive) as jobs:
                jobs.prune()
            return
        run, name = int(arguments["run"]), str(arguments["name"])
        if self._archive.parts.is_done(run, kind, name):
            return
        registry, _ = read_registry(self._config)
        if kind == "extract":
            if self._pool is None:
                self._pool = self._stack.enter_context(extract_pool(self._config))
            sources, everything = arguments["sources"], arguments["everything"]
            report = to_json(
                extract_batch(self._archive, registry, self._config, sources, everything=everything, workers=self._pool)
            )
        elif kind == "read":
            report = read_batch(self._archive, self._config, name)
        else:
            report = index_here(self._config, self._archive, registry, _silent, rebuild=arguments["rebuild"])
        self._archive.parts.done(run, kind, name, self._worker, report)

    def _night(self, arguments: dict[str, Any]) -> None:
        from zhaoshang.cluster.stages import SHARED
        from zhaoshang.morning.told_night import told_night

        due = datetime.fromtimestamp(arguments["timestamp"], UTC)
        last = self._archive.runs.latest(1, verb="nightly")
        if last and last[0].started_at >= due and last[0].finished_at is not None:
            return  # done by another worker, which died before it could say so
        try:
            report = told_night(
                self._config,
                _silent,
                lambda line: err.print(line, markup=False),
                stages_for=lambda archive, config: nullcontext(SHARED),
            )
            for problem in report.problems:
                err.print(f"✗ {problem}", markup=False)
            err.print(
                f"nightly：{len(report.rows)} 个来源，{report.articles} 篇文章新增或有改动，{report.indexed} 篇写入索引，"
                f"用时 {report.seconds:.0f} 秒；没达到预期的来源 {len(report.below_expectation)} 个，见 zhaoshang status"
            )
        except Refusal as error:  # another night runs, or no source is enabled
            err.print(f"nightly：{error}", markup=False)


@contextmanager
def _silent(title: str) -> Iterator[Step]:
    """A bar that nobody sees."""
    from rich.progress import Progress

    yield Step(Progress(console=err, disable=True), title, None)


def main() -> None:
    worker = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the stages print is for whoever reads the worker's log
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def tell(kind: str, **values: Any) -> None:
        answers.write(json.dumps({"kind": kind, **values}, ensure_ascii=False) + "\n")
        answers.flush()

    def listen() -> None:
        for line in sys.stdin:
            said = line.strip()
            if said == "ping":
                tell("pong")
            elif said == "stop":
                os.kill(os.getpid(), signal.SIGINT)  # the extracting processes are ended in order
            else:
                orders.put(json.loads(said))
        os._exit(75)

    threading.Thread(target=listen, daemon=True).start()
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        config = settings()
        archive = stack.enter_context(Archive.open(config))
        jobs = Jobs(config, archive, worker, stack)
        while True:
            order = orders.get()
            wrong = ""
            try:
                jobs.do(order["kind"], order["arguments"])
            except (ArchiveError, Refusal, NoWorkers) as error:
                wrong = str(error)
            except OSError as error:
                wrong = describe_error(error)
            tell("end", id=order["id"], wrong=wrong)
    os._exit(0)  # the thread that listens on stdin would hold up an orderly end


if __name__ == "__main__":
    main()
