"""Reading and indexing by the workers of a cluster: many articles are read in batches by their ids, one worker writes the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.archive.cluster.workers import Worker
from crawler.cluster.queue import NewJob, open_queue
from crawler.cluster.waiting import wait_for
from crawler.configuration import Settings
from crawler.terminal import Refusal
from indexer.engines.base import EngineError
from indexer.indexing.refresh import MANY, Bars, refresh
from indexer.indexing.stage import IndexReport
from indexer.insight.read_stage import read_due
from indexer.insight.reader import INSIGHT_VERSION

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source

BATCHES = tuple(f"{n:02x}" for n in range(256))  # how ids begin


def refresh_shared(
    settings: Settings,
    archive: Archive,
    registry: Mapping[str, Source],
    bars: Bars,
    *,
    rebuild: bool = False,
    run: int | None = None,
) -> IndexReport:
    """As `refresh`, on the cluster's machines; here where none of them writes the index. `run`: that this is a part of. Raises ArchiveError, EngineError, Refusal."""
    alive = archive.workers.alive()
    part_of = run
    run = archive.runs.start("index") if part_of is None else part_of
    with open_queue(settings, archive) as queue:
        try:
            due, _ = archive.readings.count_due(INSIGHT_VERSION)
            if due >= MANY and any(map(_reads, alive)):
                jobs = {b: NewJob("read", {"run": run, "name": b}, unique=f"read {run} {b}") for b in BATCHES}
                with bars("研读") as bar:  # what is left over is read with the index
                    wait_for(
                        queue, archive, run, jobs, able=_reads, done=lambda f: bar.update(len(f) * due // 256, due)
                    )
            if not any(map(_indexes, alive)):
                return refresh(settings, archive, registry, bars, rebuild=rebuild)
            name = "rebuild" if rebuild else "index"
            job = NewJob("index", {"run": run, "name": name, "rebuild": rebuild}, lock="index", unique=f"index {run}")
            with bars("重建索引" if rebuild else "建索引"):
                left = wait_for(queue, archive, run, {name: job}, able=_indexes)
        finally:
            queue.drop(run)
    if left:
        raise Refusal("写索引的工作进程没有声息了；文章都在文库里，再次运行 zhaoshang index 会补上")
    (part,) = archive.parts.results(run, "index")
    answer = part.report or {}
    if part_of is None:
        archive.runs.finish(run, answer)
    if "error" in answer:
        raise EngineError(answer["error"])
    return from_json(answer)


def read_batch(archive: Archive, settings: Settings, beginning: str) -> dict[str, Any]:
    """What a worker does of it. Raises ArchiveError."""
    report = read_due(archive, workers=settings.worker_count, beginning=beginning)
    return {"read": report.read, "failed": report.failed}


def index_here(
    settings: Settings, archive: Archive, registry: Mapping[str, Source], bars: Bars, *, rebuild: bool
) -> dict[str, Any]:
    """What the worker that indexes does: its report, or `error`. Raises ArchiveError."""
    try:
        return asdict(refresh(settings, archive, registry, bars, rebuild=rebuild))
    except EngineError as error:
        return {"error": error.reason}


def from_json(data: Mapping[str, Any]) -> IndexReport:
    pairs = {name: tuple((a, b) for a, b in data[name]) for name in ("failed", "unread")}
    return IndexReport(**{**data, **pairs})


def _reads(worker: Worker) -> bool:
    return worker.extracts > 0


def _indexes(worker: Worker) -> bool:
    return worker.indexes
