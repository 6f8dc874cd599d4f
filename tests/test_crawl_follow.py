"""What a page leads to, by its links alone."""

from __future__ import annotations

import pytest

from crawler.spiders.links import PageLinks, page_links, thread_links
from crawler.web.page import WebPage

URL = "http://www.example.gov.cn/zsdt/202401/t20240112_815.html"


def page(links: str) -> bytes:
    return f"<html><body><p>样例县招商引资项目集中签约。</p>{links}</body></html>".encode()


@pytest.mark.parametrize(
    ("links", "following"),
    [
        ("<a href='t20240112_815_1.html'>下一页</a>", "http://www.example.gov.cn/zsdt/202401/t20240112_815_1.html"),
        ("<a href='./t20240112_815_2.html'>2</a>", "http://www.example.gov.cn/zsdt/202401/t20240112_815_2.html"),
        ("<a href='t20240112_816.html'>下一篇：另一篇</a>", None),
        ("<a href='t20240111_814.html'>下一页</a>", None),
        ("<a href='index_2.html'>下一页</a>", None),
        ("<a href='http://other.example.cn/zsdt/202401/t20240112_815_1.html'>下一页</a>", None),
        (
            "<script>createPageHTML(3, 0, 't20240112_815', 'html')</script>",
            "http://www.example.gov.cn/zsdt/202401/t20240112_815_1.html",
        ),
        ("", None),
    ],
)
def test_the_next_part_is_this_address_with_a_number(links: str, following: str | None) -> None:
    assert page_links(WebPage(page(links), URL)).next_part == following


def test_documents_once_each_with_their_words() -> None:
    links = """<base href="http://www.example.gov.cn/files/"><a href="a.pdf">  方 案 </a><a href="a.pdf">下载</a>
        <a href="/b.DOCX?x=1#top">附件</a><a href="c.zip">包</a><a href="ftp://x/d.pdf">旧</a><a href="http://[bad/e.pdf">坏</a>"""
    assert page_links(WebPage(page(links), URL)).documents == (
        ("http://www.example.gov.cn/files/a.pdf", "方 案"),
        ("http://www.example.gov.cn/b.DOCX?x=1", "附件"),
    )


def test_a_thread_leads_to_no_page_of_replies() -> None:
    links = '<a href="forum.php?mod=viewthread&tid=9&page=2" class="nxt">下一页</a><a href="x.pdf">附件</a>'
    assert thread_links(WebPage(page(links), "http://bbs.example.cn/forum.php?mod=viewthread&tid=9")) == PageLinks()
