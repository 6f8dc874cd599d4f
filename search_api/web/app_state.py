"""AppState: archive, registry of sources and engine, opened when first needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Self

from crawler.archive import Archive, ArchiveError, missing_archive
from crawler.configuration import Settings
from crawler.sources import Source, SourceError, own_folder, read_registry
from indexer.engines.base import Engine
from indexer.engines.registry import open_engine
from indexer.search.searcher import Searcher

LOOK_AGAIN = 5.0  # seconds; a source's own file that was added or edited is seen this soon


class AppState:
    """One for a process, used by many threads. Nothing is opened until it is needed, so that a page can say what is missing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._archive: Archive | None = None
        self._engine: Engine | None = None
        self._searcher: Searcher | None = None
        self._registry: dict[str, Source] = {}
        self._faults: list[SourceError] = []
        self._own_files: tuple[tuple[str, int], ...] | None = None
        self._looked_at = float("-inf")

    @classmethod
    def of_existing(cls, settings: Settings) -> Self:
        """For whoever wants what is there already. Raises ArchiveError where there is no archive."""
        if said := missing_archive(settings):
            raise ArchiveError(said)
        return cls(settings)

    @property
    def archive(self) -> Archive:
        """Raises ArchiveError."""
        with self._lock:
            if self._archive is None:
                self._archive = Archive.open(self.settings)
            return self._archive

    @property
    def registry(self) -> Mapping[str, Source]:
        """Sources by name whose files are right."""
        self._read_registry()
        return self._registry

    @property
    def faults(self) -> list[SourceError]:
        """What is wrong with the other files."""
        self._read_registry()
        return self._faults

    @property
    def engine(self) -> Engine:
        """Raises EngineError; asks again every time until it is there."""
        with self._lock:
            if self._engine is None:
                self._engine = open_engine(self.settings)
            return self._engine

    @property
    def searcher(self) -> Searcher:
        """Raises EngineError or ArchiveError."""
        with self._lock:
            if self._searcher is None:
                self._searcher = Searcher(self.engine, self.archive, self.registry)
            return self._searcher

    def source_title(self, name: str | None) -> str:
        """What a source is called; its name where it is not registered."""
        source = self.registry.get(name or "")
        return source.title if source else (name or "")

    def close(self) -> None:
        """Close engine and archive. They are opened again when they are next needed."""
        with self._lock:
            for opened in (self._engine, self._archive):
                if opened is not None:
                    opened.close()
            self._engine = self._archive = self._searcher = None

    def _read_registry(self) -> None:
        """Again only where the user's own files changed: reading all of those shipped takes longer than a page may."""
        with self._lock:
            if time.monotonic() - self._looked_at < LOOK_AGAIN:
                return
            self._looked_at = time.monotonic()
            own = tuple(
                sorted((path.name, path.stat().st_mtime_ns) for path in own_folder(self.settings).glob("*.toml"))
            )
            if own != self._own_files:
                self._registry, self._faults = read_registry(self.settings)
                self._own_files = own
                self._searcher = None
