"""The log of a run: local time with its offset, in parts by size, and old ones go by age and size."""

from __future__ import annotations

import logging
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.stages import run_log

STARTED = datetime(2026, 3, 1, 18, tzinfo=UTC)


def test_lines_are_in_local_time_and_a_long_log_goes_on_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "PART_BYTES", 1000)
    path = run_log.log_path(tmp_path, 12, STARTED)
    assert path.name == f"{STARTED.astimezone():%Y%m%d-%H%M}-run12.log"
    handler = run_log.handler(path)
    for number in range(100):
        handler.emit(logging.makeLogRecord({"name": "qinghe", "levelname": "INFO", "msg": f"200 /a/{number}.html"}))
    handler.close()
    run_log.note(path, "结束")
    lines = path.read_text(encoding="utf-8").splitlines()
    offset = re.escape(datetime.now().astimezone().isoformat()[-6:])
    assert all(re.match(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d{offset} INFO ", line) for line in lines)
    assert lines[-1].endswith("zhaoshang: 结束") and run_log.find_log(tmp_path, 12) == path
    assert len(list(path.parent.iterdir())) == run_log.PARTS


def test_old_logs_go_by_age_and_the_oldest_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "MOST_BYTES", 2500)
    for days in (0, 1, 2, 3, 90):
        path = run_log.log_path(tmp_path, 100 - days, STARTED)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * (1000 if days < 90 else 1))
        moment = (STARTED - timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    other = tmp_path / run_log.FOLDER / "notes.txt"
    other.write_text("mine")
    removed = run_log.remove_old(tmp_path, STARTED)
    assert {re.search(r"run(\d+)", p.name)[1] for p in removed} == {"98", "97", "10"}  # type: ignore[index]
    assert other.exists() and run_log.find_log(tmp_path, 99)
