"""The queue: procrastinate's tables in the archive's own database. It only spreads work; what was done stands in the archive, and the queue may be emptied at any time.

A job names what is to be done by ids. It is deleted when it ends. It is never put back with procrastinate's `retry_job`, which fails where a queueing lock is
taken meanwhile and leaves the job for ever at work: it ends, and a new one is deferred. No job is scheduled for later: that would stall all with its lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from crawler.archive import Archive, ArchiveError
from crawler.archive.cluster.lease import libpq_url
from crawler.configuration import Settings
from crawler.terminal import Refusal

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

NO_EXTRA = "多机采集需要另装：pip install 'zhaoshang[cluster]'（procrastinate、obstore）"
_SCHEMA_LOCK = 0x7A68_6A6F  # any fixed number
_TOGETHER = 200  # jobs deferred in one statement
QUEUES = {
    "visit": "visit",
    "extract": "extract",
    "read": "extract",
    "index": "index",
    "night": "night",
    "prune": "night",
}
"""The queue of each kind of job: workers listen to those that they were started for."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """`lock`: never two with the same at work; `unique`: never two with the same waiting."""

    kind: str
    arguments: Mapping[str, Any]
    lock: str | None = None
    unique: str | None = None
    priority: int = 0


def refuse_without_extra() -> None:
    """Raises Refusal where the packages are not installed."""
    try:
        import procrastinate  # noqa: F401
        import psycopg_pool  # noqa: F401
    except ImportError as error:
        raise Refusal(NO_EXTRA) from error


def refuse_single(settings: Settings) -> None:
    """Raises Refusal where the settings are those of one machine: SQLite, or an index in a folder."""
    if not settings.database.startswith(("postgresql", "postgres")):
        raise Refusal(
            "SQLite 是一台机器上的文件，几台机器不能同用；先用 archive copy 搬到 PostgreSQL，再设 ZHAOSHANG_DATABASE"
        )
    if "://" not in settings.engine:
        raise Refusal(
            f"索引 {settings.engine} 是一台机器上的文件夹，几台机器不能同用；把 ZHAOSHANG_ENGINE 设为 Elasticsearch 的地址，再 index --rebuild"
        )


class Queue:
    """The queue of one archive, for those who defer jobs and look after them. `open_queue` opens it."""

    def __init__(self, app: App, archive: Archive) -> None:
        self.app, self._archive = app, archive

    def defer(self, jobs: Iterable[NewJob]) -> None:
        """Put jobs in; one whose `unique` waits already is left out."""
        from procrastinate.exceptions import AlreadyEnqueued

        wanted = list(jobs)
        for start in range(0, len(wanted), _TOGETHER):
            some = wanted[start : start + _TOGETHER]
            try:
                self.app.job_manager.batch_defer_jobs([_job(job) for job in some])
            except AlreadyEnqueued:
                for job in some:
                    self._defer_one(job)

    def _defer_one(self, job: NewJob) -> None:
        from procrastinate.exceptions import AlreadyEnqueued

        try:
            self.app.job_manager.batch_defer_jobs([_job(job)])
        except AlreadyEnqueued:
            return  # it waits already

    def named(self, run: int, kind: str) -> set[str]:
        """The names of a run's jobs of a kind that wait or are at work."""
        query = text(
            "SELECT args->>'name' FROM procrastinate_jobs"
            " WHERE task_name = :kind AND args->>'run' = :run AND status IN ('todo', 'doing')"
        )
        with self._archive.database.reader() as connection:
            return set(connection.execute(query, {"kind": kind, "run": str(run)}).scalars())

    def drop(self, run: int) -> int:
        """Take out the jobs of a run that nobody has begun; how many."""
        query = text("DELETE FROM procrastinate_jobs WHERE args->>'run' = :run AND status = 'todo'")
        with self._archive.database.writer(alone=False) as connection:
            return connection.execute(query, {"run": str(run)}).rowcount

    def counts(self) -> list[tuple[str, int, int]]:
        """(kind, waiting, at work) of all jobs."""
        query = text(
            "SELECT task_name, count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing')"
            " FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY task_name ORDER BY task_name"
        )
        with self._archive.database.reader() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def sweep(self, silent: float, longest: float) -> int:
        """Defer anew what dead workers had at work, and what has been at work for longer than it can take (a visit `longest` seconds, anything else a day); how many jobs.

        It is no job itself: that would need the lock of what it sweeps. Several may sweep at once: a row is taken out by one of them.
        """
        doomed = text(
            "DELETE FROM procrastinate_jobs WHERE id IN ("
            " SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
            " WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :silent)"
            "  OR (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id AND e.type = 'started')"
            "     < now() - make_interval(secs => CASE j.task_name WHEN 'visit' THEN :longest ELSE :day END))"
            " FOR UPDATE OF j SKIP LOCKED)"
            " RETURNING task_name, args, lock, queueing_lock, priority"
        )
        with self._archive.database.writer(alone=False) as connection:
            rows = connection.execute(doomed, {"silent": silent, "longest": longest, "day": 86_400.0}).all()
            gone = "DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => :silent)"
            connection.execute(text(gone), {"silent": silent})
        self.defer(NewJob(row.task_name, row.args, row.lock, row.queueing_lock, row.priority) for row in rows)
        return len(rows)

    def prune(self) -> None:
        """Delete jobs that ended long ago and were not deleted then."""
        query = text(
            "DELETE FROM procrastinate_jobs j WHERE status NOT IN ('todo', 'doing') AND NOT EXISTS"
            " (SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - interval '1 day')"
        )
        with self._archive.database.writer(alone=False) as connection:
            connection.execute(query)

    def empty(self) -> int:
        """Take out all that waits; how many."""
        with self._archive.database.writer(alone=False) as connection:
            return connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'")).rowcount


@contextmanager
def open_queue(settings: Settings, archive: Archive) -> Iterator[Queue]:
    """The queue of an archive, its tables made where they are not there yet. Raises Refusal without the extra, ArchiveError."""
    refuse_without_extra()
    import psycopg
    from procrastinate import App, SyncPsycopgConnector
    from procrastinate.exceptions import ConnectorException

    app = App(connector=SyncPsycopgConnector(conninfo=libpq_url(settings.database), min_size=1, max_size=2))
    try:
        with app.open():
            _make_tables(app, archive)
            yield Queue(app, archive)
    except (ConnectorException, psycopg.Error) as error:  # a pool that gets no connection raises psycopg's own
        raise ArchiveError(f"任务队列：{' '.join(str(error.__cause__ or error).split())[:300]}") from error


def _make_tables(app: App, archive: Archive) -> None:
    there = text("SELECT to_regclass('procrastinate_jobs')")
    with archive.database.reader() as connection:
        if connection.execute(there).scalar() is not None:
            return
    with archive.database.writer(alone=False) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
        if connection.execute(there).scalar() is None:  # else another process made them while this one waited
            app.schema_manager.apply_schema()


def _job(job: NewJob) -> Job:
    from procrastinate.jobs import Job

    return Job(
        id=None,
        queue=QUEUES[job.kind],
        task_name=job.kind,
        lock=job.lock,
        queueing_lock=job.unique,
        task_kwargs=dict(job.arguments),
        priority=job.priority,
    )
