"""What an index in Elasticsearch answers: hits in their order, facets, timeline; ids of any number through a point in time; documents."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from indexer.analysis.document import Document
from indexer.engines.base import EngineAnswer, EngineHit, Request
from indexer.engines.elasticsearch.query import Query, compile_request

PAGE = 5_000  # ids a step
KEEP_ALIVE = "2m"  # of a point in time between two steps
LAST = (1 << 63) - 1  # behind every document of the same id in a point in time's own order
HIDDEN = ("0", "")  # values that stand for none


def answer(client: Elasticsearch, index: str, request: Request) -> EngineAnswer:
    """Raises the client's errors, also where a shard does not answer: part of an answer is none."""
    body = client.search(
        index=index,
        search_type="dfs_query_then_fetch",
        allow_partial_search_results=False,
        source_includes=["card"],
        **compile_request(request),
    )
    found = body["hits"]
    hits = tuple(EngineHit(_document(hit), float(hit["_score"] or 0.0)) for hit in found["hits"])
    counted = body.get("aggregations", {})
    facets = {}
    for name in request.facets:
        pairs = [(str(b["key"]), int(b["doc_count"])) for b in counted[name]["buckets"]]
        pairs = sorted((p for p in pairs if p[0] not in HIDDEN), key=lambda p: (-p[1], p[0]))
        facets[name] = tuple(pairs[: request.facet_size])
    months = counted["months"]["buckets"] if request.histogram else ()
    histogram = tuple(sorted((int(b["key"]), int(b["doc_count"])) for b in months if b["key"]))
    return EngineAnswer(int(found["total"]["value"]) if request.counted else len(hits), hits, facets, histogram)


def open_point(client: Elasticsearch, index: str) -> str:
    """A point in time of the index, to be given to `ids`."""
    return str(client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE)["id"])


def ids(client: Elasticsearch, point: str, query: Query, last: str = "") -> Iterator[list[str]]:
    """Ids behind `last` in their order, some at a time, as they were at that point in time, which is closed at the end."""
    after: list[Any] | None = [last, LAST] if last else None
    try:
        while True:
            page = client.search(
                pit={"id": point, "keep_alive": KEEP_ALIVE},
                query=query,
                sort=[{"id": "asc"}],
                size=PAGE,
                source=False,
                track_total_hits=False,
                allow_partial_search_results=False,
                search_after=after,
            )
            point = page["pit_id"]
            hits = page["hits"]["hits"]
            yield [str(hit["_id"]) for hit in hits]
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]
    finally:
        with contextlib.suppress(ApiError, TransportError):  # it ends by itself after KEEP_ALIVE
            client.close_point_in_time(id=point)


def documents(client: Elasticsearch, index: str, wanted: Sequence[str]) -> Iterable[Document]:
    """Those that are there, in no order; at most some thousands."""
    body = client.search(
        index=index,
        query={"bool": {"filter": [{"terms": {"id": list(wanted)}}]}},
        size=len(wanted),
        allow_partial_search_results=False,
        source_includes=["card"],
    )
    return [_document(hit) for hit in body["hits"]["hits"]]


def _document(hit: Any) -> Document:
    return Document.from_card(hit["_source"]["card"])
