"""Records taken out of WARC files: each file that holds some is written anew without them, and takes the place of the old one.

A new file has a new name, so that a file of one name never has two contents (a backup relies on it). Killed at any moment: the rows name either the
old file or the new one, and the next call removes the other. See docs/decisions/0346.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import bindparam, delete, select, text, update

from crawler.archive import errors
from crawler.archive.archive import Archive
from crawler.archive.captures import readable
from crawler.archive.database import batches
from crawler.archive.errors import ArchiveError, UnreadableRecordError
from crawler.archive.handwritten.replace_file import replace_file
from crawler.archive.keeping.exclusive import exclusive
from crawler.archive.models import Capture, Exchange
from crawler.archive.records.capture_files import note_file
from crawler.archive.records.read_record import read_record
from crawler.archive.records.warc import OPEN, Place, WarcFile
from crawler.archive.schema import capture_files, captures, pages, rejected, tombstones

JOURNAL = "erasing.json"  # in the captures folder: the two files of which one must go


def erase(
    archive: Archive, ids: Iterable[int], buried: Iterable[str], progress: Callable[[int, int], None] | None = None
) -> int:
    """Take the records of captures out of the WARC files, and their rows out of the database; bytes that captures of other pages share stay with those.

    `buried`: keys whose tombstones then say so. How many files were written anew or removed. Raises ArchiveError: while a file that holds one of them is
    being written, or where one is cut short.
    """
    folder, doomed = archive.database.captures_folder, set(ids)
    with exclusive(archive.database) as sure:
        _finish(archive)
        by_file: dict[str, set[int]] = defaultdict(set)
        for id in doomed:
            if (capture := archive.captures.get(id)) is not None:
                by_file[capture.file].add(id)
        for file in by_file:
            if (folder / (file + OPEN)).exists():
                raise ArchiveError(f"{file} 还在写：等采集结束后，再运行一次同样的命令")
            row = archive.capture_files.get(file)
            unstored = row is not None and row.stored_at is None and not (folder / file).exists()
            if row is not None and unstored and row.worker != archive.database.machine:
                raise ArchiveError(f"{file} 还在工作机 {row.worker} 上：等它存入仓库后，再运行一次同样的命令")
        for done, file in enumerate(sorted(by_file), 1):
            _rewrite(archive, file, by_file[file], doomed, sure)
            if progress is not None:
                progress(done, len(by_file))
        with archive.database.writer() as connection:
            for some in batches(buried):
                here = tombstones.c.id.in_(some), tombstones.c.erased_at.is_(None)
                connection.execute(update(tombstones).where(*here).values(erased_at=datetime.now(UTC)))
    if archive.database.engine.dialect.name == "sqlite":
        with archive.database.engine.connect() as connection:  # the log of changes still has what was deleted
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return len(by_file)


def _finish(archive: Archive) -> None:
    """Remove the file that an erasure which was killed left beside the other."""
    folder = archive.database.captures_folder
    journal = folder / JOURNAL
    try:
        names = json.loads(journal.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    for name in names:
        with archive.database.reader() as connection:
            used = connection.execute(select(captures.c.id).where(captures.c.file == name).limit(1)).first()
        if used is None:
            (folder / name).unlink(missing_ok=True)
            row = archive.capture_files.get(name)
            if archive.database.store is not None and row is not None:
                archive.database.store.delete(name)
            if row is not None and row.erased_at is None:  # the new one, of an erasure that did not come to its rows
                with archive.database.writer() as connection:
                    connection.execute(delete(capture_files).where(capture_files.c.name == name))
    journal.unlink()


def _rewrite(archive: Archive, file: str, gone: set[int], doomed: set[int], sure: Callable[[], None]) -> None:
    folder = archive.database.captures_folder
    path = folder / file
    known = archive.capture_files.get(file)
    fetched = known is not None and known.stored_at is not None and archive.capture_files.fetch(file)
    rows = list(archive.captures.in_file(file))
    moved: list[dict[str, Any]] = []
    new: WarcFile | None = None

    def target() -> WarcFile:
        nonlocal new
        if new is None:
            new = WarcFile(folder, archive.database.name, rows[0].run)
            replace_file(folder / JOURNAL, json.dumps([file, new.name]))
        return new

    try:
        heirs = [heir for row in rows if row.id in gone and (heir := _heir(archive, row, doomed)) is not None]
        if path.exists():
            with path.open("rb") as old:
                end = _end_of_first(old)
                for row in rows:
                    start, end = end, row.offset + row.record_length
                    if row.id in gone or any(heir.id == row.id for heir, _ in heirs):
                        continue
                    old.seek(start)
                    members = old.read(end - start)
                    if len(members) < end - start:
                        raise ArchiveError(f"{file} 被截短：先把它从备份放回 {folder}，再运行一次同样的命令")
                    at = target().copy(members) - row.record_length
                    moved.append({"moved": row.id, "to_file": target().name, "to_offset": at})
        bearers: list[tuple[Capture, Place]] = []
        for inheritor, exchange in heirs:
            bearers.append((inheritor, target().write(exchange, inheritor.digest, None)))
    except OSError as error:
        raise errors.of_os(error, path) from error
    if new is None:
        replace_file(folder / JOURNAL, json.dumps([file]))
    else:
        new.close()
        if (
            known is not None and known.stored_at is not None
        ):  # in the store before any row names it, and the old one until then
            archive.capture_files.put(new.name, worker=known.worker)
    sure()
    with archive.database.writer() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        for row in rows:
            if row.id in gone and (other := _other_bearer(archive, row, doomed)) is not None:
                to = update(captures).where(captures.c.refers_to == row.id, captures.c.id != other)
                connection.execute(to.values(refers_to=other))
        for bearer, place in bearers:
            values = {"file": place.file, "offset": place.offset, "record_length": place.length}
            others = update(captures).where(captures.c.refers_to == bearer.refers_to, captures.c.id != bearer.id)
            connection.execute(others.values(refers_to=bearer.id))
            connection.execute(update(captures).where(captures.c.id == bearer.id).values(**values, refers_to=None))
        if moved:
            move = update(captures).where(captures.c.id == bindparam("moved"))
            connection.execute(move.values(file=bindparam("to_file"), offset=bindparam("to_offset")), moved)
        if known is not None:
            now = datetime.now(UTC)
            if new is not None:
                note_file(connection, new.name, worker=known.worker, visit=known.visit, now=now)
            connection.execute(update(capture_files).where(capture_files.c.name == file).values(erased_at=now))
        connection.execute(update(captures).where(captures.c.refers_to.in_(gone)).values(refers_to=None))
        connection.execute(update(pages).where(pages.c.capture.in_(gone)).values(capture=None))
        connection.execute(update(rejected).where(rejected.c.capture.in_(gone)).values(capture=None))
        connection.execute(delete(captures).where(captures.c.id.in_(gone)))
    _finish(archive)
    if fetched and new is not None:  # it was in the store alone, and its successor is
        (folder / new.name).unlink()


def _other_bearer(archive: Archive, capture: Capture, doomed: set[int]) -> int | None:
    """Another capture that holds the same bytes itself and stays."""
    if capture.refers_to is not None:
        return None
    found = (c.id for c, _ in readable(archive.database, capture.digest) if c.id not in doomed)
    return next(found, None)


def _heir(archive: Archive, capture: Capture, doomed: set[int]) -> tuple[Capture, Exchange] | None:
    """The first capture that stays and left its bytes to `capture`, with the response as it is to be written; None where there is none, or another record holds them too."""
    if capture.refers_to is not None or _other_bearer(archive, capture, doomed) is not None:
        return None
    query = select(captures.c.id).where(captures.c.refers_to == capture.id).order_by(captures.c.id)
    with archive.database.reader() as connection:
        ids = [id for id in connection.execute(query).scalars() if id not in doomed]
    heir = archive.captures.get(ids[0]) if ids else None
    if heir is None:
        return None
    try:
        own = read_record(archive.database, Place(heir.file, heir.offset, heir.record_length))
        body = read_record(archive.database, Place(capture.file, capture.offset, capture.record_length)).content
    except UnreadableRecordError:
        return None  # its bytes are lost already, as `archive check` tells
    headers = tuple((name, value) for name, value in own.headers if name.lower() != "content-length")
    return heir, Exchange(heir.url, own.status, headers, body, heir.fetched_at)


def _end_of_first(file: BinaryIO) -> int:
    """Where the first member of a file ends: it describes the file, and the new one has its own."""
    undo = zlib.decompressobj(wbits=31)
    file.seek(0)
    while not undo.eof:
        block = file.read(4096)
        if not block:
            raise ArchiveError(f"{Path(str(file.name)).name} 已损坏：先把它从备份放回，再运行一次同样的命令")
        try:
            undo.decompress(block)
        except zlib.error as error:
            raise ArchiveError(f"{Path(str(file.name)).name} 已损坏：先把它从备份放回，再运行一次同样的命令") from error
    return file.tell() - len(undo.unused_data)
