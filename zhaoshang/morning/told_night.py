"""told_night(): a night that runs alone, says how it went to whoever is to know, and says so too where it could not run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from crawler.archive import Archive
from crawler.archive.nights.fault_mark import read_mark, write_mark
from crawler.configuration import Settings
from crawler.stages.crawl import CrawlError
from crawler.terminal import Refusal
from indexer.indexing.refresh import Bars
from search_api.services.upkeep.metrics import write_metrics
from zhaoshang.locks import night_lock
from zhaoshang.morning.ping import Sign, ping
from zhaoshang.morning.teller import Teller
from zhaoshang.nightly import HERE, NightReport, Stages, fault_of, run_night


def told_night(
    settings: Settings,
    bars: Bars,
    say: Callable[[str], None],
    *,
    now: datetime | None = None,
    force: bool = False,
    names: list[str] | None = None,
    stages_for: Callable[[Archive, Settings], AbstractContextManager[Stages]] = lambda archive, settings: nullcontext(
        HERE
    ),
) -> NightReport:
    """One night, as `run_night`, which says what is raised. `say` takes a line where somebody could not be told; `stages_for` says who does the work."""
    teller = Teller(settings, say)
    started: list[int] = []
    try:
        with Archive.open(settings) as archive, night_lock(settings, archive):
            if read_mark(settings.data) is None:
                write_mark(settings.data, None)  # room for one
            _sign(settings, say, "start")
            teller.cut_off(archive)
            try:
                with stages_for(archive, settings) as stages:
                    report = run_night(
                        settings,
                        archive,
                        bars,
                        now=now,
                        force=force,
                        names=names,
                        stages=stages,
                        began=started.append,
                        tell=teller.night,
                    )
            except Exception:
                if started and teller.keeps_fault(archive, started[-1]):
                    teller.after(archive)
                raise
            finally:
                write_metrics(settings, archive, say)
            teller.after(archive)
    except Exception as error:
        if isinstance(error, Refusal) and not isinstance(error, CrawlError):
            raise  # wrongly called, or another night runs: whoever called is told
        reason = fault_of(error)
        teller.fault(reason, started[-1] if started else None)
        _sign(settings, say, "failure", reason)
        raise
    done = not (report.problems or report.interrupted)
    _sign(settings, say, "success" if done else "failure", "\n".join(report.problems))
    return report


def _sign(settings: Settings, say: Callable[[str], None], sign: Sign, told: str = "") -> None:
    if reason := ping(settings, sign, told):
        say(reason)
