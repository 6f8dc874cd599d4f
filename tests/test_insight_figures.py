"""Status and stage of figures, as the words tell them; and numbers beside attracted investment that are none."""

import pytest

from indexer.insight import Reading, read

TITLE = "云亭县招商引资工作推进会召开"


def figures(text: str) -> list[tuple[str, str, str, str | None]]:
    reading = read(TITLE, text)
    assert reading.topic
    return [(text[f.start : f.end], f.kind, f.status, f.stage) for f in reading.figures]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一个投资7亿元的造纸项目因排水不合要求被婉拒。", [("7亿元", "invested", "planned", "refused")]),
        ("该县谢绝高耗能项目11个，涉及投资32亿元。", [("11个", "projects", "planned", "refused"), ("32亿元", "invested", "planned", "refused")]),
        ("目前招商引资在谈项目24个，计划总投资130亿元。", [("24个", "projects", "planned", "talks"), ("130亿元", "invested", "planned", "talks")]),
        ("招商引资会上达成意向投资16亿元。", [("16亿元", "signed", "planned", "talks")]),
        ("有人号称投资60亿元，招商引资要防这样的承诺。", [("60亿元", "invested", "planned", None)]),
        ("客商打算投9亿元，在本县办第二座厂。", [("9亿元", "invested", "planned", None)]),
        ("招商引资项目计划总投资19亿元，占地三百亩。", [("19亿元", "invested", "unstated", None)]),
        ("该园区总投资5亿元，以招商引资带动就业。", [("5亿元", "invested", "unstated", None)]),
        ("总投资8亿元的轴承项目昨日开工。", [("8亿元", "invested", "signed", "begun")]),
        ("总投资8亿元的轴承项目尚未开工。", [("8亿元", "invested", "unstated", None)]),
        ("总投资8亿元的轴承项目昨日签约。", [("8亿元", "signed", "signed", None)]),
        ("招商引资重质量，去年清退低效项目6个。", [("6个", "projects", "realised", "ended")]),
        ("签约外资3000万美元，合同外资2亿美元，实际使用外资1亿美元。", [("3000万美元", "signed", "signed", None), ("2亿美元", "signed", "signed", None), ("1亿美元", "fdi", "realised", None)]),
        ("全年实际内联引资21亿元，从县外引进资金6亿元。", [("21亿元", "realised", "realised", None), ("6亿元", "realised", "realised", None)]),
        ("力争全年签约项目50个，到位资金90亿元。", [("50个", "projects", "planned", None), ("90亿元", "realised", "planned", None)]),
        ("会上共签约项目9个，预计总投资30亿元。其中，食品类项目4个，预计投资12亿元。", [("9个", "projects", "signed", None), ("30亿元", "signed", "signed", None), ("4个", "projects", "unstated", None), ("12亿元", "signed", "signed", None)]),
        ("引进亿元以上工业项目12家，新登记外资企业40户。", [("12家", "projects", "realised", None), ("40户", "other", "realised", None)]),
    ],
)  # fmt: skip
def test_status_and_stage_are_told_by_words(text: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "招商引资奖励单笔不超过600万元。",
        "招商引资新规：对投资达到2亿元的，按千分之三给予奖励，累计不超过300万元。",
        "招商引资考核中，引进3000万元以上的每个记5分。",
        "这家招商引资企业在六个省建厂，在九个城市设了12家分公司。",
        "招商引资之余，本市签订技术服务合同88份，合同金额1.7亿元。",
        "招商引资会上说，全县拨付粮食收储资金3亿元，联盟吸引60家民宿企业加盟。",
        "招商引资园区亩均税收达到45万元。",
    ],
)
def test_what_is_no_figure(text: str) -> None:
    assert figures(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "对总投资3亿元以上的先进制造业项目，按设备投资额的8%给予最高2000万元补助。",
        "凡引进总投资5亿元的工业项目，按到位资金的千分之二奖励引荐人。",
        "介绍人奖励不超过80万元，由受益的县级财政承担。",
        "对新签约且一年内开工的10亿元项目，每个奖励招引单位50万元。",
        "新引进的总部企业，年纳税达到1000万元的，前三年按地方贡献的80%奖励。",
        "一次性引进5家以上配套企业入驻的运营机构，给予200万元奖励。",
        "投资总额达到2亿元且实际到位1亿元以上的，可以一事一议。",
        "本办法所称重大项目，是指协议投资20亿元以上、落户后三年内实现产值30亿元的工业项目。",
        "企业增资扩股新增实际使用外资3000万美元，按2%的比例给予不超过500万元的支持。",
        "2024年1月1日后新引进的企业，三年内累计投资2亿元的，给予一次性奖励。",
    ],
)
def test_to_what_a_rule_applies_is_no_figure(text: str) -> None:
    assert figures(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("去年，全县引进总投资5亿元的工业项目，兑现奖励资金600万元。", [("5亿元", "invested", "unstated", None), ("600万元", "other", "realised", None)]),
        ("县里对总投资3亿元以上的项目实行领导包联，已有6个项目开工，到位资金4亿元。", [("6个", "projects", "realised", "begun"), ("4亿元", "realised", "realised", None)]),
        ("对某电池厂投资20亿元的二期项目，园区已给予补贴3000万元。", [("20亿元", "invested", "unstated", None), ("3000万元", "invested", "realised", None)]),
        ("县里引进总投资8亿元的轴承厂，给予土地优惠。", [("8亿元", "invested", "unstated", None)]),
        ("市里对接上海企业，签约项目12个，签约额60亿元，给予招商专员奖励。", [("12个", "projects", "signed", None), ("60亿元", "signed", "signed", None)]),
    ],
)  # fmt: skip
def test_what_was_done_stays_a_figure_beside_what_is_given(
    text: str, expected: list[tuple[str, str, str, str | None]]
) -> None:
    assert figures(text) == expected


def test_a_state_or_stage_that_is_unknown_is_refused() -> None:
    kept = read(TITLE, "总投资8亿元的轴承项目昨日开工。").to_json()
    assert Reading.from_json(kept).figures[0].stage == "begun"
    for name in ("status", "stage"):
        with pytest.raises(ValueError, match="unknown status or stage"):
            Reading.from_json({**kept, "figures": [{**kept["figures"][0], name: "asleep"}]})


@pytest.mark.parametrize(
    ("text", "project", "firm"),
    [
        ("县里与青溪新材料有限公司签约，投资6亿元的碳纤维项目落地。", "碳纤维项目", "青溪新材料有限公司"),
        ("“绿谷智造园”项目总投资12亿元，昨日开工。", "绿谷智造园", None),
        ("由恒泰集团投资的年产三万吨铝箔项目，总投资9亿元。", "年产三万吨铝箔项目", "恒泰集团"),
        ("会上签约26个项目，总投资80亿元。", None, None),
        ("甲山集团、乙水集团都来签约，项目总投资7亿元。", None, None),
    ],
)
def test_project_and_firm_are_those_of_the_sentence(text: str, project: str | None, firm: str | None) -> None:
    figure = next(f for f in read(TITLE, text).figures if f.unit == "CNY")
    assert (figure.project, figure.firm) == (project, firm)
