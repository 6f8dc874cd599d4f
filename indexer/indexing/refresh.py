"""What `index` and `nightly` both do: apply corrections, read what is due, bring the index up to the archive's last change."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.configuration import Settings
from crawler.sources.regions import regions
from crawler.terminal import Step, minute
from indexer.analysis.corrected_reading import without_effect
from indexer.analysis.figure_codes import KINDS, STAGES, STATUSES, UNITS
from indexer.engines.registry import open_engine
from indexer.indexing.stage import IndexReport, index
from indexer.insight.practices import rules
from indexer.insight.read_stage import read_due
from indexer.insight.reader import INSIGHT_VERSION
from indexer.insight.subjects.events import event_names
from indexer.insight.subjects.industries import industries

if TYPE_CHECKING:
    from crawler.archive import Archive, StoredArticle
    from crawler.sources import Source

Bars = Callable[[str], AbstractContextManager[Step]]
"""A bar with a title, such as `crawler.terminal.step`."""

SHOWN_IDLE = 5
MANY = 1000  # articles to read from which on the time that it takes is worth saying
PACED_BY = 50
SHOWN_UNREAD = 5


def correct(archive: Archive) -> list[str]:
    """Takes DATA/corrections.toml over; what stands in it without effect, as lines for the operator. Raises ArchiveError where the file cannot be read."""
    if elsewhere := archive.corrections.without_file():
        return [f"这台机器的 DATA 里没有 corrections.toml，文库里的 {elsewhere} 条订正照旧；要全部撤回，放一个空文件"]
    archive.corrections.apply(known_values())
    return idle_corrections(archive)


def idle_corrections(archive: Archive) -> list[str]:
    """The same lines, and nothing is taken over."""
    lines = []
    if idle := archive.corrections.idle(known_values()):
        shown = "、".join(idle[:SHOWN_IDLE]) + ("等" if len(idle) > SHOWN_IDLE else "")
        lines.append(
            f"corrections.toml 里有 {len(idle)} 条没有起作用，文库里没有这样编号的文章：{shown}。编号见文章页面"
        )
    for stored, reading in _with_entries(archive):
        if lost := without_effect(reading, stored.correction, stored.article.text):
            shown = "、".join(f"“{quote[:30]}”" for quote in lost[:SHOWN_IDLE])
            lines.append(
                f"corrections.toml 里 [{stored.id}] 有 {len(lost)} 条没有起作用：原文里没有这样的话，或一句里读出了几个，或没写全：{shown}"
            )
    return lines


def correction_faults(archive: Archive) -> list[str]:
    """What is wrong with single entries of corrections.toml, a line each; the others were taken over. Raises ArchiveError where the file cannot be read."""
    return [f"{fault}。这一条没有用，其余照常" for fault in archive.corrections.faults(known_values())]


def _with_entries(archive: Archive) -> Iterator[tuple[StoredArticle, Mapping[str, Any] | None]]:
    """Articles with corrections of single things read, and what was read in them."""
    ids = archive.corrections.of_items()
    stored, readings = archive.articles.get_many(ids), archive.readings.get_many(ids)
    return ((stored[id], readings.get(id)) for id in ids if id in stored)


def unread_lines(archive: Archive, *, since: datetime | None = None) -> list[str]:
    """A line for each of the last articles whose reading failed (`since` then), and one for the others. Raises ArchiveError."""
    failures = archive.readings.failures(since=since)
    lines = [
        f"文章 {f.article} 没有读出举措、地方、数字（第 {f.attempts} 次）：{f.reason}。检索时少了这些；{minute(f.retry_at)} 之后自动再试"
        for f in failures[:SHOWN_UNREAD]
    ]
    if len(failures) > SHOWN_UNREAD:
        others = archive.readings.count_failures() - SHOWN_UNREAD if since is None else len(failures) - SHOWN_UNREAD
        lines.append(f"另有 {others} 篇没有读出；全部现在再试：zhaoshang index --rebuild")
    return lines


def _paced(bar: Step, due: int, begun: float) -> Callable[[int], None]:
    """Moves the bar, and says how long the rest will take by what was read so far; small shares say nothing of that."""

    def update(done: int) -> None:
        if due < MANY:
            bar.update(done)
        elif done % PACED_BY == 0 or done >= due:
            bar.update(done, due, f"研读，还要约 {_duration((time.monotonic() - begun) / done * max(0, due - done))}")

    return update


def _duration(seconds: float) -> str:
    """3 分钟, 2.5 小时."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} 分钟" if minutes < 90 else f"{minutes / 60:.1f} 小时"


def known_values() -> dict[str, Container[str]]:
    """What may stand in corrections.toml, by key."""
    adcodes = {region.adcode for region in regions()}
    return {
        "places": adcodes,
        "practices": rules(),
        "evidence.id": rules(),
        "industries.id": industries(),
        "events.id": event_names(),
        "figures.unit": UNITS,
        "figures.kind": KINDS,
        "figures.status": STATUSES,
        "figures.stage": {*STAGES, ""},
        "figures.region": {*adcodes, ""},
    }


def refresh(
    settings: Settings, archive: Archive, registry: Mapping[str, Source], bars: Bars, *, rebuild: bool = False
) -> IndexReport:
    """Readings, then the index. Readings, and those that failed, are kept also where the engine then fails; `rebuild` tries all that failed. Raises ArchiveError, EngineError."""
    due, before = archive.readings.count_due(INSIGHT_VERSION)
    with bars("研读") as bar:
        if before >= MANY:
            bar.note(f"读法变了，{before:,} 篇重新研读；读完之前检索照旧用原来读出的")
        reading = read_due(
            archive, workers=settings.worker_count, progress=_paced(bar, due, time.monotonic()), at_once=rebuild
        )
    engine = open_engine(settings, write=True)
    try:
        with bars("重建索引" if rebuild else "建索引") as bar:
            report = index(
                archive, engine, registry, rebuild=rebuild, workers=settings.worker_count, progress=bar.update
            )
    finally:
        engine.close()
    return replace(report, unread=tuple(reading.failures))
