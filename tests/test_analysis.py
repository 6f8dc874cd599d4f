"""Tokens by one rule for texts and queries, the same through rjieba and jieba; lexicon files that are checked when they are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalisation import normalise
from indexer.analysis.document import Document
from indexer.analysis.fields import prepare
from indexer.analysis.lexicon import FILES, LexiconError, lexicon, read_lexicon
from indexer.analysis.segmentation import PythonSegmenter, RustSegmenter, segmenter
from indexer.analysis.tokens import phrase, runs, streams
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.query.parser import parse
from indexer.query.tree import Word
from indexer.search.highlight import mark
from indexer.search.lexicon_check import check

SETS = Path(__file__).parents[1].parent / "shared" / "retrieval"
PIECES = [
    "招商引资",
    "飞地经济",
    "经济技术开发区",
    "的",
    "与",
    "中华人民共和国",
    "南京市长江大桥",
    "gdp",
    "5g",
    "é",
    "α",
    "3.5",
    "ひらカナ",
    "한국",
    "㐀",
    "𠀀",
    "，",
    "\n",
    "_",
]


def test_units_by_rule() -> None:
    found = streams(normalise("第3届 5G产业,GDP增长3.5%,café与α粒子"), segmenter())
    assert found.grams.split() == [
        "第",
        "3",
        "届",
        "5g",
        "产",
        "产业",
        "业",
        "gdp",
        "增",
        "增长",
        "长",
        "3",
        "5",
        "café",
        "与",
        "α",
        "粒",
        "粒子",
        "子",
    ]
    assert found.chars.split() == [
        "第",
        "3",
        "届",
        "5g",
        "产",
        "业",
        "gdp",
        "增",
        "长",
        "3",
        "5",
        "café",
        "与",
        "α",
        "粒",
        "子",
    ]
    assert sorted(found.words.split()) == sorted(
        ["第", "届", "产业", "增长", "与", "粒子", "3", "5g", "gdp", "3", "5", "café", "α"]
    )


def test_two_plus_signs_belong_to_the_letters_before_them() -> None:
    assert streams("c++和c语言", segmenter()).grams.split() == ["c++", "和", "c", "语", "语言", "言"]
    assert streams("5g+工业 互联网++ c+++ a+b", segmenter()).words.split() == ["工业", "互联网", "5g", "c", "a", "b"]
    assert parse("Ｃ＋＋").root == Word("c++")
    assert mark("C++ 和 C 语言", "c") == [(6, 7)] and mark("C++ 和 C 语言", "c++") == [(0, 3)]


def test_user_words_stay_whole() -> None:
    for word in lexicon().words:
        assert segmenter().cut(word) == [word]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1).map("".join))
def test_a_part_of_a_text_is_a_part_of_its_grams(text: str) -> None:
    text = normalise(text)
    tokens = streams(text, segmenter()).grams.split()
    found = runs(text)
    for first in range(len(found)):
        for last in range(first, min(first + 3, len(found))):
            part = phrase(text[found[first].start : found[last].end])
            assert any(tuple(tokens[at : at + len(part)]) == part for at in range(len(tokens)))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join))
def test_both_segmenters_give_the_same_tokens(text: str) -> None:
    assert streams(normalise(text), _RUST) == streams(normalise(text), _PYTHON)


@pytest.mark.skipif(not SETS.is_dir(), reason="the retrieval sets are not here")
def test_both_segmenters_give_the_same_tokens_on_real_texts() -> None:
    with (SETS / "drcd" / "docs.jsonl").open(encoding="utf-8") as file:
        texts = [normalise(json.loads(line)["text"]) for line in list(file)[::20]]
    assert len(texts) >= 100
    for text in texts:
        assert streams(text, _RUST) == streams(text, _PYTHON)


_RUST, _PYTHON = RustSegmenter(lexicon().words), PythonSegmenter(lexicon().words)


GOOD = {
    "words.toml": '[a]\nfrequency = 5\nwords = ["飞地"]',
    "equivalents.toml": 'groups = [["经开区", "開發區"]]',
    "function.toml": 'words = ["的"]',
}


def test_a_lexicon_is_normalised_and_versioned() -> None:
    one = read_lexicon(GOOD)
    assert one.equivalents == {"经开区": ("开发区",), "开发区": ("经开区",)} and one.words == {"飞地": 5}
    two = read_lexicon({**GOOD, "equivalents.toml": "groups = []"})
    assert one.version == two.version and one.equivalents_version != two.equivalents_version
    assert read_lexicon({**GOOD, "words.toml": '[a]\nfrequency = 6\nwords = ["飞地"]'}).version != one.version


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("words.toml", "[a", "不是有效的 TOML"),
        ("words.toml", '[a]\nwords = ["飞地"]', "frequency"),
        ("words.toml", '[a]\nfrequency = 5\nwords = ["飞地", "飛地"]', "写了两次"),
        ("words.toml", '[frequent]\nwords = ["gdp"]', "三个以上的汉字"),
        ("equivalents.toml", 'groups = [["经开区"]]', "不足两个词"),
        ("function.toml", "words = 3", "词的列表"),
    ],
)
def test_a_broken_lexicon_names_file_key_and_reason(file: str, content: str, reason: str) -> None:
    assert set(GOOD) == set(FILES)
    with pytest.raises(LexiconError, match=reason) as caught:
        read_lexicon({**GOOD, file: content})
    assert file in str(caught.value)


def test_check_names_words_that_do_nothing_or_harm(tmp_path: Path) -> None:
    engine = TantivyEngine.open(tmp_path, write=True)
    texts = ["高新技术产业园区的规划", "产业园里有园区", "别的事情"]
    prepared = [
        prepare(
            Document(
                f"{n:016x}", n + 1, url="http://a.example/", canonical_url="http://a.example/", title="", text=text
            )
        )
        for n, text in enumerate(texts)
    ]
    engine.write(prepared, (), 3)
    words = '[a]\nfrequency = 500\nwords = ["招商引资", "园区的规", "量子飞地"]'
    remarks = check(
        read_lexicon({**GOOD, "words.toml": words, "equivalents.toml": 'groups = [["园区", "产业园区"]]'}), engine
    )
    found = {(remark.level, remark.word, remark.reason) for remark in remarks}
    assert ("idle", "招商引资", "不写也已是一个词。") in found and (
        "idle",
        "量子飞地",
        "文库里还没有文章写到它。",
    ) in found
    assert ("idle", "产业园区", "本来就含有“园区”，查“园区”时已能找到。") in found
    engine.close()


def test_the_shipped_lexicon_has_no_harmful_words() -> None:
    assert [remark for remark in check(lexicon()) if remark.level == "harm" or "切成" in remark.reason] == []
