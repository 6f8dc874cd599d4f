"""Titles, dates, 来源 and authors, however they are written: properties over composed bylines and titles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.article import Article, format_published
from crawler.extraction import extract
from crawler.extraction.metadata.people import names
from tests.extraction_samples import PARAGRAPHS, TITLE, page

ORGANISATIONS = (
    "新华社", "人民网", "安徽日报", "滁州市商务局", "市投资促进中心", "经济参考报", "某县人民政府办公室", "第一财经", "央视新闻客户端", "省发改委", "开发区管委会",
    "人民日报海外版", "中新网·安徽", "某市投资促进局（示例）", "人民网－安徽频道",
)  # fmt: skip
PEOPLE = ("张三", "李晓明", "王志强", "欧阳文华", "赵敏", "陈建国", "刘洋", "孙丽", "吴海")
MOMENTS = (
    "2024-03-13 16:24:21",
    "2024年03月13日 16:24",
    "2024/3/13 16:24",
    "2024.03.13 16:24",
    "2024-03-13T16:24:00",
    "2024年3月13日下午4:24",
)
DAYS = ("2024-03-13", "2024年3月13日", "2024.03.13", "2024 年 3 月 13 日", "[2024-03-13]")
GAPS = (" ", "　", "&nbsp;&nbsp;", " | ", "<span></span> ")

# {d} date, {o} 来源, {p} {q} people, {c} colon, {g} gap; what is expected of origin and author
LABELLED = (
    ("<div>来源{c}{o}{g}作者{c}{p}{g}编辑{c}{q}{g}{d}</div>", "o", "p"),
    ("<div><span>{d}</span><span>来源{c}{o}</span><span>作者{c}{p}</span></div>", "o", "p"),
    ("<p>{d}{g}来源{c}{o}</p>", "o", ""),
    ("<p>发布时间{c}{d}{g}信息来源{c}{o}{g}浏览次数{c}123</p>", "o", ""),
    (
        "<table><tr><td>来源{c}</td><td>{o}</td><td>作者{c}</td><td>{p}</td><td>时间{c}</td><td>{d}</td></tr></table>",
        "o",
        "p",
    ),
    ('<div>{d}　来源{c}<a href="http://b.com">{o}</a>　【字体：大 中 小】　【打印】</div>', "o", ""),
    ("<div>作者/{p}、{q}　来源/{o}　{d}</div>", "o", "pq"),
    ("<div>稿源{c}{o}{g}撰稿{c}{p}、{q}{g}{d}</div>", "o", "pq"),
    ("<div>{d}</div><div>来源{c}{o}</div><div>记者{c}{p}</div>", "o", "p"),
    ("<div>日期{c}{d}　点击{c}[102]　来源{c}{o}</div>", "o", ""),
    ("<div>发布日期{c}{d}　作者{c}　来源{c}{o}</div>", "o", ""),
    ("<div>发布日期{c}{d}　作者{c}{p}　来源{c}</div>", "", "p"),
    ("<div>[{d}]　来源{c}[{o}]　[作者{c}{p} {q}]</div>", "o", "pq"),
)
UNLABELLED = (
    ("<p>{d}{g}{o}</p>", "o", ""),
    ("<p>{o}{g}{d}</p>", "o", ""),
    ("<p>{d}{g}{o}{g}{p}</p>", "o", "p"),
    ("<div>{d} | {o} | 作者 {p}</div>", "o", "p"),
    (
        '<div><span class="time">{d}</span> <span class="source">{o}</span> <span class="author">{p}</span></div>',
        "o",
        "p",
    ),
)
CREDITS = (
    ("<p>（来源{c}{o}　记者 {p}）</p>", "o", "p"),
    ("<p>（记者 {p}　通讯员 {q}）</p>", "", "pq"),
    ("<p>（责任编辑{c}{q}）</p><p>作者{c}{p}</p>", "", "p"),
    ("<p>{p}/文</p>", "", "p"),
    ("<p>文章来源{c}{o}</p><p>责任编辑{c}{q}</p>", "o", ""),
)  # fmt: skip
people = st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True)


def read(content: bytes) -> Article:
    return extract(content, "http://news.example.com/x/1.html", headers={"Content-Type": "text/html"})


def expected_author(which: str, two: list[str]) -> str | None:
    return {"": None, "p": two[0], "pq": " ".join(two)}[which]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(LABELLED + UNLABELLED),
    st.sampled_from(ORGANISATIONS),
    people,
    st.sampled_from(MOMENTS + DAYS),
    st.sampled_from(GAPS),
    st.sampled_from("：:"),
)
def test_bylines_above_the_body(
    form: tuple[str, str, str], origin: str, two: list[str], date: str, gap: str, colon: str
) -> None:
    line = form[0].format(o=origin, p=two[0], q=two[1], d=date, g=gap, c=colon)
    article = read(page(line))
    assert article.title == TITLE
    assert (format_published(article) or "")[:10] == "2024-03-13"
    assert article.published_precision == ("minute" if date in MOMENTS else "day")
    assert article.origin == (origin if form[1] else None)
    assert article.author == expected_author(form[2], two)
    assert all(p in article.text for p in PARAGRAPHS)
    assert "来源" not in article.text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(CREDITS), st.sampled_from(ORGANISATIONS), people, st.sampled_from("：:"))
def test_credits_below_the_body(form: tuple[str, str, str], origin: str, two: list[str], colon: str) -> None:
    article = read(page("<div>2024-03-13 16:24</div>", tail=form[0].format(o=origin, p=two[0], q=two[1], c=colon)))
    assert article.origin == (origin if form[1] else None)
    assert article.author == expected_author(form[2], two)
    assert all(p in article.text for p in PARAGRAPHS)


def test_meta_tags_of_government_systems_say_where_fields_came_from() -> None:
    head = '<meta name="ArticleTitle" content="某市召开招商引资工作推进会"><meta name="PubDate" content="2024-03-13 16:24"><meta name="ContentSource" content="市商务局"><meta name="Author" content="张三">'
    article = read(page(head=head))
    assert (article.origin, article.author) == ("市商务局", "张三")
    rules = {name: article.provenance[name].rule for name in ("published_at", "origin", "author")}
    assert rules == {"published_at": "meta:pubdate", "origin": "meta:contentsource", "author": "meta:author"}


def test_a_source_is_never_an_author() -> None:
    article = read(page("<div>2024-03-13　来源：新华社　作者：新华社</div>"))
    assert (article.origin, article.author) == ("新华社", None)


def test_editors_are_kept_apart() -> None:
    article = read(page("<div>2024-03-13</div>", tail="<p>（责任编辑：王志强 HN009）</p>"))
    assert (article.author, article.editor) == (None, "王志强")
    assert "责任编辑" not in article.text


TITLES = (
    TITLE, "张书记赴沪招商：以“店小二”精神服务企业", "2024年一季度全市利用外资情况", "关于印发《某市招商引资奖励办法》的通知", "“飞地经济”怎么飞？——来自某县的实践",
    "招商-引资-安商", "一图读懂：某县招商引资“十条”",
)  # fmt: skip
SITES = ("某市新闻网", "某某日报", "某市人民政府门户网站", "江淮在线")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(TITLES),
    st.sampled_from(SITES),
    st.sampled_from(("_", "-", "|", " - ", " | ", "--", "——", "＿", "－", ">")),
    st.sampled_from(("h1", "h2", "")),
    st.booleans(),
)
def test_titles_lose_site_and_column(title: str, site: str, separator: str, heading: str, column: bool) -> None:
    whole = separator.join([title, "要闻", site] if column else [title, site])
    assert read(page("<div>2024-03-13 16:24</div>", title=title, whole_title=whole, heading=heading)).title == title


@pytest.mark.parametrize("whole", ["", "某市新闻网", "新闻详情", "信息公开-详情页"])
@pytest.mark.parametrize("heading", ["h1", "h2", ""])
@pytest.mark.parametrize("title", TITLES)
def test_titles_where_title_says_nothing(title: str, heading: str, whole: str) -> None:
    assert read(page("<div>2024-03-13 16:24</div>", title=title, whole_title=whole, heading=heading)).title == title


def test_a_logo_in_the_first_heading_is_no_title() -> None:
    logo = '<h1 class="logo"><a href="/">某市新闻网</a></h1>'
    assert read(page("<div>2024-03-13</div>", above=logo, heading="h2")).title == TITLE


def test_a_heading_that_was_cut_is_whole_in_title() -> None:
    long = "某市召开招商引资工作推进会部署全年重点任务并通报一季度进展"
    content = (
        page("<div>2024-03-13</div>", title=long, whole_title=f"{long}_某市新闻网")
        .decode()
        .replace(f"<h1>{long}", "<h1>某市召开招商引资工作推进会部署…")
    )
    assert read(content.encode()).title == long


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('<meta property="article:published_time" content="2024-03-13T08:24:00Z">', "2024-03-13T16:24+08:00"),
        ('<meta name="publishdate" content="20240313">', "2024-03-13"),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-03-13T16:24:00+08:00"}</script>',
            "2024-03-13T16:24+08:00",
        ),
        ('<script>var info = {"publishTime": "2024-03-13 16:24:00"};</script>', "2024-03-13T16:24+08:00"),
    ],
)
def test_dates_that_the_page_does_not_show(where: str, expected: str) -> None:
    assert format_published(read(page(head=where))) == expected


def test_a_date_in_the_address_and_none_on_the_page() -> None:
    content = page().decode().replace("2024-0", "第")
    assert (
        format_published(extract(content.encode(), "http://a.example.com/202403/t20240313_123456.html", headers={}))
        == "2024-03-13"
    )


def test_the_label_beats_dates_of_the_template_and_the_text() -> None:
    article = read(
        page(
            "<div>发布时间：2024-03-13</div>",
            above="<div>今天是2026年11月25日 星期三</div>",
            tail="<p>据统计，2023年1月1日至2023年12月31日，全市签约项目一百个。</p>",
        )
    )
    assert format_published(article) == "2024-03-13"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("张三 李四", ["张三", "李四"]),
        ("张三、李四", ["张三", "李四"]),
        ("本报记者 张三 通讯员 李四", ["张三", "李四"]),
        ("商 犇", ["商犇"]),
        ("新华社", []),
        ("佚名", []),
        ("某某大学教授王志强", ["王志强"]),
    ],
)
def test_names_in_a_value(value: str, expected: list[str]) -> None:
    assert names(value, strict=False) == expected


@pytest.mark.parametrize(
    "value",
    [
        "本网综合",
        "综合报道",
        "本报综合",
        "本站编辑部",
        "本网讯",
        "网站管理员",
        "综合整理",
        "佚名",
        "未署名",
        "——",
        "admin",
        "责任编辑",
    ],
)
def test_what_stands_at_the_author_and_names_nobody(value: str) -> None:
    article = read(page(f"<div>来源：{ORGANISATIONS[0]}　作者：{value}　2024-03-13</div>"))
    assert article.author is None and article.origin == ORGANISATIONS[0]
    article = read(page(f"<div>来源：{ORGANISATIONS[0]}　作者：{value} {PEOPLE[0]}　2024-03-13</div>"))
    assert article.author == PEOPLE[0]
