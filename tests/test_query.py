"""The query language: what is typed is read as meant, every input parses, and what matches is what a plain scan of the texts finds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.figure_codes import KINDS, STATUSES, UNITS, codes, ranges, widened
from indexer.analysis.frequencies import Frequencies
from indexer.query.conditions import read_date
from indexer.query.explain import explain
from indexer.query.figure_conditions import describe, meets, read_value, units
from indexer.query.parser import Query, parse
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
from indexer.search.planner import clause
from indexer.search.ranking import weigh


def read(typed: str) -> Node:
    return parse(typed, expand=False).root


def words(*texts: str) -> Node:
    return AllOf(tuple(Word(text) for text in texts)) if len(texts) > 1 else Word(texts[0])


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("飞地招商 利益共享", words("飞地招商", "利益共享")),
        ("飛地招商　利益共享", words("飞地招商", "利益共享")),
        ("商務(wù)局", words("商务局")),
        ("哪些地方在用飞地招商？", words("飞地招商")),
        ("“飞地 经济” －房地产", AllOf((Word("飞地 经济", exact=True), Without(Word("房地产"))))),
        ("（飞地 或 园区）与 利益", AllOf((AnyOf((Word("飞地"), Word("园区"))), Word("利益")))),
        (
            "飞地 AND (园区 OR 新区) NOT 房地产",
            AllOf((Word("飞地"), AnyOf((Word("园区"), Word("新区"))), Without(Word("房地产")))),
        ),
        ("飞地 非 房地产", AllOf((Word("飞地"), Without(Word("房地产"))))),
        ("产业与发展", words("产业", "发展")),
        ("- -房地产", Without(Word("房地产"))),
        ("NOT NOT 飞地", Word("飞地")),
        ("标题：(飞地 OR 园区)", AnyOf((Word("飞地", title=True), Word("园区", title=True)))),
        ('title:"招商 引资"', Word("招商 引资", title=True, exact=True)),
        (
            "kind:政府 region:jiangsu",
            AllOf((Chosen("kind", ("government",)), Chosen("region", ("320000",), "jiangsu"))),
        ),
        ("region:(江苏 浙江)", AnyOf((Chosen("region", ("320000",), "江苏"), Chosen("region", ("330000",), "浙江")))),
        ("来源：人民网 author:张三", AllOf((Named("origin", "人民网"), Named("author", "张三")))),
        ("year:2020-2023", Dated(date(2020, 1, 1), date(2023, 12, 31))),
        ("after:2023-05 before:2024", AllOf((Dated(date(2023, 5, 1), None), Dated(None, date(2023, 12, 31))))),
        ("figure:signed value:>=10亿", Figure(("signed",), least=10**9, bound=True)),
        (
            "金额：≤５０００万元　数字：计划投资额",
            Figure(("invested",), ("planned",), unit="CNY", least=None, most=5 * 10**7, bound=True),
        ),
        (
            "value:10..50亿 飞地 figure:签约额",
            AllOf((Word("飞地"), Figure(("signed",), least=10**9, most=5 * 10**9, bound=True))),
        ),
        ("value:>1,000万美元", Figure(unit="USD", least=10**7 + 1, bound=True)),
        ("figure:项目数 value:十个以上", Figure(("projects",), (), unit="count", least=10, most=None, bound=True)),
        (
            "figure:(签约额 外资) value:>= 1亿",
            AnyOf((Figure(("signed",), least=10**8, bound=True), Figure(("fdi",), least=10**8, bound=True))),
        ),
        (
            "figure:签约额 figure:到位资金 value:>=1亿",
            AllOf((Figure(("signed",)), Figure(("realised",), least=10**8, bound=True))),
        ),
        (
            "(figure:签约额) (value:>=1亿)",
            AllOf((Figure(("signed",)), Figure(least=10**8, bound=True))),
        ),
        ("figure:签约额 -value:>=1亿", AllOf((Without(Figure(least=10**8, bound=True)), Figure(("signed",))))),
        ("figure:火星 value:很多", words("火星", "很多")),
        ("招商引* GDP*", AllOf((Word("招商引", exact=True), Begins("gdp")))),
        ("3.5% 2024-03-13", words("3.5", "2024-03-13")),
        ("5G产业", words("5g", "产业")),
        ("", MatchAll()),
        ("*", MatchAll()),
        ("？！", MatchNone()),
        ("的", Word("的")),
        ("OR", Word("or")),
        ("飞地 OR", words("飞地")),
        ('"飞地', Word("飞地")),
        ("飞地)(园区", words("飞地", "园区")),
        ("region:火星", Word("火星")),
        ("practice:飞地经济", Chosen("practice", ("飞地经济", "enclave"), "飞地经济")),
        ("举措：飞地经济", Chosen("practice", ("飞地经济", "enclave"), "飞地经济")),
        ("practice:火星", Word("火星")),
        ("practice:none", Word("none")),
        (
            "ｒｅｇｉｏｎ：江苏 （飞地　ＯＲ　园区）",
            AllOf((Chosen("region", ("320000",), "江苏"), AnyOf((Word("飞地"), Word("园区"))))),
        ),
        ("ｖａｌｕｅ：＞＝１０亿", Figure(least=10**9, bound=True)),
        (
            "region:江苏、浙江,江苏",
            AnyOf((Chosen("region", ("320000",), "江苏"), Chosen("region", ("330000",), "浙江"))),
        ),
        ("kind:政府，新闻", AnyOf((Chosen("kind", ("government",)), Chosen("kind", ("news",))))),
        ("region:江苏,火星", words("江苏", "火星")),
        ("foo:招商", words("foo", "招商")),
        ("title:", Word("title")),
    ],
)
def test_what_is_typed_is_read_as_meant(typed: str, tree: Node) -> None:
    assert read(typed) == tree


def test_equivalents_can_be_switched_off() -> None:
    assert parse("经开区").root == Word("经开区", ("经济技术开发区",))
    assert parse("经开区", expand=False).root == Word("经开区")
    assert parse('"经开区"').root == Word("经开区", exact=True)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("2024年2月", (date(2024, 2, 1), date(2024, 2, 29))),
        ("20240313", (date(2024, 3, 13), date(2024, 3, 13))),
        ("2024.3.5", (date(2024, 3, 5), date(2024, 3, 5))),
        ("2024-13", None),
        ("0000", None),
        ("去年", None),
    ],
)
def test_dates_as_people_write_them(text: str, bounds: tuple[date, date] | None) -> None:
    assert read_date(text) == bounds


pieces = st.sampled_from(
    [
        "飞地",
        "招商引资",
        "園區",
        "的",
        "GDP",
        "5g",
        "3.5",
        '"',
        "“",
        "”",
        "(",
        ")",
        "（",
        "）",
        "-",
        "－",
        ":",
        "：",
        "*",
        "AND",
        "OR",
        "NOT",
        "与",
        "或",
        "非",
        "title:",
        "source:",
        "region:jiangsu",
        "year:2023",
        "before:9999",
        "after:0001",
        "kind:news",
        "practice:飞地",
        "figure:signed",
        "figure:",
        "value:>=10亿",
        "value:..",
        "origin:x",
        ",",
        "。",
        "\x00",
        "�",
        "á",
        "\n",
    ]
)
typed = st.text() | st.lists(st.tuples(pieces, st.sampled_from(["", " "])), max_size=25).map(
    lambda parts: "".join(a + b for a, b in parts)
)


@settings(max_examples=500, deadline=None)
@given(typed)
def test_every_input_parses_and_is_explained(text: str) -> None:
    query = parse(text)
    assert isinstance(query, Query)
    assert explain(query)["reading"]
    clause(query.root)
    weigh(query, Frequencies())
    assert parse(text) == query


def test_deep_and_long_input_is_read_as_far_as_it_goes() -> None:
    assert parse("(" * 5000 + "飞地").root is not None
    assert parse("非 " * 3000 + "飞地").notes
    assert parse("飞地 " * 5000).root == Word("飞地")


amounts = st.integers(0, 10**16)
made = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(list(UNITS)),
        "kind": st.sampled_from(list(KINDS)),
        "status": st.sampled_from(list(STATUSES)),
        "value": st.integers(0, 10**14) | st.sampled_from([10**9 - 1, 10**9, 10**9 + 1]),
    }
)


@given(
    made,
    st.lists(st.sampled_from(list(KINDS)), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(list(STATUSES)), max_size=2, unique=True).map(tuple),
    st.none() | st.sampled_from(list(UNITS)),
    st.none() | amounts | st.just(10**9),
    st.none() | amounts | st.just(10**9),
)
def test_a_figure_is_found_by_its_number_where_it_is_what_was_asked(
    figure: dict[str, Any],
    kinds: tuple[str, ...],
    statuses: tuple[str, ...],
    unit: str | None,
    least: int | None,
    most: int | None,
) -> None:
    asked = Figure(kinds, statuses, unit, least, most, bound=(least, most) != (None, None))
    numbers = widened(codes([figure]))
    found = any(low <= n <= high for low, high in ranges(units(asked), kinds, statuses, least, most) for n in numbers)
    assert found == meets(asked, figure)


@given(st.text(alphabet="0123456789.,亿万千百十元美$usd><=≥至到-~..以上下个家 ", max_size=16))
def test_every_amount_is_read_or_left(text: str) -> None:
    found = read_value(text)
    assert found is None or (found.bound and describe(found))
