"""Lists that are data: feeds with times in every spelling, JSON under any names, arrays in a page's scripts."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from crawler.article import SHANGHAI
from crawler.platforms import read_list

NAMES = ("青禾县举行精密模具产业推介会", "双溪区与外地商会签署合作协议", "北岭市组团赴南方开展招商考察")
MOMENT = 1710288000  # 2024-03-13 08:00 in Shanghai

TIMES = (
    "Wed, 13 Mar 2024 08:00:00 +0800", "Wed, 13 Mar 2024 00:00:00 GMT", "Wed, 13 Mar 2024 08:00:00 CST", "Wed, 13 March 2024 08:00 +8",
    "Wed Mar 13 08:00:00 CST 2024", "星期三, 13 三月 2024 08:00:00 +0800", "Wed, 13 Mar 2024 08:00:00 Asia/Shanghai", "2024-03-13T00:00:00.0000000Z",
    "2024-03-13 08:00:00.0", "2024/3/13 8:00:00", str(MOMENT), f"{MOMENT}000",
)  # fmt: skip
DAYS = ("2024年3月13日", "13 Mar 2024", "20240313", "20240313080000", "3/13/2024 8:00:00 AM")


@pytest.mark.parametrize("time", (*TIMES, *DAYS))
def test_a_feeds_times(time: str) -> None:
    item = f"<item><title>{NAMES[0]}</title><link>http://www.example.gov.cn/zs/1.html</link><pubDate>{time}</pubDate></item>"
    (entry,) = read_list(f"<rss><channel>{item}</channel></rss>".encode(), "http://www.example.gov.cn/rss.xml").entries
    assert str(entry.date)[:10] == "2024-03-13"
    if time in TIMES:
        assert isinstance(entry.date, datetime)
        assert (entry.date if entry.date.tzinfo else entry.date.replace(tzinfo=SHANGHAI)).timestamp() == MOMENT


RECORDS: tuple[tuple[str, str, str, Any], ...] = (
    ("title", "url", "date", "2024-03-13"), ("docTitle", "docPubUrl", "docRelTime", "2024-03-13 08:00:00"), ("TITLE", "URL", "PUBDATE", "2024.03.13"),
    ("title", "uri", "pubTime", "Mar 13, 2024 8:00:00 AM"), ("infoTitle", "infoUrl", "publishDate", {"time": MOMENT * 1000}), ("topic", "link", "write_time", f"{MOMENT}"),
    ("title", "staticUrl", "dateStr", "2024年03月13日"), ("name", "href", "PublishedOn", f"/Date({MOMENT}000+0800)/"), ("subject", "linkUrl", "created", 20240313),
)  # fmt: skip


@pytest.mark.parametrize(("title", "url", "day", "value"), RECORDS)
def test_records_under_many_names(title: str, url: str, day: str, value: Any) -> None:
    records = [{title: name, url: f"/zs/{n}.html", day: value, "id": n} for n, name in enumerate(NAMES)]
    page = read_list(
        json.dumps({"code": 0, "data": {"rows": records}}).encode(), "http://www.example.gov.cn/api?page=1"
    )
    assert [e.title for e in page.entries] == list(NAMES)
    assert [e.url for e in page.entries] == [f"http://www.example.gov.cn/zs/{n}.html" for n in range(3)]
    assert {str(e.date)[:10] for e in page.entries} == {"2024-03-13"}
    assert page.next_page == "http://www.example.gov.cn/api?page=2"


@pytest.mark.parametrize("frame", ["{}", "jQuery11({});", "var list = {};", "window.data={};", "({})"])
def test_frames_around_data(frame: str) -> None:
    records = json.dumps([{"title": n, "url": f"/zs/{i}.html"} for i, n in enumerate(NAMES)], ensure_ascii=False)
    assert len(read_list(frame.format(records).encode(), "http://www.example.gov.cn/data.js").entries) == 3


def test_html_in_json() -> None:
    markup = (
        "<ul>"
        + "".join(f"<li><a href='/zs/{i}.html'>{n}</a><span>2024-03-1{i}</span></li>" for i, n in enumerate(NAMES))
        + "</ul>"
    )
    page = read_list(json.dumps({"ok": True, "content": markup}).encode(), "http://www.example.gov.cn/more?page=3")
    assert [(e.title, str(e.date)) for e in page.entries] == [(n, f"2024-03-1{i}") for i, n in enumerate(NAMES)]
    assert page.next_page == "http://www.example.gov.cn/more?page=4"


@pytest.mark.parametrize(
    "record",
    [
        "{{title:'{t}',url:'{u}',date:'{d}',}}",
        '{{"title":"{t}","url":"{u}","date":"{d}"}}',
        '{{title:"{t}", url:"{u}", date:"{d}"}}',
    ],
)
def test_arrays_in_scripts(record: str) -> None:
    rows = ",".join(record.format(t=n, u=f"/zs/{i}.html", d=f"2024-03-1{i}") for i, n in enumerate(NAMES))
    menu = ",".join(record.format(t=n, u=f"/{n}/", d="") for n in ("首页", "政务公开", "互动交流", "办事服务"))
    page = f"<html><body><ul class='nav'><li><a href='/'>首页</a></ul><div id='list'></div><script>var menu = [{menu}]; show([{rows}]);</script></body></html>"
    assert [str(e.date) for e in read_list(page.encode(), "http://www.example.gov.cn/zs/").entries] == [
        "2024-03-10",
        "2024-03-11",
        "2024-03-12",
    ]
