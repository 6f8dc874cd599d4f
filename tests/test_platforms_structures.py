"""Lists among everything else that a page has: menus, boxes, pictures, categories, cards; few rows, short names."""

from __future__ import annotations

import pytest

from crawler.platforms import read_list

URL = "http://www.example.gov.cn/zs/index.html"
NAMES = (
    "青禾县举行精密模具产业推介会", "双溪区与外地商会签署合作协议", "北岭市组团赴南方开展招商考察", "望江镇新能源项目开工建设",
    "临川新区召开招商引资调度会", "沿海片区出台总部企业奖励办法", "云台高新区生物医药园集中签约", "南屏县走访慰问外来投资企业",
)  # fmt: skip
SHORT = ("通知", "简介", "招商", "签约", "公示", "动态一", "会议", "章程")
DAYS = ("2024-03-15", "2024-03-12", "2024-02-28", "2024-02-06", "2024-01-25", "2024-01-09", "2023-12-29", "2023-12-04")
TEXT = "本报讯 昨日，当地召开招商引资推进大会，有关领导出席会议并讲话，强调要抓好项目落地和企业服务。"
MENU = "".join(
    f"<li><a href='/{p}/'>{n}</a></li>"
    for p, n in (("zw", "政务公开"), ("fw", "办事服务"), ("hd", "互动交流"), ("tz", "投资指南"))
)
MEGA = "".join(f"<li><a href='/m{n}/index.html'>栏目导航条目第{n}个</a></li>" for n in range(90))
HOT = (
    "<ul>"
    + "".join(f"<li><a href='/rd/{900 + n}.html'>热点文章排行第{n}名的新闻标题</a></li>" for n in range(10))
    + "</ul>"
)
NEWEST = (
    "<ul>"
    + "".join(f"<li><a href='/zx/{900 + n}.html'>别的栏目最新的第{n}条</a><i>2024-03-1{n}</i></li>" for n in range(6))
    + "</ul>"
)
PLAIN = "<li><a href='{u}'>{t}</a><span>{d}</span></li>"
ROWS = {
    "category": "<li>[<a href='/zs/c1/'>工作动态</a>] <a href='{u}'>{t}</a><span>{d}</span></li>",
    "details": "<li><a href='{u}'>{t}</a><p>{x}<a href='{u}'>[详情]</a></p><span>{d}</span></li>",
    "picture, title, introduction": "<li><a href='{u}'><img src='1.jpg'></a><h3><a href='{u}'>{t}</a></h3><p><a href='{u}'>{x}</a></p><em>{d}</em></li>",
    "card": "<a href='{u}' class='card'><div class='img'><img src='1.jpg'></div><div class='txt'><div class='a'>{t}</div><div class='b'>{x}</div><div class='c'>{d}</div></div></a>",
    "table of its own": "<table><tr><td>·</td><td><a href='{u}'>{t}</a></td><td>{d}</td></tr></table>",
    "paragraph": "<p><a href='{u}'>{t}</a>（{d}）</p>",
    "window with details": "<li><a href='{u}'>{t}</a><span>{d}</span><div class='pop'>索引号 0012 <a href='{u}'>{t}</a> 生成日期 <i>2023-01-01</i></div></li>",
    "author and comments": "<li><h4><a href='{u}'>{t}</a></h4><p><a href='/author/1'>县融媒体中心</a> {d} <a href='{u}#comments'>评论(0)</a></p></li>",
    "tags": "<article><h2><a href='{u}'>{t}</a></h2><footer><time>{d}</time> <a href='/tag/zs'>招商</a> <a href='/tag/xm'>项目</a></footer></article>",
    "click": "<li><a onclick=\"window.open('{u}')\">{t}</a><span>{d}</span></li>",
    "cut": "<li><a href='{u}' title='{t}'>{t:.9}…</a><span>{d}</span></li>",
    "cut, whole in the picture": "<li><a href='{u}'><img src='1.jpg' alt='{t}'></a><a href='{u}'>{t:.9}...</a><span>{d}</span></li>",
    "not shown": "<li><a href='{u}'><noscript><h3>图片</h3></noscript><select><option>一</option></select>{t}</a><span>{d}</span></li>",
    "written by a script": "<li><a href='{u}'><script>var s = \"{t}\"; document.write(s.substring(0, 40) + 'more');</script></a><span>{d}</span></li>",
    "pinned": "<li><a href='{u}'><i>置顶</i>{t}</a><span>{d}</span></li>",
    "new": "<li><a href='{u}'>{t}<b>NEW</b></a><span>{d}</span></li>",
    "read": "<li><a href='{u}'><span>{t}</span><span>阅读(12)</span></a><span>{d}</span></li>",
    "cut, whole around": "<li><p title='{t}'><a href='{u}'>{t:.9}...</a></p><span>{d}</span></li>",
    "cut, whole as data": "<li><a href='{u}' data-title='{t}'>{t:.9}...</a><span>{d}</span></li>",
    "opened by a click on the row": "<li onclick=\"location.href='{u}'\"><img src='1.jpg'><h3>{t}</h3><span>{d}</span></li>",
    "permanent link": "<div class='post'><h2><a href='{u}' title='{t} 的永久链接'>{t}</a></h2><small>{d}</small><a href='{u}#more'>阅读全文 »</a></div>",
    "title that is no link": "<div class='i'><h4>{t}</h4><p>{d}</p><p>{x}</p><a class='btn' href='{u}'>了解更多</a></div>",
    "a header of its own": "<article><header class='post-header'><time datetime='{d}'>昨天</time><h3><a href='{u}'>{t}</a></h3></header></article>",
    "number": "<li><i>1</i><a href='{u}'>{t}</a><span>{d}</span></li>",
}  # fmt: skip
AROUND = {
    "nothing": "", "hot": f"<div>{HOT}</div>", "newest of other columns": f"<div><h3>最新</h3>{NEWEST}</div>", "a large menu": f"<div class='menu'><ul>{MEGA}</ul></div>",
}  # fmt: skip


