"""Documents that a text cites: by title, by number in all its brackets, by a short name; and what in 《》 is none."""

from __future__ import annotations

import pytest

from indexer.insight.documents.citations import find_citations
from indexer.insight.documents.official import Official, official_of
from indexer.insight.documents.titles import key_of_title, own_keys
from indexer.insight.plain_text import plain


def cited(text: str) -> list[tuple[str, str, int]]:
    return [(one.title, one.number, one.times) for one in find_citations(plain(text))]


def test_a_title_with_its_number_and_its_short_name() -> None:
    text = "青禾县印发《青禾县招商引资奖励办法》（青政发〔2023〕5号，以下简称《办法》）。《办法》自六月起施行。《青禾日报》报道。"
    (one,) = find_citations(plain(text))
    assert (one.title, one.number, one.times) == ("青禾县招商引资奖励办法", "青政发〔2023〕5号", 3)
    assert text[one.start : one.end].startswith("《青禾县招商引资奖励办法》")
    assert text[one.from_ : one.to].endswith("。") and one.from_ == 0


@pytest.mark.parametrize(
    "written",
    [
        "国发〔2018〕44号",
        "国发[2018]44号",
        "国发【2018】44号",
        "国发（2018）44号",
        "国发 〔 2018 〕 第 44 号",
        "国发﹝2018﹞44号",
    ],
)
def test_a_number_in_all_its_brackets(written: str) -> None:
    assert cited(f"根据{written}文件精神，开展招商。") == [("", "国发〔2018〕44号", 1)]


def test_an_order() -> None:
    assert cited("依据国务院令第723号执行。") == [("", "国务院令第723号", 1)]


@pytest.mark.parametrize(
    "title",
    [
        "青禾日报",
        "招商引资合作协议",
        "桃花源记",
        "营业执照",
        "不动产权证书",
        "中国好声音",
        "大公报",
        "电视指南",
        "越狱计划",
        "办法",
    ],
)
def test_what_is_no_document(title: str) -> None:
    assert cited(f"会上介绍了《{title}》。") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青禾省人民政府办公厅关于印发《青禾省招商引资办法》的通知", "青禾省招商引资办法（试行）"),
        ("中华人民共和国外商投资法", "外商投资法"),
        ("中共中央 国务院关于促进民营经济发展壮大的意见", "关于促进民营经济发展壮大的意见"),
        ("优化营商环境条例", "《优化营商环境条例》"),
    ],
)
def test_two_citations_of_one_document_meet(one: str, other: str) -> None:
    assert key_of_title(one) == key_of_title(other)


def test_documents_of_two_places_do_not_meet() -> None:
    assert key_of_title("招商引资奖励办法", "青禾县人民政府") != key_of_title("招商引资奖励办法", "白水县人民政府")


def test_an_interpretation_is_not_the_document() -> None:
    assert own_keys("青禾省招商引资办法", "青政发〔2023〕5号", "policy") == ("青禾省招商引资办法", "青政发〔2023〕5号")
    assert own_keys("《青禾省招商引资办法》政策解读", "", "policy") == ()
    assert own_keys("青禾省出台招商引资办法", "", "news") == ()


def test_what_a_document_says_of_itself_in_its_table() -> None:
    text = "索引号：000/2023-01\n发文机关：青禾县人民政府\n发文字号：青政发〔2023〕5号\n成文日期：2023年5月8日\n本办法自2023年6月1日起施行，有效期三年。"
    assert official_of(plain(text)) == Official("青政发〔2023〕5号", "青禾县人民政府", "2023-05-08", "2026-05-31")


def test_what_a_document_says_of_itself_by_its_signature() -> None:
    text = "青政发〔2023〕5号\n各乡镇：根据国发〔2018〕44号，制定本办法，有效期至2028年12月31日。\n青禾县人民政府\n2023年5月8日\n"
    assert official_of(plain(text)) == Official("青政发〔2023〕5号", "青禾县人民政府", "2023-05-08", "2028-12-31")


def test_a_number_that_is_cited_is_not_its_own() -> None:
    assert official_of(plain("根据国发〔2018〕44号，制定本办法。")) == Official()
