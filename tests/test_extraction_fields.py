"""来源, people and days where pages are minified, unlabelled, unsure or silent: what is not said stays empty."""

from __future__ import annotations

from datetime import datetime

import pytest

from crawler.article import SHANGHAI, Article, format_published
from crawler.extraction import extract
from crawler.extraction.list_witness import Listed
from crawler.extraction.worker import Page, extract_page
from tests.extraction_samples import PARAGRAPHS, TITLE, page

RECEIVED = {"Content-Type": "text/html", "Date": "Thu, 14 Mar 2024 08:00:00 GMT"}

# above the body; 来源, author
BYLINES: tuple[tuple[str, str | None, str | None], ...] = (
    (
        "<span>发布时间：2024-03-13 09:30</span><span>来源：青禾县融媒体中心</span><span>作者：林一川</span><span>访问量：356次</span>",
        "青禾县融媒体中心",
        "林一川",
    ),
    (
        "<span>來源：青禾縣融媒體中心</span><span>時間：2024-03-13</span><span>作者：林一川</span><span>點擊數：12</span>",
        "青禾縣融媒體中心",
        "林一川",
    ),
    ("<i>2024-03-13</i><i>09:30</i><b>来源：青禾日报</b><b>林一川</b>", "青禾日报", None),
    ("来源：青禾日报<em>时间：2024-03-13</em>", "青禾日报", None),
    ("<span>来源：青禾日报</span><span>356人围观</span><span>2024-03-13</span>", "青禾日报", None),
    ("<span>2024-03-13</span> <span>作者：</span><a>张三</a><a>李四</a>", None, "张三 李四"),
    ("发布时间：2024-03-13浏览次数： 作者：来源：", None, None),
    ("2024-03-13 来源：<p>导读</p>", None, None),
    ("2024-03-13 来源：未知 作者：佚名", None, None),
    ("2024-03-13 來源：不詳", None, None),
    ("【信息发布时间：2024-03-13 阅读次数：】【我要打印】【关闭】", None, None),
    ("2024-03-13 356人围观", None, None),
    ("修改于 2024-03-13", None, None),
    ("最后更新：2024-03-13", None, None),
    ("2024-03-13 最新发布", None, None),
    ("来源：某某网(北京) 2024-03-13", "某某网", None),
    ("来源：青禾新闻网（湖南长沙） 2024-03-13", "青禾新闻网", None),
    ("2024-03-13 来源：青禾县人民政府办公室（政务公开办）", "青禾县人民政府办公室（政务公开办）", None),
    ("信息来源：青禾网 2024-03-13", "青禾网", None),
    ("来源：信息来源：青禾网 2024-03-13", "青禾网", None),
    ("来源：转自青禾网 2024-03-13", "青禾网", None),
    ("来源：青禾日报【字体：大 中 小】2024-03-13", "青禾日报", None),
    ("2024-03-13 作者：欧阳修文", None, "欧阳修文"),
    ("2024-03-13 作者：阿卜杜拉·买买提、古丽·热合曼", None, "阿卜杜拉·买买提 古丽·热合曼"),
    (
        "作者：文|《招商》杂志记者 张林 某某学会 管妮娜 白文科 来源：某某网 时间：2024-03-13",
        "某某网",
        "张林 管妮娜 白文科",
    ),
    ("2024-03-13 作者：张三 李四 等", None, "张三 李四"),
)


def read(content: bytes) -> Article:
    return extract(content, "http://news.example.com/x/1.html", headers=RECEIVED)


@pytest.mark.parametrize(("line", "origin", "author"), BYLINES)
def test_bylines(line: str, origin: str | None, author: str | None) -> None:
    article = read(page(f"<div>{line}</div>"))
    assert (article.origin, article.author) == (origin, author)
    assert (format_published(article) or "")[:10] == "2024-03-13"


@pytest.mark.parametrize(
    "last",
    [
        "报名截止时间：2031年1月31日。",
        "报名截止时间：2024年1月31日",
        "活动时间：2024年1月31日",
        "公司成立日期：2008年1月1日",
        "某市招商局成立于1998年6月1日。",
        "本办法自2024年1月1日起施行。",
        "公示期：2024年1月3日至2024年1月9日",
        "一、时间：2024年1月31日",
        "时间：2024年1月31日</p><p>地点：某县会展中心",
    ],
)
def test_a_day_that_the_text_speaks_of_dates_and_signs_nothing(last: str) -> None:
    article = read(page(tail=f"<p>{last}</p>"))
    assert (article.published_at, article.origin, article.author) == (None, None, None)


