"""Entries of a list whose pages only lead on to the article, or are errors that came as pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.crawl_desk import Desk, desks, rows
from tests.loopback_site import Answer, Site

__all__ = ["desks"]  # the fixture
FRAME = "".join(f'<a href="/c{n}/">栏目{n}的名称</a>' for n in range(20))
ERROR = "<html><body><p>系统繁忙，请稍后再试</p></body></html>"
MISSING = f"<html><head><title>样例县人民政府</title></head><body>{FRAME}<div><p>对不起，您访问的页面不存在。</p></div></body></html>"


def article(name: str) -> Answer:
    text = f"<p>样例县举行第{name}场招商引资项目集中签约仪式，签约项目总投资二十亿元，分两期建设。</p>"
    more = f"<p>第{name}场签约的企业负责人说，项目投产后年产值可达十亿元，带动就业三百人。</p>"
    return Answer(
        f"<html><body><h1>样例县第{name}场签约</h1><div class='content'>{text}{more}{text}</div></body></html>"
    )


DOORS = {
    "/d0.html": '<html><head><meta content="0;url=/a_0.html" http-equiv="refresh"></head></html>',
    "/d1.html": "<META HTTP-EQUIV=Refresh CONTENT=\"1; URL='a_1.html'\">",
    "/d2.html": "<noscript><meta http-equiv='refresh' content='0;url=/a_2.html'></noscript>",
    "/d3.html": "<script>var to = '/a_3.html'; window.location.href = to;</script>",
    "/d4.html": "<script>setTimeout('top.location.replace(\\'/a_4.html\\')', 10)</script>正在跳转，请稍候",
    "/d5.html": "<frameset rows='80,*'><frame src='/top.html'><frame src='/a_5.html' name='main'></frameset>",
    "/d6.html": f"<body>{FRAME}<iframe src='/a_6.html' width='100%' height='900'></iframe></body>",
    "/d7.html": "<body onload=\"location='/d0b.html'\"></body>",
    "/d0b.html": '<meta http-equiv="refresh" content="0;url=/a_7.html">',
}
ASTRAY = {
    "/loop.html": '<meta http-equiv="refresh" content="0;url=/pool.html">',
    "/pool.html": "<script>location.href='/loop.html'</script>",
    "/away.html": "<script>location.href='http://elsewhere.example/a.html'</script>",
    "/twin.html": '<meta http-equiv="refresh" content="0;url=/a_8.html">',
    "/phone.html": "<script>if (/Mobile/.test(navigator.userAgent)) location.href='/m/8.html'</script>",
}


def test_articles_behind_doors_are_fetched_and_loops_are_told(tmp_path: Path, desks: list[Desk]) -> None:
    entries = [*list(DOORS)[:8], "/loop.html", "/away.html", "/twin.html", "/phone.html", "/gone.html", "/a_8.html"]
    pages = {path: Answer(body) for path, body in {**DOORS, **ASTRAY}.items()}
    pages |= {f"/a_{n}.html": article(str(n)) for n in range(9)} | {"/index.html": rows(*entries)}
    pages |= {"/gone.html": Answer("", 302, {"Location": "/"}), "/": Answer(MISSING)}
    with Site(pages) as site:
        desks.append(desk := Desk(tmp_path, site))
        report = desk.night()
        assert len(desk.texts) == 9 and all(f"第{n}场" in text for n, text in enumerate(desk.texts))
        assert "一再转向" in desk.reason("/loop.html", site) and "一再转向" in report.note
        assert "来源之外" in desk.reason("/away.html", site)
        assert "另有一条" in desk.reason("/twin.html", site)
        assert "首页" in desk.reason("/gone.html", site)
        assert "/m/8.html" not in site.asked and "/top.html" not in site.asked
        site.forget()
        desk.night(2)
        assert not [path for path in site.asked if path.startswith("/d")]  # they are fetched, as others of their age


def test_an_error_that_came_as_a_page_is_asked_again(tmp_path: Path, desks: list[Desk]) -> None:
    bad = {"/a_1.html": Answer(ERROR, validated=True), "/a_2.html": Answer(MISSING), "/a_3.html": Answer("<p>空</p>")}
    seen: Counter[str] = Counter()

    def respond(path: str) -> Answer | None:
        seen[path] += 1
        if path in bad and (path != "/a_1.html" or seen[path] <= 2):
            return bad[path]
        return article(path[3]) if path.startswith("/a_") else None

    with Site({"/index.html": rows("/a_1.html", "/a_2.html", "/a_3.html")}, respond) as site:
        desks.append(desk := Desk(tmp_path, site))
        asked = {}
        for night in (1, 2, 3, 4, 7, 8):
            site.forget()
            desk.night(night)
            asked[night] = "".join(sorted(path[3] for path in site.asked if path.startswith("/a_")))
        assert asked == {1: "123", 2: "12", 3: "", 4: "12", 7: "", 8: "23"}  # an empty page waits a week
        assert len(desk.texts) == 1  # what 系统繁忙 stood for


def test_a_list_that_answers_with_an_error_is_not_at_its_end(tmp_path: Path, desks: list[Desk]) -> None:
    pages = {f"/a_{n}.html": article(str(n)) for n in range(1, 5)}
    first = rows("/a_1.html", "/a_2.html").body
    assert isinstance(first, str)
    pages["/index.html"] = Answer(first.replace("</ul>", '</ul><a href="/index_2.html">下一页</a>'))
    with Site({**pages, "/index_2.html": Answer(ERROR)}) as site:
        desks.append(desk := Desk(tmp_path, site))
        assert desk.night().failed == 1
        site.pages["/index_2.html"] = rows("/a_3.html", "/a_4.html")
        desk.night(2)
        assert len(desk.texts) == 4


@pytest.mark.parametrize("status", [404, 500])
def test_lists_whose_articles_do_not_come_are_not_ok(tmp_path: Path, desks: list[Desk], status: int) -> None:
    entries = [f"/a_{n}.html" for n in range(1, 8)]
    with Site(
        {"/index.html": rows(*entries)}, lambda path: Answer("", status) if path != "/robots.txt" else None
    ) as site:
        desks.append(desk := Desk(tmp_path, site))
        for night in (1, 2):
            report = desk.night(night)
            assert (report.outcome, report.entries, report.new) == ("failed", 7, 0)
            assert "列表有 7 条，文章一篇也没有取到" in report.note
        site.pages["/index.html"] = rows("/b_8.html", *entries)
        site.pages["/b_8.html"] = article("8")
        assert desk.night(4).outcome == "ok"
        assert desk.night(5).outcome == "ok"  # what is gone is gone
