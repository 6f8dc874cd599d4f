"""Where each publishing system's own article template has title, date, 来源 and body."""

from __future__ import annotations

import pytest
from lxml.cssselect import CSSSelector

from crawler.extraction import extract
from crawler.extraction.body.find_body import find_body
from crawler.extraction.page.frame import walk
from crawler.extraction.page.tree import parse
from crawler.extraction.template_selectors import hints_of, template_body, template_date, template_origin
from crawler.platforms import ArticleHints, article_hints
from crawler.web.page import WebPage

TITLE = "青禾县举行精密模具产业推介会"
TEXT = "推介会上，十二家企业与青禾经济开发区签订了合作协议，计划总投资三十六亿元。"
LINE = "2024-03-13 10:20 来源：青禾县商务局 点击："
PAGES = {
    "trs": ("/zs/202403/t20240313_5.html", f"<meta name='generator' content='TRSWCM'><h1>{TITLE}</h1><p>{LINE}</p><div class='TRS_Editor'><p>{TEXT}</p></div><script src='/images/_trs_ta_js.js'></script><script>createPageHTML(1, 0, 't20240313_5', 'html');</script>"),
    "hanweb": ("/art/2024/3/13/art_12_345.html", f"<div id='title'>{TITLE}</div><p>{LINE}</p><div id='zoom'><p>{TEXT}</p></div><script src='/script/jpage/a.js'></script>"),
    "boda": ("/info/1003/345.htm", f"<form name='_newscontent_fromname'><h1>{TITLE}</h1><p class='timestyle'>{LINE}</p><div id='vsb_content'><div class='v_news_content'><p>{TEXT}</p></div></div></form><!--Announced by Visual SiteBuilder 9-->"),
    "ucap": ("/zs/content/post_345.html", f"<h1 class='content-title'>{TITLE}</h1><p class='date'>{LINE}</p><div class='article-content'><p>{TEXT}</p></div><script>NFCMS_ID = 1</script>"),
    "dede": ("/a/zs/2024/0313/345.html", f"<div class='viewbox'><div class='title'><h2>{TITLE}</h2></div><div class='info'>{LINE}</div><div class='content'><p>{TEXT}</p></div></div><script src='/plus/count.php?aid=345'></script><p>Powered by DedeCMS</p>"),
    "empire": ("/zs/2024-03-13/345.html", f"<div class='title_info'><h1>{TITLE}</h1></div><p class='info_text'>{LINE}</p><div id='text'><p>{TEXT}</p></div><script src='/e/public/ViewClick/?id=345'></script>"),
    "phpcms": ("/index.php?m=content&c=index&a=show&catid=6&id=345", f"<div id='Article'><h1>{TITLE}<br><span>{LINE}</span></h1><div class='content'><p>{TEXT}</p></div></div><script src='/api.php?op=count&id=345'></script>"),
}  # fmt: skip


@pytest.mark.parametrize("system", PAGES)
def test_the_templates_places(system: str) -> None:
    path, body = PAGES[system]
    page, url = f"<html><head></head><body>{body}</body></html>", "http://www.example.gov.cn" + path
    hints = article_hints(WebPage(page.encode(), url))
    root = parse(page)

    def shown(css: str) -> str:
        return " ".join("".join(e.itertext()) for e in CSSSelector(css)(root)) if css else ""

    assert TEXT in shown(hints.body)
    assert TITLE not in shown(hints.body)
    assert (TITLE in shown(hints.title), "2024-03-13" in shown(hints.date)) == (
        system != "trs",
        system not in ("trs", "hanweb"),
    )
    frame, told = walk(root, url), hints_of(WebPage(page.encode(), url))
    found = template_body(frame, find_body(frame), told)
    assert [line.text for line, kept in zip(frame.lines, found.kept, strict=True) if kept] == [TEXT]
    if hints.date:
        assert (when := template_date(frame, told)) and when.at.day == 13
    if system in ("dede", "empire", "phpcms"):
        assert (origin := template_origin(frame, told)) and origin[0] == "青禾县商务局"
    assert TEXT in extract(page.encode(), url).text


def test_a_page_of_no_system_has_no_hints() -> None:
    assert (
        article_hints(WebPage(b"<html><body><p>text</p></body></html>", "http://www.example.com/a.html"))
        == ArticleHints()
    )
    assert hints_of(WebPage(b"<html><body><p>text</p></body></html>", "http://www.example.com/a.html")) is None
