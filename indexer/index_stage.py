"""The index stage: what changed in the archive since the engine's own cursor goes into the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.engines.base import Engine

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source


@dataclass(frozen=True, slots=True)
class IndexReport:
    """`failed`: (article id, reason)."""

    written: int
    deleted: int
    failed: tuple[tuple[str, str], ...]
    cursor: int
    seconds: float
    rebuilt: bool = False


def index(
    archive: Archive,
    engine: Engine,
    registry: Mapping[str, Source],
    *,
    rebuild: bool = False,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
) -> IndexReport:
    """Bring the engine up to the archive's last change. Can be killed at any moment and started again. `progress(done, expected)`. Raises EngineError."""
    raise NotImplementedError
