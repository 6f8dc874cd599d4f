"""Pages that have no text of their own, and pages that are lists: title and pictures are kept, or nothing; never the page's chrome."""

from __future__ import annotations

import pytest

from crawler.article import NotAnArticle
from crawler.extraction import extract
from crawler.extraction.list_page import LIST_PAGE

URL = "http://www.example.gov.cn/xwzx/202403/t20240318_5521.html"
TITLE = "临河区第一季度重点项目集中开工"
TOP = (
    f'<html><head><meta charset="utf-8"><title>{TITLE}-临河区人民政府</title></head><body><div class="header"><img src="/images/logo.png"><ul class="menu"><li><a href="/">网站首页</a></li>'
    '<li><a href="/gk/">信息公开</a></li><li><a href="/fw/">办事服务</a></li></ul></div><div class="place">您现在的位置：网站首页 > 新闻中心 > 区内要闻</div>'
    f'<div class="main"><h2>{TITLE}</h2><div class="sub">日期：2024-03-18 15:20　来源：区融媒体中心　【打印】</div>'
)
BOTTOM = '</div><div class="bottom"><p>版权所有：临河区人民政府　承办：临河区政务服务和数据管理局</p><p>地址：临河区滨江路1号　电话：0100-88886666　网站标识码：0000000000</p></div></body></html>'
OTHERS = "".join(
    f'<li><a href="t2024031{n}_55{n}.html">{t}</a></li>'
    for n, t in enumerate(
        ("临河区召开安全生产工作会议", "区领导走访慰问困难群众", "临河区部署春季植树造林", "全区教育工作会议召开")
    )
)


@pytest.mark.parametrize(
    "body",
    [
        '<div class="con"></div>',
        '<div class="con"><p>数据加载中，请稍后……</p></div>',
        '<div class="con"><noscript>您的浏览器不支持JavaScript，请开启后访问本页面。</noscript><div id="root"></div><script src="/a.js"></script></div>',
        f'<div class="con"><p>{TITLE}</p></div>',
        f'<div class="con"></div><div class="xg"><h3>相关新闻</h3><ul>{OTHERS}</ul></div>',
        f'<table><tr><td class="con"></td></tr><tr><td>上一条：<a href="1.html">临河区召开安全生产工作会议</a></td></tr></table><ul>{OTHERS}</ul>',
        '<div class="con"><iframe src="/player/index.html?id=88"></iframe></div><p>（责任编辑：张三）</p>',
    ],
    ids=["nothing", "loading", "noscript", "the title again", "other headlines", "a table", "a player"],
)
def test_chrome_is_no_text(body: str) -> None:
    with pytest.raises(NotAnArticle):
        extract((TOP + body + BOTTOM).encode(), URL)


def test_pictures_in_the_place_of_the_text_are_the_article() -> None:
    body = f'<div class="con"><p><img src="/upload/2024/a1.jpg"></p><p><img src="/upload/2024/a2.jpg"></p></div><ul class="hot"><li><img src="/upload/hot.jpg"></li>{OTHERS}</ul>'
    article = extract((TOP + body + BOTTOM).encode(), URL)
    assert (article.title, article.text, article.confidence) == (TITLE, "", 0.0)
    assert [image.src for image in article.images] == [
        f"http://www.example.gov.cn/upload/2024/a{n}.jpg" for n in (1, 2)
    ]
    assert article.origin == "区融媒体中心" and article.provenance["body"].rule == "pictures"


ROWS = [
    f"临河区{what}公示"
    for what in (
        "二季度拟供地块",
        "首批科技型企业名单",
        "老旧厂区改造规划",
        "产业扶持资金安排",
        "招商项目评审结果",
        "公共停车场选址",
    )
]


@pytest.mark.parametrize(
    "rows",
    [
        "<ul>"
        + "".join(
            f'<li><a href="t2024020{n}_4{n}.html">{t}</a><span>2024-02-0{n + 1}</span></li>' for n, t in enumerate(ROWS)
        )
        + "</ul>",
        "<table>"
        + "".join(
            f'<tr><td>{n + 1}</td><td><a href="/gs/{n}.html">{t}</a></td><td>2024-02-0{n + 1}</td></tr>'
            for n, t in enumerate(ROWS)
        )
        + "</table>",
        "".join(
            f'<dl><dt><a href="/gs/{n}.html">{t}</a></dt><dd>按照有关规定，现将{t[:-2]}予以公示，公示期为五个工作日，如有意见，请向我局反映。</dd><dd>2024-02-0{n + 1}</dd></dl>'
            for n, t in enumerate(ROWS)
        ),
    ],
    ids=["rows", "a table", "teasers"],
)
def test_a_list_is_refused_as_one(rows: str) -> None:
    page = (
        TOP[: TOP.index("<h2>")].replace(TITLE, "公示公告")
        + f'<div class="tit">公示公告</div><div class="list">{rows}</div><div class="page"><a href="index_1.html">下一页</a></div>'
        + BOTTOM
    )
    with pytest.raises(NotAnArticle, match=r"列表页（6 条）.*sources add"):
        extract(page.encode(), "http://www.example.gov.cn/gsgg/index.html")


def test_a_list_with_a_headline_and_its_summary_is_a_list() -> None:

    rows = "".join(
        f'<li><a href="/zs/t2026021{n}_{n}.html">样例县第{n}场招商推介会签约项目{n + 3}个</a><span>2026-02-1{n}</span></li>'
        for n in range(8)
    )
    first = '<li class="top"><a href="/zs/t20260219_9.html">样例县举行招商引资项目集中签约仪式</a><span>2026-02-19</span></li>'
    summary = "<h1>样例县举行招商引资项目集中签约仪式</h1><p>2月19日，样例县举行招商引资项目集中签约仪式，现场签约项目二十个。</p>"
    page = f"<html><head><title>招商动态-样例县</title></head><body><ul>{first}</ul>{summary}<ul class='l'>{rows}</ul></body></html>"
    with pytest.raises(NotAnArticle, match=LIST_PAGE):
        extract(page.encode(), "http://zs.example.gov.cn/zs/index.html")
