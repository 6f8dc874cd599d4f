"""Writing to Elasticsearch when things go wrong: a busy server, an item that fails, older states, a rebuild under load, a node that is killed."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis.document import Document
from indexer.analysis.fields import Prepared, prepare
from indexer.analysis.frequencies import count
from indexer.engines.base import Engine, EngineError, EngineUnavailable, MatchAll, Request
from indexer.engines.elasticsearch import bulk
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.search.ranking import FREQUENCY_FIELDS
from indexer.search.searcher import Searcher
from tests.elasticsearch.node import Node
from tests.elasticsearch.proxy import Answer, proxy, refusal
from tests.elasticsearch.server import cluster, engine_at, server
from tests.engine_contract import sample

pytestmark = pytest.mark.elasticsearch
BUSY = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "rejected execution"}}


def prepared(documents: list[Document]) -> Iterator[Prepared]:
    return (prepare(d) for d in documents)


def test_what_a_busy_server_puts_off_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "WAITS", (0.01, 0.02, 0.03, 0.04))
    answers: list[str] = []

    def busy(_: str, path: str, __: dict[str, str], body: bytes) -> Answer | None:
        if "_bulk" not in path or not answers:
            return None
        if answers.pop(0) == "request":
            return refusal(429, "circuit_breaking_exception", "Data too large")
        return 200, {"items": [{"index": BUSY} for _ in range(body.count(b"\n") // 2)]}

    documents = sample(30)
    with proxy(server("9.5.3"), busy) as url:
        engine = engine_at(url, tmp_path, write=True)
        answers[:] = ["request", "items", "request"]
        assert engine.write(prepared(documents[:20]), (), 20).written == 20
        assert answers == [] and engine.cursor() == 20
        answers[:] = ["items"] * 50
        with pytest.raises(EngineUnavailable, match=r"推迟写入（HTTP 429.*10 篇.*zhaoshang index"):
            engine.write(prepared(documents[20:]), (), 30)
        assert engine.cursor() == 20
        answers.clear()
        engine.write(prepared(documents[20:]), (), 30)
        assert engine.cursor() == 30 and engine.execute(Request(MatchAll())).total == 30


def test_an_item_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    engine, documents = engine_at(server("9.5.3"), tmp_path, write=True), sample(12)
    good = list(prepared(documents))
    broken = replace(good[4], numbers={**good[4].numbers, "year": "in the spring"})  # type: ignore[dict-item]
    report = engine.write([*good[:4], broken, *good[5:]], (), 12)
    assert report.written == 11
    ((article, reason),) = report.failed
    assert article == documents[4].id and "400" in reason and "year" in reason and "in the spring" in reason
    assert engine.execute(Request(MatchAll())).total == 11
    assert engine.cursor() == 12 and engine.failed_ids() == (article,)
    engine.write(prepared(sample(14)[12:]), (), 14)
    assert engine.execute(Request(MatchAll())).total == 13 and engine.failed_ids() == (article,)
    assert engine.write([good[4]], (), 14).failed == () and engine.failed_ids() == ()
    assert engine.cursor() == 14 and engine.execute(Request(MatchAll())).total == 14
    with pytest.raises(EngineUnavailable, match="旧索引照旧可查"):
        engine.rebuild([broken], 12)
    assert engine.execute(Request(MatchAll())).total == 14
    assert len(engine.client.indices.get(index=f"{engine.alias}-0*")) == 1


def test_an_older_state_never_overwrites_a_newer_one(tmp_path: Path) -> None:
    engine = engine_at(server("9.5.3"), tmp_path, write=True)
    old, other, *_ = sample(2)
    new = replace(old, text="新的", change=50)
    engine.write(prepared([new, other]), (), 50)
    assert engine.write(prepared([old]), (), 50).failed == ()
    assert engine.get([old.id]) == {old.id: new}
    engine.write((), [old.id, other.id], 40)  # a deletion that a newer state has overtaken
    assert list(engine.scan(MatchAll())) == [old.id]
    engine.write((), [old.id], 60)
    engine.write(prepared([replace(new, change=55)]), (), 60)
    assert list(engine.scan(MatchAll())) == []


def test_a_writer_goes_on_where_a_rebuild_takes_its_index_away(tmp_path: Path) -> None:
    documents = sample(40)
    writer, other = (engine_at(server("9.5.3"), tmp_path, write=True) for _ in range(2))
    writer.write(prepared(documents[:20]), (), 20)

    def overtaken() -> Iterator[Prepared]:
        yield from prepared(documents[20:30])
        other.rebuild(prepared(documents[:20]), 20)
        yield from prepared(documents[30:])

    writer.write(overtaken(), (), 40)
    assert writer.cursor() == 20  # of the index that is searched now; what follows it is sent again
    writer.write(prepared(documents[20:]), (), 40)
    assert list(other.scan(MatchAll())) == sorted(d.id for d in documents) and other.cursor() == 40
    assert all("strict" in str(v) for v in writer.client.indices.get_mapping(index=f"{writer.alias}-0*").values())


def test_an_export_goes_on_through_a_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.engines.elasticsearch.search.PAGE", 10)
    documents = sample(45)
    writer, reader = (engine_at(server("9.5.3"), tmp_path, write=True) for _ in range(2))
    writer.write(prepared(documents), (), 45)
    seen = []
    for id_ in reader.scan(MatchAll()):
        seen.append(id_)
        if len(seen) == 15:
            writer.rebuild(prepared(documents), 45)
    assert seen == sorted(d.id for d in documents)


@pytest.mark.parametrize("kind", ["tantivy", "elasticsearch"])
def test_rebuilds_under_twenty_searches_a_second(tmp_path: Path, kind: str) -> None:
    def opened(*, write: bool = False) -> Engine:
        if kind == "tantivy":
            return TantivyEngine.open(tmp_path / "index", write=write)
        return engine_at(server("9.5.3"), tmp_path, write=write)

    documents = sample(600)
    all_prepared = list(prepared(documents))
    engine, reader = opened(write=True), opened()
    engine.rebuild(all_prepared, 600)
    engine.save_frequencies(count((p.streams for p in all_prepared), FREQUENCY_FIELDS, 600))
    searcher = Searcher(reader)
    queries = ["招商引资", "飞地 园区", "kind:news -市", '"开发区"']

    def asked(query: str) -> tuple[int, tuple[str, ...], int]:
        answer = searcher.search(query, snippets=False)
        return answer.total, tuple(sorted(h.id for h in answer.hits)), sum(n for _, n in answer.histogram)

    expected = {query: asked(query) for query in queries}
    assert all(total for total, _, _ in expected.values())
    over = threading.Event()
    wrong: list[tuple[str, object]] = []
    done: list[str] = []

    def one(query: str) -> None:
        try:
            answer = asked(query)
            if (
                answer[0] != expected[query][0]
                or answer[2] != expected[query][2]
                or len(answer[1]) != len(expected[query][1])
            ):
                wrong.append((query, answer))
        except Exception as error:
            wrong.append((query, error))
        done.append(query)

    def load() -> None:
        begun, n = time.monotonic(), 0
        with ThreadPoolExecutor(6) as pool:
            while not over.is_set():
                pool.submit(one, queries[n % len(queries)])
                n += 1
                time.sleep(max(0.0, begun + n / 20 - time.monotonic()))

    loader = threading.Thread(target=load)
    loader.start()
    for _ in range(2):
        engine.rebuild(all_prepared, 600)
        time.sleep(0.5)
    over.set()
    loader.join()
    assert wrong == [] and len(done) >= 20
    engine.close()
    reader.close()


def primary(nodes: list[Node], engine: ElasticsearchEngine) -> Node:
    """The node that holds the index's primary shard."""
    rows: Any = engine.client.cat.shards(index=engine.alias, format="json", h="prirep,node").body
    (name,) = [row["node"] for row in rows if row["prirep"] == "p"]
    return nodes[[f"node-{n + 1}" for n in range(len(nodes))].index(name)]


