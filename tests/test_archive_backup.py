"""`archive backup`, `restore` and `copy`: one state of the archive, while others write; nothing is lost between SQLite and PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from crawler.archive import Archive, ArchiveError
from crawler.archive.access import audit
from crawler.archive.keeping import backup as backing_up
from crawler.archive.keeping.backup import MANIFEST, backup, restore
from crawler.archive.keeping.check import check
from crawler.archive.keeping.copy import copy
from crawler.archive.keeping.erase import erase
from crawler.archive.keeping.forget import find, forget
from crawler.archive.schema import metadata
from crawler.configuration import Settings, load_settings
from tests import postgresql, sample_archive
from tests.archive_fixtures import postgresql_server, settings
from tests.test_archive_contract import PAGE, article, capture, exchange
from tests.whole_way import Desk

__all__ = ["postgresql_server", "settings"]


def everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            t.name: sorted((tuple(r) for r in connection.execute(select(t))), key=repr) for t in metadata.sorted_tables
        }


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        ids = capture(opened, exchange(), exchange(), exchange(url="https://a.example/2", body=b"<p>other</p>"))
        opened.articles.save(article(), capture=ids[0])
        opened.articles.mark_extracted(ids[0], "article")
        opened.readings.save(article().id, article().revision_hash(), "1", {"a": "甲"}, b"\x00\xff")
        opened.dossiers.create("卷宗")
        yield opened


class TestContract:
    def test_what_is_restored_is_what_was_backed_up(
        self, archive: Archive, tmp_path: Path, postgresql_server: str
    ) -> None:
        own = archive.database.folder / "sources" / "mine.toml"
        own.parent.mkdir()
        own.write_text("name = 'mine'")
        secret = archive.database.folder / "session.secret"
        secret.touch(0o600)
        secret.write_bytes(b"s" * 32)
        audit.note(archive.database.folder, "cli", "key add", "x")
        assert backup(archive, tmp_path / "backup").copied == 1
        again = backup(archive, tmp_path / "backup")
        assert (again.copied, again.kept, again.faults) == (0, 1, [])
        was = everything(archive.database.engine)
        with postgresql.database(postgresql_server) as url:
            for name, database in (("one", ""), ("two", url)):
                to = load_settings(data=tmp_path / name, database=database)
                restore(tmp_path / "backup", to)
                with Archive.open(to) as restored:
                    assert everything(restored.database.engine) == was
                    assert not list(check(restored))
                    assert (to.data / "sources" / "mine.toml").read_text() == "name = 'mine'"
                    assert (to.data / "session.secret").read_bytes() == b"s" * 32
                    assert (to.data / "session.secret").stat().st_mode & 0o777 == 0o600
                    assert "key add" in (to.data / "audit.log").read_text()
                    assert restored.runs.start("crawl") == 2, "numbers go on"
                with pytest.raises(ArchiveError, match="空的"):
                    restore(tmp_path / "backup", to)

    def test_a_file_that_is_being_written_is_taken_as_far_as_its_rows_go(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        with archive.captures.writer(archive.runs.start("crawl")) as writer:
            writer.write(exchange(url="https://a.example/3", body=b"3"))
            assert backup(archive, tmp_path / "backup").copied == 2
            to = load_settings(data=tmp_path / "one", database="")
            restore(tmp_path / "backup", to)
            with Archive.open(to) as restored:
                assert restored.counts().captures == 4 and not list(check(restored))
            writer.write(exchange(url="https://a.example/4", body=b"4"))
        report = backup(archive, tmp_path / "backup")
        assert (report.copied, report.kept) == (1, 1)

    def test_what_is_erased_leaves_the_next_backup_too(self, archive: Archive, tmp_path: Path) -> None:
        backup(archive, tmp_path / "backup")
        doomed = find(archive, PAGE)
        assert doomed is not None
        forget(archive, doomed, "要求")
        erase(archive, doomed.captures, doomed.pages)
        report = backup(archive, tmp_path / "backup")
        assert (report.copied, report.removed) == (1, 1)
        assert len(list((tmp_path / "backup" / "captures").iterdir())) == 1

    def test_a_damaged_file_does_not_replace_its_good_copy(self, archive: Archive, tmp_path: Path) -> None:
        backup(archive, tmp_path / "backup")
        (file,) = archive.database.captures_folder.iterdir()
        whole = file.read_bytes()
        for damaged in (whole[:-9] + b"123456789", whole[:-9]):
            file.write_bytes(damaged)
            assert file.name in backup(archive, tmp_path / "backup").faults[0]
            assert (tmp_path / "backup" / "captures" / file.name).read_bytes() == whole
        file.unlink()
        assert "放回" in backup(archive, tmp_path / "backup").faults[0]
        assert (tmp_path / "backup" / "captures" / file.name).read_bytes() == whole

    def test_copied_there_and_back(self, archive: Archive, tmp_path: Path, postgresql_server: str) -> None:
        was = everything(archive.database.engine)
        with postgresql.database(postgresql_server) as url:
            there = load_settings(data=archive.database.folder, database=url)
            back = load_settings(data=archive.database.folder, database=f"sqlite:///{tmp_path}/back.sqlite")
            rows = copy(archive.database.engine, there)
            assert rows["captures"] == 3 and rows["articles"] == 1
            with Archive.open(there) as moved:
                assert everything(moved.database.engine) == was
                copy(moved.database.engine, back)
                with pytest.raises(ArchiveError, match="不是空的"):
                    copy(archive.database.engine, there)
        with Archive.open(back) as returned:
            assert everything(returned.database.engine) == was and returned.database.name == archive.database.name


def test_a_night_goes_on_while_it_is_backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backing_up, "_PAGES", 1)
    done = threading.Event()
    with Archive.open(load_settings(data=tmp_path / "data", database="")) as archive:

        def night() -> None:
            with Archive.open(load_settings(data=tmp_path / "data", database="")) as other:
                n = 0
                while not done.is_set() and n < 3000:
                    n += 1
                    capture(other, exchange(url=f"https://a.example/{n}", body=str(n).encode()))

        capture(archive, exchange())
        running = threading.Thread(target=night)
        running.start()
        try:
            for number in range(3):
                backup(archive, tmp_path / "backup")
                to = load_settings(data=tmp_path / f"restored{number}", database="")
                restore(tmp_path / "backup", to)
                with Archive.open(to) as restored:
                    assert restored.counts().captures and [r.text for r in check(restored) if r.wrong] == []
        finally:
            done.set()
            running.join()


def test_folders_that_are_no_place_for_a_backup(tmp_path: Path) -> None:
    with Archive.open(load_settings(data=tmp_path / "data", database="")) as archive:
        with pytest.raises(ArchiveError, match="数据目录里"):
            backup(archive, tmp_path / "data" / "backup")
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "letter.txt").touch()
        with pytest.raises(ArchiveError, match="不是空的"):
            backup(archive, tmp_path / "full")
        backup(archive, tmp_path / "backup")
    other = load_settings(data=tmp_path / "other", database="")
    with Archive.open(other) as another, pytest.raises(ArchiveError, match="另一个文库"):
        backup(another, tmp_path / "backup")
    with pytest.raises(ArchiveError, match="没有备份"):
        restore(tmp_path / "full", load_settings(data=tmp_path / "new", database=""))


def test_by_hand_with_a_damaged_backup_and_one_that_was_cut_off(tmp_path: Path) -> None:
    sample_archive.indexed(tmp_path / "data", many=3)
    desk, other = Desk(tmp_path / "data"), Desk(tmp_path / "restored")
    assert "已备份" in desk.run("archive", "backup", str(tmp_path / "backup")).stderr
    manifest = json.loads((tmp_path / "backup" / MANIFEST).read_text())
    name = min(manifest["captures"])
    file = tmp_path / "backup" / "captures" / name
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    assert "已损坏" in other.run("archive", "restore", str(tmp_path / "backup"), code=1).stderr
    assert not (tmp_path / "restored" / "archive.sqlite").exists()
    file.write_bytes(whole)
    other.run("archive", "restore", str(tmp_path / "backup"))
    other.run("index", "--rebuild")
    assert other.json("archive", "check")["ok"]
    for query in ("招商引资", "飞地"):
        assert other.json("search", query)["total"] == desk.json("search", query)["total"]
    target = f"sqlite:///{tmp_path}/copy.sqlite"
    assert desk.json("archive", "copy", "--to", target)["articles"] == 9
    assert "不是空的" in desk.run("archive", "copy", "--to", target, code=1).stderr
