"""A worker whose disk is lost: what lay on it alone is fetched again."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update

from crawler.archive.archive import Archive
from crawler.archive.schema import capture_files, captures


def put_back(archive: Archive, worker: str) -> tuple[int, int]:
    """Gives up a worker's files that were never put into the store: (captures in them and those that refer to them, pages that are fetched again). Can be done again."""
    lost = again = 0
    for file in archive.capture_files.unstored(worker):
        reason = f"只在 {worker} 的磁盘上（{file.name}），没有存进仓库就丢了"
        for capture in archive.captures.in_file(file.name):
            for id_ in [capture.id, *_referring(archive, capture.id)]:
                found = archive.captures.get(id_)
                if found is not None and found.outcome is None:
                    lost += 1
                    again += archive.unreadable.mark(found, reason)
        with archive.database.writer(alone=False) as connection:
            given_up = update(capture_files).where(capture_files.c.name == file.name)
            connection.execute(given_up.values(erased_at=datetime.now(UTC)))
    return lost, again


def _referring(archive: Archive, capture: int) -> list[int]:
    with archive.database.reader() as connection:
        return list(connection.execute(select(captures.c.id).where(captures.c.refers_to == capture)).scalars())
