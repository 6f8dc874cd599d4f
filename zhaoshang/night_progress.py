"""The steps of a night, shown as bars and written down for whoever asks what it is at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from crawler.archive.nights.running import NightProgress
from crawler.stages.run_log import note
from crawler.terminal import Step
from indexer.indexing.refresh import Bars


class _Watched(Step):
    """A bar whose changes are written down too."""

    def __init__(self, bar: Step, progress: NightProgress) -> None:
        self._bar, self._watching = bar, progress

    def update(self, done: int, total: int | None = None, note: str | None = None) -> None:
        self._bar.update(done, total, note)
        self._watching.update(done, total, note)

    def note(self, text: str) -> None:
        self._bar.note(text)
        self._watching.update(0, None, text)


def watched(bars: Bars, progress: NightProgress, log: Path) -> Callable[[str], AbstractContextManager[Step]]:
    """Bars like these, each a stage of the night."""

    @contextmanager
    def step(title: str) -> Iterator[Step]:
        progress.stage(title)
        note(log, f"{title} …")
        with bars(title) as bar:
            yield _Watched(bar, progress)

    return step
