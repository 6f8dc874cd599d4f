"""`archive check`: a whole archive passes; each kind of damage is named, also that which no verb would stumble over."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.archive.keeping.check import check
from crawler.configuration import Settings
from indexer.engines.base import IndexOutdated
from indexer.engines.registry import open_engine
from indexer.indexing.comparison import compare
from indexer.indexing.stage import index
from tests import sample_archive
from tests.archive_fixtures import postgresql_server, settings
from tests.test_archive_contract import article, capture, exchange
from tests.whole_way import Desk

__all__ = ["postgresql_server", "settings"]


def lines(archive: Archive, *, quick: bool = False) -> list[str]:
    return [r.text for r in check(archive, quick=quick) if r.wrong]


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    """Two articles, one with two captures of which the second repeats the first's bytes."""
    with Archive.open(settings) as opened:
        ids = capture(opened, exchange(), exchange(), exchange(url="https://a.example/2", body=b"<p>other</p>"))
        opened.articles.save(article(), capture=ids[0])
        opened.articles.mark_extracted(ids[0], "article")
        yield opened


class TestContract:
    def test_a_whole_archive_passes(self, archive: Archive) -> None:
        told: list[tuple[int, int]] = []
        assert list(check(archive, progress=lambda done, total: told.append((done, total)))) == []
        assert told == [(1, 3), (2, 3), (3, 3)]

    def test_rows_that_belong_to_no_other(self, archive: Archive) -> None:
        with archive.database.writer() as connection:
            connection.exec_driver_sql("UPDATE articles SET revision = 77")
            connection.exec_driver_sql("UPDATE captures SET revision = 78 WHERE id = 1")
            connection.exec_driver_sql("UPDATE captures SET outcome = 'article' WHERE id = 2")
            connection.exec_driver_sql("UPDATE counters SET value = 0 WHERE name = 'change'")
        found = " ".join(lines(archive, quick=True))
        assert all(word in found for word in ("没有现在的文字", "文字不存在", "却没有文字", "变更号"))

    def test_a_text_that_cannot_be_read(self, archive: Archive) -> None:
        with archive.database.writer() as connection:
            connection.exec_driver_sql("UPDATE revisions SET content = '[]'")
        assert not lines(archive, quick=True) and "读不出" in lines(archive)[0]

    def test_a_table_that_is_another(self, archive: Archive) -> None:
        with archive.database.writer() as connection:
            connection.exec_driver_sql("ALTER TABLE runs ADD COLUMN other INTEGER")
        assert "other" in lines(archive)[0]

    def test_a_flipped_byte_and_a_missing_file(self, archive: Archive) -> None:
        (file,) = archive.database.captures_folder.iterdir()
        found = archive.captures.get(3)
        assert found is not None
        whole = file.read_bytes()
        middle = found.offset + found.record_length // 2
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        assert "捕获 3（https://a.example/2）" in lines(archive)[0] and "从备份放回" in lines(archive)[1]
        file.unlink()
        assert "共 3 份读不出" in lines(archive)[-1]
        file.write_bytes(whole)
        assert not lines(archive)

    def test_bytes_that_another_record_holds_are_not_lost(self, archive: Archive) -> None:
        first, second = sorted(archive.captures.in_file(archive.captures.get(1).file), key=lambda c: c.id)[:2]  # type: ignore[union-attr]
        with archive.database.writer() as connection:  # as where the same page was imported from elsewhere
            connection.exec_driver_sql(f"UPDATE captures SET refers_to = NULL, digest = '{first.digest}' WHERE id = 3")
        assert second.refers_to == first.id
        remarks = [r for r in check(archive) if not r.wrong]
        assert remarks and "没有丢失" in remarks[0].text

    def test_files_and_records_without_rows(self, archive: Archive) -> None:
        folder = archive.database.captures_folder
        (folder / "elsewhere.warc.gz").write_bytes(b"")
        assert not lines(archive)
        (folder / f"zhaoshang-{archive.database.name}-1-2.warc.gz").write_bytes(b"")
        assert "一条也没有" in lines(archive, quick=True)[0]
        with archive.database.writer() as connection:
            connection.exec_driver_sql("DELETE FROM captures WHERE id = 2")
        assert any("没有它们的行" in r.text for r in check(archive) if not r.wrong)


class TestIndex:
    def test_the_index_against_the_archive(self, tmp_path: Path) -> None:
        sample = sample_archive.indexed(tmp_path / "data", many=3)
        with Archive.open(sample.settings) as archive:
            engine = open_engine(sample.settings, write=True)
            assert list(compare(archive, engine)) == []
            archive.articles.save(article(), capture=None)
            assert [wrong for _, wrong in compare(archive, engine)] == [False], "a change to come is no fault"
            gone = archive.articles.ids()[0]
            engine.write((), [gone], archive.articles.last_change())
            found = dict(compare(archive, engine))
            assert len(found) == 1 and "2 篇文章文库里有" in next(iter(found)) and gone in next(iter(found))
            engine.write((), (), archive.articles.last_change() + 1)
            assert "比文库" in next(iter(compare(archive, engine)))[0]
            with pytest.raises(IndexOutdated, match="比文库"):
                index(archive, engine, {})
            engine.close()

    def test_damaged_index_files(self, tmp_path: Path) -> None:
        sample = sample_archive.indexed(tmp_path / "data", many=3)
        desk = Desk(tmp_path / "data")
        assert desk.json("archive", "check")["ok"]
        store = next((tmp_path / "data" / "index").glob("v*/*.store"))
        whole = store.read_bytes()
        store.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
        assert desk.json("archive", "check", "--quick")["ok"]
        (fault,) = [r for r in desk.json("archive", "check", code=1)["remarks"] if r["wrong"]]
        assert store.name in fault["text"] and "校验和" in fault["text"]
        store.write_bytes(whole[:-5])
        engine = open_engine(sample.settings)
        assert store.name in engine.damage(quick=True)[0]
        engine.close()
        assert store.name in desk.run("doctor", code=1).stdout


def test_what_a_killed_writer_left_is_no_damage(tmp_path: Path) -> None:
    """kill -9 between the list of deletions and the commit: the next write found its name taken, and the index was said to be damaged."""
    sample = sample_archive.indexed(tmp_path / "data", many=3)
    (folder,) = (tmp_path / "data" / "index").glob("v*")
    meta = json.loads((folder / "meta.json").read_text())
    segments = [segment["segment_id"].replace("-", "") for segment in meta["segments"]]
    for left in (folder / f"{s}.{meta['opstamp'] + n}.del" for s in segments for n in range(1, 9)):
        left.write_bytes(b"x")
    with Archive.open(sample.settings) as archive:
        engine = open_engine(sample.settings, write=True)
        gone = archive.articles.ids()[0]
        engine.write((), [gone], engine.cursor())
        assert engine.health().documents == len(archive.articles.ids()) - 1
        engine.close()


def test_progress_is_told_without_a_terminal(tmp_path: Path) -> None:
    sample_archive.build(tmp_path / "data", many=3)
    ran = Desk(tmp_path / "data").run("archive", "check")
    assert "检查文库 2/2" in ran.stderr and "没有发现不对" in ran.stderr


def test_a_damaged_database(tmp_path: Path) -> None:
    sample_archive.build(tmp_path / "data", many=60)
    path = tmp_path / "data" / "archive.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_captures_page'").fetchone()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))
    said = Desk(tmp_path / "data").run("archive", "check", code=1)
    assert "从备份恢复" in said.stdout + said.stderr and "Traceback" not in said.stderr
