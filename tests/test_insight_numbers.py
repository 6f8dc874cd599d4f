"""Numbers as Chinese texts write them, and which of them are figures of investment promotion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.insight import read
from indexer.insight.figures.numbers import chinese_number, find_numbers
from indexer.insight.figures.periods import read_period
from indexer.insight.plain_text import plain

LEAD = "临湖县招商引资有新进展，招商项目落户开发区。"


def numbers(text: str) -> list[tuple[str, int, str]]:
    body = plain(text)
    return [(text[slice(*body.span(n.start, n.end))], n.value, n.unit) for n in find_numbers(body.text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("总投资1,234.5亿元", [("1,234.5亿元", 123_450_000_000, "CNY")]),
        (
            "近150亿元，50多亿元，逾６０亿元",
            [("150亿元", 15 * 10**9, "CNY"), ("50多亿元", 5 * 10**9, "CNY"), ("６０亿元", 6 * 10**9, "CNY")],
        ),
        ("使用外资3.7亿美元", [("3.7亿美元", 370_000_000, "USD")]),
        ("一期投资4.64亿，占地8万平方米", [("4.64亿", 464_000_000, "CNY")]),
        ("1千万元和5000万元", [("1千万元", 10**7, "CNY"), ("5000万元", 5 * 10**7, "CNY")]),
        (
            "签约七家企业、二十余个项目、三百五十个岗位",
            [("七家", 7, "count"), ("二十余个", 20, "count"), ("三百五十个", 350, "count")],
        ),
        ("1200余家", [("1200余家", 1200, "count")]),
        ("１．５万亿元", [("１．５万亿元", 1_500_000_000_000, "CNY")]),
        ("200 万元", [("200 万元", 2_000_000, "CNY")]),
        ("總投資十二億元", [("十二億元", 1_200_000_000, "CNY")]),
    ],
)
def test_amounts_and_counts(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "数十亿元",
        "百亿元项目",
        "2023年8月3日",
        "第3个",
        "增长12.5%",
        "3个月",
        "2.5亿千瓦时",
        "1个多月",
        "十几",
        "100亿立方米",
        "5个百分点",
        "2亿人次",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert numbers(text) == []


def test_a_range_keeps_both_ends() -> None:
    (pieces,) = find_numbers("每年引进20至30个项目")
    assert (pieces.value, pieces.high) == (20, 30)
    (money,) = find_numbers("投资20-30亿元")
    assert (money.value, money.high) == (2 * 10**9, 3 * 10**9)
    low, high = find_numbers("8000万元到1亿元")
    assert (low.value, high.value) == (80_000_000, 100_000_000)


def test_words_of_more_and_less_are_kept() -> None:
    assert [n.about for n in find_numbers("近5亿元，超过6亿元，7余亿元，8亿元")] == ["less", "more", "more", ""]


@given(st.integers(1, 9999))
def test_chinese_numbers_come_back(value: int) -> None:
    digits, units = "零一二三四五六七八九", ["千", "百", "十", ""]
    out, zero = "", False
    for place, digit in enumerate(f"{value:04}"):
        if digit == "0":
            zero = bool(out)
            continue
        out += ("零" if zero and out else "") + digits[int(digit)] + units[place]
        zero = False
    assert chinese_number(out) == value


@given(
    st.integers(1, 99_999),
    st.sampled_from([("", 1), ("万", 10**4), ("亿", 10**8), ("万亿", 10**12)]),
    st.sampled_from(["元", "美元"]),
)
def test_arabic_amounts_come_back(value: int, times: tuple[str, int], unit: str) -> None:
    for written in (str(value), f"{value:,}"):
        (number,) = find_numbers(f"投资{written}{times[0]}{unit}。")
        assert number.value == value * times[1]


@given(st.text("0123456789.,一二十百千万亿零两多余近超元美个家至-约第数", max_size=30))
def test_any_run_of_digits_is_read_without_error(text: str) -> None:
    for number in find_numbers(plain(text).text):
        assert number.value >= 0 and number.start < number.end


def figures(text: str, published: str | None = None) -> list[tuple[str, str, str]]:
    reading = read("", LEAD + text, published=published)
    return [((LEAD + text)[f.start : f.end], f.kind, f.status) for f in reading.figures]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("活动现场签约项目28个，总投资323亿元。", [("28个", "projects", "signed"), ("323亿元", "signed", "signed")]),
        ("上半年实际到位内资96亿元，实际使用外资2.5亿美元。", [("96亿元", "realised", "realised"), ("2.5亿美元", "fdi", "realised")]),
        ("该县储备项目40个，在谈项目12个。", [("40个", "projects", "planned"), ("12个", "projects", "planned")]),
        ("项目总投资11亿元，建成后年产值可达25亿元，年税收3亿元。", [("11亿元", "invested", "unstated"), ("25亿元", "output", "planned"), ("3亿元", "tax", "planned")]),
        ("会上签了16个，合同额21亿元；年内又引来35家。", [("16个", "projects", "signed"), ("21亿元", "signed", "signed"), ("35家", "other", "realised")]),
        ("项目年投资3亿元，去年园区实现产值25亿元。", [("3亿元", "invested", "unstated"), ("25亿元", "output", "realised")]),
        ("全县储备可投项目46个，年内新开工30个以上。", [("46个", "projects", "planned"), ("30个", "projects", "planned")]),
        ("县里发放200万元消费券，签下一个大项目。", []),
        ("园区吸引20多家企业落户。", [("20多家", "other", "realised")]),
        ("全县地区生产总值完成875亿元，进出口总额40亿元，社会消费品零售总额52亿元。", []),
        ("对投资5000万元以上的企业予以表扬。", []),
    ],
)  # fmt: skip
def test_which_numbers_are_figures(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert figures(text) == expected


def test_a_figure_knows_its_place_and_time() -> None:
    text = "株洲市推进招商引资。2023年上半年，醴陵市引进项目40个，荷塘区引进项目12个；全市签约额70亿元。"
    reading = read("株洲招商引资提速", text, published="2023-08-01")
    assert [(f.value, f.region, f.period) for f in reading.figures][:2] == [
        (40, "430281", "2023H1"),
        (12, "430202", "2023H1"),
    ]
    assert read("", LEAD + "今年引进项目9个。", published="2024-03").figures[0].period == "2024"


@pytest.mark.parametrize(
    ("before", "published", "period"),
    [
        ("“十三五”期间,引进项目总投资", None, "十三五期间"),
        ("2017年三季度,签约", None, "2017Q3"),
        ("2017年前三季度,到位", None, "2017Q1-Q3"),
        ("前三季度到位", "2017-10-01", "2017Q1-Q3"),
        ("下半年签约", "2020-12-01", "2020H2"),
    ],
)
def test_the_time_of_a_number_is_read_by_quarters_and_plans(before: str, published: str | None, period: str) -> None:
    assert read_period(before, published) == period
