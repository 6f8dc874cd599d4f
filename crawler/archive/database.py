"""The connection: SQLite or PostgreSQL, transactions, and the change number that orders what readers of the archive see.

One writer at a time where it matters. On SQLite every write transaction begins IMMEDIATE. On PostgreSQL those that write several rows, or take a
change number, first lock the counter's row: nobody takes a higher number before the lower one is committed, so that a reader who
has seen change n will never be shown a lower one later; and two writers cannot wait for each other. See docs/decisions/0031.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Row,
    bindparam,
    create_engine,
    event,
    exc,
    inspect,
    make_url,
    select,
    update,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.sql import ColumnElement, Select

from crawler.archive import errors
from crawler.archive.errors import ArchiveError
from crawler.archive.schema import counters
from crawler.archive.store.capture_store import CaptureStore
from crawler.archive.store.read_ahead import ReadAhead
from crawler.configuration import Settings

BUSY_SECONDS = 60
"""How long a writer waits for another before it gives up."""
CACHE_KIB = 8 * 1024
"""What a connection of SQLite keeps of the file in memory; a process may hold 64 connections."""
BATCH = 500
"""Rows that are read, and keys that are asked for, at a time."""
_Value = TypeVar("_Value")


class _Here(threading.local):
    """A thread's open transaction."""

    connection: Connection | None = None


class Database:
    """What the parts of the archive share: `reader()`, `writer()` and `transaction()`."""

    def __init__(self, engine: Engine, folder: Path, store: CaptureStore | None = None, machine: str = "") -> None:
        self.engine = engine
        self.folder = folder  # DATA
        self.store = store
        self.machine = machine  # this one's name
        self.read_ahead = ReadAhead()
        self.captures_folder = folder / "captures"
        self._writer = engine.execution_options(writing=True)
        self._here = _Here()

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """A connection to read with: the open transaction's in this thread, else one of its own."""
        current = self._current()
        if current is not None:
            yield current
            return
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writer(self, *, alone: bool = True) -> Iterator[Connection]:
        """A transaction to write in: the open one in this thread, else one that is committed at the end.

        `alone=False` only for what writes a single row and takes no change number.
        """
        current = self._current()
        if current is not None:
            yield current
            return
        with self._writer.connect() as connection, connection.begin():
            if alone and connection.dialect.name == "postgresql":
                _lock(connection)
            self._here.connection = (
                connection  # calls within join: a second transaction of the same thread would wait for the first
            )
            try:
                yield connection
            finally:
                self._here.connection = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All calls of this thread within are committed together, or not at all. Keep it short: other writers wait."""
        with self.writer():
            yield

    def in_batches(self, query: Select[Any], key: ColumnElement[Any]) -> Iterator[Row[Any]]:
        """The rows of a query in the order of `key`, one of its columns, which has no value twice. Between two batches no transaction is open."""
        batch = query.order_by(key).limit(BATCH)
        following = batch
        while True:
            with self.reader() as connection:
                rows = connection.execute(following).all()
            if not rows:
                return
            yield from rows
            following = batch.where(key > rows[-1]._mapping[key])

    @cached_property
    def name(self) -> str:
        """Eight hex digits that tell this archive from another that may use the same folder."""
        with self.reader() as connection:
            number = connection.execute(select(counters.c.value).where(counters.c.name == "archive")).scalar_one()
        return f"{number:08x}"

    def _current(self) -> Connection | None:
        return self._here.connection

    def close(self) -> None:
        self.engine.dispose()


_NEXT = (
    update(counters).where(counters.c.name == "change").values(value=counters.c.value + 1).returning(counters.c.value)
)
_NEXT_OF_MANY = (
    update(counters)
    .where(counters.c.name == "change")
    .values(value=counters.c.value + bindparam("many"))
    .returning(counters.c.value)
)
_LAST = select(counters.c.value).where(counters.c.name == "change")


def batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Values in lists that are short enough for one statement."""
    listed = list(values)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]


def next_change(connection: Connection) -> int:
    """Take the next change number. It is kept or lost with the transaction."""
    return int(connection.execute(_NEXT).scalar_one())


def take_changes(connection: Connection, many: int) -> int:
    """Take the next `many` change numbers; the first of them."""
    return int(connection.execute(_NEXT_OF_MANY, {"many": many}).scalar_one()) - many + 1


def last_change(connection: Connection) -> int:
    """The highest change number that is committed; 0 at first."""
    return int(connection.execute(_LAST).scalar_one())


def _lock(connection: Connection) -> None:
    connection.execute(_LAST.with_for_update())


