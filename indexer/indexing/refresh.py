"""What `index` and `nightly` both do: apply corrections, read what is due, bring the index up to the archive's last change."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from crawler.configuration import Settings
from crawler.sources.regions import regions
from crawler.terminal import Step
from indexer.engines.registry import open_engine
from indexer.indexing.stage import IndexReport, index
from indexer.insight.practices import rules
from indexer.insight.read_stage import read_due

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source

Bars = Callable[[str], AbstractContextManager[Step]]
"""A bar with a title, such as `crawler.terminal.step`."""

SHOWN_IDLE = 5


def correct(archive: Archive) -> list[str]:
    """Takes DATA/corrections.toml over; what stands in it without effect, as lines for the operator. Raises ArchiveError where the file is wrong."""
    archive.corrections.apply(_known_values())
    return idle_corrections(archive)


def idle_corrections(archive: Archive) -> list[str]:
    """The same lines, and nothing is taken over."""
    idle = archive.corrections.idle(_known_values())
    if not idle:
        return []
    shown = "、".join(idle[:SHOWN_IDLE]) + ("等" if len(idle) > SHOWN_IDLE else "")
    return [f"corrections.toml 里有 {len(idle)} 条没有起作用，文库里没有这样编号的文章：{shown}。编号见文章页面"]


def _known_values() -> dict[str, Container[str]]:
    return {"places": {region.adcode for region in regions()}, "practices": rules()}


def refresh(
    settings: Settings, archive: Archive, registry: Mapping[str, Source], bars: Bars, *, rebuild: bool = False
) -> IndexReport:
    """Readings, then the index. Readings are kept also where the engine then fails. Raises ArchiveError, EngineError."""
    with bars("研读") as bar:
        read_due(archive, workers=settings.worker_count, progress=bar.update)
    engine = open_engine(settings, write=True)
    try:
        with bars("重建索引" if rebuild else "建索引") as bar:
            return index(archive, engine, registry, rebuild=rebuild, workers=settings.worker_count, progress=bar.update)
    finally:
        engine.close()
