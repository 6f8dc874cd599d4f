"""Terminal output of all verbs: results on stdout, progress and notes on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crawler.article import SHANGHAI

# a table in a pipe is for a program or a file: nothing is cut to the width of a window that is not there
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Refusal(Exception):
    """The verb cannot do what was asked; the message is one line: what, where, what to do."""


def minute(moment: datetime | None) -> str:
    """A time as people read it here: Shanghai's, to the minute; — where there is none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else "—"


def print_json(value: Any) -> None:
    """One JSON document on stdout, Chinese as it is. Dataclasses are objects, times ISO 8601. Raises TypeError for what has no shape in JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, date):  # datetimes are dates too
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no shape in JSON")


EVERY = 60.0
"""Seconds between two lines about a step where there is no terminal to show a bar."""


class Step:
    """One bar; without a terminal a line a minute. `update` and `note` may be called as often as one likes."""

    def __init__(
        self, progress: Progress, title: str, total: int | None, *, in_lines: bool = False, by_minute: bool = False
    ) -> None:
        self._progress = progress
        self._title, self._total, self._tenth = title, total, 0
        self._in_lines, self._by_minute, self._told = in_lines, by_minute, time.monotonic()
        self._task = progress.add_task(title, total=total, note="")

    def update(self, done: int, total: int | None = None, note: str | None = None) -> None:
        changes: dict[str, Any] = {k: v for k, v in (("total", total), ("note", note)) if v is not None}
        self._progress.update(self._task, completed=done, **changes)
        self._total = total or self._total
        if self._in_lines and self._total and (tenth := done * 10 // self._total) != self._tenth:
            if tenth:
                err.print(f"{note or self._title} {done:,}/{self._total:,}")
            self._tenth = tenth
        elif self._by_minute and time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            of_all = f"/{self._total:,}" if self._total else ""
            clock = datetime.now(SHANGHAI).strftime("%H:%M")
            err.print(f"{clock} {self._title} {done:,}{of_all}{f'（{note}）' if note else ''}", markup=False)

    def note(self, text: str) -> None:
        self._progress.update(self._task, note=text)
        if self._in_lines:
            err.print(text)


@contextmanager
def step(title: str, total: int | None = None, *, in_lines: bool = False) -> Iterator[Step]:
    """A progress bar on stderr while the block runs; where stderr is no terminal, one line at the start and one a minute, with `in_lines` one at each tenth."""
    if not err.is_terminal:
        err.print(f"{title} …")
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=err,
        transient=not err.is_terminal,
        disable=not err.is_terminal,
    ) as progress:
        lines = not err.is_terminal
        yield Step(progress, title, total, in_lines=in_lines and lines, by_minute=lines and not in_lines)


@contextmanager
def silent(title: str, total: int | None = None) -> Iterator[Step]:
    """A step that says nothing."""
    with Progress(console=err, disable=True) as progress:
        yield Step(progress, title, total)
