"""Capture files of an archive that has a store: who wrote each, whether it is stored, and where (docs/decisions/0460).

A row is made in the transaction of the first captures in a file, so that another machine knows of it while it lies on its writer's disk alone. When it is
closed it is put into the store whole, and the row says so; only then are its captures extracted, by whichever machine.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from crawler.archive import errors
from crawler.archive.database import Database, batches
from crawler.archive.errors import ArchiveError, ElsewhereError, StoreError, UnreadableRecordError
from crawler.archive.records.warc import OPEN
from crawler.archive.schema import capture_files, captures
from crawler.archive.store.capture_store import CaptureStore

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CaptureFile:
    """`worker`: the machine that wrote it; `visit`: the visit's token. `size` (bytes), `sha256` (hex), `place` and `stored_at` are None until it is stored.

    `erased_at`: another file took its place, without records that had to go.
    """

    name: str
    worker: str
    visit: str | None
    opened_at: datetime
    size: int | None = None
    sha256: str | None = None
    place: str | None = None
    stored_at: datetime | None = None
    erased_at: datetime | None = None


class CaptureFiles:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- into the store

    def put(self, name: str, *, worker: str | None = None) -> CaptureFile:
        """Put a closed file of this machine's captures folder into the store, whole, and note it. A second time changes nothing.

        `worker`: whose it is where no row says so (default: this machine). Raises StoreError; ArchiveError where there is no store, or no such file.
        """
        store = self._store()
        known = self.get(name)
        if known is not None and known.stored_at is not None and known.place == store.place:
            return known
        path = self._database.captures_folder / name
        try:
            with path.open("rb") as file:
                sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        except OSError as error:
            raise errors.of_os(error, path) from error
        self.mark_store(store)
        self._put_whole(store, name, size, sha256)
        now = datetime.now(UTC)
        facts = {"size": size, "sha256": sha256, "place": store.place, "stored_at": now}
        with self._database.writer() as connection:
            note_file(connection, name, worker=worker or self._database.machine, now=now)
            connection.execute(update(capture_files).where(capture_files.c.name == name).values(facts))
        kept = self.get(name)
        assert kept is not None
        return kept

    def put_again(self, name: str) -> None:
        """Put a file that was stored and is not in the store any more. Raises ArchiveError where this machine's copy is not what was stored."""
        known, path = self.get(name), self._database.captures_folder / name
        with path.open("rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        if known is None or (known.size, known.sha256) != (size, sha256):
            raise ArchiveError(f"本机的 {name} 与存入仓库时不同，没有放：zhaoshang archive check 看哪些坏了")
        self._put_whole(self._store(), name, size, sha256)

    def _put_whole(self, store: CaptureStore, name: str, size: int, sha256: str) -> None:
        store.put(name, self._database.captures_folder / name, sha256)
        there = store.stat(name)
        if there is None or there.size != size:
            raise StoreError(
                f"存档仓库 {store.place} 收下的 {name} 大小不对（{there.size if there else 0}，应为 {size}）"
            )

    def store_closed(self, worker: str | None = None, progress: Progress = lambda done, total: None) -> list[str]:
        """Put every closed file of this machine's captures folder that is not stored yet; their names, oldest first. Nothing where no store is set.

        Copies of files that were erased meanwhile on another machine are removed from this one's disk. Raises StoreError; what was put until then stays put.
        """
        if self._database.store is None:
            return []
        here = self.closed_here()
        self.remove_erased(here)
        rows = self.rows(here)
        new = [n for n in here if n not in rows or (rows[n].stored_at is None and rows[n].erased_at is None)]
        for number, name in enumerate(new, 1):
            self.put(name, worker=worker)
            progress(number, len(new))
        return new

    def fetch(self, name: str) -> bool:
        """Bring a stored file to this machine's captures folder, under its name only when it is whole and its digest is the one noted; False where it is there already.

        Raises UnreadableRecordError where the store has it no more, or has something else; ElsewhereError where it is on another machine's disk alone; StoreError.
        """
        path = self._database.captures_folder / name
        if path.exists():
            return False
        known = self.get(name)
        if known is None or known.stored_at is None:
            raise ElsewhereError(
                f"{name} 不在本机，也没有存入仓库" + (f"（在工作机 {known.worker} 上）" if known else "")
            )
        store = self._store()
        part = path.with_name(f".{name}.{secrets.token_hex(4)}.fetch")
        try:
            if not store.fetch(name, part):
                if not is_marked(store, self._database.name):
                    raise not_ours(store, self._database.name)
                raise UnreadableRecordError(f"存档文件 {name} 不在仓库里了")
            with part.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != known.sha256:
                    raise UnreadableRecordError(f"仓库里的 {name} 与存入时的摘要不符")
            part.rename(path)
        except OSError as error:
            raise errors.of_os(error, path) from error
        finally:
            part.unlink(missing_ok=True)
        return True

    def erased(self) -> set[str]:
        """Names of files whose place others took, without records that had to go; no copy of them may stay."""
        query = select(capture_files.c.name).where(capture_files.c.erased_at.is_not(None))
        with self._database.reader() as connection:
            return set(connection.execute(query).scalars())

    def closed_here(self) -> list[str]:
        """The closed files on this machine's disk that are this archive's, oldest first; of other names those that captures lie in."""
        own = f"zhaoshang-{self._database.name}-"
        folder = self._database.captures_folder
        names = sorted(p.name for p in folder.iterdir() if p.name.endswith(".warc.gz") and not p.name.startswith("."))
        used: set[str] = set()
        with self._database.reader() as connection:
            for some in batches(n for n in names if not n.startswith(own)):
                query = select(captures.c.file).distinct().where(captures.c.file.in_(some))
                used.update(connection.execute(query).scalars())
        return [n for n in names if (n.startswith(own) or n in used) and not (folder / (n + OPEN)).exists()]

    def remove_erased(self, here: Iterable[str]) -> int:
        """Remove copies of erased files from this machine's disk; how many."""
        gone = [name for name, row in self.rows(here).items() if row.erased_at is not None]
        for name in gone:
            (self._database.captures_folder / name).unlink(missing_ok=True)
        return len(gone)

    def mark_store(self, store: CaptureStore | None = None) -> None:
        """Make sure that the store is this archive's: a mark lies in it from the first file on. Raises StoreError where it is missing: another bucket, a folder that is not mounted."""
        store = store or self._store()
        name, content = _mark(self._database.name)
        if store.stat(name) is not None:
            return
        with self._database.reader() as connection:
            query = select(capture_files.c.name).where(capture_files.c.stored_at.is_not(None), capture_files.c.erased_at.is_(None))  # fmt: skip
            if connection.execute(query.where(capture_files.c.place == store.place).limit(1)).first() is not None:
                raise not_ours(store, self._database.name)
        store.put(name, content, hashlib.sha256(content).hexdigest())

    # --- what there is

    def get(self, name: str) -> CaptureFile | None:
        return self.rows([name]).get(name)

    def stored(self, names: Iterable[str]) -> set[str]:
        """Those of the files that lie in the store."""
        return {n for n, row in self.rows(names).items() if row.stored_at is not None and row.erased_at is None}

    def of_worker(self, name: str) -> list[CaptureFile]:
        """All files that a machine wrote and that are in use, by name."""
        return self._listed(select(capture_files).where(capture_files.c.worker == name))

    def unstored(self, worker: str) -> list[CaptureFile]:
        """Those of them that lie on its disk alone: lost with it. Their captures were not extracted."""
        here = capture_files.c.worker == worker, capture_files.c.stored_at.is_(None)
        return self._listed(select(capture_files).where(*here))

    def all_stored(self) -> list[CaptureFile]:
        """Every file that lies in the store, by name."""
        return self._listed(select(capture_files).where(capture_files.c.stored_at.is_not(None)))

    def _listed(self, query: Select[Any]) -> list[CaptureFile]:
        query = query.where(capture_files.c.erased_at.is_(None)).order_by(capture_files.c.name)
        with self._database.reader() as connection:
            return [_file(row) for row in connection.execute(query)]

    def rows(self, names: Iterable[str]) -> dict[str, CaptureFile]:
        """What is known of files, by name."""
        found: dict[str, CaptureFile] = {}
        with self._database.reader() as connection:
            for some in batches(names):
                query = select(capture_files).where(capture_files.c.name.in_(some))
                found.update((row.name, _file(row)) for row in connection.execute(query))
        return found

    def _store(self) -> CaptureStore:
        if self._database.store is None:
            raise ArchiveError("没有设存档仓库：把 ZHAOSHANG_STORE 设为 s3://桶/前缀，或共享文件夹")
        return self._database.store


def note_file(connection: Connection, name: str, *, worker: str, visit: str | None = None, now: datetime) -> None:
    """Have a row for a file, within the transaction of its first captures."""
    if connection.execute(select(capture_files.c.name).where(capture_files.c.name == name)).first() is None:
        values = {"name": name, "worker": worker, "visit": visit, "opened_at": now}
        connection.execute(insert(capture_files).values(values))


def in_the_store(file: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a file lies in the store, for a query with a column of file names."""
    here = capture_files.c.name == file, capture_files.c.stored_at.is_not(None), capture_files.c.erased_at.is_(None)
    return select(capture_files.c.name).where(*here).exists()


def may_be_extracted(database: Database, columns: Any) -> ColumnElement[bool] | None:
    """The condition that captures may be extracted by whichever machine: their record, and the one that they refer to, are stored. None where no store is set: all may."""
    if database.store is None:
        return None
    original = captures.alias()
    whole = select(original.c.id).where(original.c.id == columns.refers_to, in_the_store(original.c.file)).exists()
    return in_the_store(columns.file) & or_(columns.refers_to.is_(None), whole)


def file_row(database: Database, name: str) -> CaptureFile | None:
    """What is known of a file; None for one that is on this machine's disk alone, or of an archive without a store."""
    with database.reader() as connection:
        row = connection.execute(select(capture_files).where(capture_files.c.name == name)).one_or_none()
    return _file(row) if row is not None else None


def is_marked(store: CaptureStore, archive: str) -> bool:
    """Whether the store bears this archive's mark. Raises StoreError."""
    return store.stat(_mark(archive)[0]) is not None


def is_mark(name: str) -> bool:
    """Whether a file of a store is an archive's mark and no capture file."""
    return name.endswith(".store")


def not_ours(store: CaptureStore, archive: str) -> StoreError:
    return StoreError(
        f"存档仓库 {store.place} 里没有本文库（{archive}）的标记：共享文件夹没有挂载，还是 ZHAOSHANG_STORE 指错了地方？"
    )


def _mark(archive: str) -> tuple[str, bytes]:
    return f"zhaoshang-{archive}.store", f"zhaoshang archive {archive}\n".encode()


def _file(row: Row[Any]) -> CaptureFile:
    return CaptureFile(**{name: row._mapping[name] for name in CaptureFile.__dataclass_fields__})