@pytest.mark.parametrize("signed", ["某市商务局</p><p>2024年3月13日", "某市商务局 2024年3月13日", "2024年3月13日印发"])
def test_who_signs_below_dates_the_page(signed: str) -> None:
    assert format_published(read(page(tail=f"<p>{signed}</p>"))) == "2024-03-13"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("发布时间：2024-03-13 24:00", "2024-03-13"),
        ("2024-03-13 12:30 AM", "2024-03-13T00:30+08:00"),
        ("2024-03-13 12:30 p.m.", "2024-03-13T12:30+08:00"),
        ("2024-03-13 凌晨12:30", "2024-03-13T00:30+08:00"),
        ("| 24-03-13 | 【大 中 小】", "2024-03-13"),
        ("发布时间：24/3/13", "2024-03-13"),
        (
            "发布时间：<script>var pubdata='2024-03-13 09:30';document.write(pubdata);</script>",
            "2024-03-13T09:30+08:00",
        ),
        ("<script>document.write('2024-03-13');</script>", "2024-03-13"),
        (
            '<time datetime="2024-03-14" itemprop="dateModified">今天</time><time datetime="2024-03-13" itemprop="datePublished">昨天</time>',
            "2024-03-13",
        ),
        (
            '<time datetime="2024-03-14" class="updated">今天</time><time datetime="2024-03-13" class="published">昨天</time>',
            "2024-03-13",
        ),
        (
            '<time datetime="2024-03-14" itemprop="dateModified">2024-03-14</time><time datetime="2024-03-13">2024-03-13</time>',
            "2024-03-13",
        ),
        ("2024-03-13 发布 2024-03-14 更新", "2024-03-13"),
        ("2024-03-14 更新 2024-03-13 发布", "2024-03-13"),
        ("创建时间：2024-03-13 更新时间：2024-03-14", "2024-03-13"),
        ("发布时间：2031-03-13 来源：青禾日报", None),
    ],
)
def test_clocks_scripts_and_changes(line: str, expected: str | None) -> None:
    assert format_published(read(page(f"<p>{line}</p>"))) == expected


def test_a_day_of_a_change_yields_to_one_of_publication() -> None:
    graph = '<script type="application/ld+json">{"dateModified":"2024-03-14","datePublished":"2024-03-13"}</script>'
    article = read(page("<p>最后更新：2024-03-14</p>", head=graph))
    assert (format_published(article), article.provenance["published_at"].rule) == ("2024-03-13", "jsonld")
    alone = read(page("<p>最后更新：2024-03-14</p>"))
    assert (format_published(alone), alone.provenance["published_at"].rule) == ("2024-03-14", "line:update")


@pytest.mark.parametrize("value", ["神州互动科技", "品牌策划:神州互动", "大汉网络", "闲云野鹤"])
def test_meta_names_no_author_whom_the_page_does_not_show(value: str) -> None:
    assert read(page("<p>2024-03-13</p>", head=f'<meta name="author" content="{value}">')).author is None


def test_what_is_shown_goes_before_an_office_in_meta() -> None:
    head = '<meta name="ContentSource" content="第四中学"><meta name="PubDate" content="2024-03-13">'
    article = read(page("<h2>发布时间：2024-03-13 来源：某县教育局</h2>", head=head))
    assert (article.origin, article.provenance["origin"].rule) == ("某县教育局", "line:来源")


LISTED = Listed("某市在深圳举办招商推介会", datetime(2024, 3, 13, tzinfo=SHANGHAI))


def seen(content: bytes, listed: Listed) -> Article:
    outcome = extract_page([Page(content, "http://news.example.com/x/1.html", {}, 200)], None, listed)
    assert outcome.article
    return outcome.article


def test_the_list_gives_a_day_to_a_page_that_shows_none() -> None:
    article = seen(page(), LISTED)
    assert (format_published(article), article.title) == ("2024-03-13", TITLE)
    assert (article.provenance["published_at"].rule, article.provenance["title"].rule) == ("list", "heading")
    shown = seen(page("<p>发布时间：2024-03-12</p>"), LISTED)
    assert (format_published(shown), shown.provenance["published_at"].rule) == ("2024-03-12", "line:label")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (LISTED.title, LISTED.title),
        ("某市在深圳举办招商推介…", "阳光家园"),
        ("阳光", "阳光家园"),
        ("查看详情", "阳光家园"),
    ],
)
def test_the_list_names_a_page_that_shows_no_title(name: str, title: str) -> None:
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    bare = f"<html><head><title>阳光家园</title></head><body><div>{body}</div></body></html>"
    article = seen(bare.encode(), Listed(name))
    assert article.title == title
    assert (article.provenance["title"].rule == "list") is (title == LISTED.title)
