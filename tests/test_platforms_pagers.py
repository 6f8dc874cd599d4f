"""The next page, however a pager writes it; and none where there is none."""

from __future__ import annotations

import json

import pytest

from crawler.platforms import read_list
from tests.sites.web import shell

HOST = "http://www.example.gov.cn"
NAMES = (
    "青禾县举行精密模具产业推介会",
    "双溪区与外地商会签署合作协议",
    "北岭市组团赴南方开展招商考察",
    "望江镇新能源项目开工建设",
)
ROWS = "".join(
    f"<li><a href='/zs/show/{100 + n}.html'>{t}</a><span>2024-03-1{n}</span></li>" for n, t in enumerate(NAMES)
)

PAGERS: tuple[tuple[str, str, str | None], ...] = (
    ("/zs/index.html", "<a href='index_2.html'>下一页</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='index_2.html'>2</a><a href='index_2.html'><img src='n.gif' alt='下一页'></a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='index.html'><img src='/images/first.gif'></a><a href='index_2.html'><img src='/images/next.gif'></a>", "/zs/index_2.html"),
    ("/zs/index.html", "<div class='pagination'><a class='next' href='index_2.html'></a></div>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='index_2.html'>下 页</a><a href='index_9.html'>[末页]</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='index_2.html' title='下一页'><i class='icon'></i></a>", "/zs/index_2.html"),
    ("/zs/list?page=1", "<b>1</b><a href='?page=2'>2</a><a href='?page=3'>3</a><a href='?page=2'>&gt;</a><a href='?page=9'>&gt;&gt;</a>", "/zs/list?page=2"),
    ("/zs/list", "<span class='cur'>1</span><a href='?page=2'>2</a><a href='?page=3'>3</a>", "/zs/list?page=2"),
    ("/zs/list?page=2", "<a href='?page=1'>1</a><span class='cur'>2</span><a href='?page=3'>3</a>", "/zs/list?page=3"),
    ("/zs/list?page=2", "<a href='?page=1'>1</a><a class='active' href='?page=2'>2</a><a href='?page=3'>3</a>", "/zs/list?page=3"),
    ("/zs/list?page=2", "<ul><li><a href='?page=1'>1</a></li><li class='active'><a href='?page=2'>2</a></li><li><a href='?page=3'>3</a></li></ul>", "/zs/list?page=3"),
    ("/zs/list?page=3", "<ul><li><a href='?page=1'>1</a></li><li><a href='?page=2'>2</a></li><li class='active'><a href='?page=3'>3</a></li></ul>", None),
    ("/zs/index.html", "<a href='javascript:void(0)' onclick=\"location.href='index_2.html'\">下一页</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='#' onclick=\"window.location.href='/zs/index_2.html'\">下一页</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href=\"javascript:go('index_2.html')\">下一页</a>", "/zs/index_2.html"),
    ("/zs/list.do?catId=3&page=1", "第1/9页 <a href='javascript:go(2)'>下一页</a>", "/zs/list.do?catId=3&page=2"),
    ("/zs/list.jsp?a=3&pageNo=4", "第4/9页 <a href='javascript:void(0)' onclick='turn(5)'>下一页</a>", "/zs/list.jsp?a=3&pageNo=5"),
    ("/zs/list.jsp?a=3", "第1/9页 <a href='javascript:void(0)' onclick='turn(2)'>下一页</a>", None),
    ("/zs/list?page=3", "<a href='?page=2'>上一页</a><a class='disabled' href='?page=4'>下一页</a>", None),
    ("/zs/list?page=3", "<a href='?page=2'>上一页</a><span>3</span><a href='?page=3'>下一页</a>", None),
    ("/zs/index.html", "<select onchange='go(this.value)'><option value='index.html' selected>1</option><option value='index_2.html'>2</option></select>", "/zs/index_2.html"),
    ("/zs/index.html", "<a rel='next' href='index_2.html'>→</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='index_2.html'>下一頁</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a href='/zs/show/104.html'>下一篇</a>", None),
    ("/zs/index.html", "<a class='more' href='index_2.html'>加载更多</a>", "/zs/index_2.html"),
    ("/zs/index.html", "<a class='more' href='/zs/index_2.html'>查看更多</a>", None),
    ("/blog/", "<a href='/blog/page/2'>« 较早的文章</a>", "/blog/page/2"),
    ("/zs/index.html", "<a href='index_2.html'>下&nbsp;一&nbsp;页</a>", "/zs/index_2.html"),
    ("/zs", "<b>1</b><a href='/zs?page=1'>2</a><a href='/zs?page=2'>3</a><a href='/zs?page=1'>下一页</a>", "/zs?page=1"),
    ("/zs?page=1", "<a href='/zs'>1</a><b>2</b><a href='/zs?page=2'>3</a><a href='/zs?page=2'>下一页</a>", "/zs?page=2"),
    ("/zs", "<b>1</b><a href='/zs?page=1'>下一页</a>", None),
)  # fmt: skip


@pytest.mark.parametrize(("here", "pager", "following"), PAGERS)
def test_the_next_page(here: str, pager: str, following: str | None) -> None:
    page = read_list(shell(f"<ul class='list'>{ROWS}</ul><div class='page'>{pager}</div>").encode(), HOST + here)
    assert page.next_page == (HOST + following if following else None)
    assert [e.title for e in page.entries] == list(NAMES)


CHANNEL = "0123456789abcdef0123456789abcdef"
SCRIPTED = (
    ("<ul></ul><script src='/module/web/jpage/dataproxy.jsp?page=1&columnid=7&unitid=9'></script>", "/module/web/jpage/dataproxy.jsp?page=1&columnid=7&unitid=9"),
    (f"<ul></ul><script>var id = '{CHANNEL}'; $.get('/common/search/' + id, {{_isJson: true, page: p}});</script>",
     f"/common/search/{CHANNEL}?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1"),
    (f"<script>createPageHTML;</script><ul class='list'>{ROWS}</ul><script>var url = \"datas_126.json\"; load(url.substring(0, url.length - 5) + '_' + n + '.json');</script>"
     + "".join(f"<a href='./202403/t20240312_{n}.html'></a>" for n in range(4)), "/zs/datas_126_1.json"),
)  # fmt: skip


@pytest.mark.parametrize(("page", "following"), SCRIPTED)
def test_lists_that_a_script_fetches(page: str, following: str) -> None:
    assert read_list(shell(page).encode(), HOST + "/zs/index.html").next_page == HOST + following


@pytest.mark.parametrize(("here", "following"), [("126_1", "126_2"), ("126", "126_1"), ("0", "1"), ("1", "2")])
def test_scrolling_files(here: str, following: str) -> None:
    records = [{"title": t, "url": f"./202403/t20240312_{n}.html", "date": "03-12"} for n, t in enumerate(NAMES)]
    answer = "var mydatas=" + json.dumps({"datas": [*records, {"title": ""}]}, ensure_ascii=False)
    page = read_list(answer.encode(), f"{HOST}/zs/datas_{here}.json")
    assert page.platform == "trs"
    assert page.next_page == f"{HOST}/zs/datas_{following}.json"
    assert [str(e.date)[:10] for e in page.entries] == ["2024-03-12"] * 4
