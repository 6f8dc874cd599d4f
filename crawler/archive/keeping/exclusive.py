"""One at a time: what takes records out of WARC files, and what copies them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.archive import errors
from crawler.archive.errors import ArchiveError


@contextmanager
def exclusive(data: Path) -> Iterator[None]:
    """Holds DATA/locks/keeping.lock. Raises ArchiveError where another process holds it; the system drops it when the process ends."""
    path = data / "locks" / "keeping.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ArchiveError("另一个 archive backup 或 archive forget 正在运行，等它结束后再试") from None
            yield
    except OSError as error:
        if Path(str(error.filename)) != path:
            raise
        raise errors.of_os(error, path) from error
