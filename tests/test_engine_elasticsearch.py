"""Elasticsearch keeps the contract, on a real node of either version."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.engines.base import Engine
from tests.elasticsearch.server import engine_at, server
from tests.engine_contract import EngineContract

pytestmark = pytest.mark.elasticsearch


class TestElasticsearch8(EngineContract):
    def open(self, where: Path, *, write: bool = False) -> Engine:
        return engine_at(server("8.19.21"), where, write=write)


class TestElasticsearch9(EngineContract):
    def open(self, where: Path, *, write: bool = False) -> Engine:
        return engine_at(server("9.5.3"), where, write=write)