def read(rows: str, beside: str = "") -> list[tuple[str, str]]:
    page = (
        f"<html><body><div class='header'><ul class='nav'>{MENU}</ul></div><div class='wrap'><div class='left'>{beside}</div><div class='right'>"
        f"<div class='pos'>当前位置：<a href='/'>首页</a>&gt;<a href='/zs/'>招商动态</a></div><div class='list'>{rows}</div><div class='page'><a href='index_2.html'>下一页</a></div></div></div>"
        "<div class='foot'><a href='/about.html'>关于我们</a><a href='/map.html'>网站地图</a>版权所有</div></body></html>"
    )
    return [(e.title, str(e.date)[:10]) for e in read_list(page.encode(), URL).entries]


def rows(template: str, names: tuple[str, ...] = NAMES) -> str:
    return "".join(template.format(u=f"/zs/{1200 + n}.html", t=t, d=DAYS[n], x=TEXT) for n, t in enumerate(names))


@pytest.mark.parametrize("row", ROWS)
def test_rows_of_many_builds(row: str) -> None:
    assert read(rows(ROWS[row])) == list(zip(NAMES, DAYS, strict=True))


@pytest.mark.parametrize("names", [NAMES, NAMES[:2], NAMES[:1], SHORT], ids=["eight", "two", "one", "short names"])
@pytest.mark.parametrize("around", AROUND)
def test_what_stands_beside_is_not_the_list(around: str, names: tuple[str, ...]) -> None:
    assert read(f"<ul>{rows(PLAIN, names)}</ul>", AROUND[around]) == list(zip(names, DAYS, strict=False))


def test_a_list_in_parts() -> None:
    parts = "<hr>".join(f"<ul>{rows(PLAIN)[i : i + 10_000]}</ul>" for i in (0,)).replace(
        "</li><li>", "</li></ul><hr><ul><li>", 3
    )
    assert read(parts) == list(zip(NAMES, DAYS, strict=True))


