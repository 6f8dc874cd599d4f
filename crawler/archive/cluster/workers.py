"""The worker processes of a cluster: each has a row, and says every few seconds that it is alive. The database's clock counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from crawler.archive.database import Database
from crawler.archive.errors import ArchiveError
from crawler.archive.schema import cluster_workers

BEAT_SECONDS = 5.0
"""Between two signs of life."""
SILENT_SECONDS = 40.0
"""After so much silence a worker counts as dead."""


@dataclass(frozen=True, slots=True)
class Worker:
    """`visits` sites side by side, `extracts` processes that extract, `indexes`: whether it writes the index; `silent` seconds since its last sign of life."""

    name: str
    host: str
    process: int
    version: str
    visits: int
    extracts: int
    indexes: bool
    started_at: datetime
    seen_at: datetime
    silent: float

    @property
    def alive(self) -> bool:
        return self.silent < SILENT_SECONDS


class ClusterWorkers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Worker]:
        """All that have a row, by name; dead ones are there until they are forgotten or start again."""
        silent = func.extract("epoch", func.now() - cluster_workers.c.seen_at).label("silent")
        with self._database.reader() as connection:
            if connection.dialect.name != "postgresql":
                return []
            rows = connection.execute(select(cluster_workers, silent).order_by(cluster_workers.c.name)).all()
        return [_worker(row) for row in rows]

    def alive(self) -> list[Worker]:
        return [worker for worker in self.all() if worker.alive]

    def join(
        self, name: str, host: str, process: int, version: str, *, visits: int, extracts: int, indexes: bool
    ) -> None:
        """Take a name. Raises ArchiveError where a living worker has it."""
        with self._database.writer() as connection:
            holder = next((w for w in self.alive() if w.name == name), None)
            if holder is not None:
                raise ArchiveError(
                    f"名为 {name} 的工作进程还活着（{holder.host}，进程 {holder.process}）："
                    f"另起一个名字（--name），或等它 {SILENT_SECONDS:.0f} 秒没有声息以后再试"
                )
            values = {
                "host": host,
                "process": process,
                "version": version,
                "visits": visits,
                "extracts": extracts,
                "indexes": indexes,
                "started_at": func.now(),
                "seen_at": func.now(),
            }
            statement = insert(cluster_workers).values(name=name, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))

    def beat(self, name: str, process: int) -> bool:
        """A sign of life; whether the name is still this process's."""
        here = (cluster_workers.c.name == name) & (cluster_workers.c.process == process)
        with self._database.writer(alone=False) as connection:
            return bool(connection.execute(update(cluster_workers).where(here).values(seen_at=func.now())).rowcount)

    def leave(self, name: str, process: int | None = None) -> bool:
        """Give a name back (`process`: only if it is that one's); whether there was one."""
        here = cluster_workers.c.name == name
        if process is not None:
            here &= cluster_workers.c.process == process
        with self._database.writer(alone=False) as connection:
            return bool(connection.execute(delete(cluster_workers).where(here)).rowcount)

    def now(self) -> datetime:
        """The database's time."""
        with self._database.reader() as connection:
            moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment

    def schema(self) -> str:
        """The migration that the database has now."""
        with self._database.reader() as connection:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _worker(row: Row[tuple[object, ...]]) -> Worker:
    return Worker(**{**row._mapping, "silent": float(row._mapping["silent"])})
