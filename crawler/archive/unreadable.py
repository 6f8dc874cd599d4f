"""Captures whose record cannot be read: noted with the reason, their pages fetched again, and counted for `doctor` (docs/decisions/0301)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from crawler.archive.captures import set_outcome
from crawler.archive.database import Database
from crawler.archive.models import Capture
from crawler.archive.records.capture_files import CaptureFiles
from crawler.archive.records.warc import OPEN
from crawler.archive.revisits import next_revisit
from crawler.archive.schema import captures, pages

UNREADABLE = "存档读不出"
"""How the reason of such a capture begins, and the reason of its page until it is fetched."""


@dataclass(frozen=True, slots=True)
class UnreadableCapture:
    """A capture that was found unreadable, with no readable one of its page since. `asked_again`: its page waits to be fetched; `gone`: the site has it no longer."""

    capture: int
    url: str
    file: str
    reason: str
    asked_again: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A WARC file that is missing, or shorter than its captures' records need; `captures` of them are not known to be unreadable, and no other holds their bytes."""

    file: str
    missing: bool
    captures: int


class UnreadableCaptures:
    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, capture: Capture, reason: str) -> bool:
        """Note that a capture could not be read; whether its page is going to be fetched again.

        What was extracted from it earlier stays: damage says nothing of the article. A page that has a later capture is not asked again for an older one.
        """
        with self._database.writer() as connection:
            set_outcome(self._database, capture.id, "failed", f"{UNREADABLE}：{reason}")
            key = select(captures.c.page).where(captures.c.id == capture.id).scalar_subquery()
            later = captures.alias()
            superseded = select(later.c.id).where(
                later.c.page == key,
                later.c.id > capture.id,
                later.c.role == capture.role,
                later.c.blocked.is_(None),
                ~_is_unreadable(later.c),
            )
            if connection.execute(superseded.limit(1)).first() is not None:
                return False
            again = {"etag": None, "last_modified": None}  # the site must not answer that nothing changed
            fetched = {"state": "queued", "next_visit": None, "attempts": 0, "reason": UNREADABLE}
            connection.execute(update(pages).where(pages.c.id == key).values(again))
            connection.execute(update(pages).where(pages.c.id == key, pages.c.state == "fetched").values(fetched))
            waits = or_(pages.c.state == "queued", and_(pages.c.state != "gone", pages.c.next_visit.is_not(None)))
            return connection.execute(select(pages.c.id).where(pages.c.id == key, waits)).first() is not None

    def clear(self, capture: Capture) -> None:
        """A capture that was unreadable could be read, its file was put back: its page need not be fetched before its time."""
        with self._database.writer() as connection:
            key = select(captures.c.page).where(captures.c.id == capture.id).scalar_subquery()
            row = connection.execute(
                select(pages).where(
                    pages.c.id == key,
                    pages.c.state == "queued",
                    pages.c.reason == UNREADABLE,
                    pages.c.capture == capture.id,
                )
            ).one_or_none()
            if row is None or row.fetched_at is None:
                return
            undated = row.history and row.date is None
            due = None if undated else next_revisit(row.date, row.first_fetched or row.fetched_at, row.fetched_at)
            values = {"state": "fetched", "reason": None, "next_visit": due}
            connection.execute(update(pages).where(pages.c.id == row.id).values(values))

    def captures(self, limit: int = 100) -> list[UnreadableCapture]:
        """The captures that are known to be unreadable and whose page has no later one that was not, oldest first."""
        later = captures.alias()
        replaced = select(later.c.id).where(
            later.c.page == captures.c.page,
            later.c.id > captures.c.id,
            later.c.role == captures.c.role,
            later.c.blocked.is_(None),
        )
        waits = or_(pages.c.state == "queued", and_(pages.c.state != "gone", pages.c.next_visit.is_not(None)))
        query = (
            select(
                captures.c.id.label("capture"),
                captures.c.url,
                captures.c.file,
                captures.c.reason,
                case((waits, 1), else_=0).label("asked_again"),
                case((pages.c.state == "gone", 1), else_=0).label("gone"),
            )
            .outerjoin(pages, pages.c.id == captures.c.page)
            .where(_is_unreadable(captures.c), ~replaced.exists())
            .order_by(captures.c.id)
            .limit(limit)
        )
        with self._database.reader() as connection:
            return [
                UnreadableCapture(
                    r.capture, r.url, r.file, r.reason, asked_again=bool(r.asked_again), gone=bool(r.gone)
                )
                for r in connection.execute(query)
            ]

    def damaged_files(self) -> list[DamagedFile]:
        """WARC files that are missing or too short, told by their sizes alone; by name. What is known already is left out. Stored ones have the size that was noted: `archive check` asks the store."""
        end = captures.c.offset + captures.c.record_length
        query = select(captures.c.file, func.max(end)).where(captures.c.blocked.is_(None), ~_is_unreadable(captures.c))
        with self._database.reader() as connection:
            needed = {file: int(size) for file, size in connection.execute(query.group_by(captures.c.file))}
        rows = CaptureFiles(self._database).rows(needed)
        sizes: dict[str, int | None] = {}
        for file in needed:
            size, row = self._size(file), rows.get(file)
            if size is None and row is not None and row.stored_at is None and row.worker != self._database.machine:
                continue  # on another machine's disk: not known here
            sizes[file] = row.size if row is not None and (size or 0) < needed[file] and row.size is not None else size
        short = {file: size for file, size in sizes.items() if size is None or size < needed[file]}
        if not short:
            return []
        lost: dict[str, int] = defaultdict(int)
        for file, digest in self._records_beyond(short):
            with self._database.reader() as connection:
                copies = select(captures.c.file, end).where(captures.c.digest == digest, captures.c.refers_to.is_(None))
                lost[file] += not any(upto <= (sizes.get(name) or 0) for name, upto in connection.execute(copies))
        return [DamagedFile(file, short[file] is None, count) for file, count in sorted(lost.items()) if count]

    def _size(self, file: str) -> int | None:
        for name in (file, file + OPEN, file):  # its writer may close and rename it between two looks
            try:
                return (self._database.captures_folder / name).stat().st_size
            except FileNotFoundError:
                continue
        return None

    def _records_beyond(self, short: dict[str, int | None]) -> Iterator[tuple[str, str]]:
        """File and digest of the article captures whose record lies behind its file's end."""
        query = select(captures.c.id, captures.c.file, captures.c.digest).where(
            captures.c.role == "article", captures.c.blocked.is_(None), ~_is_unreadable(captures.c)
        )
        for file, size in short.items():
            end = captures.c.offset + captures.c.record_length
            beyond = query.where(captures.c.file == file, end > (size or 0))
            yield from ((row.file, row.digest) for row in self._database.in_batches(beyond, captures.c.id))


def is_unreadable(reason: str | None) -> bool:
    """Whether the reason on a capture says that it could not be read."""
    return reason is not None and reason.startswith(f"{UNREADABLE}：")


def _is_unreadable(columns: Any) -> ColumnElement[bool]:
    """The same for a row of captures; never NULL."""
    return and_(
        func.coalesce(columns.outcome, "") == "failed", func.coalesce(columns.reason, "").like(f"{UNREADABLE}：%")
    )
