"""Which of the dates, headings and names on a page count: the choices behind an article's metadata, each on lines of its own."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Any

import pytest

from crawler.extraction.metadata.byline import byline, site_name
from crawler.extraction.metadata.publication_date import date_line, json_ld, published
from crawler.extraction.metadata.title import first_segment, key, names_site, segments, title_of, unescaped
from crawler.extraction.page.frame import walk
from crawler.extraction.page.lines import Frame
from crawler.extraction.page.tree import parse

URL = "http://news.example.com/x/1.html"


def frame_of(*lines: str, head: str = "", title: str = "") -> Frame:
    """A page of these lines; what begins with < is markup."""
    body = "".join(line if line.startswith("<") else f"<p>{escape(line)}</p>" for line in lines)
    return walk(parse(f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"), URL)


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


TITLE, BODY = "某市召开招商引资工作推进会", "会议指出，要坚持把招商引资作为经济工作的生命线，围绕主导产业开展精准招商。"
FILLER = ["栏目内容"] * 8
D12, D13 = "2024-03-12", "2024-03-13"
TEN = [str(n) + "栏目" for n in range(10)]

# lines, the title's line, first and last line of the body → the day, the rule, its line
CHOICES: dict[str, tuple[list[str], int, tuple[int, int], tuple[str, str, int] | None]] = {
    "near before far": ([TITLE, D13, *FILLER, D12, BODY], 0, (10, 10), (D13, "line", 1)),
    "below before above": ([D12, TITLE, D13, BODY], 1, (3, 3), (D13, "line", 2)),
    "the first of equals": ([TITLE, f"{D13} {D12}", BODY], 0, (2, 2), (D13, "line", 1)),
    "labelled before bare": ([TITLE, D12, f"发布时间：{D13}", BODY], 0, (3, 3), (D13, "line:label", 2)),
    "published before another label": ([TITLE, f"时间：{D12}", f"发布时间：{D13}", BODY], 0, (3, 3), (D13, "line:label", 2)),
    "with a time before without": ([TITLE, D12, f"{D13} 16:24", BODY], 0, (3, 3), (D13, "line", 2)),
    "bare before updated": ([TITLE, f"更新时间：{D12}", D13, BODY], 0, (3, 3), (D13, "line", 2)),
    "updated, where nothing else is said": ([TITLE, f"更新时间：{D12}", BODY], 0, (2, 2), (D12, "line:update", 1)),
    "a label in a cell of its own": ([TITLE, D12, "<table><tr><td>发布时间</td><td>2024-03-13</td></tr></table>", BODY], 0, (4, 4), (D13, "line:label", 3)),
    "a label before other words": ([TITLE, f"发布时间：市商务局办公室 {D12}", D13, BODY], 0, (3, 3), (D12, "line", 1)),
    "a bare label on the second line of the body": ([TITLE, f"时间：{D13}", "某事", BODY], 0, (0, 3), (D13, "line:label", 1)),
    "a bare label deeper in the body": ([TITLE, "某事", "某事", f"时间：{D13}", "某事", BODY], 0, (1, 5), None),
    "a bare label in the body of more words": ([TITLE, f"时间：{D13} 甲乙丙丁", "某事", BODY], 0, (0, 3), (D13, "line:label", 1)),
    "an update that ends a term": ([TITLE, f"更新时间：{D13}起", BODY], 0, (2, 2), (D13, "line:update", 1)),
    "a publication that ends a term": ([TITLE, f"发布时间：{D13}起", BODY], 0, (2, 2), (D13, "line:label", 1)),
    "a publication in the body beside words": ([TITLE, f"发布时间：{D13}，全市招商引资工作。", BODY], 0, (1, 2), (D13, "line:label", 1)),
    "a long line": ([TITLE, "甲" * 195 + D12, BODY], 0, (2, 2), None),
    "a short line before a longer": ([TITLE, "甲" * 80 + D12, D13, BODY], 0, (3, 3), (D13, "line", 2)),
    "a link of another article": ([TITLE, f"<p><a href='/b'>某县召开招商引资工作推进会 {D12}</a></p>", D13, BODY], 0, (3, 3), (D13, "line", 2)),
    "a date that the text mentions": ([TITLE, f"会议指出，{D12}以来全市新签约亿元以上项目三十二个。", "内容", D13], 0, (1, 3), (D13, "line", 3)),
    "a bare date below the body": ([TITLE, BODY, BODY, D12], 0, (1, 2), None),
    "a labelled date below the body": ([TITLE, BODY, BODY, f"发布时间：{D12}"], 0, (1, 2), (D12, "line:label", 3)),
    "too far above the title": ([D12, *FILLER, TITLE, BODY], 9, (10, 10), None),
    "five lines above the title": ([D12, "一", "二", "三", "四", TITLE, BODY], 5, (6, 6), (D12, "line", 0)),
    "six lines above the title": ([D12, "一", "二", "三", "四", "五", TITLE, BODY], 6, (7, 7), None),
    "fifteen lines below the title": ([TITLE, *TEN, *"一二三四", D12, *TEN, BODY], 0, (26, 26), (D12, "line", 15)),
    "no title, above the body": ([D12, *TEN, "一", BODY], -1, (12, 12), (D12, "line", 0)),
    "no title, too far above the body": ([D12, *TEN, "一", "二", BODY], -1, (13, 13), None),
    "no title, the body begins the page": ([D12, BODY], -1, (0, 1), (D12, "line", 0)),
    "neither title nor body": ([D12], -1, (-1, -1), None),
    "a title and no body": ([TITLE, D12], 0, (-1, -1), (D12, "line", 1)),
    "another clock": ([f"{D12} 星期二", TITLE, BODY], 1, (2, 2), None),
    "a weekday below the title": ([TITLE, f"{D12} 星期二", BODY], 0, (2, 2), (D12, "line", 1)),
    "today": ([TITLE, f"今天是{D12}", D13, BODY], 0, (3, 3), (D13, "line", 2)),
    "no such day": ([TITLE, "2024-02-30", BODY], 0, (2, 2), None),
    "twenty lines below the title": ([TITLE, *[BODY] * 19, D12], 0, (1, 20), (D12, "line", 20)),
    "a sign-off": ([TITLE, *[BODY] * 28, "某市商务局", "二〇二四年三月十三日"], 0, (1, 30), (D13, "line:sign-off", 30)),
    "the last of the sign-offs": ([TITLE, *[BODY] * 27, D12, "某市商务局", D13], 0, (1, 30), (D13, "line:sign-off", 30)),
    "sixty characters with a date at their end": ([TITLE, *[BODY] * 28, "甲" * 50 + D12], 0, (1, 29), None),
    "a last line of one more": ([TITLE, *[BODY] * 28, "甲" * 51 + D12], 0, (1, 29), None),
    "a sentence that ends the text": ([TITLE, *[BODY] * 17, BODY + BODY + D12], 0, (1, 18), None),
    "a sign-off too far up": ([TITLE, *[BODY] * 17, D12, *[BODY] * 6], 0, (1, 24), None),
    "five lines before the end": ([TITLE, *[BODY] * 17, D12, *[BODY] * 5], 0, (1, 23), (D12, "line:sign-off", 18)),
    "a label anywhere on the page": ([TITLE, *[BODY] * 40, "页脚", *TEN, f"发布时间：{D12}"], 0, (1, 40), (D12, "line:label", 52)),
    "a bare date anywhere on the page": ([TITLE, *[BODY] * 40, "页脚", *TEN, D12], 0, (1, 40), None),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOICES)
def test_of_several_dates_the_one_that_says_it_of_this_article(case: str) -> None:
    lines, title, body, expected = CHOICES[case]
    found = published(frame_of(*lines), URL, title, body)
    assert (found and (f"{found.at:%Y-%m-%d}", found.provenance.rule, found.line)) == expected


@pytest.mark.parametrize(
    ("lines", "title", "line"),
    [
        ([TITLE, "一", D12, D13], 0, 2),
        ([D12, "一", TITLE, "二", "三", D13], 2, 5),  # what stands above counts twice as far
        ([D12, "一", TITLE, "二", "三", "四", D13], 2, 0),
        ([D12, TITLE, D13], 1, 2),
        ([D12, TITLE, "一", D13], 1, 0),
        (["零", D12, TITLE, "二", "三", D13], 2, 1),
        ([f"{D12} 星期二"], 0, 0),
        ([D12, *"一二三四五", TITLE], 6, 0),
        ([D12, *"一二三四五六", TITLE], 7, -1),
        ([TITLE, *"一二三四五", *TEN, *FILLER, "一", D12], 0, 25),
        ([TITLE, *"一二三四五六", *TEN, *FILLER, "一", D12], 0, -1),
        ([TITLE, "甲" * 139 + D12], 0, 1),
        ([TITLE, "甲" * 140 + D12], 0, -1),
        ([f"{D12} 星期二", TITLE, D13], 1, 2),
        ([TITLE, f"{D12} 星期二"], 0, 1),
        ([TITLE, f"今天是{D12}"], 0, -1),
        (["一", D12, D13], -1, 1),
        (["一", f"{D12} 星期二"], -1, 1),
        ([TITLE, "２０２４年３月１３日"], 0, 1),
    ],
)  # fmt: skip
def test_the_date_line_is_the_nearest_to_the_title(lines: list[str], title: int, line: int) -> None:
    assert date_line(frame_of(*lines), title) == line


LINE = [TITLE, f"{D13} 16:24", BODY]
NOWHERE = [TITLE, BODY]
LD = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "lines", "url", "expected"),
    [
        (meta("pubdate", "2024-03-12"), LINE, URL, ("2024-03-12", "day", "meta:pubdate")),  # another day: the machine's
        (meta("pubdate", "2024-03-13"), LINE, URL, ("2024-03-13", "minute", "line")),
        (meta("pubdate", "2024-03-13 09:00"), LINE, URL, ("2024-03-13", "minute", "meta:pubdate")),
        (meta("pubdate", "2024-03-13"), [TITLE, D13, BODY], URL, ("2024-03-13", "day", "meta:pubdate")),
        (meta("createdate", "2024-03-12"), LINE, URL, ("2024-03-12", "day", "meta:createdate")),
        (meta("createdate", "2024-03-12"), [TITLE, f"发布时间：{D13}", BODY], URL, ("2024-03-13", "day", "line:label")),
        (meta("datecreated", "2024-03-12"), [TITLE, f"发布时间：{D13}", BODY], URL, ("2024-03-13", "day", "line:label")),
        (meta("date", "2024-03-12"), [TITLE, f"发布时间：{D13}", BODY], URL, ("2024-03-13", "day", "line:label")),
        (meta("pubdate", "2024-03-12"), [TITLE, f"发布时间：{D13}", BODY], URL, ("2024-03-12", "day", "meta:pubdate")),
        (meta("pubdate", "x") + meta("date", "2024-03-12"), NOWHERE, URL, ("2024-03-12", "day", "meta:date")),
        (meta("pubdate", "2024-03-12 00:00"), NOWHERE, URL, ("2024-03-12", "day", "meta:pubdate")),
        ("", LINE, "http://a.cn/2024/0312/1.html", ("2024-03-13", "minute", "line")),
        ("", [TITLE, f"{D13} 00:00", BODY], URL, ("2024-03-13", "day", "line")),
        (LD.format('{"datePublished": "2024-03-12"}'), LINE, URL, ("2024-03-13", "minute", "line")),
        (LD.format('{"datePublished": "2024-03-12"}'), [TITLE, f"更新时间：{D13}", BODY], URL, ("2024-03-12", "day", "jsonld")),
        # nothing near the title: one after the other, the first that says it
        (LD.format('{"datePublished": "2024-03-12T09:00"}'), NOWHERE, URL, ("2024-03-12", "minute", "jsonld")),
        (LD.format('{"pubDate": "x", "dateCreated": "2024-03-12T00:00"}'), NOWHERE, URL, ("2024-03-12", "day", "jsonld")),
        (LD.format('{"uploadDate": 1, "pubDate": "2024-03-12"}'), NOWHERE, URL, ("2024-03-12", "day", "jsonld")),
        (LD.format('{"uploadDate": "2024-03-12"}') + LD.format('{"pubDate": "2024-03-11"}'), NOWHERE, URL, ("2024-03-12", "day", "jsonld")),
        (LD.format('{"pubDate": "2024-03-12"}'), [TITLE, '<time datetime="2024-03-11">x</time>', BODY], URL, ("2024-03-12", "day", "jsonld")),
        (meta("lastmodified", "2024-03-12"), [TITLE, '<time datetime="x">x</time><time datetime="2024-03-11T09:00">x</time>', BODY], URL, ("2024-03-11", "minute", "time")),
        (meta("lastmodified", "2024-03-12") + "<script>var pubtime = '2024-03-11';</script>", NOWHERE, URL, ("2024-03-12", "day", "meta:lastmodified")),
        ("<script>var pubtime = '2024-03-11 00:00', ptime = '2024-03-10';</script>", NOWHERE, "http://a.cn/20240312/", ("2024-03-11", "day", "script")),
        ("<script>var pubtime = 'xxxxxxxxxx', ptime = '2024-03-11 09:00';</script>", NOWHERE, URL, ("2024-03-11", "minute", "script")),
        ("", [TITLE, *[BODY] * 30, D13], "http://a.cn/2024/3/12/1.html", ("2024-03-12", "day", "url")),
        ("", NOWHERE, "http://a.cn/2024/3/12/", ("2024-03-12", "day", "url")),
        ("", NOWHERE, "http://20240311.cn/t20240312_1.html", ("2024-03-12", "day", "url")),
        ("", NOWHERE, "http://a.cn/b//20240312/c//d", ("2024-03-12", "day", "url")),
        ("", NOWHERE, "http://20240311.cn/1.html", None),
        ("", NOWHERE, "http://a.cn/20240230/1.html", None),
        ("", NOWHERE, URL, None),
    ],
)  # fmt: skip
def test_where_a_day_is_read_and_what_counts_more(
    head: str, lines: list[str], url: str, expected: tuple[str, str, str] | None
) -> None:
    found = published(frame_of(*lines, head=head), url, 0, (len(lines) - 1, len(lines) - 1))
    assert (found and (f"{found.at:%Y-%m-%d}", found.precision, found.provenance.rule)) == expected
    assert found is None or (found.provenance.read_from and found.at.utcoffset() == timedelta(hours=8))


def test_the_objects_of_json_ld_come_in_the_order_of_the_page() -> None:
    head = (
        LD.format("{")
        + LD.format('[{"n": 1, "@graph": [{"n": 2}, {"n": 3}]}, {"n": 4}, 5]')
        + LD.format('{"n": "a\tb"}')
    )
    assert [item["n"] for item in json_ld(frame_of(head=head))] == [1, 2, 3, 4, "a\tb"]


@pytest.mark.parametrize(
    ("whole", "parts", "first"),
    [
        ("某市招商大会_要闻_某某网", ["某市招商大会", "要闻", "某某网"], "某市招商大会"),
        ("某市招商大会>>要闻>某某网", ["某市招商大会", "要闻", "某某网"], "某市招商大会"),
        ("某市招商大会 — 某某日报", ["某市招商大会", "某某日报"], "某市招商大会"),
        ("某市招商大会-要闻-某某网", ["某市招商大会", "要闻", "某某网"], "某市招商大会"),
        ("某市招商-引资大会上-某某网", ["某市招商-引资大会上", "某某网"], "某市招商-引资大会上"),
        ("某市招商-引资大会上-要闻-某某网", ["某市招商-引资大会上", "要闻", "某某网"], "某市招商-引资大会上"),
        ("招商-引资", ["招商-引资"], "招商-引资"),
        ("招商-引资_某某网", ["招商-引资", "某某网"], "招商-引资"),
        ("某市招商大会－某某网_首页", ["某市招商大会", "某某网", "首页"], "某市招商大会"),
        ("某市招商大会——某某网", ["某市招商大会", "某某网"], "某市招商大会"),
        ("某市招商——某某网", ["某市招商", "某某网"], "某市招商"),
        ("某市网——某某网", ["某市网——某某网"], "某市网——某某网"),
        ("某某网_某市招商引资大会", ["某某网", "某市招商引资大会"], "某市招商引资大会"),
        ("某某网_要闻栏目_某市招商引资大会", ["某某网", "要闻栏目", "某市招商引资大会"], "某市招商引资大会"),
        ("新闻中心_要闻_某市招商大会", ["新闻中心", "要闻", "某市招商大会"], "某市招商大会"),
        ("首页", ["首页"], ""),
        ("", [], ""),
        (" _ ", [], ""),
    ],
)
def test_a_title_is_parted_where_the_site_begins(whole: str, parts: list[str], first: str) -> None:
    assert segments(whole) == parts
    assert first_segment(whole) == first


@pytest.mark.parametrize(
    ("part", "is_site"),
    [
        ("某某网", True),
        ("某" * 19 + "网", True),
        ("某" * 20 + "网", False),
        ("网", False),
        ("某局", True),
        ("WWW.a.cn", True),
        ("Powered by x", True),
        ("新闻中心", False),
        ("某市招商大会", False),
    ],
)
def test_the_name_of_a_site_is_known_by_its_end(part: str, is_site: bool) -> None:
    assert names_site(part) == is_site


@pytest.mark.parametrize(
    ("whole", "first"),
    [
        ("一图读懂|青禾县招商政策_某某网", "一图读懂|青禾县招商政策"),
        ("一图读懂｜青禾县招商政策", "一图读懂｜青禾县招商政策"),
        ("要闻|青禾县召开招商大会", "青禾县召开招商大会"),
        ("一图读懂|青禾县人民政府", "一图读懂"),
        ("一图读懂|文章详情页面内容", "一图读懂|文章详情页面内容"),
        ("一图读懂|青禾县招商政策 - 某某网", "一图读懂|青禾县招商政策"),
        ("通知公告_青禾县招商引资推进会", "青禾县招商引资推进会"),
        ("招商动态_青禾县召开大会上", "青禾县召开大会上"),
        ("青禾县招动态_青禾县召开大会上", "青禾县召开大会上"),
        ("某市招商引资大会召开_部署全年重点任务安排_某某网", "某市招商引资大会召开"),
        ("青禾招商动态_青禾县召开招商大会", "青禾县召开招商大会"),
        ("某某网招商大会-某某网", "某某网招商大会"),
    ],
)
def test_a_title_loses_columns_and_sites_but_not_its_series(whole: str, first: str) -> None:
    assert first_segment(whole) == first


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("&amp;ldquo;甲&rdquo;", "“甲”"),
        ("&amp;amp;amp;lt;", "&amp;lt;"),
        ("甲&乙;", "甲&乙;"),
        ("甲&#20057;&#x4e19;", "甲乙丙"),
        ("甲&&amp;", "甲&&"),
    ],
)
def test_entities_that_were_escaped_twice_are_undone(text: str, read: str) -> None:
    assert unescaped(text) == read


def test_titles_are_compared_by_what_they_say() -> None:
    assert key("“Ａ 市” ＧＤＰ『增长』\n") == key("a市gdp增长") == "a市gdp增长"


LONG = "某市召开招商引资工作推进会部署全年重点任务"
NOTE = "某县商务局到开发区走访企业"
OGT = '<meta property="og:title" content="{}">'
SAID, BY = "来源：新华社", "作者：张三丰"
WHEN = f"{D13} 16:24"

# <title>, what else the head has, lines, the body's line → title, rule, line
HEADINGS: dict[str, tuple[str, str, list[str], int | None, tuple[str, str, int]]] = {
    "a heading that <title> has": (f"{TITLE}_某某网", "", ["某某网", f"<h1>{TITLE}</h1>", BODY], 2, (TITLE, "heading", 1)),
    "a line that <title> has": (f"{TITLE}_某某网", "", ["某某网", TITLE, BODY], 2, (TITLE, "heading", 1)),
    "the nearer of two": (f"{TITLE}_某某网", "", [TITLE, *FILLER, TITLE, BODY], 10, (TITLE, "heading", 9)),
    "the last of two equals": (f"{TITLE}_某某网", "", [TITLE, TITLE, BODY], 1, (TITLE, "heading", 1)),
    "four lines above as good as one below": (f"{TITLE}_某某网", "", [TITLE, *"一二三", BODY, TITLE], 4, (TITLE, "heading", 5)),
    "the first, while there is no body": (f"{TITLE}_某某网", "", [TITLE, *FILLER, TITLE, BODY], None, (TITLE, "heading", 0)),
    "two lines into the body": (f"{TITLE}_某某网", "", ["某某网", "一", "二", "三", TITLE], 2, (TITLE, "heading", 4)),
    "three lines into the body": (f"{TITLE}_某某网", "", ["某某网", "一", "二", "三", "四", TITLE], 2, (TITLE, "title", -1)),
    "a heading that says another thing": (f"{TITLE}_某某网", "", [f"<h1>{NOTE}</h1>", BODY], 1, (NOTE, "heading", 0)),
    "a heading, where <title> names the site": ("某某网", "", [f"<h1>{TITLE}</h1>", BODY], 1, (TITLE, "heading", 0)),
    "a small heading, where <title> names the site": ("某某网", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "the higher of two headings": ("某某网", "", [f"<h3>{NOTE}</h3>", f"<h2>{TITLE}</h2>", f"<h4>{NOTE}</h4>", BODY], 3, (TITLE, "heading", 1)),
    "a class that says title": ("某某网", "", [f'<h3 class="title">{TITLE}</h3>', f"<h2>{NOTE}</h2>", BODY], 2, (TITLE, "heading", 0)),
    "the meta tag of a system": ("某某网", meta("ArticleTitle", f"{TITLE}-某某网"), ["一", BODY], 1, (f"{TITLE}-某某网", "meta:articletitle", -1)),
    "another meta tag loses the site": ("某某网", OGT.format(f"{TITLE}-某某网"), ["一", BODY], 1, (TITLE, "meta:og:title", -1)),
    "a meta tag that says nothing": (f"{TITLE}_某某网", OGT.format("首页"), ["一", BODY], 1, (TITLE, "title", -1)),
    "a heading that a meta tag has": ("某某网", OGT.format(TITLE), [f"<h4>{TITLE}</h4>", f"<h1>{NOTE}</h1>", BODY], 2, (TITLE, "heading", 0)),
    "a heading of two lines": (f"{TITLE}{NOTE}_某某网", "", [f"<h1>{TITLE}<br>{NOTE}</h1>", BODY], 2, (f"{TITLE}{NOTE}", "heading", 0)),
    "a heading of two lines, parted in <title>": (f"{TITLE} {NOTE}_某某网", "", [f"<h1>{TITLE}<br>{NOTE}</h1>", BODY], 2, (f"{TITLE} {NOTE}", "heading", 0)),
    "a heading of two lines, one in <title>": (f"{TITLE}_某某网", "", [f"<h1>{TITLE}<br>{NOTE}</h1>", BODY], 2, (TITLE, "heading", 0)),
    "a heading of two lines, none in <title>": ("某某网", "", [f"<h1>{TITLE}<br>{NOTE}</h1>", BODY], 2, (f"{TITLE} {NOTE}", "heading", 1)),
    "the second of two lines": (f"{NOTE}{TITLE}_某某网", "", [f"<h1>{NOTE}<br>{TITLE}</h1>", BODY], 2, (f"{NOTE}{TITLE}", "heading", 0)),
    "a heading that was cut": (f"{LONG}_某某网", "", [f"<h1>{LONG[:14]}…</h1>", BODY], 1, (LONG, "heading", 0)),
    "a heading that was cut early": (f"{LONG}_某某网", "", [f"<h1>{LONG[:5]}...</h1>", BODY], 1, (LONG, "heading", 0)),
    "a heading that was cut after a word": (f"{LONG}_某某网", "", [f"<h1>{LONG[:2]}…</h1>", BODY], 1, (LONG, "title", 0)),
    "a heading and a title that were cut": (f"{LONG[:16]}..._某某网", OGT.format(LONG), [f"<h1>{LONG[:14]}…</h1>", BODY], 1, (LONG, "heading", 0)),
    "the longer of two that were cut": (f"{LONG[:16]}…_某某网", "", [f"<h1>{LONG[:14]}…</h1>", BODY], 1, (f"{LONG[:16]}…", "heading", 0)),
    "a heading with dots of its own": (f"{LONG}_某某网", "", ["<h1>某市召开会…</h1>", BODY], 1, ("某市召开会…", "heading", 0)),
    "a title that was cut": (f"{LONG[:14]}..._某某网", "", [f"<h1>{NOTE}</h1>", LONG, BODY], 2, (LONG, "heading", 1)),
    "a label": ("某某网", "", [f"<h1>标题：{TITLE}</h1>", BODY], 1, (TITLE, "heading", 0)),
    "a link": (f"{TITLE}_某某网", "", [f'<p><a href="/a">{TITLE}</a></p>', "一", TITLE, *"二三", BODY], 5, (TITLE, "heading", 2)),
    "a heading that cannot be seen": ("某某网", "", [f'<h1 style="display:none">{NOTE}</h1>', f"<h2>{TITLE}</h2>", BODY], 2, (TITLE, "heading", 1)),
    "a sentence in a heading": ("某某网", "", [f"<h1>{NOTE}。</h1>", f"<h2>{TITLE}</h2>", BODY], 2, (TITLE, "heading", 1)),
    "a way to here in a heading": ("某某网", "", ["<h1>首页 > 要闻 > 正文内容</h1>", f"<h2>{TITLE}</h2>", BODY], 2, (TITLE, "heading", 1)),
    "a short heading": ("某某网", "", ["<h2>某某栏目</h2>", f"<h2>{TITLE}</h2>", *"一二三四", BODY], 6, (TITLE, "heading", 1)),
    "the line above a day": ("", "", ["一", TITLE, "2024-03-13 16:24", BODY], 3, (TITLE, "heading", 1)),
    "no line above is a sentence": ("", "", ["一", f"{TITLE}。", TITLE, f"{TITLE}，", BODY], 4, (TITLE, "line:above", 2)),
    "no line above is too long or too short": ("", "", [TITLE, "甲" * 61, "甲" * 5, BODY], 3, (TITLE, "line:above", 0)),
    "eight lines above": ("", "", [TITLE, *"一二三四五六七", BODY], 8, (TITLE, "line:above", 0)),
    "nine lines above": ("", "", [TITLE, *"一二三四五六七八", BODY], 9, ("", "none", -1)),
    "links above": ("", "", [TITLE, f'<p><a href="/a">{NOTE}</a></p>', BODY], 2, (TITLE, "line:above", 0)),
    "what lies above links is another thing": ("", "", [TITLE, f'<p><a href="/a">{NOTE}</a></p>', *"一二三", BODY], 5, ("", "none", -1)),
    "a bold line that begins the body": ("", "", ["一", f"<p><b>{TITLE}</b></p>", BODY], 1, (TITLE, "line:above", 1)),
    "a bold sentence that begins the body": ("", "", ["一", f"<p><b>{TITLE}。</b></p>", BODY], 1, ("", "none", -1)),
    "six characters above": ("", "", ["一", "招商引资大会", BODY], 2, ("招商引资大会", "line:above", 1)),
    "a name that ends in a letter": ("", "", [f"{TITLE}X", BODY], 1, (f"{TITLE}X", "line:above", 0)),
    "six bold characters that begin the body": ("", "", ["一", "<p><b>招商引资大会</b></p>", BODY], 1, ("招商引资大会", "line:above", 1)),
    "nine in ten bold": ("", "", ["一", "<p><b>招商引资推进大会</b>上</p>"], 1, ("", "none", -1)),
    "ten in eleven bold": ("", "", ["一", "<p><b>某市招商引资推进大会</b>上</p>"], 1, ("某市招商引资推进大会上", "line:above", 1)),
    "a lower heading of two lines, none in <title>": ("某某网", "", [f"<h2>{TITLE}<br>{NOTE}</h2>", BODY], 2, (f"{TITLE} {NOTE}", "heading", 1)),
    "a heading that was cut, and nothing has it": ("某某网", "", [f"<h1>{LONG[:14]}…</h1>", BODY], 1, (f"{LONG[:14]}…", "heading", 0)),
    "a meta tag of two parts": ("某某网", OGT.format(f"{TITLE}_部署全年重点任务"), ["一", BODY], 1, (f"{TITLE}_部署全年重点任务", "meta:og:title", -1)),
    "a meta tag with a column": ("某某网", OGT.format(f"{TITLE}_全年重点任务吧"), ["一", BODY], 1, (TITLE, "meta:og:title", -1)),
    "a weak heading before a title of a word": ("要事", "", [f"<h4>{NOTE}</h4>", BODY], 1, (NOTE, "line:above", 0)),
    "a short heading, where there is nothing else": ("", "", ["<h2>招商大会议</h2>", BODY], 1, ("招商大会议", "heading", 0)),
    "the site's name, where there is nothing else": ("某某网", "", ["一", BODY], 1, ("某某网", "title", -1)),
    "a title without a site before another heading": (TITLE, "", [f"<h1>{NOTE}</h1>", BODY], 1, (NOTE, "heading", 0)),
    "nothing at all": ("", "", ["一", BODY], 1, ("", "none", -1)),
    "a title of a word": ("要事", "", ["一", BODY], 1, ("要事", "title", -1)),
    "above the byline": ("某某网", "", ["某某网", TITLE, f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 1)),
    "above the byline, before the body is known": ("某某网", "", [*FILLER, TITLE, f"{WHEN} {SAID}", BODY], None, (TITLE, "heading", 8)),
    "above the byline before another heading": ("某某网", "", [f"<h3>{NOTE}</h3>", TITLE, f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 1)),
    "a heading above the byline": ("某某网", "", [f"<h2>{NOTE}</h2>", f"<h3>{TITLE}</h3>", f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 1)),
    "above a byline six lines above the body": ("某某网", "", [TITLE, f"{WHEN} {SAID}", *"一二三四五", BODY], 7, (TITLE, "heading", 0)),
    "above a byline seven lines above the body": ("某某网", "", [TITLE, f"{WHEN} {SAID}", *"一二三四五六", BODY], 8, (TITLE, "line:above", 0)),
    "above a byline on the second line of the body": ("某某网", "", ["一", TITLE, f"{WHEN} {SAID}", BODY], 1, (TITLE, "heading", 1)),
    "above a byline on the third line of the body": ("某某网", "", ["一", "二", TITLE, f"{WHEN} {SAID}", BODY], 1, (TITLE, "heading", 2)),
    "above a byline on the fourth line of the body": ("某某网", "", ["一", "二", TITLE, "三", f"{WHEN} {SAID}", BODY], 1, ("某某网", "title", -1)),
    "above a line that begins with its day": ("某某网", "", [TITLE, f"{WHEN} 某某", BODY], 2, (TITLE, "heading", 0)),
    "above a byline without a day": ("某某网", "", [TITLE, SAID, BODY], 2, (TITLE, "line:above", 0)),
    "above a sentence with a day": ("某某网", "", [TITLE, f"{D13}发布，某市", BODY], 2, (TITLE, "line:above", 0)),
    "above a line of 120 with a byline": ("某某网", "", [TITLE, "甲" * 97 + f" {WHEN} {SAID}", BODY], 2, (TITLE, "line:above", 0)),
    "above a line of 121 with a byline": ("某某网", "", [TITLE, "甲" * 98 + f" {WHEN} {SAID}", BODY], 2, (TITLE, "line:above", 0)),
    "above a byline of two lines": ("某某网", "", [TITLE, BY, f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 0)),
    "above a byline of four lines": ("某某网", "", [TITLE, BY, "来源：人民网", "编辑：王志强", f"{WHEN} {SAID}", BODY], 5, (TITLE, "heading", 0)),
    "above a byline of six lines": ("某某网", "", [TITLE, BY, "来源：人民网", "编辑：王志强", "作者：李四光", "浏览：12次", f"{WHEN} {SAID}", BODY], 7, (TITLE, "heading", 0)),
    "above a byline of seven lines": ("某某网", "", [TITLE, BY, "来源：人民网", "编辑：王志强", "作者：李四光", "浏览：12次", "稿源：人民网", f"{WHEN} {SAID}", BODY], 8, (TITLE, "line:above", 0)),
    "above a subtitle and a byline": ("某某网", "", [TITLE, f"——{NOTE}", f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 0)),
    "above a subtitle by its class": ("某某网", "", [TITLE, f'<p class="subtitle">{NOTE}</p>', f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 0)),
    "six characters above a byline": ("某某网", "", ["招商引资大会", f"{WHEN} {SAID}", BODY], 2, ("招商引资大会", "heading", 0)),
    "five characters above a byline": ("某某网", "", [f"<h3>{TITLE}</h3>", "招商大会上", f"{WHEN} {SAID}", BODY], 3, (TITLE, "line:above", 0)),
    "120 characters above a byline": ("某某网", "", ["甲" * 120, f"{WHEN} {SAID}", BODY], 2, ("甲" * 120, "heading", 0)),
    "121 characters above a byline": ("某某网", "", ["甲" * 121, f"{WHEN} {SAID}", BODY], 2, ("某某网", "title", -1)),
    "a link above a byline": ("某某网", "", [f'<p><a href="/a">{TITLE}</a></p>', f"{WHEN} {SAID}", BODY], 2, ("某某网", "title", -1)),
    "half a link above a byline": ("某某网", "", ['<p><a href="/a">某市招商大会</a>上签约项目</p>', f"{WHEN} {SAID}", BODY], 2, ("某某网", "title", -1)),
    "a third of a link above a byline": ("某某网", "", ['<p><a href="/a">某市招商</a>大会上签约项目多个</p>', f"{WHEN} {SAID}", BODY], 2, ("某市招商大会上签约项目多个", "heading", 0)),
    "a sentence above a byline": ("某某网", "", [f"{TITLE}。", f"{WHEN} {SAID}", BODY], 2, ("某某网", "title", -1)),
    "a way to here above a byline": ("某某网", "", ["当前位置：首页 > 要闻", f"{WHEN} {SAID}", BODY], 2, ("某某网", "title", -1)),
    "two lines above a byline": ("某某网", "", [f"<div>{TITLE}<br>{NOTE}</div>", f"{WHEN} {SAID}", BODY], 3, (TITLE, "heading", 0)),
    "three lines above a byline": ("某某网", "", ["一", f"<div>{TITLE}<br>{NOTE}<br>{TITLE}</div>", f"{WHEN} {SAID}", BODY], 5, (TITLE, "heading", 1)),
    "two lines above a byline, the first too long": ("某某网", "", [f"<div>{'甲' * 61}<br>{NOTE}</div>", f"{WHEN} {SAID}", BODY], 3, (NOTE, "heading", 1)),
    "two lines above a byline, the first a link": ("某某网", "", [f'<div><a href="/a">{TITLE}</a><br>{NOTE}</div>', f"{WHEN} {SAID}", BODY], 3, (NOTE, "heading", 1)),
    "a heading and a line above a byline": ("某某网", "", ["一", f"<h1>{TITLE}</h1>", NOTE, f"{WHEN} {SAID}", BODY], 4, (TITLE, "heading", 1)),
    "a second heading and a line above a byline": ("某某网", "", ["一", f"<h2>{TITLE}</h2>", NOTE, f"{WHEN} {SAID}", BODY], 4, (NOTE, "heading", 2)),
    "a linked heading and a line above a byline": ("某某网", "", [f'<h1><a href="/a">{TITLE}</a></h1>', NOTE, f"{WHEN} {SAID}", BODY], 3, (NOTE, "heading", 1)),
    "a heading of six and a line above a byline": ("某某网", "", ["<h1>招商引资大会</h1>", NOTE, f"{WHEN} {SAID}", BODY], 3, ("招商引资大会", "heading", 0)),
    "a heading of five and a line above a byline": ("某某网", "", ["<h1>招商大会上</h1>", NOTE, f"{WHEN} {SAID}", BODY], 3, (NOTE, "heading", 1)),
    "two headings above a byline": ("某某网", "", [f"<h1>{TITLE}</h1>", f"<h1>{NOTE}</h1>", f"{WHEN} {SAID}", BODY], 3, (NOTE, "heading", 1)),
    "the name of the house, by its rights": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, "版权所有：青禾招商"], 1, (TITLE, "line:above", 0)),
    "a title that no rights are of": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, "版权所有：青禾县"], 1, ("青禾招商", "title", 0)),
    "the name of the house, by meta": ("青禾招商", meta("og:site_name", "青禾招商"), [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "the name of the house, by another meta tag": ("青禾招商", meta("sitename", "青禾招商"), [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "the name of the house, as an application": ("青禾招商", meta("application-name", "青禾招商"), [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "a house of three characters": ("青禾县", "", [f"<h3>{TITLE}</h3>", BODY, "版权所有：青禾县"], 1, (TITLE, "line:above", 0)),
    "a house of two characters": ("青禾", "", [f"<h3>{TITLE}</h3>", BODY, "版权所有：青禾"], 1, (TITLE, "line:above", 0)),
    "the house at the end of a long page": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, *FILLER * 20, "版权所有：青禾招商", *FILLER * 7], 1, (TITLE, "line:above", 0)),
    "the house in the midst of a long page": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, *FILLER * 10, "版权所有：青禾招商", *FILLER * 10], 1, ("青禾招商", "title", 0)),
    "the house in the midst of 120 lines": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, *FILLER * 8, "版权所有：青禾招商", *FILLER * 6, *"一二三四五"], 1, (TITLE, "line:above", 0)),
    "the house in a line of 200": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, "甲" * 191 + "版权所有：青禾招商"], 1, (TITLE, "line:above", 0)),
    "the house in a line of 201": ("青禾招商", "", [f"<h3>{TITLE}</h3>", BODY, "甲" * 192 + "版权所有：青禾招商"], 1, ("青禾招商", "title", 0)),
    "a column and the site": ("招商动态_某某网", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "the detail of a site": ("详情页_某某网", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "who has a site": ("某市商会", "", [f"<h3>{TITLE}</h3>", BODY], 1, ("某市商会", "title", 0)),
    "who has a site, behind a welcome": ("欢迎-某市商会", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "two sites": ("某某网_某市政府", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "a news office": ("某市招商局", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "a news office of a site": ("某市招商局_某某网", "", [f"<h3>{TITLE}</h3>", BODY], 1, (TITLE, "line:above", 0)),
    "a series": (f"一图读懂|{TITLE}_某某网", "", ["一图读懂", f"<h3>{TITLE}</h3>", BODY], 2, (TITLE, "heading", 1)),
    "a series and its whole title": (f"一图读懂|{TITLE}_某某网", "", ["一图读懂", f"<h3>一图读懂|{TITLE}</h3>", BODY], 2, ("一图读懂|某市召开招商引资工作推进会", "heading", 1)),
    "the name of a series in a heading": (f"一图读懂|{TITLE}_某某网", "", ["<h1>一图读懂</h1>", "一", BODY], 2, ("一图读懂|某市召开招商引资工作推进会", "title", -1)),
    "two headings of a page of two lines": ("某某网", "", [f"<h1>{'甲' * 30}<br>{'乙' * 30}</h1>", BODY], 2, ("甲" * 30 + " " + "乙" * 30, "heading", 1)),
    "two headings of a page of two long lines": ("某某网", "", [f"<h1>{'甲' * 30}<br>{'乙' * 31}</h1>", BODY], 2, ("乙" * 31, "heading", 1)),
    "a title's second line in another element": (f"{TITLE}{NOTE}_某某网", "", [f"<h1>{TITLE}</h1>", f"<p>{NOTE}</p>", BODY], 2, (f"{TITLE}{NOTE}", "heading", 0)),
    "a title's second line that is linked": (f"{TITLE}{NOTE}_某某网", "", [f"<h1>{TITLE}</h1>", f'<p><a href="/a">{NOTE}</a></p>', BODY], 2, (TITLE, "heading", 0)),
    "a title in two lines of its meta tag": ("某某网", OGT.format(TITLE + NOTE), [f"<div>{TITLE}<br>{NOTE}</div>", BODY], 2, (f"{TITLE}{NOTE}", "heading", 0)),
    "a subtitle in a heading": ("某某网", "", [f"<h2>{TITLE}</h2>", f'<h2 class="subtitle">{NOTE}</h2>', BODY], 2, (TITLE, "heading", 0)),
    "a subtitle behind a dash": ("某某网", "", [f"<h2>{TITLE}</h2>", f"<h2>——{NOTE}</h2>", BODY], 2, (TITLE, "heading", 0)),
    "a label with a colon of its own": ("某某网", "", [f"<h1>标题:{TITLE}</h1>", BODY], 1, (TITLE, "heading", 0)),
    "a heading of two characters": ("要事", "", ["<h1>要事</h1>", BODY], 1, ("要事", "heading", 0)),
    "a heading of 150": ("某某网", "", [f"<h1>{'甲' * 150}</h1>", BODY], 1, ("甲" * 150, "heading", 0)),
    "a heading of 151": ("某某网", "", [f"<h1>{'甲' * 151}</h1>", BODY], 1, ("某某网", "title", -1)),
    "a house of three letters": ("青禾湾", "", [f"<h3>{TITLE}</h3>", BODY, "版权所有：青禾湾"], 1, (TITLE, "line:above", 0)),
    "four characters that <title> has": ("招商大会_某某网", "", ["<h4>招商大会</h4>", "一", BODY], 2, ("招商大会", "heading", 0)),
    "a heading that ends in a letter": ("某某网", "", [f"<h1>{TITLE}X</h1>", f"<h2>{NOTE}</h2>", BODY], 2, ("某市召开招商引资工作推进会X", "heading", 0)),
    "a label above the body": ("", "", ["一", f"标题：{TITLE}", BODY], 2, (TITLE, "line:above", 1)),
    "a label before what <title> has": (f"{TITLE}_某某网", "", ["一", f"标题：{TITLE}", BODY], 2, (TITLE, "heading", 1)),
    "a narrow label before what <title> has": (f"{TITLE}_某某网", "", ["一", f"标题:{TITLE}", BODY], 2, (TITLE, "heading", 1)),
    "a second line that <title> has first": (f"{NOTE}{TITLE}_某某网", "", [NOTE, TITLE, BODY], 2, ("某县商务局到开发区走访企业某市召开招商引资工作推进会", "heading", 0)),
    "a heading of five characters": ("某某网", "", ["<h1>招商大会上</h1>", f"<h2>{TITLE}</h2>", BODY], 2, (TITLE, "heading", 1)),
    "a heading longer than <title>": (f"{TITLE}_某某网", "", [f"<h4>{TITLE}暨签约仪式</h4>", "一", BODY], 2, (TITLE, "title", 0)),
    "a line that begins as <title> does": (f"{LONG}_某某网", "", [f"<h3>{LONG[:12]}会议</h3>", "一", BODY], 2, ("某市召开招商引资工作推进会议", "heading", 0)),
    "entities that were escaped twice": ("某某网", "", ["<h1>某市&amp;ldquo;招商&amp;rdquo;大会</h1>", BODY], 1, ("某市“招商”大会", "heading", 0)),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADINGS)
def test_of_several_headings_the_one_that_the_page_bears_out(case: str) -> None:
    title, head, lines, body, expected = HEADINGS[case]
    found = title_of(frame_of(*lines, head=head, title=title), body)
    assert (found.text, found.provenance.rule, found.line) == expected
    assert bool(found.provenance.read_from) == (found.provenance.rule != "none")


def credits_of(
    lines: list[str], *, head: str = "", title: int = 0, date: int = -1, site: str | None = None
) -> dict[str, tuple[str, str]]:
    """Field → (what it says, its rule). The body is every line of the length of BODY, and what stands between."""
    frame = frame_of(*lines, head=head)
    body = [n for n, line in enumerate(frame.lines) if BODY in line.text]
    span = (body[0], body[-1]) if body else (0, -1)
    kept = [span[0] <= n <= span[1] for n in range(len(frame.lines))]
    found = byline(frame, title, date, kept=kept, span=span, site=site)
    values = {name: getattr(found, name) for name in ("origin", "author", "editor")}
    return {name: (value, found.provenance[name].rule) for name, value in values.items() if value}


def origin(rule: str, value: str = "新华社") -> dict[str, tuple[str, str]]:
    return {"origin": (value, rule)}


def author(rule: str, value: str = "张三丰") -> dict[str, tuple[str, str]]:
    return {"author": (value, rule)}


AUTHOR_LD = '{"datePublished": "2024-03-13", "author": %s}'

CREDITS: dict[str, tuple[list[str], dict[str, Any], dict[str, tuple[str, str]]]] = {
    "labelled below the title": ([TITLE, f"{SAID} {BY}", BODY], {}, origin("line:来源") | author("line:作者")),
    "labelled above the title": ([SAID, "一", "二", "三", TITLE, BODY], {"title": 4}, origin("line:来源")),
    "labelled too far above the title": ([SAID, *"一二三四", TITLE, BODY], {"title": 5}, {}),
    "thirteen lines below the title": ([TITLE, *TEN, "一", "二", SAID, *TEN, BODY], {}, origin("line:来源")),
    "fourteen lines below the title": ([TITLE, *TEN, "一", "二", "三", SAID, *TEN, BODY], {}, {}),
    "four lines above the body": ([TITLE, *TEN, *TEN, SAID, "一", "二", "三", BODY], {}, origin("line:来源")),
    "five lines above the body": ([TITLE, *TEN, *TEN, SAID, "一", "二", "三", "四", BODY], {}, {}),
    "beside the date": ([TITLE, *TEN, *TEN, SAID, "一", WHEN, *TEN, BODY], {"date": 23}, origin("line:来源")),
    "below the date": ([TITLE, *TEN, *TEN, WHEN, "一", SAID, *TEN, BODY], {"date": 21}, origin("line:来源")),
    "too far below the date": ([TITLE, *TEN, *TEN, WHEN, "一", "二", SAID, *TEN, BODY], {"date": 21}, {}),
    "no title, eight lines above the body": ([SAID, *"一二三四五六七", BODY], {"title": -1}, origin("line:来源")),
    "no title, nine lines above the body": ([SAID, *"一二三四五六七八", BODY], {"title": -1}, {}),
    "above the body before in it": ([TITLE, BODY, SAID, BODY], {}, origin("line:来源")),
    "outside of the body before in it": ([TITLE, BODY, "来源：人民网", BODY, SAID], {}, origin("line:来源")),
    "a line that is too long": ([TITLE, "甲" * 190 + "　　" + SAID + "　", "二", BODY], {}, origin("line:来源")),
    "a line that is far too long": ([TITLE, "甲" * 200 + "　" + SAID, "二", BODY], {}, {}),
    "an editor without his number": ([TITLE, "责任编辑：王志强 HN009", BODY], {}, {"editor": ("王志强", "line:编辑")}),
    "an editor with a number alone": ([TITLE, "编辑：王志强 0123", BODY], {}, {"editor": ("王志强", "line:编辑")}),
    "two authors": ([TITLE, "作者：张三丰、李四光", BODY], {}, author("line:作者", "张三丰 李四光")),
    "an office that wrote it": ([TITLE, "作者：某市商务局", BODY], {}, author("line:作者", "某市商务局")),
    "nobody": ([TITLE, "作者：本网编辑部", BODY], {}, {}),
    "an author that is the source": ([TITLE, f"{SAID} 作者：新华社", BODY], {}, origin("line:来源")),
    "an author that is the site": ([TITLE, "作者：某市商务局", BODY], {"site": "某市商务局"}, {}),
    "a label alone, the value below": ([TITLE, "来源", "新华社", BODY], {}, origin("line:来源")),
    "a label with a colon, the value below": ([TITLE, "来源：", "新华社", BODY], {}, origin("line:来源")),
    "a value behind another": ([TITLE, "编辑：王志强 作者：", "张三丰", BODY], {}, author("line:作者") | {"editor": ("王志强", "line:编辑")}),
    "a label, another label below": ([TITLE, "来源：", BY, BODY], {}, author("line:作者")),
    "a label, a sentence below": ([TITLE, "来源：", "甲" * 31, BODY], {}, {}),
    "below the body": ([TITLE, *[BODY] * 7, SAID], {}, origin("tail:来源")),
    "in brackets at its end": ([TITLE, *[BODY] * 7, f"{BODY}{BODY}{BODY}（{SAID}）"], {}, origin("tail:来源")),
    "in a sentence at its end": ([TITLE, *[BODY] * 7, f"{BODY}{BODY}{BODY}{SAID}"], {}, {}),
    "seven lines below the body": ([TITLE, BODY, BODY, BODY, *"一二三四五六", SAID], {}, origin("tail:来源")),
    "eight lines below the body": ([TITLE, BODY, BODY, BODY, *"一二三四五六七", SAID], {}, {}),
    "above before below": ([TITLE, "来源：人民网", BODY, BODY, SAID], {}, origin("line:来源", "人民网")),
    "a class that says source": ([TITLE, f'<p>{WHEN} <span class="source">新华社</span></p>', BODY], {}, origin("class")),
    "a class that says author": ([TITLE, f'<p>{WHEN} <span class="author">张三丰</span></p>', BODY], {}, author("class")),
    "a line with such a class": ([TITLE, '<p class="ly">新华社</p>', BODY], {}, origin("class")),
    "such a class around a sentence": ([TITLE, '<p class="source">新华社，今天</p>', BODY], {}, {}),
    "such a class around a date": ([TITLE, f'<p class="source">{D13}</p>', BODY], {}, {}),
    "a class of source and date": ([TITLE, '<p class="source-date">新华社</p>', BODY], {}, {}),
    "a class of two authors": ([TITLE, '<p class="author">张三丰 李四光</p>', BODY], {}, {}),
    "behind the date": ([TITLE, f"{WHEN} 新华社", BODY], {"date": 1}, origin("line:date")),
    "before the date": ([TITLE, f"新华社 {WHEN}", BODY], {"date": 1}, origin("line:date")),
    "source and author behind the date": ([TITLE, f"{WHEN} 新华社 张三丰", BODY], {"date": 1}, origin("line:date") | author("line:date")),
    "a reporter behind the date": ([TITLE, f"{WHEN} 记者 张三丰", BODY], {"date": 1}, author("line:date")),
    "a reporter and a source": ([TITLE, f"安徽日报 {WHEN} 记者 张三丰", BODY], {"date": 1}, origin("line:date", "安徽日报") | author("line:date")),
    "noise behind the date": ([TITLE, f"{WHEN} 浏览：12 打印 关闭 字号 大 中 小", BODY], {"date": 1}, {}),
    "an address behind the date": ([TITLE, f"{WHEN} http://a.cn/b", BODY], {"date": 1}, {}),
    "a sentence behind the date": ([TITLE, f"{WHEN} 今天，召开", BODY], {"date": 1}, {}),
    "three words behind the date": ([TITLE, f"{WHEN} 要闻栏目 时政栏目 经济栏目", BODY], {"date": 1}, {}),
    "a label behind the date and something before it": ([TITLE, f"人民网 {WHEN} {SAID}", BODY], {"date": 1}, origin("line:来源")),
    "an author in brackets beside a label": ([TITLE, f"[张三丰] {WHEN} {SAID}", BODY], {"date": 1}, origin("line:来源") | author("line:date")),
    "alone on the line above the date": ([TITLE, "一", "某市商务局", WHEN, BODY], {"date": 3}, origin("line:beside", "某市商务局")),
    "alone on the line below the date": ([TITLE, WHEN, "某市商务局", BODY], {"date": 1}, origin("line:beside", "某市商务局")),
    "alone above the title": (["某市商务局", TITLE, WHEN, BODY], {"title": 1, "date": 2}, {}),
    "a name between title and date": ([TITLE, "张三丰", WHEN, BODY], {"date": 2}, author("line:beside")),
    "a linked name between title and date": ([TITLE, '<p><a href="/a">张三丰</a></p>', WHEN, BODY], {"date": 2}, {}),
    "a name below the date": ([TITLE, "一", WHEN, "张三丰", BODY], {"date": 2}, {}),
    "a date line that is too long": ([TITLE, f"{WHEN} 新华社" + "　甲" * 60, BODY], {"date": 1}, {}),
    "a meta tag": ([TITLE, BODY], {"head": meta("ContentSource", "来源：新华社")}, origin("meta:contentsource")),
    "a meta tag with an address": ([TITLE, BODY], {"head": meta("source", "http://a.cn")}, {}),
    "a meta tag without a word": ([TITLE, BODY], {"head": meta("source", "123")}, {}),
    "the first of the meta tags": ([TITLE, BODY], {"head": meta("source", "新华社") + meta("contentsource", "人民网")}, origin("meta:contentsource", "人民网")),
    "a line before a meta tag": ([TITLE, SAID, BODY], {"head": meta("source", "人民网")}, origin("line:来源")),
    "a meta tag before the date line": ([TITLE, f"{WHEN} 人民网", BODY], {"date": 1, "head": meta("source", "新华社")}, origin("meta:source")),
    "a meta tag with a name": ([TITLE, BODY], {"head": meta("author", "张三丰、李四光")}, author("meta:author", "张三丰 李四光")),
    "a meta tag with a pen name": ([TITLE, BODY], {"head": meta("article:author", "园区小二")}, {}),
    "a line before such a pen name": ([TITLE, BY, BODY], {"head": meta("author", "园区小二")}, author("line:作者")),
    "a meta tag with the site": ([TITLE, BODY], {"head": meta("author", "园区小二"), "site": "园区小二"}, {}),
    "a meta tag with an office": ([TITLE, BODY], {"head": meta("author", "某市商务局")}, {}),
    "a meta tag with an account": ([TITLE, BODY], {"head": meta("author", "user01")}, {}),
    "a meta tag with the administrator": ([TITLE, BODY], {"head": meta("author", "admin")}, {}),
    "a meta tag that is long": ([TITLE, BODY], {"head": meta("author", "园" * 17)}, {}),
    "JSON-LD": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % '{"name": "张三丰"}')}, author("jsonld")),
    "JSON-LD of two": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % '[{"name": "张三丰"}, "李四光", {"name": "新华社"}, 7]')}, author("jsonld", "张三丰 李四光")),
    "JSON-LD of an office": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % '{"name": "张三丰", "@type": "Organization"}')}, {}),
    "JSON-LD of the site": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % '"园区小二"'), "site": "园区小二"}, {}),
    "JSON-LD of no article": ([TITLE, BODY], {"head": LD.format('{"author": "张三丰"}')}, {}),
    "the first line is the date's": ([f"{WHEN} 新华社", TITLE, BODY], {"title": 1, "date": 0}, origin("line:date")),
    "a label on the first line, that of the date": ([f"{WHEN} {SAID}", TITLE, *TEN, BODY], {"title": 1, "date": 0}, origin("line:来源")),
    "beside the date on the first line, far above the body": ([f"{WHEN} 某市商务局", *TEN, *TEN, BODY], {"title": -1, "date": 0}, origin("line:date", "某市商务局")),
    "the first line, two above the date's": ([SAID, "一", WHEN, *TEN, *TEN, BODY], {"title": -1, "date": 2}, origin("line:来源")),
    "three lines above the date": ([SAID, "一", "二", WHEN, *TEN, *TEN, BODY], {"title": -1, "date": 3}, {}),
    "no title, far above the body with a date": ([SAID, *TEN, *TEN, WHEN, "一", BODY], {"title": -1, "date": 21}, {}),
    "no title, three lines into the body": ([BODY, "一", "二", SAID, *TEN, *TEN, BODY], {"title": -1}, {}),
    "no title, two lines into the body": ([BODY, "一", SAID, *TEN, *TEN, BODY], {"title": -1}, origin("line:来源")),
    "a title and no body": ([TITLE, "一", SAID], {}, origin("line:来源")),
    "a title further down and no body": ([*TEN, *TEN, TITLE, *"一二三四", SAID], {"title": 20}, origin("line:来源")),
    "a title further down and no body, six lines below": ([*TEN, *TEN, TITLE, *"一二三四五", SAID], {"title": 20}, {}),
    "a first line and no body": ([SAID, "一", "二"], {"title": -1}, origin("line:来源")),
    "no title, no body, further down": (["一", "二", "三", SAID], {"title": -1}, {}),
    "a line of two hundred characters": ([TITLE, "甲" * 194 + f"　{SAID}", "二", BODY], {}, {}),
    "a line of two hundred and one": ([TITLE, "甲" * 195 + f"　{SAID}", "二", BODY], {}, {}),
    "far below the date before the body": ([TITLE, WHEN, "一", "二", "三", SAID, BODY, BY], {"date": 1}, origin("line:来源") | author("line:作者")),
    "three lines below the date before the first of the body": ([TITLE, WHEN, BODY, "来源：人民网", "一", SAID], {"date": 1}, origin("line:来源", "人民网")),
    "within the zone, far below the date, before the first words of the body": ([TITLE, WHEN, *"一二三", SAID, BODY, "来源：人民网"], {"date": 1}, origin("line:来源")),
    "in the line of a date outside of the body": ([TITLE, BODY, "来源：人民网", BODY, f"{WHEN} {SAID}"], {"date": 4}, origin("line:来源")),
    "six lines before the end of the body": ([TITLE, *[BODY] * 6, SAID, *[BODY] * 6], {}, {}),
    "five lines before the end of the body": ([TITLE, *[BODY] * 6, SAID, *[BODY] * 5], {}, origin("tail:来源")),
    "an editor in the second line of the body": ([TITLE, BODY, "编辑：王志强", *[BODY] * 3], {}, {"editor": ("王志强", "line:编辑")}),
    "a long line below the body": ([TITLE, *[BODY] * 7, "甲" * 194 + f"（{SAID}）"], {}, {}),
    "eighty characters below the body": ([TITLE, *[BODY] * 7, "甲" * 73 + f"　{SAID}"], {}, origin("tail:来源")),
    "eighty-one characters below the body": ([TITLE, *[BODY] * 7, "甲" * 74 + f"　{SAID}"], {}, {}),
    "in the last of two brackets": ([TITLE, *[BODY] * 7, f"{BODY}（{BY}）{BODY}{BODY}（{SAID}）"], {}, origin("tail:来源")),
    "in the last of two narrow brackets": ([TITLE, *[BODY] * 7, f"{BODY}({BY}){BODY}{BODY}({SAID})"], {}, origin("tail:来源")),
    "an editor's label, the value below": ([TITLE, "来源：人民网 责任编辑：", "王志强", BODY], {}, origin("line:来源", "人民网") | {"editor": ("王志强", "line:编辑")}),
    "a name of an office below a label": ([TITLE, "作者：李四光 来源：", "某市商务局", BODY], {}, origin("line:来源", "某市商务局") | author("line:作者", "李四光")),
    "what could be anything below two labels": ([TITLE, "作者：李四光 来源：", "要闻栏目", BODY], {}, author("line:作者", "李四光")),
    "what could be anything below one label": ([TITLE, "来源：", "要闻栏目", BODY], {}, origin("line:来源", "要闻栏目")),
    "below a label of ten characters": ([TITLE, "新华社安徽频道来源：", "要闻栏目", BODY], {}, origin("line:来源", "要闻栏目")),
    "a label before the title": (["来源：", TITLE, BODY], {"title": 1}, {}),
    "a label at the end of the page": ([TITLE, BODY, "来源："], {}, {}),
    "a label before the body": ([TITLE, "来源：", BODY], {}, {}),
    "a label in the body": ([TITLE, BODY, "来源：", "新华社", BODY], {}, {}),
    "a label above, a day below": ([TITLE, "来源：", D13, BODY], {}, {}),
    "a label above, links below": ([TITLE, "来源：", "首页 > 要闻 > 正文", BODY], {}, {}),
    "a label above, another alone below": ([TITLE, "来源：", "作者", "张三丰", BODY], {}, author("line:作者")),
    "a label above, half a sentence below": ([TITLE, "来源：", "今天，召开", BODY], {}, {}),
    "a label above, another with a colon below": ([TITLE, "来源：", "供图单位：", BODY], {}, {}),
    "a label above, thirty characters below": ([TITLE, "来源：", "某" * 28 + "日报", BODY], {}, origin("line:来源", "某" * 28 + "日报")),
    "a label above, thirty-one characters below": ([TITLE, "来源：", "某" * 29 + "日报", BODY], {}, {}),
    "a value in brackets below a label": ([TITLE, "来源：", "【新华社】", BODY], {}, origin("line:来源")),
    "two editors": ([TITLE, "责任编辑：王志强、李四光", BODY], {}, {"editor": ("王志强 李四光", "line:编辑")}),
    "an editor's pen name": ([TITLE, "责任编辑：园园", BODY], {}, {"editor": ("园园", "line:编辑")}),
    "an author's pen name": ([TITLE, "作者：园区小二", BODY], {}, author("line:作者", "园区小二")),
    "an office of twenty characters that wrote it": ([TITLE, "作者：" + "某" * 17 + "委员会", BODY], {}, author("line:作者", "某" * 17 + "委员会")),
    "an office of twenty-one characters": ([TITLE, "作者：" + "某" * 18 + "委员会", BODY], {}, {}),
    "a label behind a publishing label": ([TITLE, "稿件出处：", "新华社", BODY], {}, origin("line:来源")),
    "a writer's label, the value below": ([TITLE, "浏览：12 供稿人：", "张三丰", BODY], {}, author("line:作者")),
    "a class that says source, with a number": ([TITLE, '<p class="source">新华社2</p>', BODY], {}, {}),
    "a class that says source, of two": ([TITLE, '<p class="source">今天，召开</p>', '<p class="source">新华社</p>', BODY], {}, origin("class")),
    "a class that says source, in a long line": ([TITLE, f'<p>{"甲" * 115}<span class="source">新华社</span></p>', BODY], {}, origin("class")),
    "a class that says source, in a line of 120": ([TITLE, f'<p>{"甲" * 117}<span class="source">新华社</span></p>', BODY], {}, origin("class")),
    "a class that says source, in a line of 121": ([TITLE, f'<p>{"甲" * 118}<span class="source">新华社</span></p>', BODY], {}, {}),
    "a class that says source, behind a long line": ([TITLE, "甲" * 121, '<p class="source">新华社</p>', BODY], {}, origin("class")),
    "a class that says source, around two characters": ([TITLE, f'<p>{WHEN} <span class="source">新华</span></p>', BODY], {}, origin("class", "新华")),
    "a class that says source, around thirty": ([TITLE, f'<p>{WHEN} <span class="source">{"某" * 28}日报</span></p>', BODY], {}, origin("class", "某" * 28 + "日报")),
    "a class that says source, around thirty-one": ([TITLE, f'<p>{WHEN} <span class="source">{"某" * 29}日报</span></p>', BODY], {}, {}),
    "a line of thirty with such a class": ([TITLE, f'<p class="source">{"某" * 28}日报</p>', BODY], {}, origin("class", "某" * 28 + "日报")),
    "a line of thirty-one with such a class": ([TITLE, f'<p class="source">{"某" * 29}日报</p>', BODY], {}, {}),
    "such a class of a line with words apart": ([TITLE, f'<p>{WHEN} <span class="source">新华社  安徽</span></p>', BODY], {}, origin("class")),
    "such a class in another line of the element": ([TITLE, '<div>一<br><span class="source">新华社</span></div>', BODY], {}, origin("class")),
    "such a class in the body": ([TITLE, BODY, '<p class="source">新华社</p>', BODY], {}, origin("class")),
    "such a class in a long line of the body": ([TITLE, BODY, f'<p>{BODY} <span class="source">新华社</span></p>', BODY], {}, {}),
    "such a class in a line of forty of the body": ([TITLE, BODY, f'<p>{"甲" * 37}<span class="source">新华社</span></p>', BODY], {}, origin("class")),
    "an author's class around a pen name": ([TITLE, f'<p>{WHEN} <span class="author">园区小二</span></p>', BODY], {}, author("class", "园区小二")),
    "an author's class around a long name": ([TITLE, f'<p>{WHEN} <span class="author">阿卜杜拉·买买提江孜</span></p>', BODY], {}, author("class", "阿卜杜拉·买买提江孜")),
    "an author's class around twelve": ([TITLE, f'<p>{WHEN} <span class="author">阿卜杜拉提·买买提江孜别</span></p>', BODY], {}, author("class", "阿卜杜拉提·买买提江孜别")),
    "an author's class around thirteen": ([TITLE, f'<p>{WHEN} <span class="author">阿卜杜拉提江·买买提江孜别</span></p>', BODY], {}, author("line:date", "阿卜杜拉提江·买买提江孜别")),
    "a class of an avatar": ([TITLE, f'<p>{WHEN} <span class="author-avatar">张三丰</span></p>', BODY], {}, author("line:date")),
    "a class of a person": ([TITLE, f'<p>{WHEN} <span class="user">张三丰</span></p>', BODY], {}, author("line:date")),
    "a date nobody chose": ([TITLE, f"{WHEN} 新华社", BODY], {}, origin("line:date")),
    "the date's line before another with a day": ([TITLE, f"{D12} 人民网", f"{D13} 新华社", BODY], {"date": 2}, origin("line:date")),
    "a date line of 120 characters": ([TITLE, "甲" * 100 + f" {WHEN} 新华", BODY], {"date": 1}, {}),
    "a sentence on the date line": ([TITLE, f"{WHEN} 某市商务局。", BODY], {"date": 1}, {}),
    "two reporters behind the date": ([TITLE, f"{WHEN} 记者 张三丰 李四光", BODY], {"date": 1}, author("line:date", "张三丰 李四光")),
    "a reporter's pen name behind the date": ([TITLE, f"{WHEN} 记者 园区小二", BODY], {"date": 1}, {}),
    "a reporter who holds the date": ([TITLE, f"记者 张三丰 {D13}", BODY], {"date": 1}, author("line:date")),
    "words before a label behind the date": ([TITLE, f"{WHEN} 人民网 编辑：王志强", BODY], {"date": 1}, origin("line:date", "人民网") | {"editor": ("王志强", "line:编辑")}),
    "between strokes behind the date": ([TITLE, f"{WHEN} | 新华社 | 张三丰", BODY], {"date": 1}, origin("line:date") | author("line:date")),
    "one character beside the source": ([TITLE, f"{WHEN} 新华社 甲 乙", BODY], {"date": 1}, origin("line:date")),
    "twenty-four characters behind the date": ([TITLE, f"{WHEN} {'某' * 22}日报", BODY], {"date": 1}, origin("line:date", "某" * 22 + "日报")),
    "twenty-five characters behind the date": ([TITLE, f"{WHEN} {'某' * 23}日报", BODY], {"date": 1}, {}),
    "a name in letters behind the date": ([TITLE, f'<p>{WHEN} <a href="/a">CNN</a></p>', BODY], {"date": 1}, origin("line:date", "CNN")),
    "a name in small letters behind the date": ([TITLE, f'<p>{WHEN} <a href="/a">cnn</a></p>', BODY], {"date": 1}, origin("line:date", "cnn")),
    "source and two others behind the date": ([TITLE, f"{WHEN} 人民网 某某栏目", BODY], {"date": 1}, origin("line:date", "人民网")),
    "source and two more": ([TITLE, f"{WHEN} 人民网 某某栏目 要闻栏目", BODY], {"date": 1}, {}),
    "words with a colon behind the date": ([TITLE, f"{WHEN} 人民网 频道：要闻 某某栏目", BODY], {"date": 1}, origin("line:date", "人民网")),
    "a name behind words that are no office": ([TITLE, f"{WHEN} 某某栏目 张三丰", BODY], {"date": 1}, author("line:date")),
    "a name before words that are no office": ([TITLE, f"{WHEN} 张三丰 某某栏目", BODY], {"date": 1}, {}),
    "a name among two such words": ([TITLE, f"{WHEN} 某某栏目 张三丰 要闻栏目", BODY], {"date": 1}, {}),
    "nothing behind the date, a source before it": ([TITLE, f"某某栏目 {WHEN} 人民网", BODY], {"date": 1}, origin("line:date", "人民网")),
    "a source on both sides": ([TITLE, f"人民网 {WHEN} 某某栏目", BODY], {"date": 1}, {}),
    "a linked word behind the date": ([TITLE, f'<p>{WHEN} <a href="/a">园区观察者</a></p>', BODY], {"date": 1}, origin("line:date", "园区观察者")),
    "a word behind the date": ([TITLE, f"{WHEN} 园区观察者", BODY], {"date": 1}, {}),
    "a linked sentence behind the date": ([TITLE, f'<p>{WHEN} <a href="/a">园区，观察</a></p>', BODY], {"date": 1}, {}),
    "a link to print behind the date": ([TITLE, f'<p>{WHEN} <a href="/a">打印本文</a></p>', BODY], {"date": 1}, {}),
    "an author in brackets behind the date, beside a label": ([TITLE, f"{WHEN} [张三丰] {SAID}", BODY], {"date": 1}, origin("line:来源") | author("line:date")),
    "an author in brackets behind the label": ([TITLE, f"{WHEN} {SAID} [张三丰]", BODY], {"date": 1}, origin("line:来源")),
    "two authors in brackets beside a label": ([TITLE, f"[张三丰 李四光] {WHEN} {SAID}", BODY], {"date": 1}, origin("line:来源") | author("line:date", "张三丰 李四光")),
    "a pen name in brackets beside a label": ([TITLE, f"[园区小二] {WHEN} {SAID}", BODY], {"date": 1}, origin("line:来源")),
    "two labels of a source": ([TITLE, f"{WHEN} {SAID} [张三丰] 来源：人民网", BODY], {"date": 1}, origin("line:来源")),
    "two characters below the date": ([TITLE, WHEN, "红网", BODY], {"date": 1}, {}),
    "sixteen characters below the date": ([TITLE, WHEN, "某" * 14 + "日报", BODY], {"date": 1}, origin("line:beside", "某" * 14 + "日报")),
    "seventeen characters below the date": ([TITLE, WHEN, "某" * 15 + "日报", BODY], {"date": 1}, {}),
    "in brackets below the date": ([TITLE, WHEN, "【某市商务局】", BODY], {"date": 1}, origin("line:beside", "某市商务局")),
    "the title is an office, beside the date": (["某市商务局", WHEN, BODY], {"title": 0, "date": 1}, {}),
    "the first of the meta tags alone": ([TITLE, BODY], {"head": meta("article:source", "新华社")}, origin("meta:article:source")),
    "another of the meta tags": ([TITLE, BODY], {"head": meta("newssource", "新华社")}, origin("meta:newssource")),
    "a meta tag in capitals": ([TITLE, BODY], {"head": meta("source", "CNN")}, origin("meta:source", "CNN")),
    "a meta tag in small letters": ([TITLE, BODY], {"head": meta("source", "cnn")}, origin("meta:source", "cnn")),
    "a meta tag with an address without http": ([TITLE, BODY], {"head": meta("source", "www.a.cn")}, {}),
    "a meta tag with half a name": ([TITLE, BODY], {"head": meta("author", "张三丰、某市商务局")}, {}),
    "JSON-LD of an office and of a person": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % '{"name": "张三丰", "@type": "Organization"}') + LD.format(AUTHOR_LD % '"李四光"')}, author("jsonld", "李四光")),
    "JSON-LD of two characters": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % '"李四"')}, author("jsonld", "李四")),
    "JSON-LD of twenty": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % ('"' + "园" * 20 + '"'))}, author("jsonld", "园" * 20)),
    "JSON-LD of twenty-one": ([TITLE, BODY], {"head": LD.format(AUTHOR_LD % ('"' + "园" * 21 + '"'))}, {}),
    "a pen name in meta that a line has too": ([TITLE, "园区小二 发布", BODY], {"head": meta("author", "园区小二")}, author("meta:author", "园区小二")),
    "the same in another meta tag": ([TITLE, "园区小二 发布", BODY], {"head": meta("article:author", "园区小二")}, author("meta:author", "园区小二")),
    "two characters in meta that a line has too": ([TITLE, "小二 发布", BODY], {"head": meta("author", "小二")}, author("meta:author", "小二")),
    "sixteen in meta that a line has too": ([TITLE, "园" * 16 + " 发布", BODY], {"head": meta("author", "园" * 16)}, author("meta:author", "园" * 16)),
    "seventeen in meta that a line has too": ([TITLE, "园" * 17 + " 发布", BODY], {"head": meta("author", "园" * 17)}, {}),
    "an account in meta that a line has too": ([TITLE, "user01 发布", BODY], {"head": meta("author", "user01")}, {}),
    "an address in meta that a line has too": ([TITLE, "http发布", BODY], {"head": meta("author", "http发布")}, {}),
    "an office in meta that a line has too": ([TITLE, "某某大队 发布", BODY], {"head": meta("author", "某某大队")}, {}),
    "the site in meta that a line has too": ([TITLE, "园区小二 发布", BODY], {"head": meta("author", "园区小二"), "site": "园区小二"}, {}),
    "an administrator in meta that a line has too": ([TITLE, "admin 发布", BODY], {"head": meta("author", "admin")}, {}),
    "a name of the net in meta that a line has too": ([TITLE, "某某网小编 发布", BODY], {"head": meta("author", "某某网小编")}, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CREDITS)
def test_of_several_names_those_that_are_said_of_this_article(case: str) -> None:
    lines, where, expected = CREDITS[case]
    assert credits_of(lines, **where) == expected


@pytest.mark.parametrize(
    ("head", "title", "name"),
    [
        (meta("og:site_name", "甲") + meta("sitename", "乙"), "某市招商大会_某某网", ("甲", "meta:og:site_name")),
        (meta("application-name", "丙") + meta("sitename", "乙"), "", ("乙", "meta:sitename")),
        (meta("application-name", "丙"), "", ("丙", "meta:application-name")),
        ("", "某市招商大会_要闻_某某网", ("某某网", "title")),
        ("", "某市招商大会_某市推进", None),
        ("", "某某网", None),
        ("", "", None),
    ],
)
def test_a_site_says_its_name_in_a_meta_tag_or_at_the_end_of_the_title(
    head: str, title: str, name: tuple[str, str] | None
) -> None:
    assert site_name(frame_of(BODY, head=head, title=title)) == name
