"""Drift: each sign of a changed layout is told, and an ordinary night is not."""

import pytest

from crawler.stages.drift import Read, drift, fewer_entries


def pages(
    n: int = 8,
    *,
    title: str = "第{n}场签约",
    text: str = "第{n}个项目落地，投资{n}亿元。\n样例县投资促进局",
    sure: float = 0.9,
    outcome: str = "article",
    listed: str = "第{n}场签约",
) -> list[Read]:
    facts = [
        (f"http://qinghe.example/{i}.html", title.format(n=i), text.format(n=i), listed.format(n=i)) for i in range(n)
    ]
    return [
        Read(i, url, canonical_url=url, outcome=outcome, reason="", title=t, text=x, confidence=sure, listed=on)
        for i, (url, t, x, on) in enumerate(facts)
    ]


@pytest.mark.parametrize(
    ("tonight", "told"),
    [
        (pages(title="清河政府网", listed=""), "标题忽然雷同：8 页里 8 页"),
        (pages(2, title="清河政府网"), "标题忽然与列表上的不符：2 页里 2 页"),
        (pages(text="首页 要闻 公开 互动 服务 专题\n版权所有 清河县人民政府办公室\n{n}"), "正文忽然雷同"),
        (pages(sure=0.6), "提取把握下降：从 90% 到 60%"),
        (pages(3, outcome="not_article", title="", text=""), "忽然提取不出文章：3 页里 3 页"),
        (pages(5, outcome="rejected"), "忽然大多不切题：5 页里有 5 页"),
    ],
)
def test_a_changed_layout_is_told(tonight: list[Read], told: str) -> None:
    (sign,) = drift(tonight, pages(60))
    assert told in sign.told and sign.example in tonight
    assert drift(tonight, tonight * 8) == []  # it was so before
    assert drift(tonight[:1], pages(60)) == [] == drift(tonight, pages(3))  # too few to tell


@pytest.mark.parametrize(
    "tonight",
    [
        pages(5, sure=0.85),
        pages(2, title="同一篇", listed="同一篇"),  # published twice
        pages(5, outcome="rejected"),  # a quiet day for the subject
        pages(1, outcome="not_article", title="") + pages(6),
        pages(4, listed="第{n}场签…"),
        pages(4, title="双溪：第{n}场签约", listed="第{n}场签约 [图]"),
    ],
)
def test_an_ordinary_night_is_quiet(tonight: list[Read]) -> None:
    assert drift(tonight, pages(48) + pages(12, outcome="rejected")) == []


def test_what_is_off_the_subject_is_no_measure_where_most_is() -> None:
    """A general paper: most is rejected, and what is rejected may be read with less confidence."""
    earlier = pages(50, outcome="rejected", sure=0.5) + pages(10)
    tonight = pages(9, outcome="rejected", sure=0.5, text="天气预报\n晴转多云，偏南风三级") + pages(1)
    assert drift(tonight, earlier) == []


def test_fewer_entries() -> None:
    assert fewer_entries(2, [20, 21, 19]) == "列表上的条目忽然变少：2 条，从前 20 条"
    assert fewer_entries(8, [20, 21, 19]) is None and fewer_entries(None, [20, 20]) is None
    assert fewer_entries(1, [5, 5, 5]) is None and fewer_entries(0, []) is None
