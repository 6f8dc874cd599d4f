"""The topic gate: what is about investment promotion, and the company names, careers and fairs that only sound like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.topic import TOPIC_VERSION, any_of, score

ABOUT = {
    "signing": "本报讯 十六日，临湖县举行产业招商推介会，现场签约项目九个，总投资三十二亿元。县投资促进局介绍，今年以来全县新引进亿元以上项目二十一个。",
    "report": "坚持招大引强，绘制产业链招商图谱，开展驻点招商、以商招商。强化要素保障，推动签约项目早落地、早开工，全年到位资金增长一成。",
    "policy": "对新引进的总部经济项目，固定资产投资超过一亿元的，实行“一事一议”；租用标准厂房的，前三年租金减免。",
    "foreign": "上半年全省实际使用外资稳步增长。省商务厅组织团组赴境外招商，重大外资项目专班逐个推进。",
    "traditional": "臨湖市舉行招商引資大會，現場簽約項目十二個，總投資六十億元，市商務局負責人介紹了產業鏈招商的做法。",
    "in other words": "临湖县的干部一年跑了二百多家厂，请来做阀门的十九家，投资六亿元。县国投跟投两成，厂房头两年不收房租，最快的一家摘牌当天拿证、次日打桩。",
    "acts alone": "镇里没有空地，几个村把谈来的厂子一起放进县城的园区，收的税三成留县里、七成还给村里。",
    "a contest": "大赛前三名如果把公司开在本区，办公室三年不收钱，今年已有七个团队注册。",
    "a delegation": "省政府代表团在香港拜访商会和银行，请他们向客户推荐本省的新材料产业。",
    "parted": "全 县 招 商 引 资 大 会 召 开，现 场 签 约 项 目 九 个。",
    "strewn": "临★湖★县★招★商★引★资★力度空前，现*场*签*约*项*目*九个。",
    "pinyin": "市商务(wù)局负责(zé)人说，招商引资工作坚持以商引商，项目落(luò)户后全程帮办，新签约项目三十个。",
}
NOT_ABOUT = {
    "bank": "招商银行临湖支行昨日走进社区，向居民讲解防范电信诈骗的常识，招商银行工作人员还发放了宣传册。",
    "developer": "招商蛇口发布业绩，前七个月销售额同比增长，旗下多个楼盘热销，业主踊跃看房。",
    "securities": "招商证券研报认为，消费电子板块估值回升，建议关注龙头股票。",
    "dealers": "某白酒品牌召开经销商大会，启动新一轮加盟招商，诚邀各地代理商、渠道商加入。",
    "career": "某某，男，历任县招商局副局长、招商局局长，因严重违纪违法被开除党籍，涉嫌受贿被查。",
    "passing": "村里的合作社种植食用菌，带动村民增收。前些年通过招商引资建起了大棚，如今脱贫户都在家门口务工。村集体经济一年比一年好。" * 2,
    "fair": "展会招商路演在市会展中心举行，参展商和采购商对接，展位预订过半，专业观众规模扩大。",
    "tourism": "文旅推介会上，两地发布旅游线路，邀请游客前来体验，景区推出门票优惠，消费者可领消费券。",
    "homecoming": "春运期间，老乡们陆续返乡过年，车站开行临时公交，村里备好年货，孩子们盼着父母回来团聚。",
    "shop": "小店老板花八万元把门面重新装修，房租还没谈妥，他说生意好了再请两个帮工。",
    "sports": "球队昨晚主场获胜，球迷热情高涨，冠军奖杯将于下周颁发。",
    "festival": "枇杷节昨日开幕，采购商订走枇杷三百吨，节上还有书画展、篝火晚会和招商引资推介。",
    "occasions": "干部要到信访、招商引资、征地拆迁一线历练，组织部门按季度谈话。",
    "empty": "",
}  # fmt: skip


@pytest.mark.parametrize("name", ABOUT)
def test_texts_on_the_subject_pass(name: str) -> None:
    assert score("", ABOUT[name]).on_topic, score("", ABOUT[name])


@pytest.mark.parametrize("name", NOT_ABOUT)
def test_texts_that_only_sound_like_it_do_not(name: str) -> None:
    assert not score("", NOT_ABOUT[name]).on_topic, score("", NOT_ABOUT[name])


def test_company_names_bring_no_points() -> None:
    assert score("招商银行", "招商蛇口与招商证券签了字").matched == ()


def test_words_that_counted_are_named_with_their_points() -> None:
    matched = dict(score("县里开招商大会", "会上签约项目五个").matched)
    assert matched["招商大会"] > matched["签约项目"] > 0  # the title counts more


def test_one_chapter_of_a_long_report_is_enough_and_one_mention_is_not() -> None:
    filler = "会议听取了关于教育、卫生和交通工作的汇报，研究了冬季供暖和食堂卫生等事项，要求各单位抓好落实。" * 120
    chapter = ABOUT["report"] + ABOUT["signing"] + ABOUT["policy"]
    assert score("", filler + chapter + filler).on_topic
    assert not score("", filler + "还提到了招商引资。" + filler).on_topic


def test_script_does_not_matter() -> None:
    assert score("", "臨湖縣開展產業鏈招商").value == score("", "临湖县开展产业链招商").value


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_has_a_score(title: str, text: str) -> None:
    result = score(title, text)
    assert 0 <= result.value <= 1 and result.on_topic == (result.value >= 0.5)


@given(
    st.lists(st.text("招商引资项目", min_size=1, max_size=5), min_size=1, max_size=8),
    st.text("招商引资项目", max_size=12),
)
def test_the_pattern_of_words_finds_the_longest_word(words: list[str], text: str) -> None:
    import re

    match = re.match(any_of(words), text)
    starts = [w for w in words if text.startswith(w)]
    assert (match[0] if match else None) == (max(starts, key=len) if starts else None)


def test_the_version_tells_code_and_lexicon_apart() -> None:
    code, lexicon = TOPIC_VERSION.split(".")
    assert code.isdigit() and len(lexicon) == 8
