"""Tokens of visits: a visit takes the next one for its source and for every group of sites that it asks, and each of its writes is refused once another has taken one of these.

That a worker which was stopped and wakes up cannot write hangs on nothing but this: the token is looked at in the transaction that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from crawler.archive.database import Database
from crawler.archive.errors import ArchiveError
from crawler.archive.schema import counters, visit_tokens

_COUNTER = "visit"


class StaleVisitError(ArchiveError):
    """A visit that is not the current one any more wants to write."""

    def __init__(self, source: str) -> None:
        super().__init__(f"来源 {source} 的这次访问已由别的机器接手，它再写的都不收")


@dataclass(frozen=True, slots=True)
class CurrentVisit:
    """A visit that goes on, or whose worker died in it."""

    source: str
    worker: str
    taken_at: datetime


class VisitTokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, source: str, keys: Iterable[str], worker: str) -> int:
        """A token, higher than any before, for these keys. Whoever had one of them cannot write any more."""
        with self._database.writer() as connection:
            token = _next(connection)
            for key in sorted(keys):
                values = {"token": token, "source": source, "worker": worker, "taken_at": func.now()}
                statement = postgresql.insert(visit_tokens).values(key=key, **values)
                connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
        return token

    def release(self, token: int) -> None:
        with self._database.writer() as connection:
            connection.execute(delete(visit_tokens).where(visit_tokens.c.token == token))

    def revoke(self, worker: str) -> int:
        """Take the tokens of a worker's visits away; how many visits had one."""
        with self._database.writer() as connection:
            rows = connection.execute(
                delete(visit_tokens).where(visit_tokens.c.worker == worker).returning(visit_tokens.c.token)
            )
            return len(set(rows.scalars()))

    def current(self) -> list[CurrentVisit]:
        """Visits that have their tokens, by worker and source."""
        query = select(visit_tokens.c.worker, visit_tokens.c.source, func.min(visit_tokens.c.taken_at).label("taken"))
        query = query.group_by(visit_tokens.c.worker, visit_tokens.c.source)
        with self._database.reader() as connection:
            rows = connection.execute(query.order_by(visit_tokens.c.worker, visit_tokens.c.source)).all()
        return [CurrentVisit(row.source, row.worker, row.taken) for row in rows]


class VisitDatabase(Database):
    """The database as one visit sees it: every write transaction begins with a look at the visit's token. Raises StaleVisitError.

    `holds` says whether the visit still has its locks; without them it does not write either.
    """

    def __init__(
        self, database: Database, source: str, token: int, keys: Iterable[str], holds: Callable[[], bool]
    ) -> None:
        super().__init__(database.engine, database.folder, database.store, database.machine)
        self._source, self._token, self._count = source, token, len(set(keys))
        self._holds = holds
        self.refused = False  # whether a write was

    @contextmanager
    def writer(self, *, alone: bool = True) -> Iterator[Connection]:
        joins = self._current() is not None
        # alone: who takes a token waits for this transaction, and this one for him
        with super().writer(alone=True) as connection:
            if not joins and not (self._holds() and self._is_current(connection)):
                self.refused = True
                raise StaleVisitError(self._source)
            yield connection

    def _is_current(self, connection: Connection) -> bool:
        query = select(func.count()).select_from(visit_tokens).where(visit_tokens.c.token == self._token)
        return bool(connection.execute(query).scalar_one() == self._count)


def _next(connection: Connection) -> int:
    here = counters.c.name == _COUNTER
    taken = connection.execute(
        update(counters).where(here).values(value=counters.c.value + 1).returning(counters.c.value)
    ).scalar_one_or_none()
    if taken is None:
        connection.execute(insert(counters).values(name=_COUNTER, value=1))
        return 1
    return int(taken)
