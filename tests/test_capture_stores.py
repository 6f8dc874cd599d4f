"""Capture files in a store: what a store promises, on a folder and on a real S3 server, with its faults; and what the archive does with it."""

from __future__ import annotations

import hashlib
import multiprocessing
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from crawler.archive import Archive, Capture, ElsewhereError, Exchange, StoreError, UnreadableRecordError
from crawler.archive.errors import StoreConflictError
from crawler.archive.keeping import backup as backups
from crawler.archive.keeping.check import check
from crawler.archive.keeping.erase import erase
from crawler.archive.keeping.store_files import store_files
from crawler.archive.schema import captures
from crawler.archive.store import s3_store
from crawler.archive.store.capture_store import CaptureStore
from crawler.archive.store.folder_store import FolderStore
from crawler.archive.store.open_store import open_store
from crawler.archive.store.s3_store import S3Store
from crawler.configuration import Settings, load_settings
from crawler.stages.extract import extract_captures
from tests.s3 import faulty_proxy
from tests.s3.faulty_proxy import FaultyProxy
from tests.s3.server import ACCESS, BUCKET

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
STORES = ["folder", pytest.param("s3", marks=pytest.mark.s3)]
WHOLE = b"whole" * 1000
DIGEST = hashlib.sha256(WHOLE).hexdigest()


