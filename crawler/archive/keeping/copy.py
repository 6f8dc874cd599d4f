"""All rows of one database into another, empty one, SQLite or PostgreSQL: one state of the source, in one transaction of the target, counted and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.database import BATCH, connect
from crawler.archive.errors import ArchiveError
from crawler.archive.migrations.migrate import migrate
from crawler.archive.schema import captures, counters, metadata
from crawler.configuration import Settings

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sum:
    """What a table holds: how many rows, and a digest that does not hang on their order."""

    rows: int = 0
    digest: int = 0

    def plus(self, row: tuple[Any, ...]) -> Sum:
        one = int.from_bytes(sha256(repr(row).encode("utf-8", "surrogatepass")).digest())
        return Sum(self.rows + 1, (self.digest + one) % (1 << 256))


def copy(source: Engine, settings: Settings, progress: Progress = lambda done, total: None) -> dict[str, int]:
    """Copy the database of `source` into the one of `settings`; the rows of each table. Raises ArchiveError where that is not empty, or where the copy differs."""
    target = connect(settings)
    try:
        with snapshot(source) as old:
            return copy_rows(old, target, progress)
    except SQLAlchemyError as error:
        raise ArchiveError(f"没有复制成：{' '.join(str(error).split())[:300]}") from error
    finally:
        target.dispose()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database, whatever others write meanwhile."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def copy_rows(old: Connection, target: Engine, progress: Progress) -> dict[str, int]:
    """The same, from an open snapshot."""
    migrate(target)
    tables = metadata.sorted_tables
    total = sum(_count(old, table) for table in tables)
    sums: dict[str, Sum] = {}
    done = 0
    with target.execution_options(writing=True).connect() as new, new.begin():
        if full := [table.name for table in tables if table is not counters and _count(new, table)]:
            raise ArchiveError(f"目标数据库不是空的（表 {'、'.join(full[:3])} 里有内容）：请另建一个空的")
        new.execute(delete(counters))
        for table in tables:
            found = Sum()
            for rows in _rows(old, table):
                for row in rows:
                    found = found.plus(tuple(row))
                _insert(new, table, [dict(row._mapping) for row in rows])
                done += len(rows)
                progress(done, total)
            sums[table.name] = found
        _point_at_originals(old, new)
        for table in tables:
            arrived = Sum()
            for rows in _rows(new, table):
                for row in rows:
                    arrived = arrived.plus(tuple(row))
            if arrived != sums[table.name]:
                said = f"{sums[table.name].rows:,} 行，写入后 {arrived.rows:,} 行"
                raise ArchiveError(f"复制后表 {table.name} 与原来不同（{said}），没有留下任何改动")
        _go_on_counting(new)
    return {name: found.rows for name, found in sums.items()}


def _count(connection: Connection, table: Table) -> int:
    if not inspect(connection).has_table(table.name):
        return 0
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    query = select(table).order_by(*table.primary_key.columns)
    yield from connection.execution_options(yield_per=BATCH).execute(query).partitions()


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if table is captures:  # a capture may refer to a later one, which is not there yet
        rows = [row | {"refers_to": None} for row in rows]
    connection.execute(insert(table), rows)


def _point_at_originals(old: Connection, new: Connection) -> None:
    query = select(captures.c.id, captures.c.refers_to).where(captures.c.refers_to.is_not(None))
    point = update(captures).where(captures.c.id == bindparam("capture")).values(refers_to=bindparam("original"))
    for rows in old.execution_options(yield_per=BATCH).execute(query).partitions():
        new.execute(point, [{"capture": row.id, "original": row.refers_to} for row in rows])


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL numbers rows from a sequence, which knows nothing of rows that came with their number."""
    if connection.dialect.name != "postgresql":
        return
    for name in ("runs", "captures", "revisions"):
        last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} HAVING max(id) IS NOT NULL"
        connection.execute(text(last))