def test_titles_that_are_no_links() -> None:
    row = "<div class='i'><h3>{t}</h3><span>{d}</span><p>{x}</p><a href='{u}'>查看详情</a></div>"
    assert read(rows(row), f"<div>{HOT}</div>") == list(zip(NAMES, DAYS, strict=True))


def test_the_way_on_is_no_entry() -> None:
    older = "<div><h2><a href='/zs/page/3'>« 更早的文章</a></h2></div>"
    page = f"<html><body>{rows('<div><h2><a href={u!r}>{t}</a></h2>{d}</div>')}{older}</body></html>"
    found = read_list(page.encode(), "http://www.example.gov.cn/zs/page/2")
    assert [e.title for e in found.entries] == list(NAMES)
    assert found.next_page == "http://www.example.gov.cn/zs/page/3"


def test_a_menu_marked_up_as_the_rows_are() -> None:
    table = "<table><tr><td><a href='{u}'>{t}</a></td><td>{d}</td></tr></table>"
    menu = "<table><tr><td><a href='/'>网站首页</a></td><td><a href='/zw/'>政务公开</a></td></tr></table>"
    assert read(menu + rows(table)) == list(zip(NAMES, DAYS, strict=True))


def test_a_single_article_by_its_day() -> None:
    row = "<li><a href='/zs/{n}.html'>双溪区与外地商会签署合作协议</a><span>2024-03-12</span></li>"
    assert read(f"<ul>{row.format(n='a')}</ul><p>共1条</p>", f"<div>{MEGA}</div>") == [(NAMES[1], "2024-03-12")]


def test_addresses_of_words() -> None:
    slugs = [f"/news/delegation-number-{w}-visits-qinghe/" for w in ("one", "two", "three", "four")]
    items = "".join(f"<div class='views-row'><h3><a href='{u}'>{u[6:-1]} on a spring day</a></h3></div>" for u in slugs)
    menu = "<ul class='menu'><li><a href='/about-us/'>About the county</a></li><li><a href='/contact/'>Contact us</a></li></ul>"
    page = f"<html><body>{menu}<div>{items}</div></body></html>"
    assert [e.url for e in read_list(page.encode(), URL).entries] == [f"http://www.example.gov.cn{u}" for u in slugs]


def test_a_day_that_spans_rows() -> None:
    cells = [f"<td><a href='/zs/{1200 + n}.html'>{t}</a></td>" for n, t in enumerate(NAMES)]
    days = [f"<td rowspan='2'>{d}</td>" if n % 2 == 0 else "" for n, d in enumerate(DAYS)]
    table = "".join(f"<tr>{d}{c}</tr>" for d, c in zip(days, cells, strict=True))
    menu = "<table><tr><td><a href='/'>首页</a></td><td><a href='/zw/'>政务公开</a></td></tr></table>"
    told = [DAYS[n - n % 2] for n in range(8)]
    assert read(f"{menu}<table><tr><th>日期</th><th>标题</th></tr>{table}</table>") == list(
        zip(NAMES, told, strict=True)
    )


def test_a_calendar_is_no_list() -> None:
    calendar = "".join(f"<td><a href='/events/2024/5/{n}/'>{n}</a></td>" for n in range(1, 31))
    assert read(f"<table><tr>{calendar}</tr></table>") == []
    assert read(f"<ul>{rows(PLAIN)}</ul>", f"<table><tr>{calendar}</tr></table>") == list(zip(NAMES, DAYS, strict=True))


@pytest.mark.parametrize(("address", "belongs"), [("/zs/2024/3001.html", True), ("/about/index.html", False)])
def test_the_headline_above_a_list(address: str, belongs: bool) -> None:
    head = f"<div><h2><a href='{address}'>临港新城迎来首家整车企业</a></h2><p>{TEXT}<a href='{address}'>[详细]</a></p></div>"
    plain = "".join(
        f"<li><a href='/zs/2024/{1200 + n}.html'>{t}</a><span>{DAYS[n]}</span></li>" for n, t in enumerate(NAMES)
    )
    titles = [t for t, _ in read(f"{head}<ul>{plain}</ul>")]
    assert titles == [*(["临港新城迎来首家整车企业"] if belongs else []), *NAMES]
