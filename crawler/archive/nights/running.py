"""What the night that runs on this machine is at: written by it into DATA/locks, read by whoever asks. The system drops the lock when the process ends."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOCK, NOW = "nightly.lock", "nightly.now"
_EVERY = 1.0  # seconds between two writes


@dataclass(frozen=True, slots=True)
class RunningNight:
    """`stage` is its name in words with `done` of `total` (0: not known); `sources` those that are visited now, with their requests, captures and queue."""

    run: int
    process: int
    started_at: datetime
    stage: str
    stage_since: datetime
    done: int = 0
    total: int = 0
    note: str = ""
    visited: int = 0  # sources whose visit has ended
    sources: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class NightProgress:
    """Writes what a night is at, once a second at most. A disk that is full is no reason to stop: then nothing is told."""

    def __init__(self, data: Path, run: int, started_at: datetime) -> None:
        self._path = data / "locks" / NOW
        self._run, self._started = run, started_at
        self._stage, self._since = "", started_at
        self._done = self._total = self._visited = 0
        self._note = ""
        self._sources: dict[str, dict[str, int]] = {}
        self._written = 0.0

    def stage(self, name: str) -> None:
        self._stage, self._since, self._done, self._total, self._note = name, datetime.now(UTC), 0, 0, ""
        self._write(at_once=True)

    def update(self, done: int, total: int | None, note: str | None) -> None:
        self._done, self._total, self._note = done, total or self._total, note or self._note
        self._write()

    def visiting(self, source: str, requests: int, captures: int, queued: int) -> None:
        self._sources[source] = {"requests": requests, "captures": captures, "queued": queued}
        self._write()

    def visited(self, source: str) -> None:
        self._sources.pop(source, None)
        self._visited += 1
        self._write()

    def _write(self, *, at_once: bool = False) -> None:
        if not at_once and time.monotonic() - self._written < _EVERY:
            return
        self._written = time.monotonic()
        now = RunningNight(
            self._run,
            os.getpid(),
            self._started,
            self._stage,
            self._since,
            done=self._done,
            total=self._total,
            note=self._note,
            visited=self._visited,
            sources=self._sources,
        )
        text = json.dumps(asdict(now), ensure_ascii=False, default=datetime.isoformat)
        temporary = self._path.with_suffix(".new")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)


def running_night(data: Path) -> RunningNight | None:
    """The night that runs now; None where none does, or where it has not said yet."""
    if not _held(data / "locks" / LOCK):
        return None
    try:
        found: dict[str, Any] = json.loads((data / "locks" / NOW).read_text(encoding="utf-8"))
        times = {name: datetime.fromisoformat(found[name]) for name in ("started_at", "stage_since")}
        now = RunningNight(**{**found, **times})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    try:
        holder = int((data / "locks" / LOCK).read_text())
    except (OSError, ValueError):
        return None
    return now if now.process == holder else None  # else it is what an earlier night left


def _held(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # no night ever ran here
    return False
