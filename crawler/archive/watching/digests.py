"""Digests: what was new in a saved search, kept before it is sent, so that nothing is lost or told twice whenever a process ends.

A digest and the mark up to which its search has looked are written in one transaction. Whoever sends it first puts off its next try: where that process
dies, another one sends the same digest again, under the same id.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from crawler.archive.database import Database, dumps, plain
from crawler.archive.schema import digests, watches
from crawler.archive.watching.watches import Watch, as_pending

PAUSES = tuple(timedelta(minutes=m) for m in (15, 30, 60, 120, 240, 480, 720))
"""How long after a first, second … try that did not succeed the next one is made; the last holds for all later ones."""
GIVEN_UP = timedelta(days=7)  # of failures: the recipient is switched off
KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Digest:
    """`articles`: ids of those that are listed; `total` counts all that were new, `again` those of them that republish what was there before; `since` is
    when the first of them came. `next_try` None: nothing more is tried."""

    id: str
    watch: str
    articles: tuple[str, ...]
    total: int
    again: int
    since: datetime
    made_at: datetime
    attempts: int
    next_try: datetime | None
    sent_at: datetime | None
    fault: str


class Digests:
    def __init__(self, database: Database) -> None:
        self._database = database

    def look(
        self,
        watch: Watch,
        *,
        mark: int,
        pending: Sequence[str],
        due_at: datetime,
        found: tuple[Sequence[str], int, int, datetime] | None,
        now: datetime | None = None,
    ) -> Digest | None:
        """Move a search's mark and due time, and keep what was new (articles listed, total, again, since) as a digest, in one.

        None, and nothing is changed, where another process moved it meanwhile or it is no longer on; None too where nothing was new.
        """
        now = now or datetime.now(UTC)
        as_it_was = (
            (watches.c.token == watch.token) & (watches.c.mark == watch.mark) & (watches.c.due_at == watch.due_at)
        )
        with self._database.writer() as connection:
            values = {"mark": mark, "pending": as_pending(pending), "due_at": due_at}
            moved = update(watches).where(as_it_was, watches.c.state == "on").values(values)
            if not connection.execute(moved).rowcount or found is None:
                return None
            ids, total, again, since = found
            digest = Digest(
                secrets.token_hex(12),
                watch.token,
                tuple(ids),
                total,
                again=again,
                since=since,
                made_at=now,
                attempts=0,
                next_try=now,
                sent_at=None,
                fault="",
            )
            row = {name: getattr(digest, name) for name in Digest.__slots__}
            connection.execute(insert(digests).values({**row, "articles": dumps(list(ids))}))
        return digest

    def to_send(self, now: datetime, limit: int = 500) -> list[Digest]:
        """Those whose next try has come, of searches that are on, oldest first. A try far ahead of the longest pause was set by a wrong clock."""
        due = (digests.c.next_try <= now) | (digests.c.next_try > now + 2 * PAUSES[-1])
        query = select(digests).join(watches).where(due, watches.c.state == "on").order_by(digests.c.made_at)
        with self._database.reader() as connection:
            return [_read(row) for row in connection.execute(query.limit(limit))]

    def take(self, digest: Digest, now: datetime) -> bool:
        """Count a try and put off the next one; False where another process sends it, or did."""
        pause = PAUSES[min(digest.attempts, len(PAUSES) - 1)]
        same = (digests.c.id == digest.id) & (digests.c.attempts == digest.attempts) & digests.c.next_try.is_not(None)
        values = {"attempts": digest.attempts + 1, "next_try": now + pause}
        with self._database.writer(alone=False) as connection:
            return bool(connection.execute(update(digests).where(same).values(values)).rowcount)

    def sent(self, digest: Digest, now: datetime) -> None:
        """It arrived."""
        with self._database.writer() as connection:
            values = {"sent_at": now, "next_try": None, "fault": ""}
            connection.execute(update(digests).where(digests.c.id == digest.id).values(values))
            connection.execute(update(watches).where(watches.c.token == digest.watch).values(failing_since=None))

    def failed(self, digest: Digest, fault: str, now: datetime) -> datetime:
        """It did not; since when its recipient fails."""
        with self._database.writer() as connection:
            self.note(digest, fault)
            here = watches.c.token == digest.watch
            since: datetime = connection.execute(select(watches.c.failing_since).where(here)).scalar() or now
            connection.execute(update(watches).where(here).values(failing_since=since))
        return since

    def note(self, digest: Digest, fault: str) -> None:
        """What went wrong with the last try, through no fault of the recipient."""
        with self._database.writer(alone=False) as connection:
            connection.execute(update(digests).where(digests.c.id == digest.id).values(fault=plain(fault)[:500]))

    def give_up(self, digest: Digest, why: str) -> None:
        """It is not sent any more."""
        with self._database.writer(alone=False) as connection:
            values = {"next_try": None, "fault": plain(why)}
            connection.execute(update(digests).where(digests.c.id == digest.id).values(values))

    def of(self, token: str, limit: int = 10) -> list[Digest]:
        """The last digests of a search, newest first."""
        query = select(digests).where(digests.c.watch == token).order_by(digests.c.made_at.desc()).limit(limit)
        with self._database.reader() as connection:
            return [_read(row) for row in connection.execute(query)]

    def delete_old(self, now: datetime) -> None:
        """Those that are settled for half a year."""
        old = digests.c.next_try.is_(None) & (digests.c.made_at < now - KEPT)
        with self._database.reader() as connection:
            if connection.execute(select(digests.c.id).where(old).limit(1)).first() is None:
                return
        with self._database.writer() as connection:
            connection.execute(delete(digests).where(old))


def _read(row: Row[Any]) -> Digest:
    return Digest(**{**row._mapping, "articles": tuple(json.loads(row.articles))})
