"""From the engine's clauses to Elasticsearch's query DSL. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from indexer.analysis.fields import POSITIONED
from indexer.engines.base import (
    Among,
    And,
    Between,
    Clause,
    MatchAll,
    MatchNone,
    Not,
    Or,
    Phrase,
    Prefix,
    Request,
    Scored,
    Term,
)

LARGEST = 65_000  # values that a facet or timeline may have; the server's own limit is 65,536 for one search
DEEPEST = 20  # queries in queries that are sent as such; the server parses no more than 30
LONG = 100  # characters; the `whitespace` analyzer cuts what has more than 255
Query = dict[str, Any]


def compile_match(clause: Clause, depth: int = 0) -> Query:
    """A query that matches what the clause matches; used where nothing is scored."""
    if depth >= DEEPEST and isinstance(clause, And | Or | Not):
        # read on the server by itself, so that its depth counts anew
        inner = json.dumps(compile_match(clause), ensure_ascii=False).encode()
        return {"wrapper": {"query": base64.b64encode(inner).decode()}}
    match clause:
        case Term(field, token):
            if len(token) > LONG and field in POSITIONED:
                return {"match_phrase": {field: {"query": token}}}
            return {"term": {field: {"value": token}}}
        case Phrase(field, tokens):
            return {"match_phrase": {field: {"query": " ".join(tokens)}}}
        case Prefix(field, start):
            return {"prefix": {field: {"value": start}}}
        case Among(field, values):
            return {"terms": {field: list(values)}} if values else {"match_none": {}}
        case Between(field, least, most):
            bounds = {k: v for k, v in (("gte", least), ("lte", most)) if v is not None}
            return {"range": {field: bounds}} if bounds else {"match_all": {}}
        case MatchAll():
            return {"match_all": {}}
        case MatchNone():
            return {"match_none": {}}
        case And(clauses):
            positive = [compile_match(c, depth + 1) for c in clauses if not isinstance(c, Not)]
            negative = [compile_match(c.clause, depth + 1) for c in clauses if isinstance(c, Not)]
            return {"bool": {"filter": positive or [{"match_all": {}}], "must_not": negative}}
        case Or(clauses):
            if not clauses:
                return {"match_none": {}}
            return {"bool": {"should": [compile_match(c, depth + 1) for c in clauses], "minimum_should_match": 1}}
        case Not(inner_clause):
            return {"bool": {"filter": [{"match_all": {}}], "must_not": [compile_match(inner_clause, depth + 1)]}}
    raise TypeError(f"no clause: {clause!r}")


def compile_scored(scored: Scored) -> Query:
    """One addend of the score."""
    if scored.constant:
        return {"constant_score": {"filter": compile_match(scored.clause), "boost": scored.weight}}
    match scored.clause:
        case Term(field, token):
            return {"term": {field: {"value": token, "boost": scored.weight}}}
        case Phrase(field, tokens):
            return {"match_phrase": {field: {"query": " ".join(tokens), "boost": scored.weight}}}
    raise TypeError(f"not to be scored: {scored.clause!r}")


def compile_request(request: Request) -> dict[str, Any]:
    """Keyword arguments of a search."""
    query: Query = {"bool": {"filter": [compile_match(request.match)]}}
    if request.sort == "relevance":
        least = 1 if request.must_score else 0
        query["bool"] |= {"should": [compile_scored(s) for s in request.scored], "minimum_should_match": least}
        order: list[Any] = ["_score", {"id": "asc"}]
    else:
        order = [{request.sort: "desc"}, {"id": "asc"}]
    # one more than asked for: 0 stands for no year. Shards tell all their values, so that counts are exact with several too
    size = request.facet_size + 1
    asked: dict[str, Any] = {
        name: {"terms": {"field": name, "size": size, "shard_size": LARGEST}} for name in request.facets
    }
    if request.histogram:
        asked["months"] = {"terms": {"field": "month", "size": LARGEST}}
    out: dict[str, Any] = {
        "query": query,
        "sort": order,
        "size": request.top,
        "from_": request.offset,
        "track_total_hits": request.counted,
        "track_scores": True,
        # the pages of a query come from the same copy of a shard: copies differ in what they have merged, and so a little in scores
        "preference": hashlib.sha256(json.dumps(query).encode("utf-8", "replace")).hexdigest()[:16],
    }
    return out | ({"aggs": asked} if asked else {})
