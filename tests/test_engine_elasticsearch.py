"""Elasticsearch keeps the contract, on a real node of either version."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis.facets import FACETS
from indexer.analysis.fields import prepare
from indexer.engines.base import Engine, MatchAll, Request, Scored, Term
from tests.elasticsearch.server import engine_at, server
from tests.engine_contract import EngineContract, sample

pytestmark = pytest.mark.elasticsearch


class TestElasticsearch8(EngineContract):
    def open(self, where: Path, *, write: bool = False) -> Engine:
        return engine_at(server("8.19.21"), where, write=write)


class TestElasticsearch9(EngineContract):
    def open(self, where: Path, *, write: bool = False) -> Engine:
        return engine_at(server("9.5.3"), where, write=write)


def test_shards_and_replicas_are_those_of_the_operators_template(tmp_path: Path) -> None:
    engine, plain = (engine_at(server("9.5.3"), tmp_path / name, write=True) for name in ("split", "plain"))
    template = {"settings": {"number_of_shards": 3, "number_of_replicas": 0}}
    engine.client.indices.put_index_template(
        name=engine.alias, index_patterns=[f"{engine.alias}-0*"], template=template
    )
    documents = sample(120)
    request = Request(MatchAll(), (Scored(Term("words", "招商"), 1.0),), top=120, facets=tuple(FACETS), histogram=True)
    answers = []
    for one in (engine, plain):
        one.rebuild([prepare(d) for d in documents], 120)
        answers.append(one.execute(request))
        assert list(one.scan(MatchAll())) == sorted(d.id for d in documents)
    (settings,) = engine.client.indices.get_settings(index=engine.alias, flat_settings=True).values()
    engine.client.indices.delete_index_template(name=engine.alias)
    assert settings["settings"]["index.number_of_shards"] == "3"
    assert settings["settings"]["index.number_of_replicas"] == "0"
    (settings,) = plain.client.indices.get_settings(index=plain.alias, flat_settings=True).values()
    assert settings["settings"]["index.auto_expand_replicas"] == "0-1"
    split, whole = answers
    assert [h.document.id for h in split.hits] == [h.document.id for h in whole.hits]
    assert [h.score for h in split.hits] == pytest.approx([h.score for h in whole.hits])
    assert (split.total, split.facets, split.histogram) == (whole.total, whole.facets, whole.histogram)


def test_frequent_words_stay_exact_when_the_lexicon_changes(tmp_path: Path) -> None:
    engine = engine_at(server("9.5.3"), tmp_path, write=True)
    engine.write((prepare(d) for d in sample(5)), (), 5)

    def kept() -> dict[str, list[str]]:
        ((_, body),) = engine.client.indices.get_mapping(index=engine.alias).items()
        return dict(body["mappings"]["_meta"])

    ((name, _),) = engine.client.indices.get_mapping(index=engine.alias).items()
    before = kept()
    engine.client.indices.put_mapping(index=name, meta={**before, "frequent": ["招商引资", "从前常见"]})
    reader = engine_at(server("9.5.3"), tmp_path)
    assert reader.frequent() == {"招商引资"}
    engine.write((prepare(d) for d in sample(8)[5:]), (), 8)
    assert kept() == {
        **before,
        "frequent": ["招商引资"],
    }  # also should the word come back: what was written meanwhile lacks it
