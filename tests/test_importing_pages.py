"""Importing WARC files and folders of saved pages: kept, rejected and told; twice changes nothing; a torn file gives what it has."""

from __future__ import annotations

from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing_pages import import_pages
from tests.test_extract_stage import OFF_TOPIC, PAGE, TEXT, page
from tests.whole_way import Desk


def test_a_warc_comes_in_once_and_a_torn_one_as_far_as_it_goes(tmp_path: Path) -> None:
    with Archive.open(load_settings(data=tmp_path / "other")) as other:
        with other.capture_writer(other.start_run("crawl")) as writer:
            for exchange in (page(1), page(2, OFF_TOPIC, "主队三比一取胜"), page(3)):
                writer.write(exchange)
        (whole,) = other.captures_folder.glob("*.warc.gz")
    torn, foreign = tmp_path / "torn.warc.gz", tmp_path / "foreign.warc"
    torn.write_bytes(whole.read_bytes()[:-60])
    foreign.write_text("这不是网页存档\n" * 9, encoding="utf-8")
    settings = load_settings(data=tmp_path / "data", workers=1)
    with Archive.open(settings) as archive:
        first = import_pages(torn, archive, {}, settings)
        assert (first.kept, first.rejected) == (1, 1) and any("不完整" in fault for fault in first.faults)
        second = import_pages(whole, archive, {}, settings)
        assert (second.pages, second.known, second.kept, second.faults) == (3, 2, 1, [])
        change = archive.last_change()
        assert import_pages(whole, archive, {}, settings).known == 3 and archive.last_change() == change
        assert any("不是 WARC" in fault for fault in import_pages(foreign, archive, {}, settings).faults)


def test_a_folder_of_saved_pages(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    html = PAGE.format(title="清河县召开招商引资推进会", text=TEXT)
    link = '<head><link rel="canonical" href="http://qinghe.example/9.html">'
    (folder / "a.html").write_text(html.replace("<head>", link), encoding="utf-8")
    (folder / "b.htm").write_text(html.replace("清河县召开", "清河县再次召开"), encoding="utf-8")
    (folder / "c.html").write_text("<html><body></body></html>", encoding="utf-8")
    desk = Desk(tmp_path / "data")
    report = desk.json("import", str(folder))
    assert (report["kept"], report["no_article"]) == (2, 1)
    assert desk.json("import", str(folder))["known"] == 3
    with Archive.open(load_settings(data=desk.data)) as archive:
        urls = {stored.article.url for stored in archive.articles(archive.article_ids(limit=9)).values()}
    assert urls == {"http://qinghe.example/9.html", (folder / "b.htm").resolve().as_uri()}
