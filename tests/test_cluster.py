"""What several machines on one archive hang on: locks that the server lets go, tokens without which nothing is written, a queue that may be emptied, and who is refused."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from procrastinate import App
from procrastinate.periodic import PeriodicDeferrer
from sqlalchemy import make_url, text

from crawler.archive import Archive, ArchiveError, Exchange, Page
from crawler.archive.cluster.lease import Lease, libpq_url
from crawler.archive.cluster.visits import StaleVisitError, VisitDatabase
from crawler.archive.keeping.check import check
from crawler.archive.keeping.erase import erase
from crawler.archive.keeping.exclusive import exclusive
from crawler.archive.keeping.lost_disk import put_back
from crawler.archive.migrations.migrate import HEAD
from crawler.archive.nights.night import latest_nights
from crawler.article import SHANGHAI
from crawler.cluster.membership import crawling, is_shared, refuse_beside_one_machine, schema_fault
from crawler.cluster.pooling import pooled
from crawler.cluster.queue import NewJob, open_queue
from crawler.configuration import Settings, load_settings, own_version
from crawler.terminal import Refusal
from indexer.indexing.refresh import correct
from tests import postgresql
from tests.archive_fixtures import postgresql_server
from tests.cluster_desk import NO_ENGINE
from tests.elasticsearch.node import free_port
from tests.whole_way import Desk
from zhaoshang.cluster.schedule import CATCH_UP, remember, schedule_app
from zhaoshang.locks import night_lock
from zhaoshang.morning.changes import cut_off_nights

__all__ = ["postgresql_server"]

pytestmark = pytest.mark.postgres


@pytest.fixture
def config(postgresql_server: str, tmp_path: Path) -> Iterator[Settings]:
    with postgresql.database(postgresql_server) as url:
        yield load_settings(data=tmp_path / "data", database=url)


@pytest.fixture
def archive(config: Settings) -> Iterator[Archive]:
    with Archive.open(config) as opened:
        yield opened


def taken(config: Settings, archive: Archive, *names: str, seconds: float = 60.0, wait: float = 0.0) -> Lease | None:
    return Lease.take(config.database, archive.database.name, names, seconds=seconds, wait=wait, settled=False)


def test_locks_are_had_by_one_and_come_free_with_its_connection(config: Settings, archive: Archive) -> None:
    first = taken(config, archive, "group a", "source x")
    assert first is not None and first.holds
    assert taken(config, archive, "group a", "source y") is None
    other = taken(config, archive, "source y")
    assert other is not None, "who got only some of his locks keeps none"
    first.release()
    assert not first.holds
    again = taken(config, archive, "group a", "source x", wait=5.0)
    assert again is not None
    again.release()
    other.release()


def test_a_holder_that_is_silent_stops_at_half_of_the_time_after_which_the_server_lets_go(
    config: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.archive.cluster.lease.Lease._keep", lambda self: None)  # as a process that is stopped
    silent = taken(config, archive, "group a", seconds=1.6)
    assert silent is not None and silent.holds
    time.sleep(0.9)
    assert not silent.holds, "half of the time is over"
    assert taken(config, archive, "group a", seconds=1.6) is None, "and the server still holds the lock"
    assert taken(config, archive, "group a", seconds=1.6, wait=5.0) is not None


def test_who_is_cut_off_knows_at_once(config: Settings, archive: Archive) -> None:
    lease = taken(config, archive, "group a")
    assert lease is not None and lease.holds
    with psycopg.connect(libpq_url(config.database), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
    time.sleep(0.2)
    assert not lease.holds


def test_after_a_start_of_the_server_nobody_gets_locks_for_a_while(config: Settings, archive: Archive) -> None:
    """It knows nothing of the locks that were held before; who held them finds out within that time."""
    assert Lease.take(config.database, archive.database.name, ["group a"], seconds=2_000_000) is None


def test_a_visit_that_is_not_the_current_one_writes_nothing(archive: Archive) -> None:
    def visit(token: int, *keys: str) -> Archive:
        return Archive(VisitDatabase(archive.database, "x", token, keys, lambda: True))

    stopped = visit(archive.visits.take("x", ["source x", "group a"], "w1"), "source x", "group a")
    stopped.frontier.set_source("x", status="verified")
    # another source of the same group is visited by another worker
    archive.visits.take("y", ["source y", "group a"], "w2")
    with pytest.raises(StaleVisitError):
        stopped.frontier.set_source("x", status="dead")
    with pytest.raises(StaleVisitError), stopped.transaction():
        stopped.runs.finish(1, {})
    assert archive.frontier.source_state("x").status == "verified"
    assert [(v.source, v.worker) for v in archive.visits.current()] == [("x", "w1"), ("y", "w2")]


def test_a_visit_without_its_locks_writes_nothing(archive: Archive) -> None:
    token = archive.visits.take("x", ["source x"], "w1")
    lost = Archive(VisitDatabase(archive.database, "x", token, ["source x"], lambda: False))
    with pytest.raises(StaleVisitError):
        lost.frontier.set_source("x", status="dead")


def test_the_queue_takes_a_job_once_and_what_a_dead_worker_had_is_deferred_anew(
    config: Settings, archive: Archive
) -> None:
    run = archive.runs.start("crawl")
    jobs = [NewJob("visit", {"run": run, "name": name}, lock="g", unique=f"visit {name}") for name in "ab"]
    with open_queue(config, archive) as queue:
        queue.defer(jobs)
        queue.defer(jobs)
        assert queue.counts() == [("visit", 2, 0)]
        with archive.database.writer() as connection:
            connection.execute(
                text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
            )
            fetch = "SELECT id FROM procrastinate_fetch_job_v2(NULL, (SELECT max(id) FROM procrastinate_workers))"
            assert connection.execute(text(fetch)).scalar() is not None
        assert queue.counts() == [("visit", 1, 1)]
        assert queue.sweep(60, 3600) == 1
        assert queue.counts() == [("visit", 2, 0)] and queue.named(run, "visit") == {"a", "b"}
        assert queue.drop(run) == 2 and not queue.counts()
    assert not list(check(archive)), "the queue's tables lie beside the archive's"


def test_what_was_done_twice_counts_once(archive: Archive) -> None:
    run = archive.runs.start("extract")
    archive.parts.done(run, "extract", "000001", "w1", {"new": 3})
    archive.parts.done(run, "extract", "000001", "w2", {"new": 0})
    assert [(p.worker, p.report) for p in archive.parts.results(run, "extract")] == [("w1", {"new": 3})]


def join(archive: Archive, name: str, version: str) -> None:
    archive.workers.join(name, "elsewhere", 1, version, visits=1, extracts=0, indexes=False)


def test_an_archive_is_shared_while_a_worker_is_alive(config: Settings, archive: Archive) -> None:
    assert not is_shared(archive, config)
    join(archive, "w1", own_version())
    assert is_shared(archive, config)
    with pytest.raises(ArchiveError, match="w1 的工作进程还活着"):
        join(archive, "w1", own_version())
    with archive.database.writer() as connection:
        connection.execute(text("UPDATE cluster_workers SET seen_at = now() - interval '1 hour'"))
    assert not is_shared(archive, config)
    join(archive, "w2", "0.0.1")
    with pytest.raises(Refusal, match=rf"w2.*0\.0\.1.*{own_version()}"):
        is_shared(archive, config)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "SQLite"),
        ({"ZHAOSHANG_DATABASE": "postgresql://nobody@127.0.0.1:9/none"}, "tantivy"),
    ],
)
def test_one_machine_s_database_and_index_are_refused(settings: dict[str, str], said: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", dict(settings))
    for verb in (["work"], ["list"], ["forget", "w1"]):
        assert said in desk.run("cluster", *verb, code=1).stderr


def test_without_the_extra_the_verb_says_what_to_install(
    config: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "procrastinate", None)
    assert not is_shared(archive, config)
    join(archive, "w1", own_version())
    with pytest.raises(Refusal, match=r"zhaoshang\[cluster\]"):
        is_shared(archive, config)


def test_pages_that_lay_on_a_lost_disk_alone_are_fetched_again(config: Settings, tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    def visit(machine: str, urls: dict[str, bytes], *, stored: bool) -> None:
        own = load_settings(data=tmp_path / machine, database=config.database, store=str(store), machine=machine)
        with Archive.open(own) as archive:
            writer = archive.crawl_writer(archive.runs.start("crawl"))
            for url, body in urls.items():
                page = Page(url=url, canonical_url=url, source="x", state="fetched", fetched_at=at, first_fetched=at)
                capture = writer.write(Exchange(url, 200, (), body, at, source="x", canonical_url=url))
                writer.save_page(page, capture)
            writer.close()
            if stored:
                archive.capture_files.store_closed()

    store = tmp_path / "store"
    store.mkdir()
    visit("kept", {"http://a/1": b"one"}, stored=True)
    visit("lost", {"http://a/2": b"two", "http://a/3": b"three"}, stored=False)
    with Archive.open(load_settings(data=tmp_path / "front", database=config.database, store=str(store))) as archive:
        assert archive.captures.count_to_extract() == 1
        assert put_back(archive, "lost") == (2, 2)
        assert {p.url for p in archive.frontier.pages_to_fetch("x", 10, at)} == {"http://a/2", "http://a/3"}
        assert put_back(archive, "lost") == (0, 0) == put_back(archive, "kept")


def test_a_night_is_put_into_the_queue_once_for_each_due_time_and_made_up_once(
    config: Settings, archive: Archive
) -> None:
    now = archive.workers.now().astimezone(SHANGHAI)
    passed = now - timedelta(minutes=30)
    hour, minute = passed.hour, passed.minute

    def nights() -> list[int]:
        with archive.database.reader() as connection:
            query = "SELECT (args->>'timestamp')::bigint FROM procrastinate_jobs WHERE task_name = 'night'"
            return list(connection.execute(text(query)).scalars())

    def serve() -> None:
        """What every machine's `schedule` does when it starts."""

        async def once(app: App) -> None:
            async with app.open_async():
                deferrer = PeriodicDeferrer(registry=app.periodic_registry, max_delay=CATCH_UP.total_seconds())
                await deferrer.defer_jobs(deferrer.get_previous_tasks(at=time.time()))

        asyncio.run(once(schedule_app(config, hour, minute)))

    due, late = remember(config, archive, hour, minute)
    assert not late and timedelta(hours=23) < due - now < timedelta(hours=24)
    serve()
    assert nights() == [], "a schedule that is new missed nothing"
    with archive.database.writer() as connection:  # three days ago
        connection.execute(text("UPDATE procrastinate_periodic_defers SET defer_timestamp = defer_timestamp - 259200"))
    due, late = remember(config, archive, hour, minute)
    assert late and due <= now
    serve()
    serve()
    assert nights() == [int(due.timestamp())]
    with open_queue(config, archive) as queue:
        queue.empty()
    serve()
    assert nights() == [], "it was put in once; a worker has done it"


