"""The day of a row, in every way that lists write it, and never another day that stands beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.platforms import Entry, read_list
from tests.sites.web import shell

URL = "http://www.example.gov.cn/zs/index.html"
SERVED = {"Date": "Tue, 19 Mar 2024 18:30:00 GMT", "Content-Type": "text/html; charset=utf-8"}  # the 20th in Shanghai
TITLES = (
    "青禾县举行精密模具产业推介会",
    "双溪区与外地商会签署合作协议",
    "北岭市组团赴南方开展招商考察",
    "望江镇新能源项目开工建设",
    "临川新区召开招商引资调度会",
    "沿海片区出台总部企业奖励办法",
)
DAYS = tuple(
    date(*d) for d in ((2024, 3, 20), (2024, 3, 12), (2024, 2, 28), (2024, 1, 9), (2023, 12, 29), (2023, 12, 4))
)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
HAN = "零一二三四五六七八九十"
ROW = "<li><a href='{u}'>{t}</a>%s</li>"
BEFORE = "<li>%s<a href='{u}'>{t}</a></li>"

SHOWN = {
    "iso": "{d}", "dots": "{d.year}.{d.month}.{d.day}", "slashes": "{d.year}/{d.month}/{d.day}", "in words": "{d.year}年{d.month}月{d.day}日",
    "brackets": "[{d}]", "thick brackets": "【{d}】", "time": "{d} 09:05:10", "java": "{d} 00:00:00.0", "T": "{d}T09:05:10", "compact": "{d:%Y%m%d}",
    "weekday": "{d.year}年{d.month}月{d.day}日（周三）", "full width": "{wide}", "Han numerals": "{han}", "apart": "({d.year}&nbsp;-&nbsp;{d:%m}&nbsp;-&nbsp;{d:%d})",
    "two-digit year": "{d:%y-%m-%d}", "two-digit year, dots": "{d:%y.%m.%d}", "two-digit year, slashes": "[{d:%y/%m/%d}]",
    "month and day": "{d:%m-%d}", "month and day, slash": "[{d:%m/%d}]", "month and day, dot": "{d:%m.%d}", "month and day in words": "{d.month}月{d.day}日",
    "month, day, time": "{d:%m-%d} 09:30", "ago": "{ago}天前", "day last": "{d:%d/%m/%Y}", "month first": "{d:%m/%d/%Y}", "American server": "{d.month}/{d.day}/{d.year} 9:05:00 AM",
    "day first, dots": "{d:%d.%m.%Y}", "English": "{month} {d.day}, {d.year}", "English, day first": "{d:%d} {mon} {d.year}", "English, dashes": "{d:%d}-{mon}-{d.year}",
    "month, day, year in words": "{d.month}月 {d.day}日, {d.year}", "Java's own": "Wed {mon} {d:%d} 09:00:00 CST {d.year}", "views behind": "{d}</span><span>阅读 20231", "views beside": "{d} / 1832 次",
    "a label": "来源：市商务局　发布时间：{d}　浏览：2023次", "updated first": "更新时间：2024-03-21</span><span>发布时间：{d}", "updated, short": "更新：2024-03-21</span><span>发布：{d}",
    "signed": "成文日期：2023-11-01</span><span>发布日期：{d}", "until": "截止时间：2024-12-31</span><span>发布时间：{d}", "a number": "青政发〔2022〕12号</span><span>{d}",
    "an introduction": "2022年5月1日，全县召开会议。</span><span>{d}", "elements": "<b>{d.year}</b>-<b>{d:%m}</b>-<b>{d:%d}</b>", "elements in words": "<b>{d.year}</b>年<b>{d.month}</b>月<b>{d.day}</b>日",
    "a comment": "<!--2020-01-01-->{d}", "a script": "<script>show(\"{d} 10:20:30\")</script>", "a script's Date": "<script>var d = new Date('{d:%Y/%m/%d}');</script>",
}  # fmt: skip
LEAVES = {
    "day, year-month": "<b>{d:%d}</b><i>{d:%Y-%m}</i>", "day, year.month": "<b>{d:%d}</b><i>{d:%Y.%m}</i>", "day, /year-month": "<b>{d:%d}</b><i>/{d:%Y-%m}</i>",
    "day/year-month": "{d:%d}/{d:%Y-%m}", "year-month, day": "<i>{d:%Y-%m}</i><b>{d:%d}</b>", "in words": "<i>{d.year}年{d.month}月</i><b>{d:%d}</b>",
    "day, in words": "<b>{d.day}</b><i>{d.year}年{d.month}月</i>", "year, month-day": "<i>{d.year}</i><b>{d:%m-%d}</b>", "year, month.day": "<i>{d.year}</i><b>{d:%m.%d}</b>",
    "month/day, year": "<b>{d:%m/%d}</b><i>{d.year}</i>", "month and day in words, year": "<b>{d.month}月{d.day}日</b><i>{d.year}</i>", "day, month, year": "<b>{d.day}</b><i>{d.month}月</i><u>{d.year}</u>",
    "year, month, day": "<b>{d.year}</b><i>{d:%m}</i><u>{d:%d}</u>", "day, English, year": "<b>{d.day}</b><i>{mon}</i><u>{d.year}</u>", "English day, year": "<b>{mon} {d:%d}</b><u>{d.year}</u>",
}  # fmt: skip
WHOLE = {
    "bare, day first": "{d}&nbsp;<a href='{u}'>{t}</a><br>",
    "title and time element": "<li><a href='{u}'>{t}</a><time datetime='{d}T09:00:00+08:00'>{ago} 天前</time></li>",
    "title of 天前": "<li><a href='{u}'>{t}</a><span title='{d.year}-{d.month}-{d.day} 09:00:00'>{ago} 天前</span></li>",
    "the link's title": "<li><a href='{u}' title='标题：{t}&#10;更新时间：{d.year}-{d.month}-{d.day}&#10;点击：12'>{t:.8}…</a></li>",
    "data": "<li data-date='{d}'><a href='{u}'>{t}</a></li>",
    "a moment as data": "<li><a href='{u}'>{t}</a><span data-time='{seconds}'></span></li>",
    "a click": "<li><a href='javascript:void(0)' onclick=\"openArt('{u}','{d}')\">{t}</a></li>",
    "before, in the link": "<li><a href='{u}'>[{d}] {t}</a></li>",
    "before, in the link, bare": "<li><a href='{u}'>{d} {t}</a></li>",
    "behind, in the link": "<li><a href='{u}'>{t}（{d}）</a></li>",
    "address": "<li><a href='/zs/{d:%Y%m}/t{d:%Y%m%d}_{n}.html'>{t}</a></li>",
    "address, slashes": "<li><a href='/zs/{d:%Y/%m/%d}/{n}.html'>{t}</a></li>",
    "address, year and day": "<li><a href='/a/zs/{d:%Y/%m%d}/{n}.html'>{t}</a></li>",
    "address, unpadded": "<li><a href='/art/{d.year}/{d.month}/{d.day}/art_12_{n}.html'>{t}</a></li>",
    "address of another day": "<li><a href='/zs/202401/t20240102_{n}.html'>{t}</a><span>{d}</span></li>",
}
DRESSES = {f"{name}, behind": ROW % f"<span>{text}</span>" for name, text in SHOWN.items()}
DRESSES |= {f"leaf of {name}": BEFORE % f"<div class='rq'>{text}</div>" for name, text in LEAVES.items()}
DRESSES |= WHOLE


def row(template: str, n: int) -> str:
    day = DAYS[n]
    return template.format(
        u=f"/zs/show/{1200 + n}.html", t=TITLES[n], n=9000 + n, d=day, month=MONTHS[day.month - 1], mon=MONTHS[day.month - 1][:3],
        ago=(DAYS[0] - day).days if n else 0, wide=str(day).translate(str.maketrans("0123456789-", "０１２３４５６７８９－")),
        seconds=int(datetime(day.year, day.month, day.day, 4, tzinfo=UTC).timestamp()), han=f"{''.join(HAN[int(c)] for c in str(day.year))}年{han(day.month)}月{han(day.day)}日",
    )  # fmt: skip


def han(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else HAN[tens]) + ("十" if tens else "") + (HAN[ones] if ones else "")


def read(rows: str, around: str = "<ul class='list'>{}</ul>") -> tuple[Entry, ...]:
    return read_list(shell(around.format(rows)).encode(), URL, headers=SERVED).entries


@pytest.mark.parametrize("dress", DRESSES)
def test_days(dress: str) -> None:
    entries = read("\n".join(row(DRESSES[dress], n) for n in range(6)))
    assert [e.date.date() if isinstance(e.date, datetime) else e.date for e in entries] == list(DAYS)
    assert [e.title for e in entries] == list(TITLES)


def test_a_day_that_belongs_to_the_title_stays_there() -> None:
    entries = read("".join(row("<li><a href='{u}'>{t}（2023.11.6）</a><span>{d}</span></li>", n) for n in range(6)))
    assert entries[0].title == TITLES[0] + "（2023.11.6）"
    assert [e.date for e in entries] == list(DAYS)


def test_a_title_that_dates_its_piece_years_back_tells_what_was_taken_over() -> None:
    entries = read(
        "".join(row("<li><a href='{u}'>{t}（2019.5.6）</a><span>{d:%y-%m-%d}</span></li>", n) for n in range(6))
    )
    assert entries[0].title == TITLES[0] + "（2019.5.6）"
    assert [e.date for e in entries] == [date(2019, 5, 6)] * 6
    revised = read(
        "".join(row("<li><a href='{u}'>{t}（2019年5月6日修订）</a><span>{d}</span></li>", n) for n in range(6))
    )
    assert [e.date for e in revised] == list(DAYS)


def test_a_search_list_shows_the_address_before_the_day() -> None:
    template = "<li><a href='{u}'>{t}</a><p>……自2019年1月1日起施行……</p><font>http://www.example.gov.cn/zs/202407/t20240708_600.htm　{d:%Y.%m.%d}</font></li>"
    assert [e.date for e in read("".join(row(template, n) for n in range(6)))] == list(DAYS)


def test_of_two_columns_the_head_of_the_table_tells_which() -> None:
    head = "<tr><th>标题</th><th>成文日期</th><th>发布日期</th></tr>"
    rows = "".join(row("<tr><td><a href='{u}'>{t}</a></td><td>2023-11-01</td><td>{d}</td></tr>", n) for n in range(6))
    assert [e.date for e in read(head + rows, "<table>{}</table>")] == list(DAYS)


def test_numbers_that_are_no_days() -> None:
    for text in ("点击 1203", "13.7 米", "共 24.10.30.11 条", "版本 3.14", "第 12 期", "2024 年度"):
        entries = read("".join(row(f"<li><a href='{{u}}'>{{t}}</a><span>{text}</span></li>", n) for n in range(6)))
        assert [e.date for e in entries] == [None] * 6, text


def test_menus_and_boxes_marked_up_as_the_list_are_told_apart() -> None:
    menu = "".join(
        f"<li><a href='/zw/{n}.html'>{name}</a></li>"
        for n, name in enumerate(("机构职能", "政策解读", "办事服务窗口", "互动交流平台", "县情概况"))
    )
    box = "".join(f"<li><a href='/rd/{800 + n}.html'>{t}最新进展</a></li>" for n, t in enumerate(TITLES))
    rows = "".join(row(ROW % "<span>{d}</span>", n) for n in range(6))
    page = f"<html><body><div><ul>{menu}</ul></div><div><ul>{box}</ul></div><div><ul>{rows}</ul></div></body></html>"
    assert [e.title for e in read_list(page.encode(), URL).entries] == list(TITLES)
    bare = "".join(row("<li><a href='{u}'>{t}</a></li>", n) for n in range(6))
    page = f"<html><body><div><ul>{menu.replace('.html', '/')}</ul></div><div><ul>{bare}</ul></div></body></html>"
    assert [e.title for e in read_list(page.encode(), URL).entries] == list(TITLES)


def test_an_icon_of_one_name_in_every_row_names_no_article() -> None:
    template = "<tr><td><a href='{u}' title='有新回复，在新窗口打开'><img src='i.gif'></a></td><th><a href='{u}'>{t}</a></th><td>{d}</td></tr>"
    entries = read("".join(row(template, n) for n in range(6)), "<table>{}</table>")
    assert [e.title for e in entries] == list(TITLES)


def test_a_year_of_two_digits_before_a_month_of_one() -> None:
    rows = "".join(
        f"<li><a href='/zs/{70 - i}.html'>青禾县举行第{i}场产业推介会</a><i>[24/3/{i}]</i></li>" for i in range(1, 7)
    )
    entries = read_list(f"<ul>{rows}</ul>".encode(), "http://www.example.gov.cn/zs/").entries
    assert [e.date for e in entries] == [date(2024, 3, i) for i in range(1, 7)]


HEADED = {
    "month, day of the month": ("<h3>2024年3月</h3>", "<span>{d.day}日</span> <a href='{u}'>{t}</a>"),
    "month in digits": ("<p>2024-03 (2)</p>", "<a href='{u}'>{t}</a> [{d.day:02}]"),
    "year": ("<h2>2024年</h2>", "<a href='{u}'>{t}</a><i>{d:%m-%d}</i>"),
    "year, then month": ("<h2>2024</h2><h3>3月</h3>", "<b>{d.day}</b><a href='{u}'>{t}</a>"),
    "day": ("<h3>{d} 星期三</h3>", "<a href='{u}'>{t}</a>"),
}


@pytest.mark.parametrize("kind", HEADED)
def test_days_named_above_the_rows(kind: str) -> None:
    heading, row = HEADED[kind]
    days = [date(2024, 3, 20 - n // 2) for n in range(6)]
    titles = [f"青禾县举行第{n}场产业推介会" for n in "一二三四五六"]
    parts = [
        heading.format(d=days[n])
        + "<ul>"
        + "".join(f"<li>{row.format(d=days[i], t=titles[i], u=f'/zs/{70 - i}.html')}</li>" for i in (n, n + 1))
        + "</ul>"
        for n in (0, 2, 4)
    ]
    page = f"<html><body><div>{''.join(parts)}</div></body></html>"
    entries = read_list(page.encode(), "http://www.example.gov.cn/zs/").entries
    assert [(e.title, e.date) for e in entries] == list(zip(titles, days, strict=True))


def test_a_day_above_everything_is_the_pages() -> None:
    rows = "".join(f"<li><a href='/zs/{70 - i}.html'>青禾县举行第{i}场产业推介会</a></li>" for i in range(6))
    page = f"<html><body><p>2024年3月20日 星期三</p><ul>{rows}</ul></body></html>"
    assert {e.date for e in read_list(page.encode(), "http://www.example.gov.cn/zs/").entries} == {None}


@pytest.mark.parametrize("day", ["113.03.15", "113-03-15", "113年3月15日", "民國113年3月15日"])
def test_years_of_the_republic(day: str) -> None:
    rows = "".join(
        f"<li><a href='/zs/{70 - i}.html'>青禾縣舉行第{i}場產業推介會</a><i>{day}</i></li>" for i in range(6)
    )
    entries = read_list(f"<ul>{rows}</ul>".encode(), "http://www.example.gov.cn/zs/").entries
    assert {e.date for e in entries} == {date(2024, 3, 15)}
