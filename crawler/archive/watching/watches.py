"""Saved searches: whose they are, whom they tell, when, and up to where they have looked."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, delete, func, insert, or_, select, update

from crawler.archive.database import Database, batches, dumps, plain
from crawler.archive.schema import articles, digests, watches

Channel = Literal["mail", "webhook", "notice", "none"]
State = Literal["waiting", "on", "paused", "off"]
FARTHEST = timedelta(days=9)  # ahead of now: no watch is due later; where one is, the clock was wrong
UNCONFIRMED = timedelta(days=7)  # then it goes
DELETED = "deleted"  # owner of what is kept of one that was deleted

_ARRIVAL = (
    articles.c.id,
    articles.c.first_change,
    articles.c.first_seen,
    articles.c.change,
    articles.c.read_by,
    articles.c.cluster,
)


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search. `query` is its canonical query string; `weekday` 0–6 (Monday first), None for every day; `hour` of `zone`, an IANA name.

    `recipient` is a mail address, a web address, or '' where nobody is told; `pending` are ids from before `mark` that could not be looked at yet.
    """

    token: str
    owner: str
    title: str
    query: str
    channel: Channel
    recipient: str
    weekday: int | None
    hour: int
    zone: str
    state: State
    why: str
    secret: str
    asked_at: datetime | None
    confirmed_at: datetime | None
    mark: int
    pending: tuple[str, ...]
    due_at: datetime | None
    failing_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article by how it came: with change `first`, at `first_seen`; `change` is its last, `read` whether its text was read."""

    id: str
    first: int
    first_seen: datetime
    change: int
    read: bool
    cluster: str | None


class Watches:
    """Calls with a token that does not exist change nothing and return None or False."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        owner: str,
        title: str,
        query: str,
        *,
        channel: Channel,
        recipient: str = "",
        weekday: int | None = None,
        hour: int = 8,
        zone: str = "Asia/Shanghai",
        state: State,
        mark: int,
        due_at: datetime | None,
        now: datetime | None = None,
    ) -> Watch:
        """A new one. What came with a change up to `mark` is not new to it."""
        now = now or datetime.now(UTC)
        values: dict[str, Any] = {
            "token": secrets.token_hex(16),  # no stroke in front: it is typed in the terminal
            "owner": owner[:64],
            "title": plain(title),
            "query": plain(query),
            "channel": channel,
            "recipient": plain(recipient),
            "weekday": weekday,
            "hour": hour,
            "zone": zone,
            "state": state,
            "why": "",
            "secret": secrets.token_urlsafe(16),
            "asked_at": None,
            "confirmed_at": now if state == "on" and channel != "none" else None,
            "mark": mark,
            "pending": "[]",
            "due_at": due_at,
            "failing_since": None,
            "created_at": now,
        }
        with self._database.writer(alone=False) as connection:
            connection.execute(insert(watches).values(values))
        return Watch(**{**values, "pending": ()})

    def get(self, token: str) -> Watch | None:
        return self._one((watches.c.token == token) & (watches.c.owner != DELETED))

    def of_secret(self, secret: str) -> Watch | None:
        """The watch that a link to confirm or to stop names."""
        return self._one((watches.c.secret == secret) & (watches.c.owner != DELETED))

    def of(self, owners: Collection[str]) -> list[Watch]:
        """Those of these owners, oldest first."""
        return self._many(watches.c.owner.in_(owners))

    def all(self) -> list[Watch]:
        """Oldest first."""
        return self._many(watches.c.owner != DELETED)

    def count(self, owner: str) -> int:
        with self._database.reader() as connection:
            query = select(func.count()).select_from(watches).where(watches.c.owner == owner)
            return int(connection.execute(query).scalar_one())

    def is_confirmed(self, owner: str, channel: Channel, recipient: str) -> bool:
        """Whether this recipient agreed to be told by this owner before, and has not stopped it since."""
        same = (watches.c.owner == owner) & (watches.c.channel == channel) & (watches.c.recipient == recipient)
        agreed = watches.c.confirmed_at.is_not(None) & watches.c.state.in_(("on", "paused"))
        with self._database.reader() as connection:
            return connection.execute(select(watches.c.token).where(same, agreed).limit(1)).first() is not None

    def asked_since(self, moment: datetime, recipient: str | None = None) -> int:
        """How many confirmations were sent since then, or wait to be; to one recipient, or to all."""
        waits = (watches.c.state == "waiting") & watches.c.asked_at.is_(None)
        query = select(func.count()).select_from(watches).where(or_(watches.c.asked_at >= moment, waits))
        if recipient is not None:
            query = query.where(watches.c.recipient == recipient)
        with self._database.reader() as connection:
            return int(connection.execute(query).scalar_one())

    def change(self, token: str, **values: Any) -> Watch | None:
        """Give it other values; a new recipient gets a new secret, so that the links of the one before end."""
        if "recipient" in values:
            values["secret"] = secrets.token_urlsafe(16)
        values = {name: plain(value) if isinstance(value, str) else value for name, value in values.items()}
        with self._database.writer(alone=False) as connection:
            connection.execute(update(watches).where(watches.c.token == token).values(values))
        return self.get(token)

    def confirm(self, secret: str, due_at: datetime, now: datetime | None = None) -> Watch | None:
        """The recipient agrees. Nothing changes where it agreed before."""
        waiting = (watches.c.secret == secret) & (watches.c.state == "waiting")
        values = {"state": "on", "why": "", "confirmed_at": now or datetime.now(UTC), "due_at": due_at}
        with self._database.writer(alone=False) as connection:
            connection.execute(update(watches).where(waiting).values(values))
        return self.of_secret(secret)

    def stop(self, secret: str, why: str) -> Watch | None:
        """The recipient wants no more: it is off, and whoever made it cannot put it on again without being agreed to anew."""
        found = self.of_secret(secret)
        if found is not None:
            self.switch_off(found.token, why)
        return self.of_secret(secret)

    def switch_off(self, token: str, why: str) -> None:
        """Nothing more is sent; what waits to be sent is given up."""
        with self._database.writer() as connection:
            values = {"state": "off", "why": plain(why), "confirmed_at": None, "due_at": None, "failing_since": None}
            connection.execute(update(watches).where(watches.c.token == token).values(values))
            waits = (digests.c.watch == token) & digests.c.next_try.is_not(None)
            connection.execute(update(digests).where(waits).values(next_try=None))

    def delete(self, token: str) -> None:
        """It goes with its digests. That its recipient was asked is kept for some days: nobody is asked again and again."""
        with self._database.writer() as connection:
            connection.execute(delete(digests).where(digests.c.watch == token))
            here = watches.c.token == token
            connection.execute(delete(watches).where(here, watches.c.asked_at.is_(None)))
            values = {"owner": DELETED, "title": "", "query": "", "state": "off", "why": "", "due_at": None}
            connection.execute(update(watches).where(here).values({**values, "secret": secrets.token_urlsafe(16)}))

    def delete_unconfirmed(self, now: datetime) -> None:
        """Those that nobody agreed to in a week, and what was kept of those that were deleted."""
        asked_long_ago = watches.c.asked_at.is_(None) | (watches.c.asked_at < now - UNCONFIRMED)
        old = (watches.c.state == "waiting") & (watches.c.created_at < now - UNCONFIRMED)
        gone = or_(old, watches.c.owner == DELETED), asked_long_ago
        with self._database.reader() as connection:
            if connection.execute(select(watches.c.token).where(*gone).limit(1)).first() is None:
                return
        with self._database.writer() as connection:
            connection.execute(delete(watches).where(*gone))

    # --- what is due

    def due(self, now: datetime, limit: int = 500) -> list[Watch]:
        """Those whose hour has come and that have nothing left to be sent; also those due so late that the clock must have been wrong."""
        waits = select(digests.c.id).where(digests.c.watch == watches.c.token, digests.c.next_try.is_not(None))
        late = or_(watches.c.due_at <= now, watches.c.due_at > now + FARTHEST)
        query = select(watches).where(watches.c.state == "on", late, ~waits.exists()).order_by(watches.c.due_at)
        with self._database.reader() as connection:
            return [_read(row) for row in connection.execute(query.limit(limit))]

    def to_confirm(self, limit: int = 100) -> list[Watch]:
        """Those whose recipient was not asked yet."""
        found = watches.c.state == "waiting", watches.c.asked_at.is_(None), watches.c.why == ""
        with self._database.reader() as connection:
            return [_read(row) for row in connection.execute(select(watches).where(*found).limit(limit))]

    def take_to_confirm(self, token: str, now: datetime) -> bool:
        """Note that the recipient is asked now; False where another process does."""
        unasked = (watches.c.token == token) & watches.c.asked_at.is_(None) & (watches.c.state == "waiting")
        with self._database.writer(alone=False) as connection:
            return bool(connection.execute(update(watches).where(unasked).values(asked_at=now)).rowcount)

    def arrivals(self, after: int, upto: int, pending: Iterable[str] = ()) -> list[Arrival]:
        """Articles that are there and came with a change in (after, upto], and those of `pending`."""
        query = select(*_ARRIVAL).where(articles.c.deleted.is_(False))
        came = (articles.c.first_change > after) & (articles.c.first_change <= upto)
        with self._database.reader() as connection:
            rows = list(connection.execute(query.where(came)))
            for some in batches(pending):
                rows += connection.execute(query.where(articles.c.id.in_(some)))
        return [_arrival(row) for row in rows]

    def members(self, clusters: Iterable[str]) -> list[Arrival]:
        """The articles of some clusters."""
        found: list[Arrival] = []
        with self._database.reader() as connection:
            for some in batches(clusters):
                query = select(*_ARRIVAL).where(articles.c.deleted.is_(False), articles.c.cluster.in_(some))
                found += [_arrival(row) for row in connection.execute(query)]
        return found

    def _one(self, which: Any) -> Watch | None:
        with self._database.reader() as connection:
            row = connection.execute(select(watches).where(which)).one_or_none()
        return _read(row) if row is not None else None

    def _many(self, which: Any) -> list[Watch]:
        query = select(watches).where(which).order_by(watches.c.created_at, watches.c.token)
        with self._database.reader() as connection:
            return [_read(row) for row in connection.execute(query)]


def _arrival(row: Any) -> Arrival:
    return Arrival(
        row.id,
        row.first_change,
        row.first_seen,
        change=row.change,
        read=row.read_by is not None,
        cluster=row.cluster,
    )


def as_pending(ids: Iterable[str]) -> str:
    """Ids for the column `pending`."""
    return dumps(sorted(ids))


def _read(row: Row[Any]) -> Watch:
    return Watch(**{**row._mapping, "pending": tuple(json.loads(row.pending))})
