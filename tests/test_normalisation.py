"""The one normalisation: the same as the sum of its characters, once is enough, and every character knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalisation import normalise, normalise_with_offsets, script_of, strip_pinyin_notes

TRICKY = "高郵市商務局乾后裏招商引资ＡＢ１２ㄅ①㎡½…㈱ﬁǅİßΣςéàÅ()（）wùzé務务们們か゛ﾊﾞ가ᄀ\u1161\u11a8\u0301\u0327\u200b\u00ad\ufe0f\ufeff\u0340\u3000 \n-_"
texts = (
    st.text()
    | st.text(st.sampled_from(TRICKY))
    | st.lists(st.sampled_from(["務(wù)", "(", "(ù)", "（zé）", "们(men)", "商", "e\u0301", "\u200b"])).map("".join)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("高郵市商務(wù)局負責(zé)人", "高邮市商务局负责人"),
        ("ＧＤＰ增长１２％", "gdp增长12%"),
        ("乾坤与干部", "干坤与干部"),
        ("招\u200b商\ufeff引资", "招商引资"),
        ("e\u0301cole", "école"),
        ("项目(一期)达产", "项目(一期)达产"),
        ("我們(men)看著(zhe)", "我们看著"),
    ],
)
def test_texts_become_what_is_searched(text: str, expected: str) -> None:
    assert normalise(text) == expected


@settings(max_examples=400)
@given(texts)
def test_once_is_enough(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@settings(max_examples=400)
@given(texts)
def test_each_character_knows_where_it_came_from(text: str) -> None:
    known = normalise_with_offsets(text)
    assert known.text == normalise(text)
    assert len(known.starts) == len(known.ends) == len(known.text)
    for i in range(len(known.text)):
        start, end = known.span(i, i + 1)
        assert 0 <= start < end <= len(text)
        assert known.text[i] in normalise(text[start:end])
        if i:
            assert known.starts[i] >= known.starts[i - 1] and known.ends[i] >= known.ends[i - 1]


@given(st.text(st.sampled_from("高郵市商務局乾后裏招商引资着(wù)")))
def test_pinyin_notes_go_and_nothing_else(text: str) -> None:
    stripped = strip_pinyin_notes(text)
    assert [c for c in stripped if c not in "(wù)"] == [c for c in text if c not in "(wù)"]


def test_script() -> None:
    assert script_of("招商引資是經濟發展源頭活水") == "hant"
    assert script_of("招商引资是经济发展源头活水") == "hans"
    assert script_of("2024-03-13 abc") is None
