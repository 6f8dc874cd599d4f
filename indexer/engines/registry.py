"""Which engine the settings mean."""

from __future__ import annotations

from typing import Any

from crawler.configuration import Settings
from indexer.engines.base import Engine, EngineUnavailable


def open_engine(settings: Settings, *, write: bool = False) -> Engine:
    """The engine of the settings. Raises EngineUnavailable or IndexOutdated; an index that does not exist yet is an empty one."""
    engine: Any
    if settings.engine == "tantivy":
        from indexer.engines.tantivy.engine import TantivyEngine

        engine = TantivyEngine.open(settings.data / "index", write=write)
    elif settings.engine.startswith(("http://", "https://")):
        from indexer.engines.elasticsearch.engine import ElasticsearchEngine

        engine = ElasticsearchEngine.open(settings, write=write)
    else:
        raise EngineUnavailable(f"设置 engine 的值“{settings.engine}”无法识别：请写 tantivy，或 Elasticsearch 的网址。")
    return engine  # type: ignore[no-any-return]
