"""Practices: each table of practices.toml is held to its own examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.insight.plain_text import plain
from indexer.insight.practice_reliability import practice_reliability
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


@pytest.mark.parametrize(
    ("practice", "text"),
    [
        ("benefit_sharing", "引来的厂子放进县开发区，产值算给出力的镇，税款镇里六成、县里四成。"),
        ("task_force", "招商项目实行县长包园，每个园区由一名副县长盯到投产。"),
        ("agent", "谁牵线成功，财政按投资额给二十万元。"),
        ("supply_chain", "招商围着整车厂转，做座椅的、做线束的厂子搬到一墙之隔。"),
        ("closed_loop", "对签了约还没动工的项目建台账，每周过一遍，哪个局卡住就由哪个局限期解决。"),
    ],
)
def test_an_act_told_without_its_term_counts(practice: str, text: str) -> None:
    assert practice in found(text)


@pytest.mark.parametrize(
    ("practice", "text"),
    [
        ("by_business", "全县招商起步晚，以商招商基本没有成效。"),
        ("fair_competition", "几个镇招商时靠返税互相挖墙脚，厂子来了又走。"),
        ("foreign_capital", "推动平台企业与商户共同成长，支持招商引资。"),
        ("leader_led", "招商考察团由市物流协会会长带队，十几家企业来园区走了一天。"),
        ("door_knocking", "温州客商组团走进高新区，与招商局座谈。"),
        ("big_leading", "招商引资成效明显，去年有十家本地企业上榜中国企业500强。"),
        ("map_catalogue", "优化招商方式，充实基础设施公募产品的项目储备库。"),
        ("labour", "双方利用工商联的渠道开展产业招商。"),
    ],
)
def test_blame_other_directions_names_and_parts_of_words_prove_nothing(practice: str, text: str) -> None:
    assert practice not in found(text)


def test_a_sentence_that_only_names_a_practice_is_shown_with_the_next() -> None:
    text = "天气晴好。利益分享是另一个关键。两县引来的项目，税收四六分成，产值各记一半。"
    (practice,) = [p for p in read_practices(plain(text)) if p.id == "benefit_sharing"]
    assert "分成" in text[practice.start : practice.end]


def test_what_is_sure_has_a_high_probability() -> None:
    read = [p for _, text in FOR for p in read_practices(plain(text))]
    assert {p.sure for p in read} == {True, False}
    assert min(p.confidence for p in read if p.sure) >= 0.9


@pytest.mark.parametrize(
    "hollow",
    [
        "记者：对飞地招商怎么看？",
        "负责飞地招商的工作人员说，大家都很忙。",
        "县里呼吁尽快试行飞地招商。",
        "飞地招商就是最好的招商。",
        "记者走访了三个飞地园区。",
    ],
)
def test_a_sentence_that_only_names_a_practice_is_not_its_proof(hollow: str) -> None:
    told = "云山县与临湖市共建飞地园区，税收按四六分成。"
    for text in (hollow + told, told + hollow):
        read = {p.id: p for p in read_practices(plain(text))}
        assert text[read["enclave"].start : read["enclave"].end] == told
    assert not any(p.sure for p in read_practices(plain(hollow)) if p.id == "enclave")


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


def test_the_table_of_reliability_is_whole_and_names_its_practices() -> None:
    table = practice_reliability()
    assert table.texts > 100 and table.whole.sure > 150 and set(table.practices) <= set(rules())
    assert 0.9 < table.whole.right / table.whole.sure <= 1
