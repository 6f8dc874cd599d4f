"""The embedded engine, in a folder of the data folder."""

from __future__ import annotations

from crawler.configuration import Settings
from indexer.engines.base import Engine, EngineKind


def _open(settings: Settings, write: bool) -> Engine:
    from indexer.engines.tantivy.engine import TantivyEngine

    return TantivyEngine.open(settings.data / "index", write=write)


ENGINE = EngineKind(name="tantivy", schemes=("tantivy",), setting="tantivy", package="tantivy", open=_open)
