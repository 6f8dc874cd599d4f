"""From the engine's clauses to Elasticsearch's query DSL. Pure."""

from __future__ import annotations

from typing import Any

from indexer.engines.base import (
    Among,
    And,
    Between,
    Clause,
    Every,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Request,
    Scored,
    Term,
)

FACET = 65_000  # values counted, so that none is left out before they are sorted here; the server's own limit is 65,536 buckets
Query = dict[str, Any]


def compile_match(clause: Clause) -> Query:
    """A query that matches what the clause matches; used where nothing is scored."""
    match clause:
        case Term(field, token):
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
        case Every():
            return {"match_all": {}}
        case Nothing():
            return {"match_none": {}}
        case And(clauses):
            positive = [compile_match(c) for c in clauses if not isinstance(c, Not)]
            negative = [compile_match(c.clause) for c in clauses if isinstance(c, Not)]
            return {"bool": {"filter": positive or [{"match_all": {}}], "must_not": negative}}
        case Or(clauses):
            if not clauses:
                return {"match_none": {}}
            return {"bool": {"should": [compile_match(c) for c in clauses], "minimum_should_match": 1}}
        case Not(inner):
            return {"bool": {"filter": [{"match_all": {}}], "must_not": [compile_match(inner)]}}
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
        query["bool"] |= {"should": [compile_scored(s) for s in request.scored], "minimum_should_match": 0}
        order: list[Any] = ["_score", {"id": "asc"}]
    else:
        order = [{request.sort: "desc"}, {"id": "asc"}]
    asked: dict[str, Any] = {name: {"terms": {"field": name, "size": FACET}} for name in request.facets}
    if request.histogram:
        asked["months"] = {"terms": {"field": "month", "size": FACET}}
    out: dict[str, Any] = {
        "query": query,
        "sort": order,
        "size": request.top,
        "from_": request.offset,
        "track_total_hits": request.counted,
        "track_scores": True,
    }
    return out | ({"aggs": asked} if asked else {})
