"""Bodies in many layouts and chromes, their structure, parts that are joined, and documents that are broken, huge or no article."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.article import Article, ExtractionError, NotAnArticle, text_of
from crawler.extraction import extract, join
from crawler.sources import Source
from crawler.sources.source import Selectors
from tests.extraction_samples import (
    CHROME_TITLE,
    CHROMES,
    FOOTER,
    LAYOUTS,
    NAVIGATION,
    NOTICE,
    OTHERS,
    PARAGRAPHS,
    REPEATED,
    SHORT,
    TITLE,
    page,
)

URL = "http://www.example.gov.cn/art/1.html"


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("chrome", CHROMES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "paragraphs",
    [PARAGRAPHS, SHORT, NOTICE, PARAGRAPHS[:1], PARAGRAPHS * 8],
    ids=["news", "short", "notice", "one", "long"],
)
def test_exactly_the_body_comes_out(chrome: str, layout: str, paragraphs: tuple[str, ...]) -> None:
    article = extract(CHROMES[chrome](LAYOUTS[layout](paragraphs)).encode(), URL, headers={})
    assert squeezed(article.text) == squeezed("".join(paragraphs))
    assert article.title == CHROME_TITLE
    assert article.published_at is not None and str(article.published_at.date()) == "2024-03-13"


@pytest.mark.parametrize("chrome", REPEATED)
@pytest.mark.parametrize("layout", ["p", "indented", "br", "section"])
@pytest.mark.parametrize(
    "paragraphs", [PARAGRAPHS, SHORT, NOTICE, PARAGRAPHS[:1]], ids=["news", "short", "notice", "one"]
)
def test_what_others_wrote_is_left_out(chrome: str, layout: str, paragraphs: tuple[str, ...]) -> None:
    article = extract(REPEATED[chrome](LAYOUTS[layout](paragraphs)).encode(), URL, headers={})
    assert squeezed(article.text) == squeezed("".join(paragraphs))
    assert article.title == CHROME_TITLE


def test_structure_survives() -> None:
    body = (
        f"<h2>一、项目进展</h2><p>{PARAGRAPHS[0]}</p><p><strong>二是优化环境</strong></p><p>{PARAGRAPHS[1]}</p><ul><li>代办审批材料，一窗受理</li><li>兑现奖补资金，免申即享</li></ul>"
        "<table><tr><th>项目</th><th>投资（亿元）</th></tr><tr><td>新材料产业园</td><td>50</td></tr><tr><td>装备基地</td><td>12.5</td></tr></table>"
        f'<p style="text-align:center"><img src="../img/1.jpg" alt="图片"></p><p>▲签约仪式现场。某市融媒体中心供图</p><p>{PARAGRAPHS[2]}</p>'
        '<p>附件：<a href="/files/办法.docx">某市招商引资奖励办法.docx</a></p>'
    )
    article = extract(page("<div>2024-03-13</div>", body=body), "http://www.example.com/a/b/1.html", headers={})
    kinds = [block.kind for block in article.blocks]
    assert kinds[:8] == ["heading", "paragraph", "heading", "paragraph", "list", "table", "image", "paragraph"]
    assert article.blocks[0].level == 2
    assert article.blocks[4].items == ("代办审批材料，一窗受理", "兑现奖补资金，免申即享")
    assert article.blocks[5].rows == (("项目", "投资（亿元）"), ("新材料产业园", "50"), ("装备基地", "12.5"))
    assert (article.blocks[6].src, article.blocks[6].text) == (
        "http://www.example.com/a/img/1.jpg",
        "▲签约仪式现场。某市融媒体中心供图",
    )
    assert article.text == text_of(article.blocks)
    assert [(a.extension, a.title) for a in article.attachments] == [("docx", "某市招商引资奖励办法.docx")]


@pytest.mark.parametrize(
    ("url", "links", "expected"),
    [
        (
            "http://a.cn/x/6.html",
            '<a href="6_2.html">2</a> <a href="6_3.html">3</a> <a href="6_2.html">下一页</a>',
            "http://a.cn/x/6_2.html",
        ),
        (
            "http://a.cn/x/6_2.html",
            '<a href="6.html">1</a> <a href="6_3.html">3</a> <a href="6_3.html">下一页</a>',
            "http://a.cn/x/6_3.html",
        ),
        ("http://a.cn/x/6_3.html", '<a href="6.html">1</a> <a href="6_2.html">2</a>', None),
        ("http://a.cn/v.php?id=5", '<a href="?id=5&amp;page=2">下一页</a>', "http://a.cn/v.php?id=5&page=2"),
        ("http://a.cn/x/6.html", '<a href="7.html">下一篇</a>', None),
        ("http://a.cn/x/6.html", '<a href="7.html">下一页</a>', None),
        ("http://a.cn/x/t1.html", '<script>createPageHTML(3, 0, "t1", "html");</script>', "http://a.cn/x/t1_1.html"),
    ],
)
def test_where_an_article_goes_on(url: str, links: str, expected: str | None) -> None:
    assert (
        extract(page("<div>2024-03-13</div>", tail=f'<div class="pages">{links}</div>'), url, headers={}).next_part
        == expected
    )


def test_parts_are_joined_once() -> None:
    first, second = (
        extract(
            page("<div>2024-03-13　来源：新华社</div>", body="".join(f"<p>{p}</p>" for p in ps)),
            f"http://a.cn/6{n}.html",
            headers={},
        )
        for n, ps in (("", PARAGRAPHS[:2]), ("_2", PARAGRAPHS[2:]))
    )
    whole = join([first, second, second])
    assert whole.text.split("\n") == list(PARAGRAPHS)
    assert (whole.id, whole.title, whole.origin) == (first.id, TITLE, "新华社")
    with pytest.raises(ValueError, match="没有可合并"):
        join([])


@pytest.mark.parametrize(
    "broken",
    [
        "<!-- 没有结束的注释 ",
        "<script>var a = 1;",
        "<title>没有关上的标题",
        "<style>p{}",
        "<noscript>",
        "<textarea>",
        "<table><tr><td><font>",
        "</div></div></body></html>",
    ],
)
def test_what_is_never_closed_takes_no_text(broken: str) -> None:
    content = f"<html><body>{broken}{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}".encode()
    assert all(p in extract(content, URL, headers={}).text for p in PARAGRAPHS)


_P = "<p>招商引资是发展的源头活水，要把项目建设放在首位。</p>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_P * 700_000, "页面过大"),
        (_P * 120_000, "行，不作提取"),
        ("<div>" * 200_000 + "深处的文字" + "</div>" * 200_000, "嵌套过深"),
        ("<div>" * 3_000 + _P * 20, "嵌套过深"),
        ("<p " + " ".join(f'a{n}="x"' for n in range(60_000)) + ">文字", "属性过多"),
    ],
    ids=["huge", "lines", "nested", "nested little", "attributes"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(content: str, reason: str) -> None:
    with pytest.raises(ExtractionError, match=reason):
        extract(content.encode(), URL)


def test_a_million_entities_are_read() -> None:
    article = extract(("<p>" + "&#25307;&#21830;&amp;" * 340_000 + "</p>").encode(), URL)
    assert article.text.startswith("招商&招商&")


def test_text_below_many_levels_is_kept() -> None:
    assert PARAGRAPHS[0] in extract(("<div>" * 1_000 + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)).encode(), URL).text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "空白页面"),
        (b"%PDF-1.7 \x00\x01", "PDF"),
        (b"PK\x03\x04" + bytes(40), "压缩包"),
        (bytes(range(256)) * 40, "二进制"),
        (b'{"data": []}', "JSON"),
        (b"<html><script>document.cookie='a=1';location.reload()</script></html>", "只有脚本"),
        (
            "<html><title>频繁刷新限制</title><body><b>频繁刷新限制</b>您访问本站速度过快</body></html>".encode(),
            "频率限制",
        ),
        ("<html><title>提示信息</title><p>抱歉，您需要登录后才能查看本页内容</p></html>".encode(), "需要登录"),
        ("<html><title>404</title><h1>页面不存在</h1><p>您访问的页面不存在或已删除</p></html>".encode(), "页面不存在"),
        ("<html><body><p>请开启JavaScript后刷新页面</p></body></html>".encode(), "需要脚本"),
        ("<html><body><p>您的访问行为异常，请完成验证</p></body></html>".encode(), "人机验证"),
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(ExtractionError, match=reason):
        extract(content, URL)


def test_an_article_may_speak_of_walls() -> None:
    body = (
        "<p>市民反映，办事平台提示“您需要登录后才能查看”，系统繁忙，页面不存在。信息中心回应，将优化登录流程，取消频繁刷新限制。</p><p>"
        + PARAGRAPHS[2]
        + "</p>"
    )
    assert "您需要登录后才能查看" in extract(page("<div>2024-03-13</div>", body=body), URL).text


def test_walls_are_a_kind_of_extraction_error() -> None:
    assert issubclass(NotAnArticle, ExtractionError)


def test_a_source_may_point_at_what_is_not_understood() -> None:
    source = Source(
        name="example",
        title="某市新闻网",
        kind="news",
        region="340000",
        start_urls=["http://www.example.com/"],
        seen_in="composed",
        selectors=Selectors(title=".real", date=".when", body="#b"),
    )
    body = f'<div class="real">真正的标题在这里</div><div class="when">2023-01-02 03:04</div><div id="b"><p>{SHORT[0]}</p></div><div><p>{PARAGRAPHS[0]}</p></div>'
    article = extract(page("<div>2024-03-13</div>", body=body), URL, source=source)
    assert (article.title, article.text, article.publisher) == ("真正的标题在这里", SHORT[0], "某市新闻网")
    assert (article.source, article.kind, article.region, str(article.published_at)[:16]) == (
        "example",
        "news",
        "340000",
        "2023-01-02 03:04",
    )
    assert article.provenance["body"].rule == "selector"


_PIECES = st.sampled_from(
    ("<p>", "</p>", "<div class=content>", "</div>", "<table><tr><td>", "</table>", "<a href=/1.html>", "</a>", "<br>", "<!--", "-->", "<script>", "</body></html>", "<li>",
     "<h1>", "</h1>", "<img src=1.jpg>", "&#20013;", "&", "<", "招商引资，", "2024-03-13 10:00", "来源：新华社", "（记者 张三）", PARAGRAPHS[0], "\x00", "😀", "\udcff")
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(_PIECES, max_size=40),
    st.sampled_from((URL, "http://a.cn/forum.php?mod=viewthread&tid=3", "http://[bad", "")),
)
def test_no_page_does_anything_but_come_out_or_be_refused(pieces: list[str], url: str) -> None:
    try:
        article = extract("".join(pieces).encode("utf-8", "surrogatepass"), url)
    except ExtractionError as error:
        assert error.reason
    else:
        assert article.text == text_of(article.blocks)
        assert Article.from_json(article.to_json()).text == article.text


def column(texts: Iterable[str]) -> str:
    return "<div>" + "".join(f"<p>{text}</p><span>2024-03-12</span>" for text in texts) + "</div>"


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_article_in_one_of_several_columns_that_are_marked_up_alike(at: int) -> None:
    columns = [column(OTHERS[n : n + 1]) for n in range(2)]
    columns.insert(at, "<div>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "<a href=/b>县商务局</a></div>")
    html = f"<html><head><title>{CHROME_TITLE}</title></head><body>{NAVIGATION}<h1>{CHROME_TITLE}</h1><p>2024-03-13 10:20</p><p>{SHORT[0]}</p>{''.join(columns)}{FOOTER}</body></html>"
    text = extract(html.encode(), "http://news.example.com/1.html").text
    assert all(paragraph in text for paragraph in PARAGRAPHS)


def test_boxes_between_paragraphs_take_nothing_from_them() -> None:
    box = '<div><p><a href="/v">视频</a></p><p>2024-03-12</p></div>'
    body = box.join(f"<p>{p}</p>" for p in PARAGRAPHS)
    html = f"<html><head><title>{CHROME_TITLE}</title></head><body>{NAVIGATION}<div><h1>{CHROME_TITLE}</h1><p>导语：{SHORT[0]}</p>{box}{body}{box}</div>{FOOTER}</body></html>"
    text = extract(html.encode(), "http://news.example.com/1.html").text
    assert all(paragraph in text for paragraph in PARAGRAPHS)
