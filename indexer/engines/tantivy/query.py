"""Clauses and scores as tantivy's own queries."""

from __future__ import annotations

from itertools import pairwise

import tantivy

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


def compile_match(schema: tantivy.Schema, clause: Clause) -> tantivy.Query:
    """The clause as a query that scores nothing."""
    return tantivy.Query.const_score_query(_plain(schema, clause), 0.0)


def _plain(schema: tantivy.Schema, clause: Clause) -> tantivy.Query:
    make = tantivy.Query
    match clause:
        case Term(field, token):
            return make.term_query(schema, field, token, "basic")
        case Phrase(field, tokens):
            return make.phrase_query(schema, field, _sparse(tokens))
        case Prefix(field, start):
            return make.regex_query(schema, field, _escape(start) + ".*")
        case Among(field, values):
            return make.term_set_query(schema, field, list(values)) if values else make.empty_query()
        case Between(field, least, most):
            if least is None and most is None:
                return make.all_query()
            return make.range_query(schema, field, tantivy.FieldType.Integer, least, most)
        case MatchAll():
            return make.all_query()
        case MatchNone():
            return make.empty_query()
        case Or(clauses):
            return (
                make.boolean_query([(tantivy.Occur.Should, _plain(schema, c)) for c in clauses])
                if clauses
                else make.empty_query()
            )
        case And(clauses):
            positive = [(tantivy.Occur.Must, _plain(schema, c)) for c in clauses if not isinstance(c, Not)]
            negative = [(tantivy.Occur.MustNot, _plain(schema, c.clause)) for c in clauses if isinstance(c, Not)]
            return make.boolean_query([*(positive or [(tantivy.Occur.Must, make.all_query())]), *negative])
        case Not(inner):
            return make.boolean_query(
                [(tantivy.Occur.Must, make.all_query()), (tantivy.Occur.MustNot, _plain(schema, inner))]
            )
    raise TypeError(f"no clause: {clause!r}")


def _score(schema: tantivy.Schema, scored: Scored) -> tantivy.Query:
    if scored.constant:
        return tantivy.Query.const_score_query(_plain(schema, scored.clause), scored.weight)
    match scored.clause:
        case Term(field, token):
            query = tantivy.Query.term_query(schema, field, token, "freq")
        case Phrase(field, tokens):
            query = tantivy.Query.phrase_query(schema, field, list(tokens))
        case _:
            raise TypeError(f"not to be scored: {scored.clause!r}")
    return tantivy.Query.boost_query(query, scored.weight)


def compile_scored(schema: tantivy.Schema, request: Request, *, unmatched: bool = False) -> tantivy.Query:
    """The request's scores, over its matching documents only, unless `unmatched`. What is scored and must match anyway is looked at once."""
    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    parts = [(should, _score(schema, s)) for s in request.scored]
    if not unmatched and not (request.must_score and isinstance(request.match, MatchAll)):
        needed = request.match.clauses if isinstance(request.match, And) else (request.match,)
        both = set() if request.must_score else {s.clause for s in request.scored if not s.constant} & set(needed)
        parts = [(must if s.clause in both and not s.constant else should, _score(schema, s)) for s in request.scored]
        rest = tuple(clause for clause in needed if clause not in both)
        if rest:
            parts.append((must, compile_match(schema, And(rest))))
    return tantivy.Query.boolean_query(parts, 1 if request.must_score else None)


def is_single(clause: Clause) -> bool:
    """One token, or tokens of which any will do."""
    return isinstance(clause, Term) or (isinstance(clause, Or) and all(isinstance(c, Term) for c in clause.clauses))


def _sparse(tokens: tuple[str, ...]) -> list[str | tuple[int, str]]:
    """The same phrase with every other pair left out, where the pairs overlap: what is between two pairs that stand two apart can only be the third."""
    chained = all(len(a) == len(b) == 2 and a[1] == b[0] for a, b in pairwise(tokens))
    if not chained or len(tokens) < 3:
        return list(tokens)
    return [(at, token) for at, token in enumerate(tokens) if at % 2 == 0 or at == len(tokens) - 1]


def _escape(text: str) -> str:
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() else c for c in text)
