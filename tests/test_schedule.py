"""The hour: due time on disk, a missed night caught up once, one writer at a time."""

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

import zhaoshang.schedule
from crawler.article import SHANGHAI
from crawler.configuration import load_settings
from crawler.terminal import Refusal
from zhaoshang.locks import lock
from zhaoshang.schedule import JOB, parse_hour, start_scheduler


def nights(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "nights"

    def night() -> None:
        with file.open("a") as f:
            f.write("night\n")

    night.__module__, night.__qualname__ = "zhaoshang.schedule", "run_night"  # stored by its reference, as the real one
    monkeypatch.setattr(zhaoshang.schedule, "run_night", night)
    return file


def test_due_time_survives_a_restart_and_missed_nights_run_once(tmp_path: Path, log: Path) -> None:
    settings = load_settings(data=tmp_path)
    scheduler, due = start_scheduler(settings, "02:00")
    scheduler.shutdown()
    assert due > datetime.now(SHANGHAI) and (due.hour, due.minute) == (2, 0)
    assert nights(log) == 0
    store = SQLAlchemyJobStore(url=f"sqlite:///{tmp_path / 'schedule.sqlite'}")
    store.start(BackgroundScheduler(timezone=SHANGHAI), "default")
    job = store.lookup_job(JOB)
    job._modify(next_run_time=due - timedelta(days=5))  # as if the machine had been off for five nights
    store.update_job(job)

    scheduler, late = start_scheduler(settings, "02:00")
    assert late < datetime.now(SHANGHAI)
    for _ in range(100):
        if nights(log):
            break
        time.sleep(0.05)
    time.sleep(0.3)
    scheduler.shutdown()
    assert nights(log) == 1

    scheduler, again = start_scheduler(settings, "02:00")
    scheduler.shutdown()
    assert again == due and nights(log) == 1


def test_another_hour_replaces_the_due_time(tmp_path: Path, log: Path) -> None:
    settings = load_settings(data=tmp_path)
    start_scheduler(settings, "02:00")[0].shutdown()
    scheduler, due = start_scheduler(settings, "3:30")
    scheduler.shutdown()
    assert (due.hour, due.minute) == (3, 30)


@pytest.mark.parametrize("wrong", ["", "24:00", "2", "02:60", "二点", "-1:00"])
def test_an_hour_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(Refusal, match="02:00"):
        parse_hour(wrong)


HOLDER = """
import sys, time
from pathlib import Path
from zhaoshang.locks import lock
with lock(Path(sys.argv[1]), "nightly"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_verb_runs_once_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(Refusal, match=str(holder.pid)), lock(tmp_path, "nightly"):
            pass
        holder.kill()
    with lock(tmp_path, "nightly"):
        pass
