"""One at a time: what takes records out of WARC files, and what copies them."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.archive import errors
from crawler.archive.cluster.lease import Lease
from crawler.archive.database import Database
from crawler.archive.errors import ArchiveError

_NAME = "keeping"
_OTHER = "另一个 archive backup 或 archive forget 正在运行，等它结束后再试"


@contextmanager
def exclusive(database: Database) -> Iterator[Callable[[], None]]:
    """Holds DATA/locks/keeping.lock, and on PostgreSQL a lock of the archive's, for other machines.

    What it yields makes sure that the lock is still held: asked before what cannot be taken back, it raises ArchiveError where this process stood still or was cut off
    for so long that another may have begun. Raises ArchiveError where another process holds the lock; it comes free when the process ends.
    """
    with _on_this_machine(database.folder):
        if database.engine.dialect.name != "postgresql":
            yield lambda: None
            return
        address = database.engine.url.render_as_string(hide_password=False)
        lease = Lease.take(address, database.name, [_NAME], settled=False)
        if lease is None:
            raise ArchiveError(f"{_OTHER}（在这台或别的机器上）")

        def sure() -> None:
            if not lease.holds:
                raise ArchiveError("与数据库断了一阵，别的机器可能已经接手：再运行一次同样的命令")

        try:
            yield sure
        finally:
            lease.release()


@contextmanager
def _on_this_machine(data: Path) -> Iterator[None]:
    path = data / "locks" / f"{_NAME}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ArchiveError(_OTHER) from None
            yield
    except OSError as error:
        if Path(str(error.filename)) != path:
            raise
        raise errors.of_os(error, path) from error
