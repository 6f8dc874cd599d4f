"""`archive forget`: what is taken down is gone, everywhere, and does not come back; `--erase` takes its bytes out of the WARC files and nobody else's."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from crawler.archive import Archive, ArchiveError, ForgottenError, NewPage, revisits
from crawler.archive.keeping.check import check
from crawler.archive.keeping.erase import JOURNAL, erase
from crawler.archive.keeping.forget import Doomed, find, find_source, forget
from crawler.article import article_id
from crawler.configuration import Settings
from search_api.application import create_application
from search_api.mcp_server import create_server
from search_api.web.app_state import AppState
from tests import sample_archive
from tests.archive_fixtures import postgresql_server, settings
from tests.loopback_site import Answer, Site
from tests.test_archive_contract import NOW, PAGE, article, capture, exchange
from tests.web_fixtures import reader_here
from tests.whole_way import Desk

__all__ = ["postgresql_server", "settings"]

OTHER = "https://investment.example/notice/2.html"


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    """A page captured twice with the same bytes, which another page has too; and that page's own text."""
    with Archive.open(settings) as opened:
        ids = capture(
            opened,
            exchange(body=b"<p>secret</p>"),
            exchange(url=OTHER, body=b"<p>secret</p>"),
            exchange(),
            exchange(url=OTHER, body=b"<p>new</p>"),
        )
        opened.frontier.add_pages("sample", [NewPage(PAGE, PAGE, "标题"), NewPage(OTHER, OTHER)], NOW)
        for url, capture_id in ((PAGE, ids[0]), (OTHER, ids[3])):
            opened.articles.save(article(url=url), capture=capture_id)
            opened.articles.mark_extracted(capture_id, "article")
            page = opened.frontier.page(url)
            assert page is not None
            opened.frontier.save_page(revisits.fetched(page, NOW, capture=capture_id))
        opened.readings.save(article().id, article().revision_hash(), "1", {}, b"")
        yield opened


def named(archive: Archive, what: str) -> Doomed:
    found = find(archive, what)
    assert found is not None
    return found


def plain(archive: Archive) -> bytes:
    files = archive.database.captures_folder.glob("*.warc.gz")
    return b"".join(gzip.decompress(file.read_bytes()) for file in files)


