"""What a night changed beside the nights before it: sources that began to fall short, alarms, problems, and what recovered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.archive import Archive
from crawler.archive.nights.night import BELOW, VERB, WRONG_FIRST, Night, NightRow, night_of, rows_written, running_run

EARLIER = 60  # nights that are looked through for what a source did last
_LISTED = "listed"  # outcome of a source whose lists were well, in a night that did not come to look at how its pages are read


@dataclass(frozen=True, slots=True)
class Change:
    """One source: `now` and `before` are outcomes ('' where there was none before), `why` one line."""

    source: str
    title: str
    now: str
    before: str
    why: str


@dataclass(frozen=True, slots=True)
class Changes:
    """`began` and `recovered` are sources, wrong ones first; `problems`, `mended` and `remarks` lines; `standing` names the sources that go on falling short."""

    began: tuple[Change, ...] = ()
    recovered: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.began or self.recovered or self.problems or self.mended or self.remarks)


@dataclass(frozen=True, slots=True)
class _State:
    """How a source was: its outcome, and which alarms it had (layout, reading)."""

    outcome: str
    alarms: frozenset[str]


def find_changes(archive: Archive, night: Night) -> Changes:
    """What is to be told of a night that has just ended. Raises ArchiveError.

    A source is compared with the last night that was told and visited it. What a night that was cut off wrote down was told nobody, so that it counts as new.
    """
    told, untold = _earlier(archive, night.run)
    rows = {row.source: row for row in (*untold, *_compared(night)) if row.outcome != "interrupted"}
    alarms = _alarms(night)
    began, recovered, standing = [], [], list[str]()
    for name in sorted(rows.keys() | alarms.keys()):
        row = rows.get(name) or NightRow(name, name, "drift")
        before = _last(told, name)
        outcome = "drift" if row.outcome in ("ok", _LISTED) and name in alarms else row.outcome
        if outcome == _LISTED:
            outcome = "drift" if before and before.outcome == "drift" else "ok"
        new_alarm = alarms.get(name, frozenset()) - (before.alarms if before else frozenset())
        is_bad, was_bad = outcome in BELOW, before is not None and before.outcome in BELOW
        earlier = before.outcome if before else ""
        if is_bad and (not was_bad or outcome != earlier or new_alarm):
            began.append(Change(name, row.title, outcome, earlier, _why(night, row)))
        elif is_bad:
            standing.append(row.title)
        elif was_bad:
            recovered.append(Change(name, row.title, outcome, earlier, ""))
    problems_before = _standing_problems(told)
    now_problems = {_kind(line) for line in night.problems}
    return Changes(
        began=tuple(sorted(began, key=lambda change: WRONG_FIRST.index(change.now))),
        recovered=tuple(recovered),
        problems=tuple(line for line in night.problems if _kind(line) not in problems_before),
        mended=tuple(
            line for kind, line in problems_before.items() if kind not in now_problems and night.state != "failed"
        ),
        remarks=night.remarks,
        standing=tuple(standing),
    )


def cut_off_nights(archive: Archive) -> list[Night]:
    """The nights since the last one that ended, that ended in no way: they were killed. The one that runs now is none of them."""
    running = running_run(archive)
    out = []
    for run in archive.runs.latest(EARLIER, verb=VERB):
        if run.finished_at is not None:
            break
        if run.id != running:
            out.append(night_of(run))
    return out


def _earlier(archive: Archive, run: int) -> tuple[list[Night], list[NightRow]]:
    """The nights before that were told, newest first, and what those that were cut off since the last of them wrote down, newest last.

    A night that was told has told what those wrote down that were cut off before it: their rows are among its own.
    """
    told: list[Night] = []
    untold: list[NightRow] = []
    for earlier in archive.runs.latest(EARLIER, verb=VERB):
        if earlier.id >= run:
            continue
        if earlier.finished_at is not None:
            night = night_of(earlier)
            told.append(replace(night, rows=_compared(night)))
        elif rows := _listed(rows_written(archive, earlier.id)):
            if told:
                known = {row.source for row in told[-1].rows if row.outcome != "interrupted"}
                told[-1] = replace(told[-1], rows=(*told[-1].rows, *(r for r in rows if r.source not in known)))
            else:
                untold = [*rows, *untold]
    return told, untold


def _compared(night: Night) -> tuple[NightRow, ...]:
    """The night's rows; one that an error ended did not compare its pages with those before."""
    return tuple(_listed(night.rows)) if night.state == "failed" else night.rows


def _listed(rows: Iterable[NightRow]) -> list[NightRow]:
    return [replace(row, outcome=_LISTED) if row.outcome == "ok" else row for row in rows]


def _last(told: Sequence[Night], source: str) -> _State | None:
    """How the source was before. Where its lists alone were well, what was wrong with its pages before that still counts."""
    well: _State | None = None
    for night in told:
        row = next((row for row in night.rows if row.source == source and row.outcome != "interrupted"), None)
        alarms = _alarms(night).get(source)
        if row is None and not alarms:
            continue
        outcome = row.outcome if row else "drift"
        if outcome == _LISTED and not alarms:
            well = _State("ok", frozenset())
            continue
        state = _State("drift" if outcome in ("ok", _LISTED) and alarms else outcome, alarms or frozenset())
        return well if well and state.outcome != "drift" else state
    return well


def _alarms(night: Night) -> dict[str, frozenset[str]]:
    out: dict[str, frozenset[str]] = {}
    for found in night.drifted:
        kind = "reading" if found.get("reading") else "layout"
        out[found["source"]] = out.get(found["source"], frozenset()) | {kind}
    return out


def _why(night: Night, row: NightRow) -> str:
    signs: Iterable[str] = (sign for found in night.drifted if found["source"] == row.source for sign in found["signs"])
    return "；".join(dict.fromkeys(filter(None, (*signs, *row.drift, *row.note.split("；")))))


def _standing_problems(told: Sequence[Night]) -> dict[str, str]:
    """The problems of the last night that was told, by kind; what went before an error that ended it still stands."""
    found: dict[str, str] = {}
    for night in told:
        for line in night.problems:
            found.setdefault(_kind(line), line)
        if night.state != "failed":
            break
    return found


def _kind(line: str) -> str:
    """A problem without its numbers: the same one is told once, however many captures or seconds it counts."""
    return re.sub(r"\d[\d,.]*", "0", line)
