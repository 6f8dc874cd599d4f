"""Adding one page over loopback: it is captured, extracted, kept whatever its subject, and stays when everything is extracted again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.importing.single_page import add_page
from crawler.stages.extract import extract_captures
from crawler.terminal import Refusal
from tests.loopback_site import Answer, Site
from tests.test_documents import MEASURES
from tests.test_documents import PAGES as DOCUMENTS
from tests.test_extract_stage import OFF_TOPIC, PAGE, TEXT
from tests.whole_way import Desk


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", delay=0.0, workers=1)


@pytest.fixture
def site() -> Iterator[Site]:
    pages = {
        "/a.html": Answer(PAGE.format(title="清河县召开招商引资推进会", text=TEXT)),
        "/b.html": Answer(PAGE.format(title="主队三比一取胜", text=OFF_TOPIC)),
        "/wall.html": Answer("<script>document.cookie='a=b';location.reload()</script>", 412),
        "/empty.html": Answer("<html><body></body></html>"),
        "/robots.txt": Answer("User-agent: *\nDisallow: /no/"),
    }
    with Site(pages) as served:
        yield served


@pytest.mark.parametrize(("path", "about"), [("/a.html", True), ("/b.html", False)])
def test_a_page_is_kept_and_stays(archive: Archive, settings: Settings, site: Site, path: str, about: bool) -> None:
    added = add_page(site.url + path, archive, {}, settings)
    assert (added.outcome, added.on_topic) == ("new", about)
    stored = archive.articles.get(added.article.id)
    assert stored is not None and stored.capture is not None
    capture = archive.captures.get(stored.capture)
    body = site.pages[path].body
    assert capture is not None and isinstance(body, str) and archive.captures.payload(capture).content == body.encode()
    extract_captures(archive, {}, settings, everything=True)
    assert archive.articles.get(added.article.id) is not None and not list(archive.rejections.rejected())
    assert add_page(site.url + path, archive, {}, settings).outcome == "same"


def test_a_document_and_a_page_whose_text_is_in_one(archive: Archive, settings: Settings) -> None:
    with Site(DOCUMENTS) as site:
        document = add_page(f"{site.url}/f/measures.pdf", archive, {}, settings).article
        assert document.title == MEASURES[0] and "三年内给予奖励" in document.text
        page = add_page(f"{site.url}/n/linked.html", archive, {}, settings).article
        assert "三年内给予奖励" in page.text and page.provenance["body"].rule == "attachment:pdf"
        assert archive.captures.latest(f"{site.url}/f/linked.pdf", role="attachment")
        with pytest.raises(Refusal, match="DOC"):
            add_page(f"{site.url}/f/old.doc", archive, {}, settings)
    before = archive.articles.last_change()
    extract_captures(archive, {}, settings, everything=True)
    assert archive.articles.last_change() == before


def test_what_is_no_article_is_told_in_a_line(archive: Archive, settings: Settings, site: Site) -> None:
    for path, said in (
        ("/wall.html", "验证"),
        ("/no/a.html", "robots"),
        ("/gone.html", "404"),
        ("/empty.html", "没有提取到"),
    ):
        with pytest.raises(Refusal, match=said):
            add_page(site.url + path, archive, {}, settings)
    assert "/no/a.html" not in site.asked and archive.counts().articles == 0
    with pytest.raises(Refusal, match="CONTACT"):
        add_page("http://www.example.gov.cn/a.html", archive, {}, settings)


def test_the_command_says_where_the_article_is(tmp_path: Path, site: Site) -> None:
    desk = Desk(tmp_path / "data")
    said = desk.run("add", f"{site.url}/a.html").stderr
    assert "清河县召开招商引资推进会" in said and "2024-05-20" in said and "/articles/" in said
    assert "验证" in desk.run("add", f"{site.url}/wall.html", code=1).stderr
