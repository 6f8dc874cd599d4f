"""Days that a list writes into its titles, and items of feeds that say too little or nothing of their day and address."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.platforms import read_list

URL = "http://www.a.gov.cn/zs/index.html"
NAMES = (
    "某县举行招商引资项目签约仪式",
    "某县赴长三角开展驻点招商活动",
    "某县出台招商引资奖励办法",
    "某县召开重点项目调度会",
)


@pytest.mark.parametrize(
    "link",
    [
        "<h3>{name}(2024-03-1{n})</h3><p>{name}</p>",
        "{name}2024-03-1{n}",
        "2024-03-1{n}{name}",
        "{name}（2024年3月1{n}日）",
        "<em>{name}</em><i>2024-03-1{n} 查看：12</i>",
        "<em>{name}</em><i>时间：2024-03-1{n} 浏览:33</i>",
    ],
)
def test_a_day_in_the_title_is_the_rows(link: str) -> None:
    rows = "".join(f'<li><a href="{n}.html">{link.format(name=name, n=n)}</a></li>' for n, name in enumerate(NAMES))
    entries = read_list(f"<html><body><ul>{rows}</ul></body></html>".encode(), URL).entries
    assert [(e.title, e.date) for e in entries] == [(name, date(2024, 3, 10 + n)) for n, name in enumerate(NAMES)]


def test_titles_that_differ_by_their_day_alone_keep_it() -> None:
    names = [f"某县招商引资工作周报2024-03-1{n}" for n in range(6)]
    rows = "".join(f'<li><a href="{n}.html">{name}</a></li>' for n, name in enumerate(names))
    entries = read_list(f"<html><body><ul>{rows}</ul></body></html>".encode(), URL).entries
    assert [e.title for e in entries] == names


def feed(items: str) -> list[tuple[str, str, str]]:
    page = read_list(
        f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode(), "http://a.cn/rss.xml"
    )
    return [(e.url, e.title, str(e.date)) for e in page.entries]


@pytest.mark.parametrize("never", ["Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01T00:00:00Z", "1970-01-01 08:00:00", "0"])
def test_the_beginning_of_time_is_no_day(never: str) -> None:
    item = f"<item><title>文</title><link>http://a.cn/1.html</link><pubDate>{never}</pubDate></item>"
    assert feed(item) == [("http://a.cn/1.html", "文", "None")]


def test_items_that_share_the_lists_link_go_by_their_guids() -> None:
    item = '<item><title>文{n}</title><link>http://a.cn/list</link><guid isPermaLink="false">http://a.cn/{n}.html</guid></item>'
    assert feed(item.format(n=1) + item.format(n=2)) == [
        ("http://a.cn/1.html", "文1", "None"),
        ("http://a.cn/2.html", "文2", "None"),
    ]
    assert feed(item.format(n=1)) == [("http://a.cn/list", "文1", "None")]  # its own link, as far as anyone can tell
    assert feed("<link>http://a.cn/list</link>" + item.format(n=1)) == [("http://a.cn/1.html", "文1", "None")]
    relative = item.replace("http://a.cn/{n}.html", "/zs/t20240312_{n}.html")
    assert feed(relative.format(n=1) + relative.format(n=2))[1] == (
        "http://a.cn/zs/t20240312_2.html",
        "文2",
        "2024-03-12",
    )
    named = item.replace("http://a.cn/{n}.html", "tag:a.cn,2024:{n}")
    assert feed(named.format(n=1) + named.format(n=2)) == [("http://a.cn/list", "文1", "None")]
