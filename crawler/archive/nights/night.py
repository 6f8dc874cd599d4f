"""A night as it is told: its run, read again from what was kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from crawler.archive.archive import Archive
from crawler.archive.cluster.lease import is_held
from crawler.archive.models import Run
from crawler.archive.nights.fault_mark import read_mark
from crawler.archive.nights.running import running_night

VERB = "nightly"
NightState = Literal["ok", "below", "failed", "interrupted", "running"]
NIGHT_NAMES: dict[NightState, str] = {
    "ok": "正常",
    "below": "有不足",
    "failed": "失败",
    "interrupted": "中断",
    "running": "进行中",
}
WRONG_FIRST = ("failed", "blocked", "short", "drift", "interrupted", "ok")
"""Outcomes of a source in the order in which they are told: what one must look at first."""
BELOW = ("failed", "blocked", "short", "drift")
"""Outcomes of a source that did not bring what its file expects, or brought it otherwise than before."""
OVERDUE = timedelta(hours=36)
"""A night that begins so long after the last one is overdue."""


@dataclass(frozen=True, slots=True)
class NightRow:
    """One source in one night. `entries` is what its lists showed, None where they had not changed."""

    source: str
    title: str
    outcome: str
    requests: int = 0
    entries: int | None = None
    expected: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    blocked: int = 0
    failed: int = 0
    note: str = ""
    drift: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What there is to say of it, in one line."""
        return "；".join(dict.fromkeys(filter(None, (*self.drift, self.note))))


@dataclass(frozen=True, slots=True)
class Night:
    """One night. `rows` stand with what went wrong first; `problems` are lines for the operator; `drifted` are dicts with source, signs and url.

    `finished_at` is None and `seconds` 0 where it still runs or was cut off; `seconds` are those that it took by the clock of the machine.
    """

    run: int
    started_at: datetime
    finished_at: datetime | None
    state: NightState
    seconds: float = 0.0
    rows: tuple[NightRow, ...] = ()
    captures: int = 0
    articles: int = 0
    indexed: int = 0
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    drifted: tuple[Mapping[str, Any], ...] = ()

    @property
    def name(self) -> str:
        return NIGHT_NAMES[self.state]

    @property
    def below(self) -> list[NightRow]:
        return [row for row in self.rows if row.outcome in BELOW]

    @property
    def outcomes(self) -> dict[str, int]:
        """How many sources ended how, in the order of WRONG_FIRST."""
        found = [row.outcome for row in self.rows]
        return {name: found.count(name) for name in WRONG_FIRST if name in found}

    @property
    def completed(self) -> bool:
        """Whether it ran to its end without a problem, however its sources did."""
        return self.state in ("ok", "below") and not self.problems


def night_of(run: Run, running: int | None = None) -> Night:
    """A night from its run; `running` is the run that goes on at this moment."""
    report = run.report
    rows = [_row(row) for row in report.get("rows", ())]
    rows.sort(key=lambda row: (_rank(row.outcome), row.source))
    problems, drifted = tuple(report.get("problems", ())), tuple(report.get("drifted", ()))
    state: NightState
    if run.finished_at is None:
        state = "running" if run.id == running else "interrupted"
    elif report.get("broken"):
        state = "failed"
    elif report.get("interrupted"):
        state = "interrupted"
    else:
        state = "below" if problems or drifted or any(row.outcome in BELOW for row in rows) else "ok"
    return Night(
        run=run.id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        state=state,
        seconds=float(report.get("seconds", 0.0)),
        rows=tuple(rows),
        captures=report.get("captures", 0),
        articles=report.get("articles", 0),
        indexed=report.get("indexed", 0),
        problems=problems,
        remarks=tuple(report.get("remarks", ())),
        drifted=drifted,
    )


def latest_nights(archive: Archive, limit: int) -> list[Night]:
    """The last nights, newest first. Raises ArchiveError."""
    running = running_run(archive)
    return [_with_fault(archive, night_of(run, running)) for run in archive.runs.latest(limit, verb=VERB)]


def get_night(archive: Archive, run: int) -> Night | None:
    """The night of a run; None where there is no such run, or it was no night. One that was cut off has the rows that its crawl wrote down."""
    found = archive.runs.get(run)
    if found is None or found.verb != VERB:
        return None
    night = _with_fault(archive, night_of(found, running_run(archive)))
    if night.rows or night.finished_at is not None:
        return night
    rows = rows_written(archive, run)
    return replace(night, rows=tuple(rows))


def _with_fault(archive: Archive, night: Night) -> Night:
    """A night that left no report because the archive could not be written to says so, as long as that has not passed."""
    if night.state != "interrupted" or night.finished_at is not None:
        return night
    mark = read_mark(archive.database.folder)
    if mark is None or night.run not in mark.runs:
        return night
    return replace(night, state="failed", problems=(mark.reason,))


def rows_written(archive: Archive, run: int) -> list[NightRow]:
    """What the crawl of a night that is not finished wrote down of its sources, wrong ones first."""
    names = {field.name for field in fields(NightRow)}
    rows = []
    for found in archive.runs.of_sources(run=run, limit=100_000):
        report = {f.name: getattr(found.report, f.name) for f in fields(found.report) if f.name in names}
        rows.append(
            NightRow(source=found.source, title=found.source, **{**report, "expected": report["expected"] or 0})
        )
    return sorted(rows, key=lambda row: (_rank(row.outcome), row.source))


def running_run(archive: Archive) -> int | None:
    """The run of the night that goes on, on this machine or, as the lock of nights in PostgreSQL says, on another."""
    if (now := running_night(archive.database.folder)) is not None:
        return now.run
    if not is_held(archive.database, VERB):
        return None
    last = archive.runs.latest(1, verb=VERB)
    return last[0].id if last and last[0].finished_at is None else None


def overdue(nights: Sequence[Night], now: datetime | None = None) -> bool:
    """Whether the next night should have begun long ago. An archive that never had one waits for nobody."""
    return bool(nights) and nights[0].state != "running" and (now or datetime.now(UTC)) - nights[0].started_at > OVERDUE


def _row(row: Mapping[str, Any]) -> NightRow:
    known = {field.name for field in fields(NightRow)}
    return NightRow(**{**{k: v for k, v in row.items() if k in known}, "drift": tuple(row.get("drift", ()))})


def _rank(outcome: str) -> int:
    return WRONG_FIRST.index(outcome) if outcome in WRONG_FIRST else 0
