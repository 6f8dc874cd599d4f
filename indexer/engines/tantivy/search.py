"""What an index of tantivy's answers: hits in their order, facets, timeline, ids, documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import tantivy

from indexer.analysis.document import Document
from indexer.analysis.facets import FACETS
from indexer.engines.base import And, Clause, EngineAnswer, EngineHit, Not, Or, Request
from indexer.engines.tantivy.query import compile_match, compile_scored, is_single

_PAGE = 10_000  # ids a step of `scan`
_TIES = 50  # hits among which equals stand in the order of their ids
_FACET = 65_000  # values that a segment may return, so that counts are exact

Found = list[tuple[float, Any]]  # score and address, best first


def answer(schema: tantivy.Schema, searcher: tantivy.Searcher, request: Request) -> EngineAnswer:
    # tantivy makes room for all that is asked before it looks: for more than memory holds it panics, or ends the process.
    there = searcher.num_docs
    request = replace(request, top=min(max(request.top, 0), there), offset=min(max(request.offset, 0), there))
    match = compile_match(schema, request.match)
    asked: dict[str, Any] = {
        name: {"terms": {"field": name, "size": _FACET, "segment_size": _FACET}} for name in request.facets
    }
    if request.histogram:
        asked["months"] = {"terms": {"field": "month", "size": _FACET, "segment_size": _FACET}}
    if asked and request.counted and not request.must_score:  # one walk counts all
        asked["total"] = {"value_count": {"field": "number"}}
        request = replace(request, counted=False)
    total, found = _top(schema, searcher, match, request)
    hits = tuple(EngineHit(_document(searcher, address), float(score)) for score, address in found)
    if not asked:
        return EngineAnswer(total, hits)
    counted = searcher.aggregate(match, asked)
    if "total" in asked:
        total = int(counted["total"]["value"])
    facets = {}
    for name in request.facets:
        pairs = [
            (str(int(b["key"])) if FACETS[name].number else str(b["key"]), int(b["doc_count"]))
            for b in counted[name]["buckets"]
        ]
        pairs = sorted(((v, n) for v, n in pairs if v not in ("0", "")), key=lambda pair: (-pair[1], pair[0]))
        facets[name] = tuple(pairs[: request.facet_size])
    months = counted["months"]["buckets"] if request.histogram else ()
    histogram = tuple(sorted((int(b["key"]), int(b["doc_count"])) for b in months if b["key"]))
    return EngineAnswer(total, hits, facets, histogram)


def ids(schema: tantivy.Schema, searcher: tantivy.Searcher, match: Clause) -> Iterator[str]:
    """Ids of all that match, in their order, a page at a time."""
    query = compile_match(schema, match)
    least = 0
    while True:
        after = tantivy.Query.range_query(schema, "number", tantivy.FieldType.Unsigned, least, None)
        both = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(after, 0.0))]
        )
        page = searcher.search(both, _PAGE, count=False, order_by_field="number", order=tantivy.Order.Asc).hits
        for number, _ in page:
            yield f"{int(number):016x}"
        if len(page) < _PAGE:
            return
        least = int(page[-1][0]) + 1


def documents(schema: tantivy.Schema, searcher: tantivy.Searcher, wanted: Sequence[str]) -> Iterable[Document]:
    """Those that are there, in no order."""
    found = searcher.search(tantivy.Query.term_set_query(schema, "id", list(wanted)), len(wanted), count=False).hits
    return [_document(searcher, address) for _, address in found]


def _top(
    schema: tantivy.Schema, searcher: tantivy.Searcher, match: tantivy.Query, request: Request
) -> tuple[int, Found]:
    result: Any  # the stubs do not know of its count
    if request.top == 0 and not request.counted:
        return 0, []
    if request.sort != "relevance":
        result = searcher.search(
            match, max(1, request.top), count=request.counted, order_by_field=request.sort, offset=request.offset
        )
        hits = [(0.0, address) for _, address in result.hits[: request.top]]
        return (result.count if request.counted else len(hits)), hits
    end = request.offset + request.top
    window = max(end, 1, _TIES) if request.offset < _TIES else end
    best: Found | None = None
    if is_single(request.match) and request.scored and not any(s.constant for s in request.scored):
        # one word: whatever scores also matches as a rule, and without a count the engine need not look at each document
        best = searcher.search(compile_scored(schema, request, unmatched=True), window, count=False).hits
        if len(best) < window or not _all_match(schema, searcher, match, best):
            best = None
    if best is not None:
        result = searcher.search(match, 1) if request.counted else None
        total = result.count if result else end
    else:
        query = compile_scored(schema, request) if request.scored else match
        result = searcher.search(query, window, count=request.counted)
        best, total = result.hits, (result.count if request.counted else min(end, len(result.hits)))
    if not request.must_score and best and best[-1][0] <= 0.0:
        best = _rest_by_id(schema, searcher, request, best)
    return total, _untied(searcher, best)[request.offset : end]


def _rest_by_id(schema: tantivy.Schema, searcher: tantivy.Searcher, request: Request, best: Found) -> Found:
    """`best` with those that score nothing in the order of ids, also where there are more of them than were asked for: which of them
    come first must not hang on merges, nor on the engine."""
    scoring = [hit for hit in best if hit[0] > 0.0]
    clauses = tuple(s.clause for s in request.scored if s.weight > 0)
    rest = And((request.match, Not(Or(clauses)))) if clauses else request.match
    wanted = len(best) - len(scoring)
    found = searcher.search(
        compile_match(schema, rest), wanted, count=False, order_by_field="number", order=tantivy.Order.Asc
    ).hits
    if len(found) < wanted:  # a score that floats round to nothing: something in all of many millions
        return best
    return [*scoring, *((0.0, address) for _, address in found)]


def _untied(searcher: tantivy.Searcher, hits: Found) -> Found:
    """The first hits in the order of score and id: tantivy leaves equals in the order in which merges have put them."""
    first, rest = hits[:_TIES], hits[_TIES:]
    numbers = searcher.fast_field_values("number", [address for _, address in first])
    order = sorted(range(len(first)), key=lambda n: (-first[n][0], int(numbers[n] or 0)))
    return [*(first[n] for n in order), *rest]


def _all_match(schema: tantivy.Schema, searcher: tantivy.Searcher, match: tantivy.Query, hits: Found) -> bool:
    numbers = searcher.fast_field_values("number", [address for _, address in hits])
    make = tantivy.Query
    known = make.boolean_query(  # a set of terms would walk the dictionary
        [
            (tantivy.Occur.Should, make.term_query(schema, "id", f"{int(number or 0):016x}", "basic"))
            for number in numbers
        ]
    )
    result: Any = searcher.search(make.boolean_query([(tantivy.Occur.Must, match), (tantivy.Occur.Must, known)]), 1)
    return bool(result.count == len(hits))


def _document(searcher: tantivy.Searcher, address: Any) -> Document:
    return Document.from_card(json.loads(searcher.doc(address)["card"][0].decode("utf-8", "surrogatepass")))
