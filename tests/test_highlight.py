"""Marks fall on what was asked for, in the original text, and nothing is changed by them."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalisation import normalise
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.tokens import runs
from indexer.query.parser import parse
from indexer.query.tree import Begins, Word
from indexer.search.highlight import highlighter, mark, mark_with, snippet
from indexer.search.ranking import weigh
from tests.engine_contract import stands_in


def marked(text: str, query: str, **options: bool) -> list[str]:
    return [text[start:end] for start, end in mark(text, query, **options)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("高郵市商務(wù)局負責(zé)人", "商务局", ["商務(wù)局"]),
        ("ＧＤＰ增长１２％，GDPR", "gdp 12", ["ＧＤＰ", "１２"]),
        ("飞地招商，飞地经济", "飞地招商 经济", ["飞地招商", "经济"]),
        ("引进来、走出去", '"引进来 走出去"', ["引进来、走出去"]),
        ("第3届与第 3 届、第33届", '"第3届"', ["第3届", "第 3 届"]),
        ("apple与app", "app*", ["apple", "app"]),
        ("国家级经济技术开发区", "经开区", ["经济技术开发区"]),
        ("招商引资", "-招商", []),
        ("招商引资", "title:招商", []),
        ("<b>招商</b>&amp;", "招商 b", ["b", "招商", "b"]),
        ("", "招商", []),
        # the longest of the words that begin at a place, however the query has them
        ("飞地招商", "飞地 飞地招商", ["飞地招商"]),
        ("x y z", '"x,y" "x y z"', ["x y z"]),
        ("招商，引资", "招商 引资", ["招商", "引资"]),
        ("招商引资", "招商 引资", ["招商引资"]),  # those that touch are one
        # marks may stand between the parts of a phrase, and must where nothing else parts them
        ("引进来走出去", '"引进来 走出去"', []),
        ("a-_b、ab、a b", '"a b"', ["a-_b", "a b"]),
        ("第3届、第 3　届、第三届", '"第3届"', ["第3届", "第 3　届"]),
        ("园区5G、园区a5g、园区5g网", '"园区5g"', ["园区5G", "园区5g"]),
        # letters and digits are found as whole units
        ("gdp、gdp2、_gdp_、中gdp文、égdp", "gdp", ["gdp", "gdp", "gdp"]),
        ("app、application、xapp、app店", "app*", ["app", "application", "app"]),
        ("招商引资", "招商 OR 引资 NOT 商", ["招商引资"]),
        ("c++ (a|b)", '"a|b"', ["a|b"]),
        ("axb", '"a.b"', []),
    ],
)
def test_marks(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_titles_show_words_asked_of_titles() -> None:
    assert mark("招商引资", "title:招商", title=True) == [(0, 2)]

    assert marked("招商引资", "title:招商 引资", title=True) == ["招商引资"]
    assert marked("gdpx", "title:gdp*") == [] and marked("gdpx", "title:gdp*", title=True) == ["gdpx"]
    assert mark("招商引资", parse("引资")) == [(2, 4)]


def test_where_a_word_is_missing_its_pairs_are_marked() -> None:
    assert marked("业园、区产、产业、园区园", "产业园区", partly=True) == ["业园", "产业", "园区"]
    assert marked("第3、业园", '"第3届" 产业园区', partly=True) == ["业园"]  # only words of Han characters have pairs
    assert marked("飞、地", "飞地", partly=True) == []
    assert mark_with("业园", highlighter(parse("产业园区"))) == []
    assert marked("产业园的链条", "产业园区", partly=True) == ["产业园"]
    assert marked("产业园的链条", "产业园区") == []
    assert marked("产业园区与产业园", "产业园区", partly=True) == ["产业园区"]


texts = st.lists(
    st.sampled_from(
        [
            "飞地",
            "招商",
            "飛",
            "地",
            "招",
            "商",
            "引資",
            "(wù)",
            "務",
            "，",
            "、",
            "3",
            "届",
            "第",
            "ＧＤＰ",
            "gdp",
            "r",
            "́",
            "\u200b",
            "㎡",
            "①",
            "<",
            "&",
            "\n",
        ]
    )
).map("".join)


@settings(max_examples=400, deadline=None)
@given(
    texts,
    st.sampled_from(["飞地", "招商引资", "飞地招商 引资", '"招商 飞地"', "gdp", "第3届", "务 m2", "地", "é GDP*"]),
)
def test_each_mark_is_what_the_analysis_says(text: str, query: str) -> None:
    spans = mark(text, query)
    assert all(0 <= a < b <= len(text) for a, b in spans) and all(x[1] < y[0] for x, y in itertools.pairwise(spans))
    words = [part for part in [parse(query).root, *getattr(parse(query).root, "parts", ())] if isinstance(part, Word)]
    known = normalise(text)
    for start, end in spans:
        inside = normalise(text[start:end])
        asked = [text for word in words for text in (word.text, *word.equivalents)]
        parts = [one[run.start : run.end] for one in asked for run in runs(one)]
        parts += [part.text for part in getattr(parse(query).root, "parts", ()) if isinstance(part, Begins)]
        assert [part for part in parts if part in inside], inside
    for word in words:  # what a scan finds is marked, what it does not is not
        alone = mark(text, f'"{word.text}"')
        assert bool(alone) == stands_in(word.text, known)


@settings(max_examples=200, deadline=None)
@given(texts, st.sampled_from(["飞地", "招商引资 gdp", "不存在"]))
def test_a_snippet_is_cut_from_the_text(text: str, query: str) -> None:
    read = parse(query)
    cut, spans = snippet(text * 9, highlighter(read), weigh(read, Frequencies()).passage)
    assert re.sub(r"\s", " ", cut.removeprefix("…").removesuffix("…")) in re.sub(r"\s", " ", text * 9)
    assert len(cut) <= 300 and all(0 <= a < b <= len(cut) for a, b in spans)


def cut_out(text: str, query: str, **options: bool) -> tuple[str, list[str]]:
    read = parse(query)
    cut, spans = snippet(text, highlighter(read), dict.fromkeys(weigh(read, Frequencies()).passage, 1.0), **options)
    return cut, [cut[a:b] for a, b in spans]


def test_a_snippet_begins_with_a_sentence_or_clause_where_one_is_near() -> None:
    before, after = "甲" * 290 + "X" + "甲" * 9, "乙" * 300
    for end in "。！？!?；;\n，,、：:":
        cut, found = cut_out(f"{before}{end}丙丙飞地{after}", "飞地")
        assert cut == "…丙丙飞地" + "乙" * 116 + "…" and found == ["飞地"]
    assert cut_out(f"{before}。丙，丙飞地{after}", "飞地")[0].startswith("…丙，丙飞地")  # rather the sentence
    assert cut_out(f"{before}飞地{after}", "飞地")[0] == f"…{before[-30:]}飞地" + "乙" * 88 + "…"
    assert cut_out("甲" * 50 + f"飞地{after}", "飞地")[0] == "甲" * 50 + "飞地" + "乙" * 68 + "…"
    assert cut_out(f"。{'甲' * 50}飞地", "飞地")[0] == "…" + "甲" * 50 + "飞地"
    assert cut_out(f"{before}。{'丙' * 117}飞地{after}", "飞地")[0].startswith("…" + "丙" * 30 + "飞地")  # too far off
    assert cut_out(f"{before}。{'丙' * 116}飞地{after}", "飞地")[0] == "…" + "丙" * 116 + "飞地" + "乙" * 2 + "…"


def test_a_snippet_is_a_hundred_and_twenty_characters_in_one_line() -> None:
    text = "飞地\n\t　" + "乙" * 300
    cut, found = cut_out(text, "飞地")
    assert cut == "飞地   " + "乙" * 115 + "…" and found == ["飞地"]
    assert cut_out(" \n 甲飞地 \n ", "飞地") == ("甲飞地 \u0020 ", ["飞地"])
    assert cut_out("甲乙" * 10, "飞地") == ("甲乙" * 10, [])  # the beginning where nothing is found
    assert cut_out("甲乙" * 100, "飞地") == ("甲乙" * 60 + "…", [])
    assert cut_out("业园" + "乙" * 3, "产业园区", partly=True) == ("业园" + "乙" * 3, ["业园"])
    assert cut_out("业园" + "乙" * 3, "产业园区")[1] == []


def test_marks_on_a_snippet_end_where_it_is_cut() -> None:
    cut, found = cut_out("甲" * 300 + "。飞地" + "乙" * 117 + "飞地" + "乙" * 50, "飞地")
    assert cut.endswith("乙飞…") and found == ["飞地", "飞"]
    text = "甲" * 300 + "园区" + "甲" * 29 + "飞地" + "乙" * 300
    cut, spans = snippet(text, highlighter(parse("园区 飞地")), {"飞地": 1.0})
    assert cut.startswith("…区甲") and [cut[a:b] for a, b in spans] == ["区", "飞地"]
    cut, spans = snippet(text.replace("园区", "园区甲"), highlighter(parse("园区 飞地")), {"飞地": 1.0})
    assert [cut[a:b] for a, b in spans] == ["飞地"]


def test_the_best_passage_is_at_most_two_thirds_of_a_snippet() -> None:
    text = "利益" + "甲" * 76 + "飞地。" + "乙" * 300 + "。利益" + "丙" * 75 + "飞地" + "丁" * 300
    cut, _ = cut_out("甲" * 300 + "。" + text.replace("甲" * 76, "甲" * 77), "飞地 利益")
    assert cut.startswith("…利益丙")
    cut, _ = cut_out("甲" * 300 + "。" + text, "飞地 利益")
    assert cut.startswith("…利益甲")


def test_the_snippet_shows_where_the_words_stand_together() -> None:
    text = "招商工作年年有。" * 40 + "甲县与乙区共建飞地，按税收分享利益。" + "利益在各处。" * 40
    read = parse("飞地 利益 税收")
    cut, spans = snippet(text, highlighter(read), weigh(read, Frequencies()).passage)
    assert cut.startswith("…甲县与乙区") and [cut[a:b] for a, b in spans][:3] == ["飞地", "税收", "利益"]
