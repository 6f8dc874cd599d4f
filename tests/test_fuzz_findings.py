"""What `python -m benchmarks.fuzz` found, each kind once: foreign bytes that ended a verb, or took time without an end."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from lxml.html import document_fromstring
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.extraction.documents import attachments, linked_documents
from crawler.extraction.worker import Page, extract_page
from crawler.importing.pages import PagesReport, exchanges
from crawler.lists.page_number import page_number
from crawler.platforms import ListError, read_list
from crawler.topic import score
from crawler.web.address_guard import names_of
from crawler.web.challenge import challenge
from crawler.web.fetcher import Fetcher, FetchError
from crawler.web.markup import closed_parts, sub_tags, without_parts
from indexer.analysis.segmentation import segmenter
from indexer.insight import read
from indexer.query.parser import parse
from indexer.search.query_reading import read_query
from tests.crawl_desk import rows, visit
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source
from tests.test_platforms_attachments import pdf

HTML = {"Content-Type": "text/html; charset=utf-8"}
ROWS = "".join(
    f"<li><a href='/zs/t{n}.html'>临湖市签约{n}个项目</a><span>2024-01-0{n}</span></li>" for n in range(1, 7)
)


@pytest.mark.parametrize("number", ["9" * 5000, "²", "", "-1", "1e3"])
def test_what_is_no_number_of_a_page(number: str) -> None:
    assert page_number(number) is None
    pager = f"<script>createPageHTML({number}, 0, 'index', 'html');</script>"
    found = read_list(
        f"<ul>{ROWS}</ul>{pager}<a href='?page={number}'>{number}</a>".encode(), "http://a.example/zs/", headers=HTML
    )
    assert len(found.entries) == 6
    for address in ("/was5/web/search?channelid=1&page=", "/e/action/ListInfo/?classid=1&page="):
        read_list(f"<ul>{ROWS}</ul>".encode(), f"http://a.example{address}{number}", headers=HTML)


def test_numbers_of_pages() -> None:
    assert (page_number(" 12 "), page_number("１２"), page_number(None)) == (12, 12, None)


@pytest.mark.parametrize("broken", ["<rss>&#x110000;<item>", "<rss>&#xD800;<item>", "<rss><item><![CDAT[x"])
def test_a_broken_feed_is_said_to_be_one(broken: str) -> None:
    try:
        assert not read_list(broken.encode(), "http://a.example/rss.xml").entries
    except ListError as error:
        assert "读不出来" in str(error)


def test_markup_that_no_parser_mends_is_read_as_far_as_it_goes() -> None:
    torn = "<html></html>" + ROWS + "<![x"
    assert len(read_list(torn.encode(), "http://a.example/zs/", headers=HTML).entries) == 6


@pytest.mark.parametrize("piece", ["<script>", "<!--", "<", "<script ", "<head><style>"])
def test_a_page_of_beginnings_is_read_in_one_pass(piece: str) -> None:
    """It took a minute of every crawl; a quarter of a second is too little to assert, and a minute too much to miss."""
    assert challenge(200, (piece * (190_000 // len(piece))).encode(), HTML) is None


@pytest.mark.parametrize("run", ["9", "九", "十家"])
def test_a_page_of_digits_is_judged_in_one_pass(run: str) -> None:
    """Of 100,000 digits it took minutes."""
    assert score("", run * 100_000).value < 0.5
    assert "多家落户" in dict(score("", "全年共有12多家企业先后落户园区").matched)


def test_parts_that_are_closed() -> None:
    text = "a<script>1</SCRIPT >b<!-- <script> -->c<style>d<script>2</script>e"
    assert without_parts(text, "script", "style") == "abc<style>de"
    assert next(text[a:b] for a, b in closed_parts(text, "script", comments=False)) == "<script>1</SCRIPT >"
    assert sub_tags("<[^>]*>", "", "a<b>c<d") == "ac<d"


def test_a_pdf_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_SECONDS", -1.0)
    with pytest.raises(attachments.AttachmentError, match="没有读完"):
        attachments.read_attachment(pdf("样例县招商引资优惠办法", "第一条 为了鼓励投资，制定本办法。"))
    file = attachments._TimedFile(b"", ends=0.0)
    with pytest.raises(attachments._TooSlow):
        for _ in range(1_000):
            file.read(1)


def test_a_saved_page_whose_address_is_no_ascii(tmp_path: Path) -> None:
    page = tmp_path / "a.mht"
    page.write_bytes(b"Content-Type: text/html\nContent-Location: http://a.example/\xff\xfe\n\n<html><p>x</p></html>")
    assert len(list(exchanges(page, PagesReport()))) == 1


def test_long_headers_in_a_foreign_archive_lose_no_other_record(tmp_path: Path) -> None:
    file, buffer = tmp_path / "foreign.warc.gz", io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    for number, more in enumerate(("", "a" * 60_000, "a" * 400_000, "")):
        headers = [("Content-Type", "text/html"), *([("X-Long", more)] if more else [])]
        body = io.BytesIO(f"<html><p>第{number}页</p></html>".encode())
        http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(f"http://a.example/{number}", "response", payload=body, http_headers=http)
        )
    file.write_bytes(buffer.getvalue())
    report = PagesReport()
    assert [(page.url[-1], page.body.decode()[9:11]) for page in exchanges(file, report)] == [
        ("0", "第0"),
        ("1", "第1"),
        ("3", "第3"),
    ]
    assert len(report.faults) == 1 and "256 KB" in report.faults[0]
    file.write_bytes(gzip.compress(b"WARC/1.1\r\n"))
    assert not list(exchanges(file, report))


def test_a_base_that_is_no_address_is_none() -> None:
    page = f"<html><head><base href='http://[::1'><title>清河县招商大会</title></head><body><p>{'会议部署产业链招商。' * 20}</p><a href='/f/1.pdf'>附件</a></body></html>"
    outcome = extract_page([Page(page.encode(), "http://a.example/zs/t1.html", HTML, 200)], None)
    assert outcome.article is not None
    assert [
        link.url for link in linked_documents.documents_in(document_fromstring(page), "http://a.example/zs/t1.html")
    ] == ["http://a.example/f/1.pdf"]


@pytest.mark.parametrize("location", ["http://[::1", "http://a.example:abc/"])
def test_a_redirect_to_no_address_says_so(location: str, archive: Archive, settings: Settings) -> None:
    """It ended `add` with a traceback, and was reported by the words of Python's error."""
    away = Answer("", 302, headers={"Location": location})
    with Site({"/index.html": rows("/a.html", "/b.html"), "/a.html": away}) as site:
        with pytest.raises(FetchError, match="不是网"):
            Fetcher(settings, most=3, named=names_of([site.url])).get(f"{site.url}/a.html")
        write_source(settings, f"{site.url}/index.html")
        assert f"转到的不是网址：{location}" in visit(archive, settings).note


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd"])
def test_a_body_that_is_not_compressed_as_it_says(encoding: str, archive: Archive, settings: Settings) -> None:
    broken = Answer("<html><p>招商</p></html>", headers={"Content-Type": "text/html", "Content-Encoding": encoding})
    with Site({"/index.html": rows("/a.html", "/b.html"), "/a.html": broken}) as site:
        write_source(settings, f"{site.url}/index.html")
        assert "压缩的内容已损坏" in visit(archive, settings).note


