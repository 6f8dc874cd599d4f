"""Plans a query: from its tree to the clauses that an engine runs, which decide what matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indexer.analysis.facets import CONDITIONS, FACETS
from indexer.analysis.fields import added_since
from indexer.analysis.figure_codes import ranges
from indexer.analysis.tokens import phrase, runs
from indexer.engines import base as engine_clauses
from indexer.engines.base import Among, And, Between, Clause, Not, Or, Phrase, Prefix, Term
from indexer.query.conditions import read_condition, read_moment
from indexer.query.figure_conditions import chosen as chosen_figures
from indexer.query.figure_conditions import units
from indexer.query.tree import (
    Added,
    AllOf,
    AnyOf,
    Begins,
    Chosen,
    Dated,
    Figure,
    MatchAll,
    MatchNone,
    Named,
    Node,
    Without,
    Word,
)

EXCLUDED = "not_"  # before the name of a facet: a filter of the values that an article must not have


def facet_of(name: str) -> str:
    """The facet of a filter: kind for kind and for not_kind."""
    return name.removeprefix(EXCLUDED)


def clause(node: Node, frequent: frozenset[str] = frozenset()) -> Clause:
    """What the node matches. `frequent`: words for which the index has tokens of their own."""
    match node:
        case Word(text, equivalents, title):
            return _any([together(word, title=title, frequent=frequent) for word in (text, *equivalents)])
        case Begins(text, title):
            return begins(text, title)
        case Named(field, text):
            return _named(f"{field}_grams", text)
        case Chosen(field, values):
            return _any([Among(name, values) for name in (field, *CONDITIONS[field].also)])
        case Figure(kinds, statuses, _, least, most, _, stages):
            found = ranges(units(node), kinds, statuses, stages, least=least, most=most)
            return _any([Between("figures", low, high) for low, high in found])
        case Dated(first, last):
            return Between(
                "day",
                number(first.year, first.month, first.day) if first else 1,
                number(last.year, last.month, last.day) if last else None,
            )
        case Added(since):
            return Between("added", added_since(int(since.timestamp())))
        case MatchAll():
            return engine_clauses.MatchAll()
        case MatchNone():
            return engine_clauses.MatchNone()
        case AllOf(parts):
            return And(tuple(clause(part, frequent) for part in parts))
        case AnyOf(parts):
            return _any([clause(part, frequent) for part in parts])
        case Without(part):
            return Not(clause(part, frequent))
    raise TypeError(f"no node: {node!r}")


def together(text: str, *, title: bool = False, frequent: frozenset[str] = frozenset()) -> Clause:
    """The characters of a normalised text stand together, in the title or anywhere."""
    if not title and text in frequent:
        return Term("frequent", text)
    tokens = phrase(text)
    if not tokens:
        return engine_clauses.MatchNone()
    if len(tokens) == 1:
        single = len(tokens[0]) == 1 and runs(tokens[0])[0].cjk
        return Term(
            ("title_chars" if title else "chars") if single else ("title_grams" if title else "grams"), tokens[0]
        )
    return Phrase("title_grams" if title else "grams", tokens)


def begins(text: str, title: bool) -> Clause:
    """The last unit of the text begins a unit; those before it stand directly before it, or at least in the document."""
    field = "title_grams" if title else "grams"
    found = runs(text)
    last = Prefix(field, text[found[-1].start : found[-1].end])
    before = text[: found[-1].start]
    return And((together(before, title=title), last)) if phrase(before) else last


def filtered(match: Clause, filters: Mapping[str, Sequence[str]]) -> Clause:
    """The clause and the chosen facet values: any value of a facet, each facet, and none of those of `not_` and the facet. Unknown facets and values that
    cannot be are ignored.

    `figure` and `value` hold for one figure; `after` and `before` are days of publication; `since` is what came into the archive at that moment or later.
    """
    chosen: list[Clause] = []
    for name, values in filters.items():
        one_of = _chosen(facet_of(name), values) if values else None
        if one_of is not None:
            chosen.append(Not(one_of) if name.startswith(EXCLUDED) else one_of)
    for name in ("after", "before"):
        dates = [node for value in filters.get(name, ()) if (node := read_condition(name, value))]
        chosen += [clause(node) for node in dates]
    if moments := [at for value in filters.get("since", ()) if (at := read_moment(value))]:
        chosen.append(Between("added", added_since(int(max(moments).timestamp()))))
    if figures := chosen_figures(filters.get("figure", ()), filters.get("value", ())):
        chosen.append(_any([clause(figure) for figure in figures]))
    return _all([match, *chosen])


def _chosen(name: str, values: Sequence[str]) -> Clause | None:
    if name == "month" or (name in FACETS and FACETS[name].number):
        whole = [int(value) for value in values if str(value).isdecimal() and len(str(value)) <= 6]
        return _any([Between(name, value, value) for value in whole])
    return Among(name, tuple(values)) if name in FACETS or name in ("cluster", "id") else None


def number(year: int, month: int, day: int) -> int:
    """A date as the field `day` has it."""
    return year * 10_000 + month * 100 + day


def _named(field: str, text: str) -> Clause:
    """A name has this text in it. These fields have no field of characters: a lone one begins a pair or ends a run."""
    tokens = phrase(text)
    if not tokens:
        return engine_clauses.MatchNone()
    if len(tokens) > 1:
        return Phrase(field, tokens)
    return Prefix(field, tokens[0]) if len(tokens[0]) == 1 else Term(field, tokens[0])


def _any(clauses: Iterable[Clause]) -> Clause:
    found = tuple(dict.fromkeys(clauses))
    return found[0] if len(found) == 1 else Or(found) if found else engine_clauses.MatchNone()


def _all(clauses: Iterable[Clause]) -> Clause:
    flat: dict[Clause, None] = {}
    for part in clauses:
        for inner in part.clauses if isinstance(part, And) else (part,):
            if not isinstance(inner, engine_clauses.MatchAll):
                flat[inner] = None
    found = tuple(flat)
    return found[0] if len(found) == 1 else And(found) if found else engine_clauses.MatchAll()
