"""Locks: a verb that writes takes its lock file in the data folder; the system releases it when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

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


def _take(file: IO[str]) -> bool:
    for wait in (0.1, 0.0):  # whoever looks whether a night runs holds the lock for a moment
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(wait)
    return False
