"""All capture files of this machine into the store, each read back and compared: how an archive of one machine joins others, or moves to another store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import update

from crawler.archive.archive import Archive
from crawler.archive.errors import ArchiveError
from crawler.archive.records.capture_files import CaptureFile
from crawler.archive.records.warc import OPEN
from crawler.archive.schema import capture_files
from crawler.archive.store.capture_store import CaptureStore
from crawler.archive.store.digest import digest_in_store

Progress = Callable[[int, int], None]


@dataclass
class StoreReport:
    """Files: `put` now, `kept` from an earlier call, `freed` from this disk, `removed` since they had been erased, `open` still being written. `faults` are lines for the operator."""

    put: int = 0
    put_bytes: int = 0
    kept: int = 0
    freed: int = 0
    freed_bytes: int = 0
    removed: int = 0
    open: int = 0
    faults: list[str] = field(default_factory=list)


def store_files(archive: Archive, *, free: bool = False, progress: Progress = lambda done, total: None) -> StoreReport:
    """Put every closed file of this machine that is not in the store yet. Each is compared with its digest, read back, when it is put; with `free`, and
    before it is removed from this disk, again. Killed at any moment and called again, it goes on. Raises StoreError, ArchiveError."""
    store = archive.database.store
    if store is None:
        raise ArchiveError("没有设存档仓库：把 ZHAOSHANG_STORE 设为 s3://桶/前缀，或共享文件夹")
    report = StoreReport()
    folder = archive.database.captures_folder
    report.removed = archive.capture_files.remove_erased(archive.capture_files.closed_here())
    for name in archive.capture_files.erased():
        store.delete(name)
    names = archive.capture_files.closed_here()
    report.open = sum(1 for path in folder.glob(f"*.warc.gz{OPEN}"))
    for done, name in enumerate(names, 1):
        known = archive.capture_files.get(name)
        there = known is not None and known.stored_at is not None and known.place == store.place
        if there and store.stat(name) is None:
            archive.capture_files.put_again(name)
            there = False
        file = archive.capture_files.put(name)
        fault = _fault(store, file) if free or not there else None
        if fault:
            report.faults.append(fault)
        elif there:
            report.kept += 1
        else:
            report.put += 1
            report.put_bytes += file.size or 0
        if free and not fault:
            report.freed += 1
            report.freed_bytes += file.size or 0
            (folder / name).unlink()
        progress(done, len(names))
    _take_over(archive, store, set(names), report)
    return report


def _fault(store: CaptureStore, file: CaptureFile) -> str | None:
    found = digest_in_store(store, file.name)
    if found is None:
        return f"{file.name} 不在仓库里，虽然已存入过：本机的没有动；看是谁删的，再运行 zhaoshang archive check"
    if found != (file.size, file.sha256):
        return f"{file.name} 在仓库里的内容与存入时的摘要不符：本机的没有动；删去仓库里的那份，再运行一次"
    return None


def _take_over(archive: Archive, store: CaptureStore, here: set[str], report: StoreReport) -> None:
    """Files that lie in an earlier store and not on this disk: where the operator brought them over by other means, they are compared and noted."""
    for file in archive.capture_files.all_stored():
        if file.place == store.place or file.name in here:
            continue
        if digest_in_store(store, file.name) != (file.size, file.sha256):
            report.faults.append(
                f"{file.name} 在原来的仓库 {file.place}，不在 {store.place}：先把它复制过来，再运行一次"
            )
            continue
        with archive.database.writer() as connection:
            here_ = capture_files.c.name == file.name
            connection.execute(update(capture_files).where(here_).values(place=store.place))
        report.put += 1
        report.put_bytes += file.size or 0
