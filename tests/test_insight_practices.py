"""Practices: each table of practices.toml is held to its own examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.insight.plain_text import plain
from indexer.insight.practices import LONGEST, read_practices, rules

FOR = [(rule.id, text) for rule in rules().values() for text in rule.examples]
AGAINST = [(rule.id, text) for rule in rules().values() for text in rule.counterexamples]


def found(text: str) -> set[str]:
    return {practice.id for practice in read_practices(plain(text))}


def test_every_practice_is_defined_and_has_examples_on_both_sides() -> None:
    assert len(rules()) == 45
    for rule in rules().values():
        assert rule.name and rule.definition and rule.group in ("招商方式", "服务与政策", "机制")
        assert rule.examples and rule.counterexamples


@pytest.mark.parametrize(("practice", "text"), FOR)
def test_an_example_shows_its_practice(practice: str, text: str) -> None:
    assert practice in found(text)


@pytest.mark.parametrize(("practice", "text"), AGAINST)
def test_a_counterexample_does_not(practice: str, text: str) -> None:
    assert practice not in found(text)


@pytest.mark.parametrize(("practice", "text"), FOR[::5])
def test_script_width_and_spaces_do_not_matter(practice: str, text: str) -> None:
    import opencc

    assert practice in found(opencc.OpenCC("s2t").convert(text))
    assert practice in found(text.replace("，", "， ").replace("（", "("))


def test_what_is_denied_is_no_practice() -> None:
    assert "by_business" in found("全县推行以商招商，引来客商。")
    assert "by_business" not in found("专班说，今后不再搞以商招商。")
    assert "incentives" not in found("严禁违规给予优惠政策。")


def test_the_evidence_is_the_sentence_that_proves_it() -> None:
    text = "天气晴好。会后，客商参观了园区。县里设立招商大使十名，按成效付酬。晚上返程。"
    (practice,) = [p for p in read_practices(plain(text)) if p.id == "agent"]
    assert text[practice.start : practice.end] == "县里设立招商大使十名，按成效付酬。"


def test_of_a_long_sentence_the_clauses_round_the_cue_are_the_evidence() -> None:
    text = (
        "会议指出"
        + "，要把各项工作抓紧抓实抓好抓出成效" * 12
        + "，要聘请企业家担任招商大使"
        + "，要让群众满意并接受监督评议" * 12
        + "。"
    )
    (practice,) = [p for p in read_practices(plain(text)) if p.id == "agent"]
    assert "招商大使" in text[practice.start : practice.end]
    assert practice.end - practice.start <= LONGEST


@given(
    st.lists(st.sampled_from([text for _, text in FOR + AGAINST]), min_size=1, max_size=6),
    st.sampled_from(["", " ", "\n", "　"]),
)
def test_offsets_lie_inside_the_text_and_begin_and_end_on_words(texts: list[str], gap: str) -> None:
    text = gap.join(texts)
    for practice in read_practices(plain(text)):
        assert 0 <= practice.start < practice.end <= len(text)
        quote = text[practice.start : practice.end]
        assert quote == quote.strip() and 0 < practice.confidence < 1
