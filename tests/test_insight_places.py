"""Places: names found, told apart and weighed; and the table of regions under them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.regions import by_adcode, find, is_within, lineage, path, regions
from indexer.insight import read
from indexer.insight.places import find_places
from indexer.insight.plain_text import plain

PROMOTES = "开展产业链招商，引进项目十二个，签约额三十亿元，招商引资势头良好。"


def about(text: str, title: str = "") -> list[str]:
    return list(read(title, text + PROMOTES).regions)


def codes(text: str) -> list[str]:
    return [mention.code for mention in find_places(plain(text).text)[1]]


def test_the_table_is_a_tree() -> None:
    for region in regions():
        assert lineage(region.adcode)[-1] == region.adcode
        if region.level == "county":
            assert path(region.adcode)[0].level == "province"
    assert sum(region.level == "province" for region in regions()) == 34


@pytest.mark.parametrize(
    ("word", "code"),
    [("长沙", "430100"), ("长沙市", "430100"), ("changsha", "430100"), ("Chang Sha", "430100"), ("430100", "430100"), ("喀左", "211324"), ("襄樊市", "420600"), ("120107", "120116"), ("shaanxi", "610000")],
)  # fmt: skip
def test_a_place_is_found_by_any_of_its_names(word: str, code: str) -> None:
    assert find(word)[0].adcode == code


def test_a_place_is_found_by_all_that_it_lies_in() -> None:
    for region in regions():
        if region.level != "country":
            written = "".join(step.name for step in path(region.adcode))
            assert region in find(written), written
    assert [r.adcode for r in find("湖南邵阳绥宁")] == ["430527"] and find("朝阳")[0] != find("北京朝阳")[0]
    assert find("长沙湖南") == find("湖南路") == find("湖" * 1000) == []


def test_a_word_that_names_nothing_finds_nothing() -> None:
    assert find("没有这个地方") == [] and find("999999") == [] and by_adcode("") is None
    assert not is_within("430100", "999999") and path("1") == []


def test_a_place_lies_in_what_holds_it() -> None:
    assert is_within("430102", "430000") and is_within("430102", "100000") and not is_within("430000", "430102")
    assert by_adcode("110103").adcode == "110101"  # type: ignore[union-attr]  # 崇文区 is 东城区 now


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("南京市鼓楼区设立专班。", "320106"),
        ("福州市鼓楼区设立专班。", "350102"),
        ("徐州召开大会。鼓楼区作了发言。", "320302"),
        ("沈阳市铁西区新增企业。", "210106"),
        ("长春高新区开工。", "220100"),
        ("青岛西海岸新区揭牌。", "370211"),
        ("吉林省吉林市船营区。", "220204"),
        ("襄樊市引来客商。", "420600"),
    ],
)
def test_names_that_several_places_share_are_told_apart(text: str, code: str) -> None:
    assert codes(text)[-1] == code


@pytest.mark.parametrize(
    "text",
    [
        "投资兴业正当时。",
        "共建和平家园，同心同德。",
        "北京时间八点。",
        "黄河南岸风光好。",
        "京东方投产。",
        "公安机关提醒。",
        "嘉宾来宾二百人。",
    ],
)
def test_words_that_only_look_like_places(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("title", "text", "regions"),
    [
        ("", "新华社长沙8月1日电 湖南省商务厅介绍，湖南上半年成绩不俗。湖南将办好湘商大会。", ["430000"]),
        ("", "本报讯 鞍山市委书记率队赴重庆、武汉考察，拜访重庆远山科技有限公司。鞍山将做好服务。", ["210300"]),
        ("定南：山区小县的新路", "江西定南县承接大湾区企业。定南县向深圳派出小分队。", ["360728"]),
        ("", "长春新区举行恳谈会，来自上海的企业家到会。长春新区负责人作了推介。", ["220100"]),
        (
            "",
            "商务部介绍，全国利用外资结构向好。我国高技术产业引资增长，江苏、广东、山东、湖北、四川增速居前，全国新设企业增加。",
            ["100000"],
        ),
        ("", "陕西省推介会上，陕南三市（汉中、安康、商洛）的项目集中亮相。", ["610700", "610900", "611000"]),
        ("凤凰：山城来了新客商", "湖南省凤凰县办了推介会。凤凰把客商请进来，凤凰的干部走出去。", ["433123"]),
        ("海安的擂台", "各镇书记上台打擂。五个小组住进上海的写字楼，在上海、杭州设了联络处，上海离得近。", ["320685"]),
        ("", "浙江援藏干部请嘉兴、湖州的老板进藏，那曲给补贴，厂子建在那曲物流中心。", ["540600"]),
        ("", "临海报讯 我市与深圳、东莞的企业签约。宁波市投促部门说，宁波今年已有项目落地。", ["330200"]),
    ],
)
def test_the_subject_is_the_place_that_attracts(title: str, text: str, regions: list[str]) -> None:
    assert about(text, title) == regions


def test_other_places_are_mentioned_and_not_the_subject() -> None:
    reading = read("", "鞍山市赴重庆、武汉招商，鞍山市委表示欢迎。" + PROMOTES)
    assert reading.regions == ("210300",) and set(reading.mentioned) == {"500000", "420100"}


def test_where_investors_come_from_is_never_the_subject() -> None:
    reading = read("", "来自浙江的客商落户本镇，另有广东老板办厂。" + PROMOTES)
    assert reading.regions == () and set(reading.mentioned) == {"330000", "440000"}


def test_a_district_that_acts_needs_no_city_beside_it() -> None:
    assert about("肃州区推行“一把手”招商，干部赴四川、重庆、江苏对接，江苏企业、四川企业先后看地。") == ["620902"]


@given(
    st.lists(
        st.sampled_from(["长沙", "市", "鼓楼区", "赴", "高新区", "、", "。", "浙江", "\n", "中国", "来湘", "電", " "]),
        max_size=25,
    )
)
def test_mentions_lie_in_the_text_in_order_and_have_known_codes(parts: list[str]) -> None:
    text = "".join(parts)
    mentions = find_places(plain(text).text)[1]
    assert [m.start for m in mentions] == sorted(m.start for m in mentions)
    assert all(0 <= m.start < m.end <= len(text) and by_adcode(m.code) for m in mentions)


def test_a_zone_known_from_elsewhere_lies_where_the_text_says() -> None:
    own = read(
        "", "江阴市召开产业强区推进会，临港开发区全年招引项目二十个。江阴临港开发区负责人说，江阴市将继续招商引资。"
    )
    assert own.regions == ("320281",)
    assert read("", "上海临港新片区持续招商引资，今年签约项目三十个。").regions == ("310115",)


def test_of_two_partners_the_one_named_first_comes_first() -> None:
    text = "滁州与南京共建产业园，招商引资由南京团队牵头，滁州配套土地。三年来，滁州签约项目四十个，南京选派的干部常驻园区，南京的企业来了二十家。"
    reading = read("滁州与南京共建园区三周年", text)
    assert (reading.regions, reading.partners) == (("341100", "320100"), ("320100",))


def test_a_report_on_three_places_is_of_all_three() -> None:
    text = (
        "桐庐县派出五支小分队招商引资，签约项目十二个。建德市由市领导带队外出招商，新引进项目九个。"
        "淳安县依托商会招商引资，落户企业七家。三地做法各有所长。"
    )
    assert set(read("三地招商见闻", text).regions) == {"330122", "330182", "330127"}
    assert read("桐庐县招商引资见闻", text).regions == ("330122",)


@pytest.mark.parametrize(
    ("text", "home", "partner"),
    [
        ("亳州—芜湖现代产业园里机器响。", "341600", "340200"),
        ("由宜宾市与自贡市共建的川南合作园区开园。", "511500", "510300"),
        ("安徽宣城、江苏南京两地携手打造的省际毗邻合作区里，南京的企业来了七家。", "341800", "320100"),
        ("缙云县在杭州设立科创飞地。", "330100", "331122"),
        ("深汕特别合作区开工一批项目。", "441500", "440300"),
        ("丽水市与宁波市共同建设的山海协作产业园位于丽水市区。", "331100", "330200"),
    ],
)
def test_both_sides_of_a_shared_park_are_subjects(text: str, home: str, partner: str) -> None:
    reading = read("", text + PROMOTES)
    assert reading.regions == (home, partner) and reading.partners == (partner,)


@pytest.mark.parametrize(
    "text",
    [
        "阜南县与深圳、东莞的企业签约。",
        "岳阳市代表团考察了苏州工业园区。岳阳市与苏州市座谈。",
        "旌德县就在合肥—福州高铁旁，县里建起产业园。",
    ],
)
def test_a_place_beside_another_is_no_partner(text: str) -> None:
    reading = read("", text + PROMOTES)
    assert len(reading.regions) == 1 and reading.partners == ()


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("普陀区开会，长征镇党委书记讲话。", ["310107"]),
        ("颍上县开会，江口镇负责人介绍做法。", ["341226"]),
        ("湖北日报讯 省商务厅部署工作。", ["420000"]),
        ("黑龙江垦区在三江平原上办起加工厂。", ["230000"]),
        ("江汉平原上的监利市来了客商。", ["421088"]),
        ("信丰县与磐石锂业、泰山石膏签约。", ["360722"]),
        ("枣阳市小分队走进苏州工业园区、合肥科学岛。", ["420683"]),
        ("祖籍莆田的老板回到兴国县办厂。", ["360732"]),
        ("据安庆日报报道，宿松县开工项目十二个。", ["340826"]),
    ],
)
def test_names_in_other_names_are_no_place(text: str, regions: list[str]) -> None:
    assert about(text) == regions
