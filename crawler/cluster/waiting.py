"""Waiting for the jobs of a run: their results come by the archive; jobs that are in the queue no more and have no result are deferred again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from crawler.archive import Archive
from crawler.archive.cluster.workers import SILENT_SECONDS, Worker
from crawler.cluster.queue import NewJob, Queue

LOOK_SECONDS = 0.4  # between two looks at what is done
MISSED_SECONDS = 5.0  # between two looks whether what is not done is still in the queue
PATIENCE = 3 * SILENT_SECONDS
"""Seconds without a worker that could do the jobs after which they are not waited for."""


def wait_for(
    queue: Queue,
    archive: Archive,
    run: int,
    jobs: Mapping[str, NewJob],
    *,
    able: Callable[[Worker], bool],
    until: float | None = None,
    done: Callable[[set[str]], None] = lambda names: None,
) -> set[str]:
    """Defers jobs of one kind, by name, and waits until all have a result; the names of those that have none when the time is over.

    `until` is a `time.monotonic()` value; `able` says which workers can do them; `done` is told all names that have a result, now and then. Ctrl-C passes through.
    """
    if not jobs:
        return set()
    kind = next(iter(jobs.values())).kind
    finished = archive.parts.names(run, kind) & jobs.keys()
    queue.defer(job for name, job in jobs.items() if name not in finished)
    looked = served = time.monotonic()
    missing: set[str] = set()
    while waiting := jobs.keys() - finished:
        time.sleep(LOOK_SECONDS)
        finished = archive.parts.names(run, kind) & jobs.keys()
        done(finished)
        now = time.monotonic()
        if now - looked < MISSED_SECONDS:
            continue
        looked = now
        if any(map(able, archive.workers.alive())):
            served = now
        elif now - served > PATIENCE:
            return waiting - finished
        if until is not None and now >= until:
            return waiting - finished
        # twice in a row: between its end and its result's row a job is in neither
        gone = jobs.keys() - archive.parts.names(run, kind) - queue.named(run, kind)
        queue.defer(jobs[name] for name in gone & missing)
        missing = set() if gone & missing else gone
    return set()
