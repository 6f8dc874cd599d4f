"""Locks: a verb that writes takes its lock file in the data folder, on PostgreSQL a night one of the database; both are released when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crawler.archive import Archive
from crawler.archive.cluster.lease import Lease
from crawler.archive.nights.night import VERB
from crawler.configuration import Settings
from crawler.terminal import Refusal


@contextmanager
def lock(data: Path, verb: str) -> Iterator[None]:
    """Holds DATA/locks/VERB.lock. Raises Refusal where another process holds it, with that process's id."""
    folder = data / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{verb}.lock").open("a+") as file:
        if not _take(file):
            file.seek(0)
            holder = file.read().strip() or "未知"
            raise Refusal(f"另一个 {verb} 正在运行（进程 {holder}），同一数据目录 {data} 一次只能运行一个")
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def night_lock(settings: Settings, archive: Archive) -> Iterator[None]:
    """One night at a time in an archive and in a data folder; on PostgreSQL whichever machine it runs on. Raises Refusal, ArchiveError."""
    if not settings.database.startswith("postgres"):
        with lock(settings.data, "nightly"):
            yield
        return
    lease = Lease.take(settings.database, archive.database.name, [VERB], settled=False)
    if lease is None:
        raise Refusal("另一个 nightly 正在运行（在这台或别的机器上），同一文库一次只能运行一个；见 zhaoshang status")
    try:
        with lock(settings.data, "nightly"):  # tells this machine that its night runs
            yield
    finally:
        lease.release()


def _take(file: IO[str]) -> bool:
    for wait in (0.1, 0.0):  # whoever looks whether a night runs holds the lock for a moment
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(wait)
    return False