@pytest.mark.slow
def test_a_node_with_the_primary_is_killed_in_the_middle_of_a_bulk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BYTES", 60_000)
    documents, nodes = sample(600), cluster("9.5.3")
    try:
        engine = engine_at(",".join(node.url for node in nodes), tmp_path, write=True)
        engine.write(prepared(documents[:50]), (), 50)
        engine.client.cluster.health(index=engine.alias, wait_for_status="green", timeout="30s")
        (settings,) = engine.client.indices.get_settings(index=engine.alias, flat_settings=True).values()
        assert settings["settings"]["index.number_of_replicas"] == "1"
        victim = primary(nodes, engine)

        def killing() -> Iterator[Prepared]:
            for n, item in enumerate(prepared(documents[50:])):
                if n == 300:
                    victim.kill()
                yield item

        told = None
        try:
            failed = engine.write(killing(), (), 600).failed
        except EngineError as error:  # whether the others have taken over in time is theirs
            failed, told = (), error.reason
            assert re.search("稍后|连不上", told)
        cursor = engine.cursor()
        assert (failed, cursor) == ((), 50 if told else 600)
        engine.write(prepared(documents[cursor:]), (), 600)
        assert engine.cursor() == 600
        assert list(engine.scan(MatchAll())) == sorted(d.id for d in documents)
        assert engine.execute(Request(MatchAll())).total == 600
        found = engine.get(d.id for d in documents)
        assert found == {d.id: d for d in documents}
        assert engine.health().ok
    finally:
        for node in nodes:
            node.stop()
