"""A page is decoded once and parsed once, in the extraction as in the crawl, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from lxml import etree
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.extraction.worker import Outcome, Page, extract_page
from crawler.middlewares.capture import CaptureMiddleware
from crawler.sources import Selectors
from crawler.spiders.links import thread_links
from crawler.spiders.loader import spider_of
from crawler.spiders.run_state import CrawlRun
from crawler.spiders.scrapy_response import page_of
from crawler.spiders.selector_list import selector_list
from crawler.spiders.site_spider import SiteSpider
from crawler.web import decoding
from tests.test_extract_stage import PAGE, TEXT, source
from tests.test_extraction_source import THREAD
from tests.test_platforms_attachments import pdf

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
HEADERS = {"Content-Type": "text/html; charset=utf-8"}
DATED = PAGE.format(title="清河县召开招商引资推进会", text=TEXT)
LINK = "<p>附件：<a href='/f/measures.pdf'>清河县招商引资优惠办法.pdf</a></p>"
UNDATED = DATED.replace("<p>2024-05-20 来源：清河日报</p>", "").replace("</div>", LINK + "</div>")
NAMING = f"<html><head><title>清河县招商引资优惠办法</title></head><body><h1>清河县招商引资优惠办法</h1><p>2024-05-20</p><div>{LINK}</div></body></html>"
UNCLOSED = DATED.replace("<div class", "<!-- 正文 <div class")  # the comment takes the article with it


class Counts(dict[str, int]):
    """How often pages were decoded and trees built since the last look."""

    def taken(self) -> tuple[int, int]:
        found = self["decoded"], self["parsed"]
        self.update(decoded=0, parsed=0)
        return found


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    counts = Counts(decoded=0, parsed=0)

    def counted(name: str, function: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **named)

        return call

    monkeypatch.setattr(decoding, "_decode", counted("decoded", decoding._decode))
    # lxml.html builds its trees by it too, and so do Scrapy's selectors
    monkeypatch.setattr(etree, "fromstring", counted("parsed", etree.fromstring))
    return counts


def extracted(page: str, documents: list[Page] | None = None) -> Outcome:
    url = "http://qinghe.example/thread-1-1-1.html" if "Discuz" in page else "http://qinghe.example/zs/1.html"
    return extract_page([Page(page.encode(), url, HEADERS, 200)], source(), None, documents)


@pytest.mark.parametrize(
    ("page", "parsed"),
    [
        (DATED, 1),
        (UNDATED, 1),
        (NAMING, 2),  # without a body: the reader of lists, the second of the two (0311), is asked whether it is one
        (THREAD, 1),
        (THREAD.replace("</table>\n</td>", f"</table>{LINK}</td>"), 1),
        (UNCLOSED, 2),  # as it stands, and with what was never closed opened up: the second tree is of another source
    ],
    ids=["dated", "undated, with a document", "only naming a document", "thread", "thread with a document", "unclosed"],
)
def test_a_page_is_decoded_and_parsed_once_for_its_article(counts: Counts, page: str, parsed: int) -> None:
    outcome = extracted(page)
    assert counts.taken() == (1, parsed)
    assert outcome.article is not None or outcome.wanted
    if page is UNDATED:
        assert outcome.article is not None and outcome.article.published_at is None
        assert [a.extension for a in outcome.article.attachments] == ["pdf"]
    if page is NAMING:
        document = Page(pdf("清河县招商引资优惠办法", "第一条 为了鼓励招商引资。"), outcome.wanted[0], {}, 200)
        again = extracted(page, [document])  # another worker, perhaps
        assert counts.taken() == (1, 2)
        assert again.article is not None and "鼓励招商引资" in again.article.text


@pytest.fixture(params=[None])
def spider(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SiteSpider]:
    settings = load_settings(data=tmp_path)
    with Archive.open(settings) as archive:
        run = CrawlRun(archive, archive.runs.start("crawl", NOW), now=NOW)
        yield spider_of(source(selectors=request.param))(run=run)
        run.writer.close()


def answered(spider: SiteSpider, request: Request, page: str) -> HtmlResponse:
    """The answer to a request, as it comes to the spider through what keeps it and looks for challenges."""
    keeper = CaptureMiddleware(cast(Crawler, SimpleNamespace(spider=spider)))
    response = HtmlResponse(request.url, body=page.encode(), headers=HEADERS, request=request)
    assert keeper.process_response(request, response) is response
    return response


@pytest.mark.parametrize(
    ("page", "following"),
    [
        ("<ul>" + "".join(f"<li><a href='/zs/{n}.html'>清河县招商引资项目集中签约之{n}</a><span>2026-02-1{n}</span></li>" for n in range(6)) + "</ul>", [f"http://qinghe.example/zs/{n}.html" for n in range(6)]),
        ("<meta http-equiv='refresh' content='0;url=/new/'>", ["http://qinghe.example/new/"]),
    ],
    ids=["list", "a page that sends its reader on"],
)  # fmt: skip
@pytest.mark.parametrize(
    "spider", [None, {"entries": "li a", "next": "a.next"}], ids=["found", "selected"], indirect=True
)
def test_a_list_is_decoded_and_parsed_once_in_the_crawl(
    counts: Counts, spider: SiteSpider, page: str, following: list[str]
) -> None:
    (request,) = spider.lists.first_page("http://qinghe.example/")
    response = answered(spider, request, f"<html><body>{page}</body></html>")
    asked = list(spider.lists.parse_first(response, **request.cb_kwargs))
    assert [r.url for r in asked] == following
    assert counts.taken() == (1, 1)


@pytest.mark.parametrize("charset", ["gb18030", "utf-8"])
def test_what_selectors_choose_is_decoded_as_everything_is(charset: str) -> None:
    request = Request("http://qinghe.example/")
    page = "<html><head><meta charset='iso-8859-1'></head><li><a href=' /zs/1.html'>清河县招商引资项目集中签约</a></li></html>"
    headers = {"Content-Type": "text/html; charset=iso-8859-1"}
    response = HtmlResponse(request.url, body=page.encode(charset), headers=headers, request=request)
    assert [(e.url, e.title) for e in selector_list(response, Selectors(entries="li a")).entries] == [
        ("http://qinghe.example/zs/1.html", "清河县招商引资项目集中签约")
    ]


def test_an_article_is_decoded_and_parsed_once_for_all_that_it_leads_to(counts: Counts, spider: SiteSpider) -> None:
    page = DATED.replace("</div>", f"{LINK}<a href='1_2.html'>下一页</a></div>")
    request = Request("http://qinghe.example/zs/1.html", meta={"role": "article"})
    links = spider.parts.links_of(answered(spider, request, page))
    assert links.next_part == "http://qinghe.example/zs/1_2.html" and len(links.documents) == 1
    assert counts.taken() == (1, 1)


def test_a_thread_is_decoded_and_parsed_once_for_where_it_goes_on(counts: Counts, spider: SiteSpider) -> None:
    page = THREAD.replace("</table>\n</td>", "</table><script>show_threadpage(1, 1, 3, 0);</script></td>")
    request = Request("http://qinghe.example/thread-1-1-1.html", meta={"role": "article"})
    response = answered(spider, request, page)
    links = thread_links(page_of(response, request.meta))
    assert links.next_part == "http://qinghe.example/forum.php?mod=viewthread&tid=1&page=1&cp=2"
    assert counts.taken() == (1, 1)


def test_what_was_kept_of_a_redirect_is_not_taken_for_the_answer(spider: SiteSpider) -> None:
    first = Request("http://qinghe.example/old.html", meta={"role": "article"})
    answered(spider, first, "<html><body><a href='/f/old.pdf'>旧.pdf</a></body></html>")
    second = first.replace(url="http://qinghe.example/new.html")
    links = spider.parts.links_of(answered(spider, second, "<html><body><a href='/f/new.pdf'>新.pdf</a></body></html>"))
    assert [url for url, _ in links.documents] == ["http://qinghe.example/f/new.pdf"]
