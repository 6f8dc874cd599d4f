"""Dates as they are met, on a page whose head shows today's as many do."""

from __future__ import annotations

import pytest

from crawler.article import format_published
from crawler.extraction import extract
from tests.extraction_samples import page

DAY, MINUTE = "2024-03-13", "2024-03-13T16:24+08:00"
LINES = {
    "2024-03-13 16:24:05": MINUTE,
    "2024年03月13日16:24": MINUTE,
    "2024/3/13 16:24": MINUTE,
    "2024-03-13 下午 4:24": MINUTE,
    "2024-3-13 4:24 PM": MINUTE,
    "2024年 03月 13日  16时24分": MINUTE,
    "发布于：2024-03-13 16:24 来源：新华社": MINUTE,
    "来源：新华社 2024-03-13T16:24:00.000+08:00": MINUTE,
    "提交日期：2024-03-13 16：24": MINUTE,
    "2024-03-13 00:00:00": DAY,
    "时间：2024.3.13": DAY,
    "[2024-03-13]": DAY,
    "２０２４年３月１３日": DAY,
    "2024‑03‑13": DAY,
    "二○二四年三月十三日": DAY,
    "日期：二〇二四年三月十三日": DAY,
    "20240313": DAY,
    "2024年3月13日　星期三": DAY,
    "<span>2024</span>年<span>03</span>月<span>13</span>日": DAY,
    "发布日期：2024年3月13日　更新日期：2024年5月1日": DAY,
    "更新时间：2024-05-01　发布时间：2024-03-13": DAY,
    "发文日期：2024-03-10　发布日期：2024-03-13": DAY,
    "成文日期：2024-03-10　发布日期：2024-03-13": DAY,
}
CLOCKS = (
    "今天是2026年11月25日 星期三",
    "2026年11月25日 星期三",
    "现在是：2026-11-25 17:00",
    "北京时间：2026年11月25日",
    "",
)


def read(byline: str, clock: str, url: str = "http://news.example.com/x/1.html", tail: str = "") -> str | None:
    content = page(f"<p>{byline}</p>" if byline else "", above=f"<div>{clock}</div>", tail=tail)
    return format_published(extract(content, url, headers={"Content-Type": "text/html"}))


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("line", LINES)
def test_lines(line: str, clock: str) -> None:
    assert read(line, clock) == LINES[line]


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(
    "path",
    [
        "2024/0313/c1-2.html",
        "2024-03/13/content_1.htm",
        "202403/t20240313_12.html",
        "art/2024/3/13/art_1_2.html",
        "20240313/1.html",
    ],
)
def test_addresses(path: str, clock: str) -> None:
    assert read("", clock, f"http://www.example.gov.cn/{path}") == DAY


def test_the_head_of_a_page_is_no_date() -> None:
    assert all(read("", clock) is None for clock in CLOCKS)


def test_who_signs_dates() -> None:
    assert read("", CLOCKS[0], tail="<p>某市商务局</p><p>2024年3月13日</p>") == DAY
