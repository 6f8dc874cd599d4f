"""One record, from this machine's disk where it is whole there, else by a range request from the store."""

from __future__ import annotations

from collections.abc import Callable

from crawler.archive.database import Database
from crawler.archive.errors import ElsewhereError, UnreadableRecordError
from crawler.archive.records import warc
from crawler.archive.records.capture_files import file_row, is_marked, not_ours
from crawler.archive.records.warc import Place, Stored


def read_record(database: Database, place: Place, check: Callable[[Stored], None] = lambda stored: None) -> Stored:
    """Read a response or revisit record; `check` raises UnreadableRecordError where it is not what it should be.

    Raises UnreadableRecordError only where the record is known to be missing or damaged wherever it should be; ElsewhereError where it lies on another machine and
    is not stored yet; StoreError where the store cannot be asked; ArchiveError where nothing can be read.
    """
    try:
        stored = warc.read(database.captures_folder, place)
        check(stored)
        return stored
    except UnreadableRecordError as error:
        local = error
    row = file_row(database, place.file)
    if row is None or (row.stored_at is None and row.worker == database.machine):
        raise local
    if row.stored_at is None:
        raise ElsewhereError(f"存档文件 {place.file} 还在工作机 {row.worker} 上，没有存入仓库") from local
    if database.store is None:
        raise ElsewhereError(f"存档文件 {place.file} 存在仓库 {row.place}，而本机没有设 ZHAOSHANG_STORE") from local
    member = database.read_ahead.read(database.store, place.file, place.offset, place.length)
    if member is None:
        if not is_marked(database.store, database.name):
            raise not_ours(database.store, database.name) from local
        raise UnreadableRecordError(f"存档文件 {place.file} 不在仓库里了") from local
    stored = warc.parse(member, place)
    check(stored)
    return stored


def is_whole_here(database: Database, place: Place, check: Callable[[Stored], None]) -> bool:
    """Whether a record is whole on this machine's disk."""
    try:
        check(warc.read(database.captures_folder, place))
    except UnreadableRecordError:
        return False
    return True


def is_stored(database: Database, file: str) -> bool:
    """Whether a file was put into the store, and verified there; the store is not asked."""
    row = file_row(database, file)
    return row is not None and row.stored_at is not None and row.erased_at is None
