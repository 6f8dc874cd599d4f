"""Locks that hold across machines: PostgreSQL's advisory locks, on a connection of their own, which the server ends when nothing is heard of its holder.

Who holds them proves it every few seconds. The server lets go after `seconds` of silence; the holder counts on the locks only for half as long,
from the moment when it sent the last question that was answered, by a clock that runs on while the process stands still. A process that was stopped
finds out before it does anything else. After a start of the server, which knows nothing of earlier locks, nobody gets any for half of `seconds`.
"""

from __future__ import annotations

import hashlib
import select
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from sqlalchemy import make_url, text

from crawler.archive import errors
from crawler.archive.database import Database
from crawler.archive.errors import ArchiveError

if TYPE_CHECKING:
    from psycopg import Connection

LEASE_SECONDS = 90.0
"""Longer than twice the time that one answer of a site may take (`SitePolicy.timeout`): when the locks go, the last request is over."""
_LOOKS = 0.25  # between two tries for a lock
_PINGS = 8  # of a lease's time


class Lease:
    """Locks under some names, all or none. Threads may share it. `release` when done; a holder that dies loses them at once, one that is stopped after `seconds`."""

    def __init__(self, connection: Connection[tuple[object, ...]], seconds: float, proved: float) -> None:
        self._connection, self._seconds, self._proved = connection, seconds, proved
        self._lost = False
        self._busy = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._keep, daemon=True, name="lease").start()

    @classmethod
    def take(
        cls,
        database: str,
        archive: str,
        names: Iterable[str],
        *,
        seconds: float = LEASE_SECONDS,
        wait: float = 0.0,
        settled: bool = True,
        shared: bool = False,
    ) -> Self | None:
        """The locks of an archive (its name) at this URL; None where one of them is another's and does not come free within `wait` seconds.

        `settled=False`: also right after a start of the server, and one that is too old to end silent sessions; for locks on which no site hangs.
        `shared`: others may have them too that ask so. Raises ArchiveError.
        """
        import psycopg

        keys = sorted({_key(archive, name) for name in names})
        ends = time.monotonic() + wait
        where = make_url(database).render_as_string()
        try:
            connection = psycopg.connect(libpq_url(database), autocommit=True, connect_timeout=10)
            try:
                try:
                    connection.execute(f"SET idle_session_timeout = {int(seconds * 1000)}")
                except psycopg.errors.UndefinedObject as error:
                    if settled:
                        raise ArchiveError(f"多机采集需要 PostgreSQL 14 或更新的版本（{where}）") from error
                while settled and not _settled(connection, seconds):
                    if time.monotonic() >= ends:
                        connection.close()
                        return None
                    time.sleep(_LOOKS)
                held = 0  # in sorted order: who wants the same ones waits for the first and has none of the others
                while held < len(keys):
                    proved = _clock()
                    if _try(connection, keys[held], shared):
                        held += 1
                    elif time.monotonic() >= ends:
                        connection.close()
                        return None
                    else:
                        time.sleep(_LOOKS)
                if not keys:
                    proved = _clock()
                    connection.execute("SELECT 1")
                return cls(connection, seconds, proved)
            except BaseException:
                connection.close()
                raise
        except psycopg.Error as error:
            raise (errors.of_database(error, where) or ArchiveError(f"{error}（{where}）")) from error

    @property
    def holds(self) -> bool:
        """Whether the locks are certainly still held. Once False, always False."""
        if self._lost or _clock() - self._proved >= self._seconds / 2:
            self._lost = True
        elif self._busy.acquire(timeout=self._seconds / _PINGS):
            try:  # whatever the server says unasked is that it ends the connection
                readable, _, _ = select.select([self._connection.fileno()], [], [], 0)
                self._lost = self._lost or bool(readable)
            except (OSError, ValueError):
                self._lost = True
            finally:
                self._busy.release()
        else:
            self._lost = True
        return not self._lost

    def release(self) -> None:
        self._ended.set()
        with self._busy:
            self._lost = True
            self._connection.close()

    def _keep(self) -> None:
        import psycopg

        while not self._ended.wait(self._seconds / _PINGS):
            with self._busy:
                asked = _clock()
                try:
                    if self._ended.is_set() or self._lost:
                        return
                    self._connection.execute("SELECT 1")
                except psycopg.Error:
                    self._lost = True  # whoever counts on the locks asks `holds`
                    return
                self._proved = asked


def is_held(database: Database, name: str) -> bool:
    """Whether anybody holds the lock of this name of a PostgreSQL archive; nobody's own is touched by the question. False for SQLite."""
    with database.reader() as connection:
        if connection.dialect.name != "postgresql":
            return False
        key = _key(database.name, name) & (1 << 64) - 1
        found = connection.execute(_HELD, {"high": key >> 32, "low": key & (1 << 32) - 1})
        return found.first() is not None


_HELD = text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid::bigint = :high AND objid::bigint = :low LIMIT 1"
)


def libpq_url(database: str) -> str:
    """The same address without the name of a driver, as libpq reads it."""
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


def _key(archive: str, name: str) -> int:
    """PostgreSQL's locks are numbers, of the whole database, which may hold several archives."""
    return int.from_bytes(hashlib.sha256(f"{archive}\n{name}".encode()).digest()[:8], signed=True)


def _try(connection: Connection[tuple[object, ...]], key: int, shared: bool) -> bool:
    query = "SELECT pg_try_advisory_lock_shared(%s)" if shared else "SELECT pg_try_advisory_lock(%s)"
    row = connection.execute(query, (key,)).fetchone()
    return bool(row and row[0])


def _settled(connection: Connection[tuple[object, ...]], seconds: float) -> bool:
    query = "SELECT clock_timestamp() - pg_postmaster_start_time() >= make_interval(secs => %s)"
    row = connection.execute(query, (seconds / 2,)).fetchone()
    return bool(row and row[0])


def _clock() -> float:
    """Seconds that go on while the process is stopped and while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
