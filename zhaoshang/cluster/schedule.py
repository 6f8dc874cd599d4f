"""`zhaoshang schedule` where workers do the night: procrastinate's periodic task puts the night into the queue, one time for each due time, however many machines run `schedule`.

The last due time stands in the database. What was missed is made up once: procrastinate looks one time back, a day's at most. A new schedule begins with the next due
time, as on one machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from crawler.archive import Archive
from crawler.archive.cluster.lease import libpq_url
from crawler.article import SHANGHAI
from crawler.cluster.queue import QUEUES, open_queue
from crawler.configuration import Settings
from crawler.terminal import err, minute
from zhaoshang.schedule import parse_hour

if TYPE_CHECKING:
    from procrastinate import App

TASK = "night"
CATCH_UP = timedelta(hours=25)
AGAIN_SECONDS = 10.0  # after the database went away


def serve_schedule(settings: Settings, archive: Archive, at: str) -> None:
    """Waits for the hour, for ever, until Ctrl-C or SIGTERM. Raises Refusal, ArchiveError."""
    hour, minute_ = parse_hour(at)
    due, late = remember(settings, archive, hour, minute_)
    told = "（已错过，现在补一次）" if late else ""
    err.print(f"每天 {at}（北京时间）由工作进程运行 nightly，下一次：{minute(due)}{told}。Ctrl-C 结束。")
    asyncio.run(_serve(settings, hour, minute_))


def remember(settings: Settings, archive: Archive, hour: int, minute_: int) -> tuple[datetime, bool]:
    """Has the database know of the schedule; when it is due, and whether that is past. Another hour replaces the one before."""
    now = archive.workers.now()
    last = _last(now, hour, minute_)
    with open_queue(settings, archive), archive.database.writer(alone=False) as connection:
        name = _name(hour, minute_)
        others = "DELETE FROM procrastinate_periodic_defers WHERE task_name = :task AND periodic_id <> :name"
        connection.execute(text(others), {"task": TASK, "name": name})
        query = (
            "SELECT max(defer_timestamp) FROM procrastinate_periodic_defers"
            " WHERE task_name = :task AND periodic_id = :name"
        )
        known = connection.execute(text(query), {"task": TASK, "name": name}).scalar()
        if known is None:  # nothing was missed by a schedule that did not exist
            add = (
                "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)"
                " VALUES (:task, :name, :at) ON CONFLICT DO NOTHING"
            )
            connection.execute(text(add), {"task": TASK, "name": name, "at": int(last.timestamp())})
    missed = known is not None and known < last.timestamp()
    return (last if missed else last + timedelta(days=1)), missed


def schedule_app(settings: Settings, hour: int, minute_: int) -> App:
    """An application whose only work is to put the night into the queue when it is due."""
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=libpq_url(settings.database), min_size=1, max_size=2))

    async def night(**arguments: Any) -> None:
        """Done by workers."""

    utc = (datetime(2000, 1, 1, hour, minute_, tzinfo=SHANGHAI)).astimezone(UTC)
    task: Any = app.task(name=TASK, queue=QUEUES[TASK])(night)
    cron = f"{utc.minute} {utc.hour} * * *"
    app.periodic(cron=cron, periodic_id=_name(hour, minute_), lock=TASK, queueing_lock=TASK)(task)
    return app


async def _serve(settings: Settings, hour: int, minute_: int) -> None:
    import psycopg
    from procrastinate.exceptions import ConnectorException

    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    while not ended.is_set():
        try:
            deferring = asyncio.create_task(_defer(schedule_app(settings, hour, minute_)))
            ending = asyncio.create_task(ended.wait())
            done, _ = await asyncio.wait([deferring, ending], return_when=asyncio.FIRST_COMPLETED)
            if ending in done:
                deferring.cancel()
                await asyncio.gather(deferring, return_exceptions=True)
                return
            ending.cancel()
            deferring.result()
        except (ConnectorException, psycopg.Error) as error:
            err.print(f"任务队列：{' '.join(str(error.__cause__ or error).split())[:200]}；稍后再试", markup=False)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), AGAIN_SECONDS)


async def _defer(app: App) -> None:
    from procrastinate.periodic import PeriodicDeferrer

    async with app.open_async():
        await PeriodicDeferrer(registry=app.periodic_registry, max_delay=CATCH_UP.total_seconds()).worker()


def _name(hour: int, minute_: int) -> str:
    return f"{hour:02d}:{minute_:02d}"


def _last(now: datetime, hour: int, minute_: int) -> datetime:
    """The last due time up to now."""
    here = now.astimezone(SHANGHAI)
    due = here.replace(hour=hour, minute=minute_, second=0, microsecond=0)
    return due if due <= here else due - timedelta(days=1)