def test_a_pooler_is_found_out(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pooled(config.database) is None
    with psycopg.connect(libpq_url(config.database), autocommit=True) as shared:
        # as PgBouncer in transaction mode, which is not there in every place: two clients come by turns to one session
        monkeypatch.setattr(psycopg, "connect", lambda *values, **options: nullcontext(shared))
        assert "PgBouncer" in (pooled(config.database) or "")


@pytest.fixture
def pgbouncer(postgresql_server: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a real PgBouncer in transaction mode before the server."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed (apt-get install pgbouncer)")
    server, port = make_url(postgresql_server), free_port()
    password = f" password={server.password}" if server.password else ""
    ini = tmp_path / "pgbouncer.ini"
    ini.write_text(
        f"[databases]\n{server.database} = host={server.host} port={server.port} user={server.username}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = transaction\nunix_socket_dir =\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    user = "nobody" if os.geteuid() == 0 else None  # it does not run as root
    for path in (ini, *ini.parents[:3]):  # as what reads it
        path.chmod(0o755)
    process = subprocess.Popen([program, "-q", str(ini)], user=user)
    try:
        url = server.set(drivername="postgresql+psycopg", host="127.0.0.1", port=port)
        address = url.render_as_string(hide_password=False)
        for _ in range(100):
            with suppress(psycopg.OperationalError):
                psycopg.connect(libpq_url(address)).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def test_a_worker_refuses_a_real_pooler(pgbouncer: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", {"ZHAOSHANG_DATABASE": pgbouncer, "ZHAOSHANG_ENGINE": NO_ENGINE})
    assert "PgBouncer" in (pooled(pgbouncer) or "")
    assert "session 模式" in desk.run("cluster", "work", code=1).stderr


def test_a_night_on_another_machine_is_running_and_ends_with_its_lock(
    config: Settings, archive: Archive, tmp_path: Path
) -> None:
    other = load_settings(data=tmp_path / "other", database=config.database)
    with Archive.open(other) as there:
        with night_lock(config, archive):
            run = archive.runs.start("nightly")
            assert [(night.run, night.state) for night in latest_nights(there, 9)] == [(run, "running")]
            assert not cut_off_nights(there), "nobody is told that it was killed"
            with pytest.raises(Refusal, match="别的机器"), night_lock(other, there):
                pass
        ends = time.monotonic() + 10.0  # the server notices a connection that was closed a moment later
        while latest_nights(there, 9)[0].state == "running" and time.monotonic() < ends:
            time.sleep(0.05)
        assert [night.state for night in latest_nights(there, 9)] == ["interrupted"]
        assert [night.run for night in cut_off_nights(there)] == [run]


def test_a_machine_without_the_file_takes_no_correction_back(
    config: Settings, archive: Archive, tmp_path: Path
) -> None:
    (config.data / "corrections.toml").write_text('["000000000000000a"]\ntitle = "改过的标题"\n', encoding="utf-8")
    correct(archive)
    with Archive.open(load_settings(data=tmp_path / "other", database=config.database)) as there:
        (line,) = correct(there)
        assert "1 条订正照旧" in line and there.corrections.without_file() == 1
        file = tmp_path / "other" / "corrections.toml"
        file.write_text("")
        assert correct(there) == []
        file.unlink()
        assert there.corrections.without_file() == 0, "an empty file takes all back"


def test_two_machines_do_not_erase_at_once(config: Settings, archive: Archive, tmp_path: Path) -> None:
    other = load_settings(data=tmp_path / "other", database=config.database)
    with Archive.open(other) as there:
        with exclusive(archive.database) as sure:
            with pytest.raises(ArchiveError, match="别的机器"):
                erase(there, [], [])
            sure()
            with psycopg.connect(libpq_url(config.database), autocommit=True) as admin:  # as a start of the server
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                )
            time.sleep(0.2)
            with pytest.raises(ArchiveError, match="再运行一次"):
                sure()
        assert erase(there, [], []) == 0


def test_a_worker_under_which_the_tables_changed_names_both_schemas(archive: Archive) -> None:
    assert schema_fault(archive) is None
    with archive.database.writer() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    told = schema_fault(archive) or ""
    assert "9999" in told and HEAD in told


def test_a_worker_does_not_join_beside_a_machine_that_crawls_by_itself(config: Settings, archive: Archive) -> None:
    with crawling(archive, config) as shared, crawling(archive, config) as also:
        assert not shared and not also
        with pytest.raises(Refusal, match="不经工作进程"):
            refuse_beside_one_machine(archive, config)
    refuse_beside_one_machine(archive, config)
    join(archive, "w1", own_version())
    with crawling(archive, config) as shared:
        assert shared
        refuse_beside_one_machine(archive, config)