class TestContract:
    @pytest.mark.parametrize("what", [PAGE, article().id])
    def test_it_is_gone_and_does_not_come_back(self, archive: Archive, what: str) -> None:
        doomed = named(archive, what)
        assert (list(doomed.articles), doomed.captures, doomed.titles) == ([article().id], (1, 3), ("招商政策",))
        before = archive.articles.last_change()
        assert forget(archive, doomed, "当事人要求", NOW) == [article().id]
        assert archive.articles.get(article().id) is None and archive.readings.get(article().id) is None
        assert [c.deleted for c in archive.articles.changes_since(before)] == [True]
        assert not archive.articles.revisions(article().id)
        first = archive.captures.get(1)
        assert first is not None and first.outcome == "forgotten"
        with pytest.raises(ForgottenError, match="2024-05-06 撤下，不再收：当事人要求"):
            archive.captures.payload(first)
        assert archive.captures.latest(PAGE) is None
        assert [c.id for c in archive.captures.to_extract(everything=True)] == [4]
        with pytest.raises(ForgottenError):
            archive.articles.save(article("乙"), capture=None)
        assert archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)]) == 0
        page = archive.frontier.page(PAGE)
        assert page is not None and (page.state, page.title, page.next_visit) == ("gone", "", None)
        archive.rejections.reject(PAGE, source=None, capture=1, title="题", score=0, reason="")
        assert not list(archive.rejections.rejected())
        other = archive.captures.get(2)
        assert other is not None and archive.captures.payload(other).content == b"<p>secret</p>", "another page's bytes"
        assert archive.articles.get(article_id(OTHER)) is not None
        assert forget(archive, named(archive, PAGE), "再来一次") == []
        (tombstone,) = archive.tombstones.all()
        assert (tombstone.why, tombstone.name, tombstone.kind) == ("当事人要求", PAGE, "page")
        assert not list(check(archive))

    def test_erased_bytes_are_in_no_file_but_where_another_page_has_them(self, archive: Archive) -> None:
        doomed = named(archive, PAGE)
        forget(archive, doomed, "当事人要求", NOW)
        assert plain(archive).count(b"<p>secret</p>") == 1 and b"<p>text</p>" in plain(archive)
        assert erase(archive, doomed.captures, doomed.pages) == 1
        assert b"<p>text</p>" not in plain(archive) and PAGE.encode() not in plain(archive)
        heir, own = archive.captures.get(2), archive.captures.get(4)
        assert heir is not None and own is not None and archive.captures.get(1) is None
        assert archive.captures.payload(heir).content == b"<p>secret</p>" and heir.refers_to is None
        assert archive.captures.payload(own).content == b"<p>new</p>"
        assert [r.text for r in check(archive) if r.wrong] == []
        assert archive.tombstones.all()[0].erased_at is not None
        assert erase(archive, doomed.captures, doomed.pages) == 0

    def test_an_erasure_that_was_killed_is_finished_by_the_next(
        self, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        doomed = named(archive, PAGE)
        forget(archive, doomed, "当事人要求", NOW)
        folder = archive.database.captures_folder
        (old,) = folder.glob("*.warc.gz")
        for moment in ("crawler.archive.keeping.erase.update", "crawler.archive.keeping.erase.Path.unlink"):
            with monkeypatch.context() as killed, pytest.raises(RuntimeError):
                killed.setattr(moment, stop)
                erase(archive, doomed.captures, doomed.pages)
            assert (folder / JOURNAL).exists() and len(list(folder.glob("*.warc.gz"))) == 2
        erase(archive, doomed.captures, doomed.pages)
        assert not (folder / JOURNAL).exists() and not old.exists() and len(list(folder.glob("*.warc.gz"))) == 1
        assert [r.text for r in check(archive) if r.wrong] == []

    def test_a_file_that_is_being_written_is_left_alone(self, archive: Archive) -> None:
        with archive.captures.writer(archive.runs.start("crawl")) as writer:
            id = writer.write(exchange(url="https://a.example/3", body=b"3")).id
            with pytest.raises(ArchiveError, match="还在写"):
                erase(archive, [id], [])
        assert erase(archive, [id], []) == 1

    def test_a_source_and_all_that_came_of_it(self, archive: Archive) -> None:
        archive.frontier.set_source("sample", enabled=True)
        doomed = find_source(archive, "sample")
        assert len(doomed.articles) == 2 and doomed.captures == (1, 2, 3, 4)
        forget(archive, doomed, "网站要求", NOW)
        assert archive.counts().articles == 0 and not archive.frontier.source_state("sample").enabled
        with pytest.raises(ForgottenError):
            archive.frontier.set_source("sample", enabled=True)
        with pytest.raises(ForgottenError):
            archive.articles.save(article(url="https://investment.example/new"), capture=None)
        new = article(url="https://investment.example/new", source="other")
        assert archive.articles.save(new, capture=None).outcome == "new"

    def test_an_address_that_was_never_fetched_and_an_imported_article(self, archive: Archive) -> None:
        assert find(archive, "0" * 16) is None
        forget(archive, named(archive, "https://b.example/x"), "预先")
        assert archive.frontier.add_pages("sample", [NewPage("https://b.example/x", "https://b.example/x")]) == 0
        imported = article(url="").with_(id=article_id("ext-7"), external_id="ext-7")
        archive.articles.save(imported, capture=None)
        forget(archive, named(archive, imported.id), "当事人要求")
        with pytest.raises(ForgottenError, match="ext-7"):
            archive.articles.save(imported, capture=None)
        archive.articles.save(article(url="").with_(id=article_id("ext-8"), external_id="ext-8"), capture=None)


def stop(*_: object, **__: object) -> None:
    raise RuntimeError("killed")


def test_by_hand_the_pages_answer_410_and_the_search_finds_it_no_more(tmp_path: Path) -> None:
    sample = sample_archive.indexed(tmp_path / "data", many=3)
    golden = tmp_path / "data" / "golden" / "linhu-swj"
    golden.mkdir(parents=True)
    (golden / "article.json").write_text(json.dumps({"url": sample_archive.RICH_URL, "headers": {}, "article": {}}))
    (golden / "page.html").write_text("x")
    desk = Desk(tmp_path / "data")
    assert desk.json("search", "title:首批十二个项目签约", "--strict")["total"] == 2
    assert "没有人回答" in desk.run("archive", "forget", sample_archive.RICH, "--why", "要求", code=1).stderr
    told = desk.json(*f"archive forget {sample_archive.RICH} --why 当事人要求 --erase --yes".split())
    assert told["deleted"] == [sample_archive.RICH] and told["captures"] == 2 and told["index"] == ""
    assert desk.json("search", "title:首批十二个项目签约", "--strict")["total"] == 1
    assert not golden.exists()
    (noted,) = (tmp_path / "data" / "audit.log").read_text().splitlines()
    assert json.loads(noted) | {"at": ""} == {
        "at": "",
        "who": "cli",
        "what": "forget",
        "on": sample_archive.RICH,
        "erased": "yes",
    }
    assistants = create_server(AppState(sample.settings), "http://127.0.0.1:8000")
    with pytest.raises(ToolError, match="撤下"):
        asyncio.run(assistants.call_tool("article", {"id": sample_archive.RICH}))
    with reader_here(create_application(sample.settings)) as client:
        for path in ("", "/revisions", "/capture"):
            for front in ("/articles/", "/api/v1/articles/"):
                answer = client.get(f"{front}{sample_archive.RICH}{path}")
                assert answer.status_code == 410 and "撤下" in answer.text and "当事人" not in answer.text
        assert client.get(f"/api/v1/articles/{'0' * 16}").status_code == 404
    line = json.dumps({"url": sample_archive.RICH_URL, "text": "招商引资再来一次"}, ensure_ascii=False)
    (tmp_path / "lines.jsonl").write_text(line)
    assert "撤下" in desk.run("import", str(tmp_path / "lines.jsonl"), code=1).stderr
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "a.html").write_text(f"<!-- saved from url=(0030){sample_archive.RICH_URL} -->{sample_archive.HTML}")
    assert "撤下" in desk.run("import", str(saved), code=1).stderr
    assert "撤下" in desk.run("add", sample_archive.RICH_URL, code=1).stderr
    assert desk.json("archive", "check")["ok"]


