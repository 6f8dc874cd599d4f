"""The query language: what is typed is read as meant, every input parses, and what matches is what a plain scan of the texts finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.figure_codes import KINDS, STAGES, STATUSES, UNITS, codes, ranges, widened
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import Lexicon, lexicon
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


GOVERNMENT, NEWS = Chosen("kind", ("government",)), Chosen("kind", ("news",))


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        # up to three marks hold letters and digits together, Han characters are cut from them
        ("x...y", words("x...y")),
        ("x....y", words("x", "y")),
        ("x_y 3.5", words("x_y", "3.5")),
        ("x|y", AnyOf((Word("x"), Word("y")))),
        ("x | y z", AnyOf((Word("x"), words("y", "z")))),
        ("z x|y", AllOf((Word("z"), AnyOf((Word("x"), Word("y")))))),
        ("z -x｜y", AllOf((Word("z"), Without(AnyOf((Word("x"), Word("y"))))))),
        ('kind:政府|"新闻"', AnyOf((GOVERNMENT, NEWS))),
        ("title:x|y z", AllOf((AnyOf((Word("x", title=True), Word("y", title=True))), Word("z")))),
        ("kind:政府|origin:x", AnyOf((GOVERNMENT, Named("origin", "x")))),
        ("z (x)|(y|x)", AllOf((Word("z"), AnyOf((Word("x"), Word("y")))))),
        ("z|(x", AnyOf((Word("z"), Word("x")))),
        ("| x |", Word("x")),
        ("x||y|", AnyOf((Word("x"), Word("y")))),
        ("x.招商.y", words("x", "招商", "y")),
        # an operator with nothing on one side is a word
        ("OR 飞地", words("or", "飞地")),
        ("(飞地 OR) 园区", words("飞地", "or", "园区")),
        ("飞地 或 或 园区", AnyOf((Word("飞地"), words("或", "园区")))),
        ("与 飞地", words("与", "飞地")),
        ("飞地 (与 园区)", words("飞地", "与", "园区")),
        ("(飞地 与) 园区", words("飞地", "与", "园区")),
        ("飞地 与 与 园区", words("飞地", "与", "园区")),
        ("飞地 与 或 园区", AnyOf((words("飞地", "与"), Word("园区")))),
        ("飞地 与", words("飞地", "与")),
        ("飞地 非", words("飞地", "非")),
        ("(飞地 非) 园区", words("飞地", "非", "园区")),
        ("飞地 非 或 园区", AnyOf((words("飞地", "非"), Word("园区")))),
        ("非 与 飞地", words("非", "飞地")),
        ("- 飞地", words("飞地")),
        ("飞地 - OR 园区", AnyOf((Word("飞地"), Word("园区")))),
        ("非 非 非 飞地", Without(Word("飞地"))),
        ("非 -飞地", words("飞地")),
        ("(飞地 园区) OR 新区", AnyOf((words("飞地", "园区"), Word("新区")))),
        ("-(飞地 OR 园区) 新区", AllOf((Without(AnyOf((Word("飞地"), Word("园区")))), Word("新区")))),
        # a field with its value, whatever that looks like
        ("KIND:政府", GOVERNMENT),
        ('kind:"政府" 飞地', AllOf((GOVERNMENT, Word("飞地")))),
        ("来源：与", Named("origin", "与")),
        ("title:或", Word("或", title=True)),
        ("title:非", Word("非", title=True)),
        ("-kind:政府", Without(GOVERNMENT)),
        ('kind:(政府 (新闻) "工会") 飞地', AllOf((AnyOf((GOVERNMENT, NEWS, Word("工会"))), Word("飞地")))),
        ("kind:(政府", GOVERNMENT),
        ("kind:() 飞地", words("飞地")),
        ("kind:政府) 飞地", AllOf((GOVERNMENT, Word("飞地")))),
        ("(飞地 title:) 园区", words("飞地", "title", "园区")),
        ("title:(飞地 gd*) 园区", AllOf((Word("飞地", title=True), Begins("gd", title=True), Word("园区")))),
        ("title:(region:火星) 园区", AllOf((Word("火星", title=True), Word("园区")))),
        ("title:(飞地 (园区)) 非 title:(新区)", AllOf((Word("飞地", title=True), Word("园区", title=True), Without(Word("新区", title=True))))),
        ('title:("飞地 经济" 与 非 或 园区)', AnyOf((AllOf((Word("飞地 经济", title=True, exact=True), Word("非", title=True))), Word("园区", title=True)))),
        ("title:(与 或)", AllOf((Word("与", title=True), Word("或", title=True)))),
        ("title:飞地*", Word("飞地", title=True, exact=True)),
        ('title:"飞地" "园区"', AllOf((Word("飞地", title=True, exact=True), Word("园区", exact=True)))),
        ("value:>= 10亿 飞地", AllOf((Word("飞地"), Figure(least=10**9, bound=True)))),
        ("value:> 飞地", words("飞地")),
        ("value:10亿 飞地", AllOf((Word("飞地"), Figure(least=10**9, most=10**9, bound=True)))),
        ("region:>= 江苏", words("江苏")),
        ("Figure:签约额 金额:>=1亿", Figure(("signed",), least=10**8, bound=True)),
        ("figure:签约额 OR value:>=1亿", AnyOf((Figure(("signed",)), Figure(least=10**8, bound=True)))),
        # what begins so
        ("招商gd*", AllOf((Word("招商"), Begins("gd")))),
        ("gd*招商", words("gd", "招商")),
        ("招商**", Word("招商", exact=True)),
        ("园区招商*", Word("园区招商", exact=True)),
        # quotes and brackets
        ('"（飞地），经济。"', Word("飞地),经济", exact=True)),
        ('"" 飞地', words("飞地")),
        ("((飞地)) 园区", words("飞地", "园区")),
        ("飞地 ) OR ) 园区", words("飞地", "or", "园区")),
    ],
)  # fmt: skip
def test_every_part_of_the_syntax_holds_where_it_meets_another(typed: str, tree: Node) -> None:
    assert parse(typed, lexicon_=replace(lexicon(), function=frozenset()), expand=False).root == tree


@pytest.mark.parametrize(
    ("typed", "text", "dropped", "notes"),
    [
        ("飛地 (园区 或 “新区 经济”)", "飞地\n园区\n新区 经济", (), ()),
        ("飞地 -园区 NOT NOT 新区", "飞地\n新区", (), ()),
        ("非 (飞地 非 园区)", "园区", (), ()),
        ('飞地 -"', "飞地", (), ()),
        ("-(飞地 -园区)", "园区", (), ()),
        ("title:飞地 kind:政府", "飞地", (), ()),
        ("的 飞地 的 在", "的\n飞地\n的\n在", ("的", "在"), ()),
        ("的", "的", (), ()),
        ('"的" 飞地', "的\n飞地", (), ()),
        ("region:火星", "火星", (), ("“region:火星”不能当作条件来读，按词语查找",)),
        ("地区：火星", "火星", (), ("“region:火星”不能当作条件来读，按词语查找",)),
        ('region:"" 飞地', "\n飞地", (), ()),
        ("", "", (), ()),
        ("？", "", (), ()),
    ],
)
def test_a_query_says_which_words_it_asks_for_and_what_it_could_not_read(
    typed: str, text: str, dropped: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    query = parse(typed, expand=False)
    assert (query.typed, query.text, query.dropped, query.notes) == (typed, text, dropped, notes)


def test_what_is_too_long_or_too_deep_is_read_up_to_a_bound() -> None:
    many = [f"x{n}" for n in range(257)]
    known = parse(" ".join(many[:256]))
    assert known.root == words(*many[:256]) and not known.notes and known.text.endswith("x255")
    over = parse(" ".join([*many, "末尾", '"末尾"', "末*"]))
    assert over.root == known.root and over.notes == ("词语过多，只读了前 256 个",)
    assert parse("飞地 ".ljust(2_000, "x")).notes == ()
    assert parse("飞地 ".ljust(2_001, "x")).notes == ("检索式过长，只读了前 2000 字",)
    assert read("(" * 29 + "非 (飞地 园区)") == Without(words("飞地", "园区"))
    assert read("(" * 30 + "非 (飞地 园区)") == words("飞地", "园区")  # the brackets are read past
    assert read("(新区) " + "(" * 29 + "非 (飞地 园区)") == AllOf((Word("新区"), Without(words("飞地", "园区"))))
    assert read("(" * 30 + "飞地" + ")" * 30 + " (园区 非 (新区))") == AllOf(
        (Word("飞地"), Word("园区"), Without(Word("新区")))
    )


def lexicon_of(**equivalents: tuple[str, ...]) -> Lexicon:
    return replace(lexicon(), equivalents=equivalents)


def test_what_stands_together_and_has_equivalents_is_one_word_the_longest_first() -> None:
    known = lexicon_of(第3=("甲",), 第3届=("乙",), 届5=("丙",))
    assert parse("第3届5", lexicon_=known).root == AllOf((Word("第3届", ("乙",)), Word("5")))
    assert parse("第3", lexicon_=known).root == Word("第3", ("甲",))
    assert parse("第 3", lexicon_=known).root == words("第", "3")  # apart
    assert parse("第3城", lexicon_=known).root == AllOf((Word("第3", ("甲",)), Word("城")))
    assert parse("城，第3届", lexicon_=known).root == AllOf((Word("城"), Word("第3届", ("乙",))))
    assert parse("第3届", lexicon_=known, expand=False).root == words("第", "3", "届")
    assert parse("title:第3届", lexicon_=known).root == Word("第3届", ("乙",), title=True)
    nine, ten = "1届2届3届4届5", "1届2届3届4届5届"
    assert parse(nine, lexicon_=lexicon_of(**{nine: ("甲",)})).root == Word(nine, ("甲",))
    assert isinstance(parse(ten, lexicon_=lexicon_of(**{ten: ("甲",)})).root, AllOf)


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
        "stage": st.none() | st.sampled_from(list(STAGES)),
        "value": st.integers(0, 10**14) | st.sampled_from([10**9 - 1, 10**9, 10**9 + 1]),
    }
)


@given(
    made,
    st.lists(st.sampled_from(list(KINDS)), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(list(STATUSES)), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(list(STAGES)), max_size=2, unique=True).map(tuple),
    st.none() | st.sampled_from(list(UNITS)),
    st.none() | amounts | st.just(10**9),
    st.none() | amounts | st.just(10**9),
)
def test_a_figure_is_found_by_its_number_where_it_is_what_was_asked(
    figure: dict[str, Any],
    kinds: tuple[str, ...],
    statuses: tuple[str, ...],
    stages: tuple[str, ...],
    unit: str | None,
    least: int | None,
    most: int | None,
) -> None:
    asked = Figure(kinds, statuses, unit, least, most, bound=(least, most) != (None, None), stages=stages)
    numbers = widened(codes([figure]))
    wanted = ranges(units(asked), kinds, statuses, stages, least=least, most=most)
    assert any(low <= n <= high for low, high in wanted for n in numbers) == meets(asked, figure)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Figure(("signed",), ("planned",), "CNY", 5, 9, bound=True), True),
        (Figure(("signed",)), True),
        (Figure(unit="CNY", least=6, bound=True), True),
        (Figure(("signed",), ("unstated", "planned")), True),
        (Figure(("signed",), ("realised",)), False),
        (Figure(unit="CNY", least=8, bound=True), False),
        (Figure(("signed",), ("unstated",)), False),
        (Figure(("signed",), stages=("talks",)), False),
    ],
)
def test_a_figure_indexed_before_there_were_stages_is_found_until_it_is_read_again(
    condition: Figure, found: bool
) -> None:
    # unit CNY, kind signed, state planned, 7 元, as they were written then: 2, 5, 2 and 52 bits; also under any kind and any state
    before = [(kind << 2 | state) << 52 | 7 for kind in (0, 31) for state in (0, 3)]
    asked = condition
    wanted = ranges(units(asked), asked.kinds, asked.statuses, asked.stages, least=asked.least, most=asked.most)
    assert any(low <= number <= high for low, high in wanted for number in before) is found


@given(st.text(alphabet="0123456789.,亿万千百十元美$usd><=≥至到-~..以上下个家 ", max_size=16))
def test_every_amount_is_read_or_left(text: str) -> None:
    found = read_value(text)
    assert found is None or (found.bound and describe(found))
