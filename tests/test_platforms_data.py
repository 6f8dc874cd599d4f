"""Lists that are data: feeds with times in every spelling, JSON under any names, arrays in a page's scripts."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any

import pytest

from crawler.article import SHANGHAI
from crawler.platforms import ListError, read_list

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


def test_a_scripts_array_of_nested_objects_and_variables() -> None:
    rows = ",".join(
        f"{{channel : {{title : '要闻', id : '9', url : ''}}, title : \"{n}]\", url : \"/zs/{i}.html\", tags: [a, 'b'], show: !0, time : {MOMENT}}}"
        for i, n in enumerate(NAMES)
    )
    page = read_list(
        f"var jsonData = {{count : 3, list : [{rows}]}};".encode(), "http://www.example.gov.cn/roll?page=1"
    )
    assert [(e.title, str(e.date)[:10]) for e in page.entries] == [(n + "]", "2024-03-13") for n in NAMES]
    assert page.next_page == "http://www.example.gov.cn/roll?page=2"


def test_objects_inside_the_objects_of_a_list() -> None:
    items = [
        {
            "@type": "ListItem",
            "position": i,
            "item": {"headline": n, "url": f"/zs/{i}.html", "datePublished": "2024-03-13"},
        }
        for i, n in enumerate(NAMES)
    ]
    page = f"<html><head><script type='application/ld+json'>{json.dumps({'itemListElement': items})}</script></head><body><div id='app'></div></body></html>"
    entries = read_list(page.encode(), "http://www.example.gov.cn/zs/").entries
    assert [(e.title, str(e.date)) for e in entries] == [(n, "2024-03-13") for n in NAMES]


def test_rows_that_are_arrays_of_cells() -> None:
    rows = [[str(i), f"<a href='/zs/{i + 70}.html'>{n}</a>", f"2024-03-1{i}"] for i, n in enumerate(NAMES)]
    page = read_list(json.dumps({"iTotalRecords": 9, "aaData": rows}).encode(), "http://www.example.gov.cn/list")
    assert [(e.title, str(e.date)) for e in page.entries] == [(n, f"2024-03-1{i}") for i, n in enumerate(NAMES)]


def test_fields_of_several_values() -> None:
    docs = [
        {"title": [n], "url": [f"/zs/{i}.html"], "day": "x", "date": ["2024-03-13T00:00:00Z"]}
        for i, n in enumerate(NAMES)
    ]
    page = read_list(json.dumps({"response": {"docs": docs}}).encode(), "http://www.example.gov.cn/select")
    assert [(e.title, e.url[-7:], str(e.date)[:10]) for e in page.entries] == [
        (n, f"/{i}.html", "2024-03-13") for i, n in enumerate(NAMES)
    ]


@pytest.mark.parametrize(
    ("asked", "told", "following"),
    [
        ("current=1&size=3", {"total": 7}, "current=2&size=3"),
        ("current=3&size=3", {"total": 9}, None),
        ("pageNo=4&pageSize=3", {"totalPages": 4}, None),
        ("start=3&limit=3", {"total": 20}, "start=6&limit=3"),
        ("start=6&limit=3", {"total": 9}, None),
        ("id=3&page=2", {"total": 3}, "id=3&page=3"),  # it may be this page's
        ("id=3", {"total": 90}, None),
    ],
)
def test_where_data_goes_on(asked: str, told: dict[str, int], following: str | None) -> None:
    records = [{"title": n, "url": f"/zs/{i}.html"} for i, n in enumerate(NAMES)]
    page = read_list(json.dumps({"data": records, **told}).encode(), f"http://www.example.gov.cn/api?{asked}")
    assert page.next_page == (following and f"http://www.example.gov.cn/api?{following}")


def test_site_maps_packed_plain_and_with_pictures() -> None:
    urls = [f"https://www.example.gov.cn/zs/{i}.html" for i in range(3)]
    picture = "<image:image><image:loc>https://www.example.gov.cn/1.jpg</image:loc><image:title>图</image:title></image:image>"
    news = "<news:news><news:publication_date>2024-03-13</news:publication_date><news:title>{}</news:title></news:news>"
    listed = "".join(f"<url><loc>{u}</loc>{picture}{news.format(n)}</url>" for u, n in zip(urls, NAMES, strict=True))
    full = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:image='i' xmlns:news='n'>{listed}</urlset>".encode()
    undeclared = full.replace(b" xmlns:image='i' xmlns:news='n'", b"")
    for content in (full, undeclared, gzip.compress(full)):
        page = read_list(content, "https://www.example.gov.cn/sitemap.xml.gz")
        assert [(e.url, e.title, str(e.date)) for e in page.entries] == [
            (u, n, "2024-03-13") for u, n in zip(urls, NAMES, strict=True)
        ]
    page = read_list("\r\n".join(urls).encode(), "https://www.example.gov.cn/sitemap.txt")
    assert (page.platform, [e.url for e in page.entries]) == ("sitemap", urls)


@pytest.mark.parametrize("content", [gzip.compress(b"0" * 30_000_000), b"\x1f\x8b" + b"?" * 20])
def test_what_cannot_be_unpacked(content: bytes) -> None:
    with pytest.raises(ListError):
        read_list(content, "https://www.example.gov.cn/sitemap.xml.gz")


@pytest.mark.parametrize("content", ["var a=[{" + "'\\" * 300_000, "var a=" + "[{a:'b',c:d," * 60_000, "[" * 200_000])
def test_scripts_that_never_end_are_no_lists(content: str) -> None:
    assert read_list(content.encode(), "http://www.example.gov.cn/data.js").entries == ()
