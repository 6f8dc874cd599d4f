"""What `index` and the night both do: take corrections over, read what is due, bring the engine up to the archive's last change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from crawler.configuration import Settings
from crawler.sources.regions import regions
from crawler.terminal import Step
from indexer.engines.base import open_engine
from indexer.index_stage import IndexReport, index
from indexer.insight.practices import rules
from indexer.insight.read_stage import read_due

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source

Bars = Callable[[str], AbstractContextManager[Step]]
"""A bar with a title, such as `crawler.terminal.step`."""


def refresh(
    settings: Settings, archive: Archive, registry: Mapping[str, Source], bars: Bars, *, rebuild: bool = False
) -> IndexReport:
    """Corrections, readings, index, in this order. Readings are kept also where the engine then fails. Raises ArchiveError, EngineError."""
    places = {region.adcode for region in regions()}
    archive.apply_corrections({"places": places, "practices": rules()})
    with bars("研读") as bar:
        read_due(archive, workers=settings.worker_count, progress=bar.update)
    engine = open_engine(settings, write=True)
    try:
        with bars("重建索引" if rebuild else "建索引") as bar:
            return index(archive, engine, registry, rebuild=rebuild, workers=settings.worker_count, progress=bar.update)
    finally:
        engine.close()
