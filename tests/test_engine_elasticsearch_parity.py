"""The embedded engine and Elasticsearch give the same answers (at full size: python -m benchmarks.parity)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.parity import compare, load, mean, rewritten
from benchmarks.parity_queries import Asked, documents, trees
from benchmarks.retrieval import FOLDER
from indexer.analysis.fields import prepare
from indexer.engines.tantivy.engine import TantivyEngine
from tests.elasticsearch.server import engine_at, server

pytestmark = [
    pytest.mark.elasticsearch,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the retrieval sets are not here"),
]


def test_both_engines_answer_alike_when_new_and_after_updates(tmp_path: Path) -> None:
    one, two = TantivyEngine.open(tmp_path / "index", write=True), engine_at(server("9.5.3"), tmp_path, write=True)
    given = documents(800)
    for engine in (one, two):
        load(engine, given)
    maker = Asked([d.text for d in given], 8)
    queries, nodes = [maker.query() for _ in range(100)], trees(maker.texts, 50)
    found = compare(one, two, queries, nodes, fresh=True)
    assert found.different == [] and found.hits > 10_000 and mean(found.overlaps) >= 0.98
    new, gone, change = rewritten(given)
    for engine in (one, two):
        engine.write((prepare(d) for d in new), gone, change)
    assert compare(one, two, queries, nodes, fresh=False).different == []
    one.close()
    two.close()