def test_a_new_night_does_not_bring_it_back(tmp_path: Path) -> None:
    text = "云山市招商引资工作推进会召开，全市签约项目12个，总投资46亿元，其中飞地招商项目三个。" * 4
    rows = "".join(
        f'<li><a href="/a/{n}.html">云山市招商引资签约第{n}期</a><span>2024-05-0{n}</span></li>' for n in range(1, 7)
    )
    kind = {"Content-Type": "text/html; charset=utf-8"}
    pages = {
        f"/a/{n}.html": Answer(f"<html><body><h1>签约第{n}期</h1><p>{n}：{text}</p></body></html>", headers=kind)
        for n in range(1, 7)
    }
    desk = Desk(tmp_path / "data", {"ZHAOSHANG_WORKERS": "1"})
    with Site({**pages, "/list.html": Answer(f"<html><body><ul>{rows}</ul></body></html>", headers=kind)}) as site:
        (tmp_path / "data" / "sources").mkdir(parents=True)
        source = (
            f'name = "one"\ntitle = "一"\nkind = "news"\nregion = "430100"\nstart_urls = ["{site.url}/list.html"]\n'
        )
        (tmp_path / "data" / "sources" / "one.toml").write_text(source + 'seen_in = "composed"\n')
        desk.run("nightly", "one", "--now", "2024-05-07T02:00")
        before = desk.json("status")["counts"]["articles"]
        assert before == 6
        desk.run(*f"archive forget {site.url}/a/6.html --why 要求 --erase --yes".split())
        site.forget()
        site.pages["/list.html"] = Answer(f"<html><body><ul>{rows}</ul><hr></body></html>", headers=kind)
        desk.run("nightly", "one", "--force", "--now", "2024-05-09T02:00")
        desk.run("extract", "--all")
        desk.run("index")
        assert "/a/5.html" in site.asked and "/a/6.html" not in site.asked
        assert desk.json("status")["counts"]["articles"] == 5
        assert desk.json("search", "招商引资", "--top", "50")["total"] == 5
        assert desk.json("archive", "check")["ok"]
        desk.run(*["archive", "forget", *("--source", "one"), *("--why", "网站要求"), "--yes"])
        assert "撤下" in desk.run("nightly", "one", "--force", code=1).stderr
        assert "撤下" in desk.run("sources", "enable", "one", code=1).stderr
        assert desk.json("status")["counts"]["articles"] == 0
