"""Documents at the other end of a list: entries that are one, pages whose text is in one, and those that an article only links."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest

from crawler.archive import Archive, Exchange
from crawler.article import format_published
from crawler.configuration import Settings, load_settings
from crawler.extraction.documents.linked_documents import Linked, documents_in, holding_the_text, says_nothing_itself
from crawler.extraction.page.tree import parse
from crawler.stages.crawl import crawl
from crawler.stages.extract import ExtractReport, extract_captures
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source
from tests.test_extract_stage import PAGE, TEXT
from tests.test_platforms_attachments import pdf

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
MEASURES = (
    "样例县招商引资优惠办法",
    "第一条 为了鼓励投资，对新设立并实际到资的制造业企业，自投产之日起三年内给予奖励。",
    "第二条 本办法由县投资促进局负责解释，招商引资项目按本办法执行。",
)
OLD_WORD = b"\xd0\xcf\x11\xe0" + bytes(4000)


def word(*paragraphs: str) -> bytes:
    document, buffer = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(buffer)
    return buffer.getvalue()


def ofd() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("OFD.xml", "<ofd/>")
    return buffer.getvalue()


def named(title: str, link: str) -> Answer:
    """A page that names a document and says nothing itself."""
    return Answer(
        f"<html><head><title>{title}</title></head><body><div class='nav'><a href='/'>首页</a><a href='/f/guide.pdf'>网站使用帮助</a></div>"
        f"<h1>{title}</h1><p>发布时间：2026-02-05</p><div class='content'>{link}</div></body></html>"
    )


ENTRIES = {
    "/f/measures.pdf": "样例县招商引资优惠办法印发",
    "/f/notice.docx": "样例县关于征集招商引资项目的通…",
    "/f/old.doc": "样例县招商引资工作总结（旧格式）",
    "/f/form.ofd": "样例县招商引资奖励申报表",
    "/f/torn.pdf": "样例县招商引资年度报告",
    "/n/linked.html": "样例县促进外来投资若干措施",
    "/n/shown.html": "样例县产业链招商行动方案",
    "/n/whole.html": "样例县召开招商引资推进会",
    "/n/handed.html": "样例县招商引资项目申报指南",
    "/n/scripted.html": "样例县飞地招商实施细则",
}
PAGES = {
    "/": Answer(
        "<html><body><ul>"
        + "".join(f'<li><a href="{p}">{t}</a><span>2026-02-0{n}</span></li>' for n, (p, t) in enumerate(ENTRIES.items(), 1))
        + "</ul></body></html>"
    ),
    "/f/measures.pdf": Answer(pdf(*MEASURES), headers={"Content-Type": "application/pdf"}),
    "/f/notice.docx": Answer(word("样例县关于征集招商引资项目的通知", *MEASURES[1:]), headers={"Content-Type": "application/octet-stream"}),
    "/f/old.doc": Answer(OLD_WORD, headers={"Content-Type": "application/msword"}),
    "/f/form.ofd": Answer(ofd(), headers={"Content-Type": "application/octet-stream"}),
    "/f/torn.pdf": Answer(pdf(*MEASURES)[:300], headers={"Content-Type": "application/pdf"}),
    "/f/guide.pdf": Answer(pdf("网站使用帮助", "点击首页右上角登录，输入用户名和密码，即可办理各项业务。"), headers={"Content-Type": "application/pdf"}),
    "/n/linked.html": named(ENTRIES["/n/linked.html"], "<p><a href='/f/linked.pdf'>样例县促进外来投资若干措施.pdf</a></p>"),
    "/f/linked.pdf": Answer(pdf("样例县促进外来投资若干措施", *MEASURES[1:]), headers={"Content-Type": "application/pdf"}),
    "/n/shown.html": named(ENTRIES["/n/shown.html"], "<iframe src='/viewer.html?file=/f/shown.pdf'></iframe>"),
    "/f/shown.pdf": Answer(pdf(*MEASURES), headers={"Content-Type": "application/pdf"}),
    "/n/whole.html": Answer(
        PAGE.format(
            title=ENTRIES["/n/whole.html"],
            text=TEXT + "<p>附件：<a href='/f/table.docx'>项目表</a> <a href='/f/table.ofd'>项目表（版式）</a> <a href='/f/table.doc'>旧表</a></p>",
        )
    ),
    "/n/handed.html": named(ENTRIES["/n/handed.html"], "<p><a href='/system/_content/download.jsp?owner=1&wbfileid=22'>样例县招商引资项目申报指南.docx</a></p>"),
    "/system/_content/download.jsp?owner=1&wbfileid=22": Answer(word(*MEASURES), headers={"Content-Type": "application/x-msdownload", "Content-Disposition": "attachment; filename=\xd1\xf9\xc0\xfd.docx"}),
    "/n/scripted.html": named(ENTRIES["/n/scripted.html"], """<p>附件：<a href="javascript:void(0)" onclick="show('/f/rules.pdf')">样例县飞地招商实施细则</a></p>"""),
    "/f/rules.pdf": Answer(pdf("样例县飞地招商实施细则", *MEASURES[1:]), headers={"Content-Type": "text/html"}),
    "/f/table.docx": Answer(word("项目表"), headers={"Content-Type": "application/octet-stream"}),
    "/f/table.ofd": Answer(ofd(), headers={"Content-Type": "application/octet-stream"}),
    "/f/table.doc": Answer(OLD_WORD, headers={"Content-Type": "application/msword"}),
}  # fmt: skip


class Night:
    """One night over the site, extracted."""

    def __init__(self, archive: Archive, settings: Settings, site: Site) -> None:
        self.archive, self.site = archive, site
        write_source(settings, f"{site.url}/", name="sample")
        crawl(["sample"], archive, settings, now=NOW)
        from crawler.sources import load_registry

        self.registry = load_registry(settings)
        self.settings = settings
        self.report = self.extract()

    def extract(self, *, everything: bool = False) -> ExtractReport:
        return extract_captures(self.archive, self.registry, self.settings, everything=everything)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    settings = load_settings(data=tmp_path_factory.mktemp("data"), delay=0.0, workers=1)
    with Site(PAGES) as site, Archive.open(settings) as archive:
        yield Night(archive, settings, site)


def test_an_entry_that_is_a_document_is_an_article(night: Night) -> None:
    stored = night.archive.articles.by_url(f"{night.site.url}/f/measures.pdf")
    assert stored is not None and stored.capture is not None
    article = stored.article
    assert (article.title, format_published(article)) == ("样例县招商引资优惠办法印发", "2026-02-01")
    assert article.text.splitlines()[0] == MEASURES[0] and "三年内给予奖励" in article.text
    assert article.provenance["body"].rule == "attachment:pdf" and article.provenance["title"].rule == "list"
    cut = night.archive.articles.by_url(f"{night.site.url}/f/notice.docx")
    assert cut is not None and cut.article.title == "样例县关于征集招商引资项目的通知"


def test_what_cannot_be_read_is_kept_and_says_why(night: Night) -> None:
    said = {c.url.rpartition("/")[2]: c for c in night.archive.captures.extracted("sample", limit=99)}
    assert (said["old.doc"].outcome, said["form.ofd"].outcome) == ("not_article", "not_article")
    assert "DOC" in (said["old.doc"].reason or "") and "OFD" in (said["form.ofd"].reason or "")
    assert said["torn.pdf"].outcome == "failed" and "PDF" in (said["torn.pdf"].reason or "")
    kept = night.archive.captures.get(said["torn.pdf"].capture)
    assert kept is not None and night.archive.captures.payload(kept).content == PAGES["/f/torn.pdf"].body


@pytest.mark.parametrize("name", ["linked", "shown", "handed", "scripted"])
def test_a_page_whose_text_is_in_a_document_has_that_text(night: Night, name: str) -> None:
    stored = night.archive.articles.by_url(f"{night.site.url}/n/{name}.html")
    assert stored is not None
    article = stored.article
    assert "三年内给予奖励" in article.text and "登录" not in article.text
    assert (article.title, format_published(article)) == (ENTRIES[f"/n/{name}.html"], "2026-02-05")
    body = article.provenance["body"]
    path = {"handed": "/system/_content/download.jsp?owner=1&wbfileid=22", "scripted": "/f/rules.pdf"}.get(
        name, f"/f/{name}.pdf"
    )
    assert (body.rule, body.read_from) == (
        f"attachment:{'docx' if name == 'handed' else 'pdf'}",
        f"{night.site.url}{path}",
    )
    assert body.read_from in [a.url for a in article.attachments]


def test_documents_beside_a_text_are_captured_and_listed(night: Night) -> None:
    stored = night.archive.articles.by_url(f"{night.site.url}/n/whole.html")
    assert stored is not None and stored.article.provenance["body"].rule != "attachment:docx"
    assert [a.extension for a in stored.article.attachments] == ["docx", "ofd", "doc"]
    for attachment in stored.article.attachments:
        capture = night.archive.captures.latest(attachment.url, role="attachment")
        assert capture is not None and capture.status == 200


def test_extracted_again_it_is_the_same(night: Night) -> None:
    before = night.archive.articles.last_change()
    again = night.extract(everything=True)
    assert (again.new, again.changed, night.archive.articles.last_change()) == (0, 0, before)


def test_a_page_waits_for_its_document(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, workers=1)
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    page, body = PAGES["/n/linked.html"], PAGES["/f/linked.pdf"].body
    assert isinstance(page.body, str) and isinstance(body, bytes)
    key = "http://sample.example/f/linked.pdf"
    with Archive.open(settings) as archive, archive.captures.writer(archive.runs.start("crawl", NOW)) as writer:
        from crawler.archive import NewPage

        writer.write(Exchange("http://sample.example/n/linked.html", 200, headers, page.body.encode(), NOW))
        archive.frontier.add_pages("sample", [NewPage(key, key, referrer="http://sample.example/n/linked.html")], NOW)
        assert extract_captures(archive, {}, settings).captures == 0
        pdf_headers = (("Content-Type", "application/pdf"),)
        writer.write(Exchange(key, 200, pdf_headers, body, NOW, role="attachment"))
        assert extract_captures(archive, {}, settings).new == 1


def test_which_documents_hold_a_text() -> None:
    html = "<a href='/a.pdf'>隐私说明</a><a href='/b.pdf'>关于招商的通知（PDF版）</a><embed src='/c.pdf'><a href='/d.ofd'>关于招商的通知</a>"
    found = documents_in(parse(html), "http://sample.example/n.html")
    assert [d.url[-5:] for d in found] == ["a.pdf", "b.pdf", "c.pdf", "d.ofd"]
    assert [d.url[-5:] for d in holding_the_text(found, "关于招商的通知")] == ["c.pdf", "b.pdf"]
    link = [Linked("http://sample.example/b.pdf", "关于招商的通知.pdf")]
    assert says_nothing_itself("关于招商的通知\n附件：关于招商的通知.pdf", "关于招商的通知", link)
    assert not says_nothing_itself("现将有关事项通知如下。" * 5, "关于招商的通知", link)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("<a href='/module/downfile.jsp?classid=0&filename=04ab.pdf'>附件：申报指南</a>", "/module/downfile.jsp?classid=0&filename=04ab.pdf"),
        ("<a href='/system/download.jsp?id=2'>申报指南.docx</a>", "/system/download.jsp?id=2"),
        ("<a href='/system/download.jsp?id=2'>（申报指南.DOC）</a>", "/system/download.jsp?id=2"),
        ("<a href='/pdfjs/viewer.html?file=/f/guide.pdf'>申报指南</a>", "/f/guide.pdf"),
        ("<iframe src='/js/viewer.html#/f/guide.pdf'></iframe>", "/f/guide.pdf"),
        ("<iframe src='/js/viewer.html#/show?url=%2Ff%2Fguide.pdf&page=1'></iframe>", "/f/guide.pdf"),
        ("<iframe data-src='/js/viewer.html?file=/f/guide.pdf%23page=1'></iframe>", "/f/guide.pdf"),
        ("<a href='#' onclick=\"open('/f/guide.pdf')\">申报指南</a>", "/f/guide.pdf"),
        ("<a href='/n/12.html'>关于公布申报指南.pdf</a>", None),
        ("<a href='/show.jsp?id=3'>申报指南.docx 的说明</a>", None),
        ("<a href='mailto:a@b.cn?subject=x.pdf'>来信</a>", None),
    ],
)  # fmt: skip
def test_a_document_that_a_script_hands_out(link: str, target: str | None) -> None:
    found = documents_in(parse(f"<body><p>{link}</p></body>"), "http://www.example.cn/n/1.html")
    assert [d.url for d in found] == ([f"http://www.example.cn{target}"] if target else [])
