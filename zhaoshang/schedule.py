"""Runs `nightly` every day at a time of day, keeps the due time on disk, and catches up once after missed nights.

APScheduler keeps the job in DATA/schedule.sqlite: `coalesce` folds any number of missed nights into one, and no misfire is too late.
The night itself is a process of its own, so that Scrapy's reactor starts fresh and a crash leaves the hour alone; that it never runs
twice at once is the lock that `nightly` takes.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from datetime import datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from crawler.alerts import channels
from crawler.article import SHANGHAI
from crawler.configuration import Settings
from crawler.configuration import settings as read_settings
from crawler.terminal import Refusal, err, minute
from search_api.server import base_of
from search_api.watches.clock import keep_sending
from search_api.web.app_state import AppState

JOB = "nightly"


def parse_hour(at: str) -> tuple[int, int]:
    """'02:00' → (2, 0). Raises Refusal."""
    found = re.fullmatch(r"([01]?\d|2[0-3])[:：]([0-5]\d)", at.strip())
    if not found:
        raise Refusal(f"--at 应为 00:00 到 23:59 之间的时刻，如 02:00，而不是 {at!r}")
    return int(found[1]), int(found[2])


def run_night() -> None:
    """One `nightly` in a process of its own; what it prints goes where ours goes."""
    code = subprocess.run([sys.executable, "-m", "zhaoshang", "nightly"]).returncode
    err.print(f"nightly 结束，退出码 {code}")


def send_notices() -> None:
    """One `notify send` in a process of its own, where somebody wants to be told."""
    if (read_settings().data / channels.NAME).exists():
        subprocess.run([sys.executable, "-m", "zhaoshang", "notify", "send"])


def start_scheduler(settings: Settings, at: str) -> tuple[BackgroundScheduler, datetime]:
    """A running scheduler that has the job, and when it is due: what is on disk for the same hour stands, even if it is past."""
    hour, minute = parse_hour(at)
    settings.data.mkdir(parents=True, exist_ok=True)
    scheduler = BackgroundScheduler(
        jobstores={
            "default": SQLAlchemyJobStore(url=f"sqlite:///{settings.data / 'schedule.sqlite'}"),
            "memory": MemoryJobStore(),
        },
        executors={"default": ThreadPoolExecutor(1), "notices": ThreadPoolExecutor(1)},
        timezone=SHANGHAI,
    )
    trigger = CronTrigger(hour=hour, minute=minute, timezone=SHANGHAI)
    scheduler.start(paused=True)
    job = scheduler.get_job(JOB)
    if job is None or str(job.trigger) != str(trigger):
        job = scheduler.add_job(
            run_night,
            trigger,
            id=JOB,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.add_job(send_notices, "interval", minutes=15, jobstore="memory", executor="notices", coalesce=True)
    due: datetime = job.next_run_time
    scheduler.resume()
    return scheduler, due


def serve_schedule(settings: Settings, at: str) -> None:
    """Waits for the hour, for ever, until Ctrl-C or SIGTERM, and sends what readers are to be told meanwhile; a night that runs then is waited for."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    scheduler, due = start_scheduler(settings, at)
    late = "（已错过，现在补一次）" if due < datetime.now(SHANGHAI) else ""
    err.print(f"每天 {at}（北京时间）运行 nightly，下一次：{minute(due)}{late}。Ctrl-C 结束。")
    state = AppState(settings)
    keep_sending(state, base_of(settings), ended)
    state.close()
    scheduler.shutdown(wait=True)