def connect(settings: Settings) -> Engine:
    """An engine for the settings' database, the data folder made. Raises ArchiveError."""
    make_folder(settings.data)
    make_folder(settings.data / "captures")
    try:
        url = _url(settings)
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, pool_size=8, max_overflow=56, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "do_connect", _connect_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (exc.ArgumentError, ModuleNotFoundError) as error:
        raise errors.of_url(error) from error
    event.listen(engine, "handle_error", partial(_explain, url.render_as_string()), retval=True)
    return engine


def missing_archive(settings: Settings) -> str | None:
    """In one line that there is no archive at the place of the settings, and what to do; None where there is one, or where one was. Raises ArchiveError where a server cannot be asked."""
    url = _url(settings)
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        if (file.exists() and file.stat().st_size) or (not settings.database and _beside(settings)):
            return None
        place = str(file if settings.database else settings.data.absolute())
    else:
        engine = connect(settings)
        try:
            if inspect(engine).has_table("alembic_version"):
                return None
        finally:
            engine.dispose()
        place = url.render_as_string()
    name = "ZHAOSHANG_DATABASE" if settings.database else "ZHAOSHANG_DATA"
    return f"{place} 里没有文库：设置 {name} 写错了，或者还没有收过：zhaoshang demo 看示例，zhaoshang nightly 采集已启用的来源，zhaoshang import 导入"


def refuse_emptied(engine: Engine, settings: Settings) -> None:
    """Raises ArchiveError where the data folder's own database is new or empty, but captures or an index lie beside it: it was lost, and a new one would hide that."""
    if settings.database or not (beside := _beside(settings)):
        return
    with engine.connect() as connection:
        if inspect(connection).has_table("alembic_version"):
            return
    raise ArchiveError(
        f"档案库 {settings.data / 'archive.sqlite'} 是空的，旁边却有{beside}：它丢失或被清空了。"
        "从备份恢复（zhaoshang archive restore）；确实要从头开始，就先把 captures 和 index 移走"
    )


def _beside(settings: Settings) -> str:
    """What lies in the data folder of an archive that was there; '' for nothing."""
    left = [
        path for path in (settings.data / "captures").glob("zhaoshang-*.warc.gz*") if not path.name.endswith(".new")
    ]
    index = (settings.data / "index" / "current").exists()
    return "、".join([*([f"{len(left)} 个 WARC 文件"] if left else []), *(["索引"] if index else [])])


def make_folder(folder: Path) -> None:
    """Have a folder; a new one is one that can be written to. Raises ArchiveError."""
    probe = folder / ".writable"
    try:
        if folder.is_dir():
            return  # whoever writes finds out whether that can be done; an archive on a full or read-only disk can be read
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise errors.of_os(error, folder) from error


def _url(settings: Settings) -> URL:
    if not settings.database:
        return URL.create(
            "sqlite", database=str(settings.data / "archive.sqlite")
        )  # not by text: a path may hold ? and %
    try:
        url = make_url(settings.database)
    except (exc.ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise errors.of_url(error) from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ArchiveError(f"ZHAOSHANG_DATABASE 只支持 SQLite 和 PostgreSQL：{url.render_as_string()}")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise ArchiveError("ZHAOSHANG_DATABASE 不能是内存数据库：各阶段是不同的进程")
    return url


def _connect_sqlite(
    _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]
) -> sqlite3.Connection:
    """A connection; one that only reads where the disk is full or read-only. There SQLite cannot make the files through which processes share the
    database, so that it is read as it lies, which is whole where no log of changes lies beside it."""
    connection: sqlite3.Connection = sqlite3.connect(*arguments, **options)
    try:
        _prepare_sqlite(connection)
        connection.execute("SELECT count(*) FROM sqlite_master").close()
    except sqlite3.OperationalError as error:
        connection.close()
        path = Path(str(arguments[0]))
        log = path.with_name(f"{path.name}-wal")
        refused = any(
            words in str(error).lower() for words in ("disk is full", "disk i/o", "readonly", "unable to open")
        )
        if not refused or not path.exists() or not path.stat().st_size or (log.exists() and log.stat().st_size):
            raise
        uri = f"{path.absolute().as_uri()}?immutable=1"
        connection = sqlite3.connect(uri, **{**options, "uri": True})
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = ON").close()
    return connection


def _prepare_sqlite(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a reader that turns writer in mid-transaction would fail at once with "locked" when another wrote meanwhile.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _explain(where: str, context: ExceptionContext) -> ArchiveError | None:
    if context.is_pre_ping:  # the pool's own question whether a connection still lives; it makes a new one
        return None
    if isinstance(context.sqlalchemy_exception, exc.IntegrityError | exc.ProgrammingError | exc.DataError):
        return None
    return errors.of_database(context.original_exception, where)


def dumps(value: Any) -> str:
    """JSON text for a column: Chinese as it is, NUL escaped, and no lone surrogates, which no database takes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8")


def plain(text: str) -> str:
    """Text for a column: without NUL, which PostgreSQL refuses, and without lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
