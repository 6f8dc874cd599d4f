"""The sources, each with its state and the reports of its last nights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.archive import SourceRun, SourceState
from crawler.sources import Source
from crawler.sources.regions import region_name
from search_api.web.app_state import AppState
from search_api.web.error_handlers import Problem

NIGHTS = 14


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source; `nights` newest first."""

    source: Source
    state: SourceState
    place: str
    nights: Sequence[SourceRun]


def source_rows(app_state: AppState) -> list[SourceRow]:
    """Every registered source: the enabled ones first, then by place and name. Raises ArchiveError."""
    archive, registry = app_state.archive, app_state.registry
    states = archive.frontier.source_states()
    nights: dict[str, list[SourceRun]] = {}
    for run in archive.runs.of_sources(limit=NIGHTS * max(1, len(registry))):
        seen = nights.setdefault(run.source, [])
        if len(seen) < NIGHTS:
            seen.append(run)
    rows = [
        SourceRow(source, states.get(name, SourceState(name)), region_name(source.region), nights.get(name, ()))
        for name, source in registry.items()
    ]
    return sorted(rows, key=lambda row: (not row.state.enabled, row.source.region, row.source.name))


def source_row(app_state: AppState, name: str) -> SourceRow:
    """Raises Problem 404 for a source that is not registered, ArchiveError."""
    source = app_state.registry.get(name)
    if source is None:
        raise Problem(404, f"没有登记名为 {name[:80]} 的网站。", kind="no-such-source", title="没有这个网站")
    archive = app_state.archive
    nights = archive.runs.of_sources(name, limit=NIGHTS)
    return SourceRow(source, archive.frontier.source_state(name), region_name(source.region), nights)