@pytest.fixture
def access(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {**ACCESS, "AWS_ENDPOINT_URL": s3_endpoint}.items():
        monkeypatch.setenv(name, value)
    return s3_endpoint


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """ZHAOSHANG_STORE of an empty store."""
    if request.param == "s3":
        request.getfixturevalue("access")
        return f"s3://{BUCKET}/{secrets.token_hex(6)}"
    (tmp_path / "shared").mkdir()
    return str(tmp_path / "shared")


@pytest.fixture
def store(place: str, tmp_path: Path) -> CaptureStore:
    opened = open_store(load_settings(data=tmp_path / "none", store=place))
    assert opened is not None
    return opened


@pytest.fixture
def proxy(access: str) -> Iterator[FaultyProxy]:
    with faulty_proxy.before(access) as started:
        yield started


@pytest.fixture
def machines(place: str, tmp_path: Path) -> Callable[[str], Settings]:
    """The settings of several machines with one database and one store, each with a disk of its own."""
    database = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    return lambda name: load_settings(data=tmp_path / name, database=database, store=place, machine=name)


def page(number: int, body: bytes = b"") -> Exchange:
    url = f"https://investment.example/{number}.html"
    content = body or f"<h1>招商引资{number}</h1><p>甲园区出台招商引资政策{number}。</p>".encode()
    return Exchange(url, 200, (("Content-Type", "text/html"),), content, NOW, source="sample")


def written(archive: Archive, *pages: Exchange) -> list[Capture]:
    with archive.captures.writer(archive.runs.start("crawl"), visit="token") as writer:
        return [writer.write(exchange) for exchange in pages]


class CountingStore(FolderStore):
    """Counts the requests for records."""

    asked = 0

    def read(self, name: str, offset: int, length: int) -> bytes | None:
        self.asked += 1
        return super().read(name, offset, length)


def test_records_that_lie_side_by_side_come_together(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    machines = [
        load_settings(
            data=tmp_path / name, database=f"sqlite:///{tmp_path / 'a.sqlite'}", store=str(tmp_path / "shared")
        )
        for name in "ab"
    ]
    with Archive.open(machines[0]) as archive:
        files = [written(archive, *(page(n) for n in range(first, first + 40))) for first in (0, 40)]
        archive.capture_files.store_closed()
    with Archive.open(machines[1]) as archive:
        store = archive.database.store = CountingStore(tmp_path / "shared")
        side_by_side = [capture for pair in zip(*files, strict=True) for capture in pair]
        assert [archive.captures.payload(c).url for c in side_by_side] == [c.url for c in side_by_side]
        assert store.asked == 4, "of each file the first alone, the others together"
        store.asked = 0
        first, second = side_by_side[0], side_by_side[1]
        for capture in (first, second, first):
            assert b"<h1>" in archive.captures.payload(capture).content
        assert store.asked == 3, "what is asked for here and there is asked for alone"
        store.delete(first.file)
        with pytest.raises(UnreadableRecordError, match="不在仓库里了"):
            archive.captures.payload(first)


def forget_local(archive: Archive) -> None:
    for path in archive.database.captures_folder.glob("*.warc.gz"):
        path.unlink()


class TestStore:
    def test_a_file_is_put_once_and_read_in_parts(self, store: CaptureStore, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(WHOLE)
        assert store.stat("a") is None and store.read("a", 0, 10) is None and not list(store.list())
        store.put("a", tmp_path / "file", DIGEST)
        store.put("a", WHOLE, DIGEST)
        with pytest.raises(StoreConflictError, match="内容不同"):
            store.put("a", b"other" * 1000, hashlib.sha256(b"other" * 1000).hexdigest())
        assert (
            store.read("a", 5, 3) == b"who" and store.read("a", 4998, 10) == b"le" and store.read("a", 9999, 5) == b""
        )
        there = store.stat("a")
        assert there is not None and there.size == 5000 and there.sha256 in (None, DIGEST)
        assert [(f.name, f.size) for f in store.list()] == [("a", 5000)]
        assert store.fetch("a", tmp_path / "back") and (tmp_path / "back").read_bytes() == WHOLE
        assert not store.fetch("b", tmp_path / "none")
        store.delete("a")
        store.delete("a")
        assert store.stat("a") is None

    @pytest.mark.s3
    def test_a_large_file_goes_in_parts(self, access: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(s3_store, "SINGLE_PUT", 1_000_000)
        large = secrets.token_bytes(9_000_000)
        digest = hashlib.sha256(large).hexdigest()
        store = S3Store(BUCKET, secrets.token_hex(6))
        store.put("a", large, digest)
        there = store.stat("a")
        assert there is not None and (there.size, there.sha256) == (len(large), digest)
        with pytest.raises(StoreConflictError):
            store.put("a", large[:-1] + b"?", hashlib.sha256(large[:-1] + b"?").hexdigest())

    @pytest.mark.s3
    def test_a_server_that_stumbles_is_asked_again(self, proxy: FaultyProxy) -> None:
        large = secrets.token_bytes(400_000)
        digest = hashlib.sha256(large).hexdigest()
        store = S3Store(BUCKET, secrets.token_hex(6), endpoint=proxy.endpoint, patience=20)
        proxy.faults += ["503", "503", "cut", "cut"]
        store.put("a", large, digest)
        assert proxy.happened == ["503", "503", "cut", "cut"] and [f.size for f in store.list()] == [400_000]
        proxy.faults += ["cut-answer", "503"]
        assert store.read("a", 10, 200_000) == large[10:200_010] and not proxy.faults

    @pytest.mark.s3
    def test_what_is_cut_leaves_nothing_and_the_line_names_no_secret(self, proxy: FaultyProxy) -> None:
        store = S3Store(BUCKET, "cut", endpoint=proxy.endpoint, patience=0.5)
        proxy.faults += ["cut"] * 40
        with pytest.raises(StoreError, match="连不上") as told:
            store.put("a", secrets.token_bytes(400_000), DIGEST)
        proxy.faults.clear()
        assert not list(store.list())
        proxy.down = True
        with pytest.raises(StoreError, match="答 503") as later:
            store.stat("a")
        said = f"{told.value}{later.value}"
        assert "\n" not in said and ACCESS["AWS_SECRET_ACCESS_KEY"] not in said

    @pytest.mark.s3
    def test_no_bucket_and_a_wrong_key_are_told(self, access: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(StoreError, match="没有这个桶"):
            S3Store("nowhere", "a").put("a", WHOLE, DIGEST)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(StoreError, match=r"拒绝访问.*AWS_SECRET_ACCESS_KEY"):
            S3Store(BUCKET, "a").put("a", WHOLE, DIGEST)

    @pytest.mark.s3
    def test_a_fork_of_a_process_that_has_asked_is_told_and_does_not_hang(self, access: str) -> None:
        store = S3Store(BUCKET, secrets.token_hex(6))
        store.put("a", WHOLE, DIGEST)
        with multiprocessing.get_context("fork").Pool(1) as pool, pytest.raises(StoreError, match="先分进程"):
            pool.apply_async(store.read, ("a", 0, 5)).get(60)

    @pytest.mark.parametrize("wrong", ["s3://", "s3://UPPER/a", "ftp://a/b", "shared", "s3://key:secret@bucket/a"])
    def test_a_setting_that_is_no_store_is_told(self, tmp_path: Path, wrong: str) -> None:
        with pytest.raises(StoreError, match="ZHAOSHANG_STORE") as told:
            open_store(load_settings(data=tmp_path, store=wrong))
        assert "secret" not in str(told.value)

    @pytest.mark.parametrize("within", ["", "captures", "store/deep"])
    def test_a_store_within_the_data_folder_is_refused(self, tmp_path: Path, within: str) -> None:
        """A backup leaves out what the store holds, and would go with the same disk."""
        with pytest.raises(StoreError, match="在数据目录里"):
            open_store(load_settings(data=tmp_path, store=str(tmp_path / within)))

    def test_a_folder_that_is_not_mounted_is_not_made(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path / "mount")
        with pytest.raises(StoreError, match="没有挂载"):
            store.put("a", WHOLE, DIGEST)
        with pytest.raises(StoreError, match="没有挂载"):
            store.read("a", 0, 1)


class TestMachines:
    def test_any_machine_reads_and_extracts_what_is_stored(self, machines: Callable[[str], Settings]) -> None:
        with Archive.open(machines("a")) as a, Archive.open(machines("b")) as b:
            first, again = written(a, page(1), page(1))
            assert again.refers_to == first.id and [f.visit for f in a.capture_files.unstored("a")] == ["token"]
            with pytest.raises(ElsewhereError, match="工作机 a"):
                b.captures.payload(first)
            assert not list(a.captures.to_extract()) and written(b, page(1))[0].refers_to is None
            assert a.capture_files.store_closed() == [first.file] and a.capture_files.store_closed() == []
            kept = b.capture_files.get(first.file)
            assert kept is not None and kept.worker == "a" and kept.sha256 and kept.stored_at and kept.size
            assert b.captures.payload(again).content == a.captures.payload(again).content == page(1).body
            assert [c.id for c in b.captures.to_extract()] == [first.id, again.id]
            report = extract_captures(b, {}, machines("b").model_copy(update={"workers": 1}))
            assert report.captures == 3 and not report.unreadable  # what b wrote is stored when it extracts

    def test_a_store_that_does_not_answer_marks_nothing(
        self, machines: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Archive.open(machines("a")) as a, Archive.open(machines("b")) as b:
            [kept] = written(a, page(1))
            a.capture_files.store_closed()

            def silent(*_: object) -> None:
                raise StoreError("存档仓库 连不上")

            for method in ("read", "stat", "list"):
                monkeypatch.setattr(type(b.database.store), method, silent)
            with pytest.raises(StoreError):
                extract_captures(b, {}, machines("b").model_copy(update={"workers": 1}))
            assert not b.unreadable.captures() and not b.unreadable.damaged_files()
            assert [c.id for c in a.captures.to_extract()] == [kept.id]
            told = [remark.text for remark in check(b)]
            assert any("没有检查" in line for line in told) and not any("从备份" in line for line in told)

    def test_another_store_without_the_mark_is_not_believed(
        self, machines: Callable[[str], Settings], store: CaptureStore
    ) -> None:
        with Archive.open(machines("a")) as a, Archive.open(machines("b")) as b:
            [kept] = written(a, page(1))
            a.capture_files.store_closed()
            mark = f"zhaoshang-{a.database.name}.store"
            store.delete(mark)
            store.delete(kept.file)
            with pytest.raises(StoreError, match="标记"):
                b.captures.payload(kept)
            written(a, page(2))
            with pytest.raises(StoreError, match="标记"):
                a.capture_files.store_closed()
            store.put(mark, b"x", hashlib.sha256(b"x").hexdigest())
            with pytest.raises(UnreadableRecordError, match="不在仓库里了") as lost:
                b.captures.payload(kept)
            b.unreadable.mark(kept, str(lost.value))
            forget_local(a)
            assert b.captures.payload(written(b, page(1))[0]).content == page(1).body

    def test_an_unchanged_list_is_a_revisit_record_on_whichever_machine(
        self, machines: Callable[[str], Settings], store: CaptureStore
    ) -> None:
        body = b"<ul>" + b"".join(b"<li><a href=/zs/%d.html>%d</a></li>" % (n, n) for n in range(400)) + b"</ul>"
        nights = [replace(page(0, body), role="list", fetched_at=NOW + timedelta(days=night)) for night in range(6)]
        files = []
        for night, exchange in enumerate(nights):
            with Archive.open(machines("ab"[night % 2])) as archive:
                [kept] = written(archive, exchange)
                files += archive.capture_files.store_closed()
                assert (kept.refers_to is None) == (night == 0)
                assert archive.captures.payload(kept).content == body
                assert not [remark for remark in check(archive) if remark.wrong]
        there = {file.name: store.read(file.name, 0, file.size) or b"" for file in store.list()}
        for number, name in enumerate(files):
            kind = "response" if number == 0 else "revisit"
            read = [r.rec_type for r in WarcioIterator(BytesIO(there[name]))]
            fast = [r.headers["WARC-Type"] for r in ArchiveIterator(BytesIO(there[name]))]
            assert read == fast == ["warcinfo", "request", kind]
        assert sum(len(there[name]) for name in files[1:]) < 6 * 1200

    def test_damage_on_this_disk_is_read_from_the_store(self, machines: Callable[[str], Settings]) -> None:
        with Archive.open(machines("a")) as a:
            [kept] = written(a, page(1, b"a" * 50_000))
            a.capture_files.store_closed()
            path = a.database.captures_folder / kept.file
            path.write_bytes(path.read_bytes()[:-30])
            assert a.captures.payload(kept).content == b"a" * 50_000


class TestKeeping:
    def test_an_archive_of_one_machine_joins(self, machines: Callable[[str], Settings], store: CaptureStore) -> None:
        with Archive.open(machines("a").model_copy(update={"store": ""})) as alone:
            kept = [capture for n in range(3) for capture in written(alone, page(n))]
            assert alone.capture_files.of_worker("a") == []
        with Archive.open(machines("a")) as a, Archive.open(machines("b")) as b:
            store.put(kept[1].file, (a.database.captures_folder / kept[1].file).read_bytes(), _digest(a, kept[1]))
            report = store_files(a)  # the second was put, and not noted: killed between
            assert (report.put, report.kept, report.faults) == (3, 0, [])
            again = store_files(a, free=True)
            assert (again.put, again.kept, again.freed) == (0, 3, 3) and not list(a.database.captures_folder.glob("*"))
            assert [b.captures.payload(c).content for c in kept] == [page(n).body for n in range(3)]
            assert [r for r in check(a) if r.wrong] == [] and not list(a.database.captures_folder.glob("*"))

    def test_check_finds_what_is_wrong_in_the_store(
        self, machines: Callable[[str], Settings], store: CaptureStore
    ) -> None:
        with Archive.open(machines("a")) as a:
            gone, short, other, fine = (written(a, page(n))[0] for n in range(4))
            a.capture_files.store_closed()
            store.delete(gone.file)
            whole = {c.file: (a.database.captures_folder / c.file).read_bytes() for c in (short, other)}
            changed = {
                short.file: whole[short.file][:-5],
                other.file: bytes([*whole[other.file][:40], 1, *whole[other.file][41:]]),
            }
            for name, content in changed.items():
                store.delete(name)
                store.put(name, content, hashlib.sha256(content).hexdigest())
            orphan = f"zhaoshang-{a.database.name}-orphan.warc.gz"
            store.put(orphan, WHOLE, DIGEST)
            quick = [r.text for r in check(a, quick=True) if r.part == "仓库"]
            assert len(quick) == 3 and gone.file in quick[0] + quick[1] and orphan in quick[2]
            full = [r.text for r in check(a) if r.part == "仓库" and r.wrong]
            assert len(full) == 3 and all("archive store" in line for line in full)
            store.delete(short.file)
            again = store_files(a, free=True)
            assert (again.put, again.freed) == (2, 3) and len(again.faults) == 1 and other.file in again.faults[0]
            (a.database.captures_folder / other.file).unlink()
            assert any(other.file in r.text and "摘要不符" in r.text for r in check(a))
            assert not any(fine.file in r.text for r in check(a))

    def test_an_erased_record_leaves_store_and_disks(
        self, machines: Callable[[str], Settings], store: CaptureStore
    ) -> None:
        with Archive.open(machines("a")) as a, Archive.open(machines("b")) as b:
            doomed, heir, stays = written(a, page(1, b"secret" * 500), page(2, b"secret" * 500), page(3))
            a.capture_files.store_closed()
            old = doomed.file
            erase(b, [doomed.id], [])
            assert b.captures.get(doomed.id) is None and store.stat(old) is None
            for capture, body in ((heir, b"secret" * 500), (stays, page(3).body)):
                moved = b.captures.get(capture.id)
                assert moved is not None and moved.file != old and b.captures.payload(moved).content == body
                assert a.captures.payload(moved).content == body  # from the store, which has the new file
            assert (a.database.captures_folder / old).exists()
            a.capture_files.store_closed()
            assert not list(a.database.captures_folder.glob("*.warc.gz"))
            assert [r for r in check(a) if r.wrong] == [r for r in check(b) if r.wrong] == []
            [new] = written(a, page(4))
            with pytest.raises(Exception, match="工作机 a"):
                erase(b, [new.id], [])

    def test_an_erasure_cut_off_before_its_rows_leaves_the_old_file(
        self, machines: Callable[[str], Settings], store: CaptureStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Archive.open(machines("a")) as a:
            doomed, stays = written(a, page(1), page(2))
            a.capture_files.store_closed()

            def cut(*_: object, **__: object) -> None:
                raise KeyboardInterrupt

            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr("crawler.archive.keeping.erase._other_bearer", lambda *_: None)
                patch.setattr("crawler.archive.keeping.erase.note_file", cut)
                erase(a, [doomed.id], [])
            assert a.captures.payload(stays).content == page(2).body and store.stat(stays.file) is not None
            erase(a, [doomed.id], [])
            files = {f.name for f in store.list() if f.name.endswith(".gz")}
            with a.database.reader() as connection:
                assert files == set(connection.execute(select(captures.c.file)).scalars()) and len(files) == 1

    def test_a_backup_says_what_rests_in_the_store_or_takes_it(
        self, machines: Callable[[str], Settings], store: CaptureStore, tmp_path: Path
    ) -> None:
        with Archive.open(machines("a")) as a:
            [kept] = written(a, page(1))
            a.capture_files.store_closed()
            forget_local(a)
            [local] = written(a, page(2))
            report = backups.backup(a, tmp_path / "slim")
            assert (report.copied, report.stored, report.faults) == (1, 1, [])
            whole = backups.backup(a, tmp_path / "whole", stored=True)
            assert (whole.copied, whole.stored, whole.faults) == (2, 0, [])
            assert not (a.database.captures_folder / kept.file).exists()
            empty = load_settings(data=tmp_path / "new", database="", store=store.place, machine="c")
            resting = backups.restore(tmp_path / "slim", empty)
            assert list(resting) == [kept.file]
            with Archive.open(empty) as restored:
                for capture in (kept, local):
                    assert restored.captures.payload(capture).content == a.captures.payload(capture).content
            store.delete(kept.file)
            assert any(kept.file in fault for fault in backups.backup(a, tmp_path / "slim").faults)
            with pytest.raises(Exception, match="缺 1 个"):
                backups.restore(tmp_path / "slim", load_settings(data=tmp_path / "n2", database="", store=store.place))
            alone = load_settings(data=tmp_path / "n3", database="", store="", machine="d")
            backups.restore(tmp_path / "whole", alone)
            with Archive.open(alone) as restored:
                assert restored.captures.payload(kept).content == page(1).body


def _digest(archive: Archive, capture: Capture) -> str:
    return hashlib.sha256((archive.database.captures_folder / capture.file).read_bytes()).hexdigest()
