"""Opening an archive: migrations, several processes at once, and one clear line where it cannot be done."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from crawler.archive import Archive, ArchiveError
from crawler.archive.database import connect
from crawler.archive.migrations.migrate import FOLDER, HEAD
from crawler.archive.schema import metadata
from crawler.configuration import Settings, load_settings
from tests import postgresql
from tests.archive_fixtures import postgresql_server, settings

__all__ = ["postgresql_server", "settings"]

OPEN = "import sys; from crawler.archive import Archive; from crawler.configuration import load_settings; "
OPEN += "a = Archive.open(load_settings(data=sys.argv[1], database=sys.argv[2])); "


def config(settings: Settings) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connect(settings).connect()
    return made


def test_the_migrations_make_the_tables_that_the_program_uses(settings: Settings) -> None:
    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD
    with Archive.open(settings) as archive, archive.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_archive_of_the_first_version_keeps_what_it_has(settings: Settings) -> None:
    old = config(settings)
    connection = old.attributes["connection"]
    with connection.begin():
        upgrade(old, "0001")
        now = "'2024-05-06 02:00:00'"
        connection.exec_driver_sql(f"INSERT INTO runs (id, verb, started_at) VALUES (1, 'crawl', {now})")
        connection.exec_driver_sql(
            'INSERT INTO captures (id, run, url, canonical_url, page, role, status, fetched_at, digest, length, file, "offset", record_length)'
            f" VALUES (7, 1, 'u', 'u', 'p', 'article', 200, {now}, 'd', 1, 'f', 0, 1)"
        )
        connection.exec_driver_sql(
            "INSERT INTO articles (id, page, revision, revision_hash, change, deleted, first_seen, last_changed)"
            f" VALUES ('a', 'p', 1, 'h', 1, FALSE, {now}, {now})"
        )
        content = '{"id":"a","url":"u","canonical_url":"u","title":"题","text":"文"}'
        connection.exec_driver_sql(
            "INSERT INTO revisions (id, article, revision_hash, capture, position, content, saved_at)"
            f" VALUES (1, 'a', 'h', 7, 7, '{content}', {now})"
        )
    connection.close()
    with Archive.open(settings) as archive:
        stored = archive.articles.get("a")
        assert stored is not None and stored.article.title == "题" and stored.capture == 7
        archive.articles.mark_extracted(7, "not_article")
        assert archive.articles.get("a") is None


def test_processes_that_open_a_new_archive_at_once_all_succeed(settings: Settings) -> None:
    program = OPEN + "print(a.runs.start('crawl'))"
    command = [sys.executable, "-c", program, str(settings.data), settings.database]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [p.communicate(timeout=60) for p in processes]
    assert sorted(out.strip() for out, _ in answers) == ["1", "2", "3"], answers


def test_a_newer_schema_is_refused(settings: Settings) -> None:
    with Archive.open(settings) as archive, archive.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ArchiveError, match=r"9999.*升级"):
        Archive.open(settings)


def test_tables_of_another_program_are_left_alone(settings: Settings) -> None:
    with connect(settings).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE articles (id INTEGER)")
    with pytest.raises(ArchiveError, match="articles"):
        Archive.open(settings)


def test_a_cut_off_migration_leaves_nothing_half_done(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic.op.bulk_insert", None)  # what the first migration ends with
    with pytest.raises(TypeError):
        Archive.open(settings)
    monkeypatch.undo()
    with Archive.open(settings) as archive:
        assert archive.articles.last_change() == 0


def refused(settings: Settings) -> str:
    with pytest.raises(ArchiveError) as caught:
        Archive.open(settings)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "不是文件夹" in refused(load_settings(data=tmp_path / "data", database=""))
    assert "不是文件夹" in refused(load_settings(data=tmp_path / "data" / "deeper", database=""))


def test_a_data_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    if os.geteuid() != 0:
        assert "没有写入权限" in refused(load_settings(data=tmp_path / "data", database=""))
        return
    program = "import os; os.setuid(65534)\n" + OPEN  # root may write anywhere
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    command = [sys.executable, "-c", f"import crawler.archive, sqlite3\n{program}", str(tmp_path / "data"), ""]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "ArchiveError: 没有写入权限" in ran.stderr


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes(b"not a database, certainly not one of ours" * 100)
    assert "不是 SQLite" in refused(load_settings(data=tmp_path, database=""))


def test_a_database_of_wrong_kind(tmp_path: Path) -> None:
    assert "SQLite 和 PostgreSQL" in refused(load_settings(data=tmp_path, database="mysql://root@localhost/x"))
    assert "不是有效的数据库地址" in refused(load_settings(data=tmp_path, database="archive.db"))
    assert "内存" in refused(load_settings(data=tmp_path, database="sqlite://"))


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        line = refused(load_settings(data=tmp_path, database=f"postgresql://me:hidden@127.0.0.1:{port}/x"))
    assert line.startswith("连不上数据库") and str(port) in line and "hidden" not in line


@pytest.mark.postgres
def test_a_database_that_does_not_exist(tmp_path: Path, postgresql_server: str) -> None:
    assert refused(load_settings(data=tmp_path, database=f"{postgresql_server}_none")).startswith("数据库不存在")


def test_a_full_disk(tmp_path: Path) -> None:
    program = OPEN + (
        "from crawler.archive import Exchange; from datetime import datetime, UTC; import os; w = a.captures.writer(a.runs.start('crawl'))\n"
        "kept = []\n"
        "try:\n"
        "  while True: kept.append(w.write(Exchange('https://a.example/', 200, (), os.urandom(100_000), datetime.now(UTC))))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "print(len(kept), all(len(a.captures.payload(c).content) == 100_000 for c in kept))"
    )
    small = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"', str(tmp_path)]
    if subprocess.run([*small, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no user namespaces here: cannot mount a small file system")
    ran = subprocess.run(
        [*small, sys.executable, "-c", program, str(tmp_path / "data"), ""],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    error, kept = ran.stdout.splitlines()
    assert error.startswith("ArchiveError 磁盘已满") and int(kept.split()[0]) > 10 and kept.endswith("True"), ran


def test_sqlite_reads_while_another_writes(tmp_path: Path) -> None:
    with Archive.open(load_settings(data=tmp_path, database="")) as archive:
        other = sqlite3.connect(tmp_path / "archive.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert archive.articles.last_change() == 0 and archive.counts().articles == 0
        other.close()


@pytest.mark.postgres
def test_a_connection_that_is_lost_is_an_error_once_and_then_made_anew(tmp_path: Path, postgresql_server: str) -> None:
    with (
        postgresql.database(postgresql_server) as url,
        Archive.open(load_settings(data=tmp_path, database=f"{url}&application_name=victim")) as archive,
        psycopg.connect(postgresql_server, autocommit=True) as admin,
    ):
        end_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'"
        with pytest.raises(ArchiveError, match=r"数据库"), archive.transaction():
            archive.frontier.set_source("sample", enabled=True)
            admin.execute(end_others)
            archive.frontier.set_source("sample", status="lost")
        assert not archive.frontier.source_state("sample").enabled
        admin.execute(end_others)
        assert archive.frontier.set_source("sample", enabled=True).enabled
