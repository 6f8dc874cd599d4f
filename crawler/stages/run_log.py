"""The log of a run: one file under DATA/logs, a line a page, in the machine's own time with its offset; old ones go by age and size."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path

FOLDER = "logs"
KEPT = timedelta(days=60)
MOST_BYTES = 500 << 20
"""Of all logs together; beyond that the oldest go."""
PART_BYTES, PARTS = 50 << 20, 3
"""A run that writes more than one part goes on in a new one, and loses the oldest beyond these."""
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LocalTime(logging.Formatter):
    """Lines that begin as 2026-03-02T02:00:31+08:00."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")


def log_path(data: Path, run: int, started: datetime) -> Path:
    """Where the log of a run lies: DATA/logs/20260302-0200-run12.log, by the machine's own time."""
    return data / FOLDER / f"{started.astimezone():%Y%m%d-%H%M}-run{run}.log"


def find_log(data: Path, run: int) -> Path | None:
    """The log of a run, if it is still there."""
    return next((data / FOLDER).glob(f"*-run{run}.log"), None)


def handler(path: Path) -> logging.Handler:
    """What writes the log of a run. Raises OSError where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = RotatingFileHandler(path, maxBytes=PART_BYTES, backupCount=PARTS - 1, encoding="utf-8")
    made.setFormatter(LocalTime())
    made.setLevel(logging.INFO)
    return made


def note(path: Path, *lines: str, level: int = logging.INFO) -> None:
    """Add lines of the process that strings the stages together. A full disk is told elsewhere."""
    made = [
        logging.makeLogRecord(
            {"name": "zhaoshang", "levelno": level, "levelname": logging.getLevelName(level), "msg": line}
        )
        for line in lines
    ]
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(LocalTime().format(record) + "\n" for record in made)


def remove_old(data: Path, now: datetime | None = None) -> list[Path]:
    """Remove logs that are too old, and the oldest beyond MOST_BYTES; what was removed."""
    found = []
    for path in (data / FOLDER).glob("*-run*.log*"):
        with suppress(OSError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    oldest = (now or datetime.now().astimezone()).timestamp() - KEPT.total_seconds()
    removed, total = [], 0
    for changed, size, path in sorted(found, reverse=True):
        total += size
        if changed < oldest or total > MOST_BYTES:
            with suppress(OSError):
                path.unlink()
                removed.append(path)
    return removed
