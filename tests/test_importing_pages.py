"""Importing WARC files and folders of saved pages: kept, rejected and told; twice changes nothing; a torn file gives what it has."""

from __future__ import annotations

import gzip
import io
import zlib
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing.bodies import BodyError, plain_body, read_within
from crawler.importing.pages import import_pages
from crawler.web.site_policy import MOST_BYTES
from tests.test_extract_stage import OFF_TOPIC, PAGE, TEXT, page
from tests.test_platforms_attachments import LINES, pdf
from tests.whole_way import Desk


def test_a_warc_comes_in_once_and_a_torn_one_as_far_as_it_goes(tmp_path: Path) -> None:
    with Archive.open(load_settings(data=tmp_path / "other")) as other:
        with other.captures.writer(other.runs.start("crawl")) as writer:
            for exchange in (page(1), page(2, OFF_TOPIC, "主队三比一取胜"), page(3)):
                writer.write(exchange)
        (whole,) = other.database.captures_folder.glob("*.warc.gz")
    torn, foreign = tmp_path / "torn.warc.gz", tmp_path / "foreign.warc"
    torn.write_bytes(whole.read_bytes()[:-60])
    foreign.write_text("这不是网页存档\n" * 9, encoding="utf-8")
    settings = load_settings(data=tmp_path / "data", workers=1)
    with Archive.open(settings) as archive:
        first = import_pages(torn, archive, {}, settings)
        assert (first.kept, first.rejected) == (1, 1) and any("不完整" in fault for fault in first.faults)
        second = import_pages(whole, archive, {}, settings)
        assert (second.pages, second.known, second.kept, second.faults) == (3, 2, 1, [])
        change = archive.articles.last_change()
        assert import_pages(whole, archive, {}, settings).known == 3 and archive.articles.last_change() == change
        assert any("不是 WARC" in fault for fault in import_pages(foreign, archive, {}, settings).faults)


