"""The engine on an Elasticsearch server."""

from __future__ import annotations

from crawler.configuration import Settings
from indexer.engines.base import Engine, EngineKind


def _open(settings: Settings, write: bool) -> Engine:
    from indexer.engines.elasticsearch.engine import ElasticsearchEngine

    return ElasticsearchEngine.open(settings, write=write)


ENGINE = EngineKind(
    name="elasticsearch",
    schemes=("http://", "https://"),
    setting="Elasticsearch 的网址",
    package="elasticsearch",
    open=_open,
)
