"""Columns of a home page, ranked; the lexicon holds what it promises."""

from __future__ import annotations

from itertools import pairwise

from crawler.probing.site_sections import find_sections

HOME = "http://www.example.gov.cn/"
PAGE = """<html><body><div class='nav'><a href='/'>首页</a><a href='/xwzx/'>新闻中心</a><a href='/zwgk/'>政务公开</a><a href='/tzcj/zsyz/index.html'>招商引资</a>
<a href='http://swj.example.gov.cn/swdt/'>商务动态</a><a href='/rsks/'>招聘信息</a><a href='/gwy/'>国务院要闻</a><a href='/login.jsp'>招商登录</a></div>
<div class='box'><h3>投资促进</h3><a href='/tzcj/' class='more'>更多&gt;&gt;</a><ul><li><a href='/tzcj/202403/t20240315_7.html'>我市举行招商引资项目集中签约</a></li></ul></div>
<div class='box'><span>部门动态</span><a href='/bmdt/' title='更多'>+</a></div><a href='/zt/zsyz2024.pdf'>招商手册</a><a href='/tzcj/zsyz/index.html'>招商引资专栏</a>
<div class='footer'><a href='/wzdt.html'>网站地图</a></div></body></html>"""


def test_the_best_column_comes_first_and_nothing_else_comes_at_all() -> None:
    found = find_sections(PAGE.encode(), HOME)
    assert [c.url for c in found] == [
        HOME + "tzcj/zsyz/index.html",
        HOME + "tzcj/",
        "http://swj.example.gov.cn/swdt/",
        HOME + "bmdt/",
        HOME + "xwzx/",
    ]
    assert [c.kind for c in found] == ["direct", "direct", "commerce", "news", "news"]
    assert found[0].title == "招商引资" and "地址含" in found[0].why
    assert found[1].title == "投资促进"
    assert all(a.score >= b.score for a, b in pairwise(found))


def test_a_page_without_columns_offers_none() -> None:
    assert find_sections("<a href='/a'>关于我们</a>".encode(), HOME) == []
