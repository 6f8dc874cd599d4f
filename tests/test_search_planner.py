"""What an engine is asked to match: for each part of a query, and for each filter, its clause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pytest

from indexer.analysis.fields import added_since
from indexer.analysis.figure_codes import ranges
from indexer.engines import base as engine
from indexer.engines.base import Among, And, Between, Clause, Not, Or, Phrase, Prefix, Term
from indexer.query.figure_conditions import units
from indexer.query.tree import (
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
from indexer.search.planner import clause, filtered, together

INVEST = Phrase("grams", ("招商", "商引", "引资"))
ENCLAVE = Term("grams", "飞地")


def signed(least: int | None = None) -> Clause:
    """Figures that were signed, from `least`: one range of numbers for each unit that they may have."""
    asked = units(Figure(("signed",), least=least, bound=least is not None))
    found = [Between("figures", low, high) for low, high in ranges(asked, ("signed",), (), (), least=least, most=None)]
    return Or(tuple(found)) if len(found) > 1 else found[0]


SECOND = added_since(int(datetime.fromisoformat("2024-01-02T03:04:05+08:00").timestamp()))


@pytest.mark.parametrize(
    ("node", "asked"),
    [
        (Word("飞地"), ENCLAVE),
        (Word("飞地", title=True), Term("title_grams", "飞地")),
        (Word("商"), Term("chars", "商")),  # a single Han character has a field of its own
        (Word("商", title=True), Term("title_chars", "商")),
        (Word("a"), Term("grams", "a")),
        (Word("gdp", title=True), Term("title_grams", "gdp")),
        (Word("招商引资"), INVEST),
        (Word("3.5", title=True), Phrase("title_grams", ("3", "5"))),
        (Word("，"), engine.MatchNone()),
        (Word("飞地", ("招商引资", "飞地")), Or((ENCLAVE, INVEST))),
        (Word("飞地", ("飞地",)), ENCLAVE),
        (Word("飞地", ("招商引资",), title=True), Or((Term("title_grams", "飞地"), Phrase("title_grams", INVEST.tokens)))),
        (Begins("gd"), Prefix("grams", "gd")),
        (Begins("gd", title=True), Prefix("title_grams", "gd")),
        (Begins("招商引资 gd"), And((INVEST, Prefix("grams", "gd")))),
        (Begins("商 gd", title=True), And((Term("title_chars", "商"), Prefix("title_grams", "gd")))),
        (Begins("，gd"), Prefix("grams", "gd")),
        (Begins("飞地 gd，"), And((ENCLAVE, Prefix("grams", "gd")))),
        (Named("source", "人民"), Term("source_grams", "人民")),
        (Named("author", "张"), Prefix("author_grams", "张")),
        (Named("origin", "人民网"), Phrase("origin_grams", ("人民", "民网"))),
        (Named("origin", "，"), engine.MatchNone()),
        (Chosen("kind", ("news", "union")), Among("kind", ("news", "union"))),
        (Chosen("region", ("320000",)), Or((Among("region", ("320000",)), Among("place", ("320000",))))),
        (Dated(date(2024, 2, 29), date(2025, 12, 1)), Between("day", 20240229, 20251201)),
        (Dated(date(2024, 2, 9), None), Between("day", 20240209, None)),
        (Dated(None, date(2024, 2, 9)), Between("day", 1, 20240209)),  # what has no date has the day 0
        (Figure(("signed",)), signed()),
        (Figure(("signed",), least=10**8, bound=True), signed(10**8)),
        (MatchAll(), engine.MatchAll()),
        (MatchNone(), engine.MatchNone()),
        (AllOf((Word("飞地"), Without(Word("招商引资")))), And((ENCLAVE, Not(INVEST)))),
        (AnyOf((Word("飞地"), Word("招商引资"))), Or((ENCLAVE, INVEST))),
    ],
)  # fmt: skip
def test_each_part_of_a_query_has_its_clause(node: Node, asked: Clause) -> None:
    assert clause(node) == asked


def test_a_figure_is_all_that_was_asked_of_it() -> None:
    asked = Figure(("signed",), ("planned",), "CNY", 5, 7, bound=True)
    found = ranges(("CNY",), ("signed",), ("planned",), (), least=5, most=7)
    assert clause(asked) == Or(tuple(Between("figures", low, high) for low, high in found))


@pytest.mark.parametrize("wrap", [lambda w: AllOf((w, MatchAll())), lambda w: AnyOf((w, Word("a"))), Without])
def test_frequent_words_have_tokens_of_their_own_but_not_in_titles(wrap: type) -> None:
    frequent = frozenset({"招商引资"})
    assert together("招商引资") == INVEST
    assert clause(Word("招商引资"), frequent) == Term("frequent", "招商引资")
    assert clause(Word("飞地", ("招商引资",)), frequent) == Or((ENCLAVE, Term("frequent", "招商引资")))
    assert clause(Word("招商引资", title=True), frequent) == Phrase("title_grams", INVEST.tokens)
    assert "frequent" in repr(clause(wrap(Word("招商引资")), frequent))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, []),
        ({"kind": ["news", "union"]}, [Among("kind", ("news", "union"))]),
        ({"cluster": ["1"], "id": ["2"]}, [Among("cluster", ("1",)), Among("id", ("2",))]),
        ({"year": ["2023"]}, [Between("year", 2023, 2023)]),
        ({"year": ["2023", "2024"]}, [Or((Between("year", 2023, 2023), Between("year", 2024, 2024)))]),
        ({"month": ["202301"]}, [Between("month", 202301, 202301)]),
        ({"year": ["2023", "x", "1234567"]}, [Between("year", 2023, 2023)]),
        ({"year": ["x"]}, [engine.MatchNone()]),  # a value was chosen that nothing can have
        ({"kind": [], "unknown": ["x"]}, []),
        ({"unknown": ["x"], "cluster": ["1"]}, [Among("cluster", ("1",))]),
        ({"kind": [], "cluster": ["1"]}, [Among("cluster", ("1",))]),
        ({"figure": ["signed"], "value": [">=1亿"]}, [signed(10**8)]),
        ({"figure": ["signed"]}, [signed()]),
        ({"since": ["x"]}, []),
        ({"since": ["2024-01-02T03:04:05"]}, [Between("added", SECOND)]),
        ({"since": ["2023-01-02", "x", "2024-01-02T03:04:05", "2022-01-02"]}, [Between("added", SECOND)]),
    ],
)  # fmt: skip
def test_each_filter_has_its_clause(filters: dict[str, Sequence[str]], found: list[Clause]) -> None:
    assert filtered(ENCLAVE, filters) == (And((ENCLAVE, *found)) if found else ENCLAVE)
    assert filtered(engine.MatchAll(), filters) == (
        engine.MatchAll() if not found else found[0] if len(found) == 1 else And(tuple(found))
    )


def test_a_query_of_many_parts_and_its_filters_are_one_list_without_twins() -> None:
    match = And((ENCLAVE, INVEST, Among("kind", ("news",))))
    assert filtered(match, {"kind": ["news"], "cluster": ["1"]}) == And((*match.clauses, Among("cluster", ("1",))))