@pytest.mark.parametrize("run", ["9", "九", "1.", "1,", "十百"])
def test_a_text_of_digits_is_read_in_one_pass(run: str) -> None:
    """Of 40,000 digits it took two minutes."""
    told = read("清河县招商引资大会签约项目12个", "清河县招商引资签约12个项目，总投资46.5亿元。" + run * 40_000)
    assert [figure.value for figure in told.figures if figure.kind == "projects"] == [12]


def test_a_query_of_bytes_that_are_no_text() -> None:
    """It ended the search with an error of Python's."""
    assert segmenter().cut("招商\udc80\udcff引资") == ["招商", "\ufffd", "\ufffd", "引资"]
    read_query(parse("飞\udcad\udc8d招商"))


def test_data_nested_too_deeply_is_no_data() -> None:
    deep = f"<html><head><title>清河县招商大会</title><script type='application/ld+json'>{'[' * 100_000}</script></head><body><p>{'会议部署产业链招商。' * 20}</p></body></html>"
    assert extract_page([Page(deep.encode(), "http://a.example/zs/t1.html", HTML, 200)], None).article is not None
    read_list(
        f"<ul>{ROWS}</ul>".encode(),
        f"http://a.example/api-gateway/jpaas-publish-server/front/page/build/unit?paramJson={'[' * 1900}",
        headers=HTML,
    )
