"""Titles where <title> says something else, and what belongs to a title."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from tests.extraction_samples import FOOTER, NAVIGATION, PARAGRAPHS

TITLE = "青禾县举行项目集中签约仪式"
OWNER = "<div class='foot'>版权所有：阳光家园 备案号：某ICP备1号</div>"


def read(whole: str, above: str) -> str:
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return extract(
        f'<html><head><meta charset="utf-8"><title>{whole}</title></head><body>{NAVIGATION}<div>当前位置：<a href="/">首页</a> &gt; 新闻中心</div>'
        f"{above}<p>时间：2024-03-12 来源：青禾日报</p><div class='c'>{body}</div>{FOOTER}{OWNER}</body></html>".encode(),
        "http://www.example.cn/x/1.html",
        headers={"Content-Type": "text/html"},
    ).title


@pytest.mark.parametrize(
    "whole",
    [
        "青禾县第一小学",
        "阳光家园",
        "中国人寿",
        "青禾信息网-青禾民间组织信息网",
        "通知公告——青禾县个体协会",
        "详情页-青禾县个体协会",
        "新闻中心_青禾县人民政府门户网站",
        f"{TITLE}-青禾县实验小学",
        f"{TITLE}——青禾县个体协会",
        f"政策解读_{TITLE}_青禾网",
    ],
)
@pytest.mark.parametrize(
    "heading",
    ["<p>{}</p>", "<h1>{}</h1>", '<div class="tit">{}</div>', "<div><font size=5>{}</font></div>", "<b>{}</b>"],
)
def test_the_pages_own_heading_wins_where_title_names_the_site(whole: str, heading: str) -> None:
    assert read(whole, heading.format(TITLE)) == TITLE


@pytest.mark.parametrize(
    ("whole", "title"),
    [
        ("一图读懂|青禾县招商政策_青禾县人民政府", "一图读懂|青禾县招商政策"),
        ("一图读懂｜青禾县招商政策-青禾县人民政府", "一图读懂｜青禾县招商政策"),
        ("聚焦两会丨青禾县招商政策", "聚焦两会丨青禾县招商政策"),
        ("招商引资|青禾县举行项目签约|青禾县人民政府", "招商引资|青禾县举行项目签约"),
        (f"{TITLE}|招商动态|青禾网", TITLE),
        ("青禾县2024-03-12招商周报-青禾县人民政府", "青禾县2024-03-12招商周报"),
        ("1-10月青禾县招商引资-青禾网", "1-10月青禾县招商引资"),
        ("&amp;ldquo;店小二&amp;rdquo;服务企业在行动_青禾网", "“店小二”服务企业在行动"),
    ],
)
def test_what_belongs_to_a_title(whole: str, title: str) -> None:
    assert read(whole, "") == title


@pytest.mark.parametrize(
    ("whole", "above", "title"),
    [
        (f"{TITLE}_青禾网", f"<h1>{TITLE}</h1><h2>——记青禾县招商引资工作</h2>", TITLE),
        ("青禾网", f'<div class="title">{TITLE}</div><div class="subtitle">青禾县招商引资工作纪实报道</div>', TITLE),
        ("青禾网", f'<div class="yinti">优化环境促发展 抢抓机遇谋新篇</div><h1>{TITLE}</h1>', TITLE),
        ("青禾网", "<h1>&amp;ldquo;店小二&amp;rdquo;服务企业在行动</h1>", "“店小二”服务企业在行动"),
        ("AT&amp;T到青禾县考察_青禾网", "<h1>AT&amp;T到青禾县考察</h1>", "AT&T到青禾县考察"),
        (
            "回望历史 激发情怀 我校组织观看纪录片-青禾县第一小学",
            "<p>回望历史 激发情怀</p><p>我校组织观看纪录片</p>",
            "回望历史 激发情怀 我校组织观看纪录片",
        ),
        ("县领导调研-青禾网", "<h1>县领导调研招商引资工作</h1>", "县领导调研招商引资工作"),
    ],
)
def test_headings(whole: str, above: str, title: str) -> None:
    assert read(whole, above) == title
