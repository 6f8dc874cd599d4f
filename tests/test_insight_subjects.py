"""Industries, firms, investors' origin, events and genre: composed texts, each with what must and what must not be read."""

from __future__ import annotations

import pytest

from indexer.insight import Reading, explain, read
from indexer.insight.subjects.events import event_names
from indexer.insight.subjects.firms import core, same_firm
from indexer.insight.subjects.industries import industries, names_industry

SIGNING = (
    "5月8日，青禾县举行招商引资项目集中签约仪式，现场签约12个项目，总投资86亿元，涵盖动力电池、生物医药、装备制造等领域。"
    "其中，深圳岚川新能源科技有限公司投资30亿元建设锂电池生产基地。去年引进的岚川新能源一期项目已于3月开工建设。"
    "副县长一行还赴德国开展招商，拜访了当地汽车零部件企业。"
)


def test_a_report_of_a_signing() -> None:
    reading = read("青禾县集中签约12个项目", SIGNING)
    assert {"battery", "biopharma", "machinery"} <= {found.id for found in reading.industries}
    assert [firm.name for firm in reading.firms] == ["深圳岚川新能源科技有限公司"], "the short form is the same firm"
    assert reading.firms[0].role == "investor"
    assert {"signed", "started", "visit"} <= {found.id for found in reading.events}
    assert "DE" in {found.id for found in reading.origins}
    assert reading.genre == "news"


def test_each_has_the_passage_that_says_so() -> None:
    reading = read("青禾县集中签约12个项目", SIGNING)
    signed = next(found for found in reading.events if found.id == "signed")
    assert "签约" in SIGNING[signed.start : signed.end]
    battery = next(found for found in reading.industries if found.id == "battery")
    assert "电池" in SIGNING[battery.start : battery.end]
    firm = reading.firms[0]
    assert SIGNING[firm.start : firm.end] == firm.name
    for found in (*reading.industries, *reading.events, *reading.origins):
        assert 0 < found.probability <= 1


def test_an_operator_is_told_the_passage_of_each() -> None:
    told = explain("青禾县集中签约12个项目", SIGNING)
    assert told["genre"] == "news" and told["firms"][0]["quote"] == "深圳岚川新能源科技有限公司"
    assert all(found["quote"] for kind in ("industries", "origins", "events") for found in told[kind])


def test_goals_are_no_events() -> None:
    text = "下一步，我县要大力开展招商引资，力争全年签约亿元以上项目30个，推动一批项目早日开工、早日投产，支持企业增资扩产。"
    assert not [found for found in read("", text).events if found.sure]


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("招商引资签约项目涉及公共汽车运营，副县长到汽车站调研。", "vehicles"),
        ("县政协组织私人参与招商引资座谈，把园区打造成锻造人才的平台。", "tcm"),
        ("招商引资项目由农业农村局牵头服务，农业银行提供贷款。", "agriculture"),
    ],
)
def test_words_in_other_words_are_no_industry(text: str, industry: str) -> None:
    assert industry not in {found.id for found in read("招商引资", text).industries}


def test_banks_and_chambers_in_passing_are_no_firms() -> None:
    text = "招商引资推介会上，农业银行青禾县支行与市江苏商会、青禾县工商联签订合作备忘录，随后恒拓精密机械有限公司签约落户。"
    assert [firm.name for firm in read("", text).firms] == ["恒拓精密机械有限公司"]


def test_a_text_off_the_subject_has_a_genre_alone() -> None:
    reading = read("关于公布运动会名单的公告", "现将名单公告如下。特此公告。")
    assert (reading.topic, reading.genre) == (False, "notice")
    assert not (reading.industries or reading.firms or reading.events or reading.origins)


@pytest.mark.parametrize(
    ("title", "text", "genre"),
    [
        (
            "青禾县招商引资优惠办法",
            "第一条 为鼓励投资，结合实际，制定本办法。\n第二条 给予企业奖励。\n第九条 本办法自印发之日起施行。",
            "policy",
        ),
        ("2025年政府工作报告", "各位代表：现在，我代表县人民政府向大会报告工作。招商引资取得实效。", "report"),
        (
            "在招商引资大会上的讲话",
            "同志们：今天召开大会，主要任务是动员全县上下抓招商。祝大会圆满成功！谢谢大家。",
            "speech",
        ),
        ("县城招商引资大家怎么看", "楼主：听说来了个大厂，大家怎么看？\n2楼：我觉得不靠谱吧？", "forum"),
        (
            "县域招商为何内卷",
            "摘要：本文认为，一方面地方竞相让利，另一方面企业择地而迁。由此可见，招商引资应当回归产业逻辑。",
            "analysis",
        ),
        ("青禾县招商引资再传捷报", "本报讯（记者 李明）记者从县商务局获悉，5月签约项目3个。", "news"),
    ],
)
def test_genres(title: str, text: str, genre: str) -> None:
    assert read(title, text).genre == genre


def test_a_reading_is_kept_as_json() -> None:
    reading = read("青禾县集中签约12个项目", SIGNING)
    assert Reading.from_json(reading.to_json()) == reading


def test_taxonomies_are_whole() -> None:
    assert len(industries()) == 50
    assert len(event_names()) == 8
    assert names_industry("动力电池产业") and not names_industry("岚川新能源")


def test_full_and_short_names_of_a_firm() -> None:
    assert core("深圳市岚川科技股份有限公司") == core("深圳市岚川科技") == "深圳市岚川科技"
    assert same_firm("岚川科技(上海)有限公司", "岚川")
    assert not same_firm("岚川科技", "岚山科技")