def test_a_folder_of_saved_pages(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    html = PAGE.format(title="清河县召开招商引资推进会", text=TEXT)
    link = '<head><link rel="canonical" href="http://qinghe.example/9.html">'
    (folder / "a.html").write_text(html.replace("<head>", link), encoding="utf-8")
    (folder / "b.htm").write_text(html.replace("清河县召开", "清河县再次召开"), encoding="utf-8")
    (folder / "c.html").write_text("<html><body></body></html>", encoding="utf-8")
    rows = "".join(
        f'<li><a href="/{n}.html">清河县招商引资工作简报第{n}期印发</a><span>2024-05-0{n}</span></li>'
        for n in range(1, 8)
    )
    (folder / "index.html").write_text(
        f"<html><head><title>工作简报</title></head><body><ul>{rows}</ul></body></html>", encoding="utf-8"
    )
    desk = Desk(tmp_path / "data")
    report = desk.json("import", str(folder))
    assert (report["kept"], report["no_article"]) == (2, 2)
    assert report["lists"] == [(folder / "index.html").resolve().as_uri()]
    assert desk.json("import", str(folder))["known"] == 4
    with Archive.open(load_settings(data=desk.data)) as archive:
        urls = {stored.article.url for stored in archive.articles.get_many(archive.articles.ids(limit=9)).values()}
    assert urls == {"http://qinghe.example/9.html", (folder / "b.htm").resolve().as_uri()}


def html(n: int, encoding: str = "utf-8") -> bytes:
    return PAGE.format(title=f"清河县召开招商引资推进会之{n}", text=TEXT).encode(encoding)


def foreign(*, gzipped: bool) -> bytes:
    """What another crawler wrote: every kind of record, and bodies in the encodings that they were sent in."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=gzipped)

    def record(url: str, body: bytes, *headers: tuple[str, str], status: str = "200 OK") -> None:
        http = StatusAndHeaders(status, list(headers) or [("Content-Type", "text/html")], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=http))

    def plain(url: str, type: str, body: bytes, kind: str) -> None:
        made = writer.create_warc_record(url, type, payload=io.BytesIO(body), warc_content_type=kind)
        writer.write_record(made)

    base, page = "http://qinghe.example", ("Content-Type", "text/html")
    asked = StatusAndHeaders("GET /1.html HTTP/1.1", [("Host", "qinghe.example")], is_http_request=True)
    writer.write_record(writer.create_warcinfo_record("sample.warc", {"software": "sample"}))
    plain("dns:qinghe.example", "response", b"20240501\nqinghe.example 192.0.2.1", "text/dns")
    writer.write_record(writer.create_warc_record(f"{base}/1.html", "request", http_headers=asked))
    record(f"{base}/1.html", html(1))
    record(f"{base}/2.html", gzip.compress(html(2)), page, ("Content-Encoding", "gzip"))
    body = html(3)
    chunks = [b"%x\r\n%s\r\n" % (len(body[i : i + 500]), body[i : i + 500]) for i in range(0, len(body), 500)]
    record(f"{base}/3.html", b"".join(chunks) + b"0\r\n\r\n", page, ("Transfer-Encoding", "chunked"))
    packed = gzip.compress(html(9))
    both = ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")
    record(f"{base}/9.html", b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed), page, *both)
    record(f"{base}/10.html", html(10), page, *both)  # undone by the writer, who left the headers
    record(f"{base}/4.html", html(4, "gb18030"))
    record(f"{base}/f/5.pdf", pdf(*LINES), ("Content-Type", "application/pdf"))
    plain(f"{base}/6.html", "resource", html(6), "text/html")
    record(f"{base}/gone.html", html(7), status="404 Not Found")
    record(f"{base}/moved.html", b"", page, ("Location", "/1.html"), status="302 Found")
    record(f"{base}/logo.png", b"\x89PNG", ("Content-Type", "image/png"))
    again = StatusAndHeaders("200 OK", [page], protocol="HTTP/1.1")
    same = (f"{base}/1.html", "sha1:ABC", f"{base}/1.html", "2024-05-01T00:00:00Z")
    writer.write_record(writer.create_revisit_record(*same, http_headers=again))
    plain("metadata://sample/log", "resource", b"log", "text/plain")
    plain(f"{base}/1.html", "metadata", b"fetchTimeMs: 12", "application/warc-fields")
    plain(f"{base}/8.html", "conversion", b"text", "text/plain")
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["plain", "a record each", "the whole", "of the older standard"])
def test_a_foreign_warc(tmp_path: Path, form: str) -> None:
    content = foreign(gzipped=form == "a record each")
    if form == "of the older standard":  # which puts addresses in brackets
        content = content.replace(b"WARC/1.1", b"WARC/1.0")
        content = content.replace(b"URI: http://qinghe.example/1.html", b"URI: <http://qinghe.example/1.html>")
    file = tmp_path / ("sample.warc.gz" if form in ("a record each", "the whole") else "sample.warc")
    file.write_bytes(gzip.compress(content) if form == "the whole" else content)
    settings = load_settings(data=tmp_path / "data", workers=1)
    with Archive.open(settings) as archive:
        report = import_pages(file, archive, {}, settings)
        assert (report.pages, report.kept, report.repeats, report.faults) == (8, 8, 1, [])
        found = {s.article.url: s.article for s in archive.articles.get_many(archive.articles.ids(limit=9)).values()}
        assert import_pages(file, archive, {}, settings).known == 8
    names = ["1.html", "10.html", "2.html", "3.html", "4.html", "6.html", "9.html", "f/5.pdf"]
    assert sorted(found) == [f"http://qinghe.example/{name}" for name in names]
    texts = {a.text for url, a in found.items() if url.endswith("html")}
    assert len(texts) == 1 and "驻点招商" in texts.pop()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (zlib.compress(html(1)), "deflate"),
        (zlib.compress(html(1))[2:-4], "deflate"),
        (brotli.compress(html(1)), "br"),
        (gzip.compress(html(1)[:300]) + gzip.compress(html(1)[300:]), "gzip"),
        (html(1), "br"),
        (html(1), "sdch"),
    ],
)
def test_a_body_is_unpacked_as_its_headers_say_or_was_already(body: bytes, headers: str) -> None:
    assert plain_body(body, [("Content-Encoding", headers)]) == html(1)


@pytest.mark.parametrize(
    ("body", "headers", "told"),
    [
        (gzip.compress(html(1))[:-30], ("Content-Encoding", "gzip"), "被截断"),
        (b"ffff\r\n<html>", ("Transfer-Encoding", "chunked"), "被截断"),
        (b"\x01\x02\x03", ("Content-Encoding", "br"), "br 解不开"),
        (b"\x01\x02\x03", ("Content-Encoding", "sdch"), "sdch 不认得"),
        (gzip.compress(bytes(MOST_BYTES + 1)), ("Content-Encoding", "gzip"), "超过 20 MB"),
        (brotli.compress(bytes(MOST_BYTES + 1), quality=1), ("Content-Encoding", "br"), "超过 20 MB"),
    ],
)
def test_a_body_that_cannot_be_had_says_why(body: bytes, headers: tuple[str, str], told: str) -> None:
    with pytest.raises(BodyError, match=told):
        plain_body(body, [headers])


def test_a_plain_warc_that_was_cut_off_says_so(tmp_path: Path) -> None:
    file = tmp_path / "cut.warc"
    whole = foreign(gzipped=False)
    settings = load_settings(data=tmp_path / "data", workers=1)
    with Archive.open(settings) as archive:
        file.write_bytes(whole[: whole.index(b"10.html") + 900])
        report = import_pages(file, archive, {}, settings)
    assert report.kept == 4
    assert [fault.partition("cut.warc：")[2] for fault in report.faults] == [
        "http://qinghe.example/10.html 的记录被截断，没有收",
        "文件不完整或不是 gzip，只收读得出的部分",
    ]


def test_one_saved_page_and_one_that_a_browser_packed(tmp_path: Path) -> None:
    packed, single = tmp_path / "a.mhtml", tmp_path / "b.html"
    message = MIMEMultipart("related")
    part = MIMEText(html(1).decode(), "html", "utf-8")
    part["Content-Location"] = "http://qinghe.example/1.html"
    message.attach(part)
    packed.write_bytes(message.as_bytes())
    single.write_bytes(b"<!-- saved from url=(0029)http://qinghe.example/2.html -->" + html(2))
    desk = Desk(tmp_path / "data")
    for n, file in enumerate((packed, single), 1):
        assert desk.json("import", str(file))["kept"] == 1
        with Archive.open(load_settings(data=desk.data)) as archive:
            stored = archive.articles.by_url(f"http://qinghe.example/{n}.html")
            assert stored is not None and "驻点招商" in stored.article.text


def test_where_saved_pages_are_from(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "sub").mkdir(parents=True)
    noted = {
        "browser.html": b"<!-- saved from url=(0029)http://qinghe.example/1.html -->",
        "singlefile.html": b"<!--\n Page saved with SingleFile \n url: http://qinghe.example/2.html \n saved date: -->",
        "httrack.html": b"<!-- Mirrored from qinghe.example/3.html by HTTrack Website Copier/3.x -->",
        "canonical.html": b"<link href='http://qinghe.example/4.html' rel='canonical'>",
        "home.html": b"<link rel=canonical href='http://qinghe.example/'><meta property='og:url' content='http://qinghe.example/5.html'>",
        "based.html": b"<base href='http://qinghe.example/'>",
        "sub/listed.htm": b"",
        "gbk.html": b"",
    }
    for n, (name, note) in enumerate(noted.items(), 1):
        encoding = "gb18030" if name in ("gbk.html", "httrack.html") else "utf-8"
        (folder / name).write_bytes(html(n, encoding).replace(b"<head>", b"<head>" + note))
    table = "\ufeff文件,网址\nsub/listed.htm,http://qinghe.example/7.html\n.\\gbk.html,http://qinghe.example/8.html\nnone.html,http://qinghe.example/9.html\nhome.html,qinghe\n"
    (folder / "addresses.csv").write_text(table, encoding="utf-8")
    settings = load_settings(data=tmp_path / "data", workers=1)
    with Archive.open(settings) as archive:
        report = import_pages(folder, archive, {}, settings)
        found = {
            s.article.title[-1]: s.article for s in archive.articles.get_many(archive.articles.ids(limit=9)).values()
        }
    assert report.kept == 8
    urls = {title: article.url for title, article in found.items()}
    assert urls.pop("6") == (folder / "based.html").resolve().as_uri()
    assert urls == {str(n): f"http://qinghe.example/{n}.html" for n in (1, 2, 3, 4, 5, 7, 8)}
    assert "驻点招商" in found["8"].text
    assert [fault.partition("addresses.csv")[2] for fault in report.faults] == [
        " 第 5 行：应为文件与网址两列，网址以 http:// 或 https:// 开头",
        "：没有 none.html 这个网页文件",
    ]


class Endless(io.RawIOBase):
    """Bytes without an end; `taken` counts those that were read."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "asked for all"
        self.taken += size
        return bytes(size)


def test_a_body_is_read_no_further_than_the_limit() -> None:
    endless = Endless()
    with pytest.raises(BodyError, match="超过 20 MB"):
        read_within(endless)
    assert endless.taken <= MOST_BYTES + 1


@pytest.mark.parametrize("kind", ["response", "resource"])
def test_what_no_crawl_would_take_is_told_and_the_rest_comes_in(tmp_path: Path, kind: str) -> None:
    file, settings = tmp_path / "large.warc.gz", load_settings(data=tmp_path / "data", workers=1)
    with file.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for name, body in (("large", bytes(MOST_BYTES + 1)), ("x" * 2_000, html(1)), ("good", html(1))):
            http = (
                StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                if kind == "response"
                else None
            )
            about = {} if http else {"Content-Type": "text/html"}
            writer.write_record(
                writer.create_warc_record(
                    f"http://qinghe.example/{name}.html",
                    kind,
                    payload=io.BytesIO(body),
                    http_headers=http,
                    warc_headers_dict=about,
                )
            )
    (tmp_path / "saved").mkdir()
    with (tmp_path / "saved" / "large.html").open("wb") as sparse:
        sparse.truncate(MOST_BYTES + 1)
    with Archive.open(settings) as archive:
        report = import_pages(file, archive, {}, settings)
        saved = import_pages(tmp_path / "saved", archive, {}, settings)
    assert report.kept == 1
    assert [fault.partition("large.warc.gz：")[2] for fault in report.faults] == [
        "http://qinghe.example/large.html 的记录超过 20 MB，没有收",
        "第 2 条记录的网址超过 2000 个字符，没有收",
    ]
    assert saved.faults == [f"{tmp_path / 'saved' / 'large.html'}：超过 20 MB，没有收"]
