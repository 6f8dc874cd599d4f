"""The embedded engine: tantivy, in a folder of its own; one process writes, any number read.

DATA/index/current      the name of the folder that is searched; replaced in one step when a rebuild is done
DATA/index/v000003/     tantivy's files, and beside them
    made.json             the analysis and the lexicon it was made with
    cursor.json           how far it is complete (see `_Cursor`)
    frequencies.json      the table that ranking uses
DATA/index/writer.lock  held (flock) by the process that writes; a killed process lets go of it
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import tantivy

from crawler.archive.handwritten.replace_file import replace_file
from crawler.reasons import describe_error
from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.document import Document
from indexer.analysis.fields import Prepared
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import lexicon
from indexer.engines.base import (
    Clause,
    EngineAnswer,
    EngineUnavailable,
    Health,
    IndexOutdated,
    Request,
    Unready,
    WriteReport,
    failure_notes,
)
from indexer.engines.tantivy import checksums, search
from indexer.engines.tantivy.folder import (
    REBUILD,
    Folder,
    blame_elsewhere,
    clear,
    document_for,
    read_pointer,
    schema,
)

_HEAP = 256_000_000  # bytes the writer may hold before it puts a segment on disk
_ATTEMPTS = 5


class TantivyEngine:
    """`Engine` over a folder. Threads may share one; `open(write=True)` takes the writer's lock until `close`."""

    def __init__(self, root: Path, lock: IO[str] | None) -> None:
        self.root = root
        self._named = root / "current"
        self._lock = lock
        self._schema = schema()
        self._folder: Folder | None = None
        self._pointer: tuple[int, int] | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._guard = threading.Lock()

    @classmethod
    def open(cls, root: Path, *, write: bool = False) -> TantivyEngine:
        """The engine of a folder; for reading, a folder that is not there is an empty index. Raises EngineUnavailable where another process writes."""
        lock = None
        if write:
            try:
                root.mkdir(parents=True, exist_ok=True)
                lock = (root / "writer.lock").open("a+")
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise EngineUnavailable("另一个进程正在写索引，请等它结束后再试。") from error
            except OSError as error:
                raise EngineUnavailable(
                    f"索引目录 {root} 无法写入：{describe_error(error)}。请检查权限与磁盘空间。"
                ) from error
        return cls(root, lock)

    # --- reading

    def execute(self, request: Request) -> EngineAnswer:
        with clear(self.root):
            reading = self._reading()
            if reading is None:
                return EngineAnswer(0, (), dict.fromkeys(request.facets, ()), ())
            return search.answer(self._schema, reading[1], request)

    def scan(self, match: Clause) -> Iterator[str]:
        with clear(self.root):
            reading = self._reading()
            if reading is None:
                return
            yield from search.ids(self._schema, reading[1], match)

    def get(self, ids: Iterable[str]) -> dict[str, Document]:
        wanted = list(dict.fromkeys(ids))
        with clear(self.root):
            reading = self._reading() if wanted else None
            if reading is None:
                return {}
            return {d.id: d for d in search.documents(self._schema, reading[1], wanted)}

    def cursor(self) -> int:
        folder = self._current()
        return folder.cursor() if folder else 0

    def failed_ids(self) -> tuple[str, ...]:
        folder = self._current()
        return folder.failed_ids() if folder else ()

    def frequencies(self) -> Frequencies:
        folder = self._current()
        return folder.frequencies() if folder else Frequencies()

    def frequent(self) -> frozenset[str]:
        folder = self._current()
        return folder.frequent & lexicon().frequent if folder else frozenset()

    def health(self) -> Health:
        try:
            with clear(self.root):
                reading = self._reading()
            if reading is None:
                return Health(True, "tantivy", notes=("还没有索引：运行 zhaoshang index 建立。",))
            folder, documents = reading[0], reading[1].num_docs
        except (IndexOutdated, EngineUnavailable) as error:
            return Health(False, "tantivy", problem=error.reason)
        size = sum(f.stat().st_size for f in folder.path.iterdir() if f.is_file())
        notes: tuple[str, ...] = ()
        if folder.lexicon != lexicon().version:
            notes = ("词典在建索引之后改过：新词已可查到，重建索引（zhaoshang index --rebuild）后排序更好。",)
        notes += failure_notes(folder.failed_ids())
        return Health(
            True,
            "tantivy",
            documents=documents,
            cursor=folder.cursor(),
            analysis=folder.analysis,
            lexicon=folder.lexicon,
            size_bytes=size,
            problem=None,
            notes=notes,
        )

    def damage(self, *, quick: bool) -> tuple[str, ...]:
        found: set[str] = set()
        for attempt in range(_ATTEMPTS):
            current = read_pointer(self.root)
            if current is None:
                return ()
            told = set(checksums.damage(self.root / current, quick=quick))
            # a merge or a rebuild in another process takes files away between two looks; what is damaged stays so
            found = told if attempt == 0 else found & told
            if not found:
                return ()
        return tuple(sorted(found))

    # --- writing

    def write(self, documents: Iterable[Prepared | Unready], deleted: Iterable[str], cursor: int) -> WriteReport:
        self._must_write()
        folder = self._current() or self._create()
        with clear(folder.path):
            folder.narrow()
            if self._writer is None:
                self._sweep()
                folder.drop_uncommitted()
                self._writer = folder.index.writer(
                    _HEAP, 1
                )  # one thread: the same documents always make the same segments
            return self._fill(folder, self._writer, documents, deleted, cursor, fresh=False)

    def rebuild(self, documents: Iterable[Prepared | Unready], cursor: int | Callable[[], int]) -> WriteReport:
        self._must_write()
        self._release()
        current = self._sweep()
        folder = self._next()
        try:
            with clear(folder.path):
                writer = folder.index.writer(_HEAP, 1)
                report = self._fill(folder, writer, documents, (), cursor, fresh=True)
                writer.wait_merging_threads()
                del writer
        except BaseException:
            shutil.rmtree(folder.path, ignore_errors=True)  # on a full disk nothing else makes room
            raise
        if current:  # the old table ranks until a new one is saved
            with contextlib.suppress(OSError):
                shutil.copyfile(self.root / current / "frequencies.json", folder.path / "frequencies.json")
        self._switch(folder)
        if current and current != folder.path.name:
            shutil.rmtree(
                self.root / current, ignore_errors=True
            )  # readers that still have it open keep its files until they let go
        return report

    def _fill(
        self,
        folder: Folder,
        writer: tantivy.IndexWriter,
        documents: Iterable[Prepared | Unready],
        deleted: Iterable[str],
        cursor: int | Callable[[], int],
        *,
        fresh: bool,
    ) -> WriteReport:
        written = gone = 0
        failed: dict[str, str] = {}
        failed_ids = set(folder.failed_ids())
        try:
            for id_ in deleted:
                writer.delete_documents_by_term("id", id_)
                failed_ids.discard(id_)
                gone += 1
            for item in documents:
                if isinstance(item, Unready):
                    failed[item.id] = item.reason
                    continue
                id_ = item.document.id
                try:
                    taken = document_for(item)
                except (ValueError, TypeError, OverflowError) as error:
                    failed[id_] = str(error)
                    continue
                if not fresh:
                    writer.delete_documents_by_term("id", id_)
                writer.add_document(taken)
                failed_ids.discard(id_)
                written += 1
        except BaseException:
            writer.rollback()
            raise
        folder.announce(cursor() if callable(cursor) else cursor, failed_ids | failed.keys())
        writer.commit()
        return WriteReport(written, gone, tuple(failed.items()))

    def save_frequencies(self, table: Frequencies) -> None:
        self._must_write()
        folder = self._current() or self._create()
        replace_file(folder.path / "frequencies.json", json.dumps(table.to_json(), ensure_ascii=False, sort_keys=True))

    def close(self) -> None:
        self._release()
        self._folder = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _release(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _must_write(self) -> None:
        if self._lock is None:
            raise EngineUnavailable("索引是只读打开的，不能写入。")

    # --- versions

    def _reading(self) -> tuple[Folder, tantivy.Searcher] | None:
        """The folder that the pointer names and a searcher over its last commit; None where there is no index."""
        for attempt in range(_ATTEMPTS):
            folder = self._current()
            if folder is None:
                return None
            try:
                return folder, folder.refresh()
            except (OSError, ValueError):  # a rebuild took it away, perhaps
                if attempt == _ATTEMPTS - 1:
                    raise
                with self._guard:
                    self._folder = self._pointer = None
        return None

    def _current(self) -> Folder | None:
        """The folder that the pointer names; None where there is no index. Raises IndexOutdated."""
        with self._guard:
            for attempt in range(
                _ATTEMPTS
            ):  # a rebuild in another process may take the old folder away between two steps
                try:
                    stat = self._named.stat()
                except FileNotFoundError:
                    return None
                except OSError as error:
                    raise EngineUnavailable(
                        f"索引目录 {self.root} 读不出：{describe_error(error)}。请检查权限。"
                    ) from error
                state = (stat.st_mtime_ns, stat.st_ino)
                if self._folder is not None and state == self._pointer:
                    break
                try:
                    self._folder = Folder(self.root / (read_pointer(self.root) or "v"))
                except (ValueError, KeyError, OSError) as error:
                    if known := blame_elsewhere(str(error)):
                        raise EngineUnavailable(known) from error
                    if attempt == _ATTEMPTS - 1:
                        raise IndexOutdated(
                            f"索引损坏、不完整，或由别的版本建立，读不出（{error}）。{REBUILD}"
                        ) from error
                    continue
                self._pointer = state
                break
            folder = self._folder
        if folder is not None and not folder.of_now():
            if folder.analysis == ANALYSIS_VERSION:
                raise IndexOutdated(f"索引是旧版本建立的，没有现在的全部字段。{REBUILD}")
            raise IndexOutdated(f"索引由另一版本的分析建立（{folder.analysis}，现为 {ANALYSIS_VERSION}）。{REBUILD}")
        return folder

    def _next(self) -> Folder:
        numbers = [int(p.name[1:]) for p in self.root.glob("v*") if p.name[1:].isdigit()]
        return Folder.create(self.root / f"v{max(numbers, default=0) + 1:06d}")

    def _sweep(self) -> str | None:
        """Take away what a killed writer left behind; the name of the folder that is searched."""
        current = read_pointer(self.root)
        for stale in self.root.glob("v*"):
            if stale.name != current:
                shutil.rmtree(stale, ignore_errors=True)
        return current

    def _create(self) -> Folder:
        folder = self._next()
        self._switch(folder)
        return folder

    def _switch(self, folder: Folder) -> None:
        replace_file(self.root / "current", folder.path.name)
        with self._guard:
            self._folder, self._pointer = None, None
