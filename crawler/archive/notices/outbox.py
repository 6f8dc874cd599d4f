"""The outbox: a notice is kept before it is sent, tried again with a growing pause where it could not be, and never sent twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crawler.archive.database import Database, plain
from crawler.archive.schema import notices

State = Literal["waiting", "sending", "sent", "unsure", "given_up"]
STATES: tuple[State, ...] = get_args(State)
PAUSES = (5, 15, 60, 4 * 60, 12 * 60, 24 * 60)
"""Minutes until a notice is tried again, after the first failure, the second and so on; the last one repeats."""
PATIENCE = timedelta(days=7)
"""How long a notice is tried: then it is given up, which `notify list` and `doctor` tell."""
TAKEN = timedelta(minutes=15)
"""A notice that has been with a sender for so long was with one that died: nobody knows whether it went out."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One text for one address. `kind` is who sends it (night, digest), `key` what it is about: a kind's key goes to an address once.

    `state` is waiting, sending, sent, unsure (the sender died while it sent: it is not sent again by itself) or given_up; `reason` says why the last
    try failed. It never holds a secret.
    """

    id: int
    kind: str
    key: str
    address: str
    title: str
    text: str
    html: str
    created_at: datetime
    state: State
    attempts: int
    next_try: datetime
    taken_at: datetime | None
    sent_at: datetime | None
    reason: str


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self,
        kind: str,
        key: str,
        addresses: Iterable[str],
        *,
        title: str,
        text: str,
        html: str = "",
        now: datetime | None = None,
    ) -> int:
        """Keep one notice for each address (by its name) that has none of this kind and key; how many are new."""
        moment = now or datetime.now(UTC)
        values = {
            "kind": kind,
            "key": plain(key),
            "title": plain(title),
            "body": plain(text),
            "html": plain(html),
            "created_at": moment,
            "state": "waiting",
            "attempts": 0,
            "next_try": moment,
            "reason": "",
        }
        new = 0
        with self._database.writer() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for address in dict.fromkeys(addresses):
                statement = insert(notices).values(address=plain(address), **values)
                kept = statement.on_conflict_do_nothing().returning(notices.c.id)
                new += connection.execute(kept).first() is not None
        return new

    def due(self, kind: str, now: datetime, limit: int = 200) -> list[Notice]:
        """Those that wait and whose time has come, oldest first. Marks as unsure what a dead sender left."""
        of_kind = notices.c.kind == kind
        lost = of_kind & (notices.c.state == "sending") & (notices.c.taken_at < now - TAKEN)
        query = (
            select(notices)
            .where(of_kind, notices.c.state == "waiting", notices.c.next_try <= now)
            .order_by(notices.c.id)
            .limit(limit)
        )
        with self._database.reader() as connection:
            left = connection.execute(select(notices.c.id).where(lost)).first()
            waiting = [_notice(row) for row in connection.execute(query)]
        if left is not None:
            with self._database.writer(alone=False) as connection:
                connection.execute(update(notices).where(lost).values(state="unsure"))
        return waiting

    def take(self, notice: int, now: datetime) -> bool:
        """Note that a notice is about to be sent; False where another sender has it, or had it."""
        free = (notices.c.id == notice) & (notices.c.state == "waiting")
        values = {"state": "sending", "taken_at": now, "attempts": notices.c.attempts + 1}
        with self._database.writer(alone=False) as connection:
            return bool(connection.execute(update(notices).where(free).values(values)).rowcount)

    def sent(self, notice: int, now: datetime) -> None:
        """Note that a notice that was taken has gone out."""
        self._settle(notice, {"state": "sent", "sent_at": now, "reason": ""})

    def failed(self, notice: Notice, reason: str, now: datetime) -> None:
        """Note that a notice that was taken could not be sent: it waits longer each time, and is given up after PATIENCE."""
        pause = timedelta(minutes=PAUSES[min(notice.attempts, len(PAUSES) - 1)])
        state: State = "given_up" if now + pause - notice.created_at > PATIENCE else "waiting"
        self._settle(notice.id, {"state": state, "next_try": now + pause, "reason": plain(reason)})

    def again(self, notice: int, now: datetime) -> bool:
        """Let one that is unsure, given up or waiting be sent at the next opportunity; False where there is no such notice, or it was sent."""
        stuck = (notices.c.id == notice) & notices.c.state.in_(("unsure", "given_up", "waiting"))
        values = {"state": "waiting", "next_try": now, "created_at": now}
        with self._database.writer(alone=False) as connection:
            return bool(connection.execute(update(notices).where(stuck).values(values)).rowcount)

    def unsent(self, kind: str | None = None, limit: int = 100) -> list[Notice]:
        """Those that have not gone out, newest first."""
        query = select(notices).where(notices.c.state != "sent").order_by(notices.c.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(notices.c.kind == kind)
        with self._database.reader() as connection:
            return [_notice(row) for row in connection.execute(query)]

    def of_address(self, kind: str, address: str, limit: int = 20) -> list[Notice]:
        """The last notices of an address, sent or not, newest first."""
        here = (notices.c.kind == kind) & (notices.c.address == address)
        query = select(notices).where(here).order_by(notices.c.id.desc()).limit(limit)
        with self._database.reader() as connection:
            return [_notice(row) for row in connection.execute(query)]

    def counts(self) -> dict[State, int]:
        """How many there are in each state."""
        query = select(notices.c.state, func.count()).group_by(notices.c.state)
        with self._database.reader() as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    def drop(self, kind: str, address: str) -> int:
        """Forget what waits for an address that is no more; how many there were."""
        unsent = (notices.c.kind == kind) & (notices.c.address == address) & (notices.c.state != "sent")
        with self._database.writer(alone=False) as connection:
            return int(connection.execute(delete(notices).where(unsent)).rowcount)

    def _settle(self, notice: int, values: dict[str, object]) -> None:
        taken = (notices.c.id == notice) & notices.c.state.in_(("sending", "unsure"))
        with self._database.writer(alone=False) as connection:
            connection.execute(update(notices).where(taken).values(values))


def _notice(row: Row[tuple[object, ...]]) -> Notice:
    return Notice(**{"text" if name == "body" else name: value for name, value in row._mapping.items()})
