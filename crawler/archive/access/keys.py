"""Access keys: 256 random bits that are shown once; the archive keeps their SHA-256, a name, a scope, limits and the day of the last use."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Row, insert, select, update

from crawler.archive.database import Database, plain
from crawler.archive.errors import ArchiveError
from crawler.archive.schema import access_keys

Scope = Literal["read", "write"]
PREFIX = "zs_"
_NOTED = timedelta(minutes=5)  # the last use is written no more often


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key without its secret. `limits` is '' where the usual ones hold."""

    id: int
    name: str
    scope: Scope
    limits: str
    created_at: datetime
    last_used: datetime | None
    revoked_at: datetime | None


class AccessKeys:
    """Every question asks the database, so that a key that is revoked ends in all processes at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, scope: Scope = "read", limits: str = "") -> str:
        """Make a key and return its secret, which is kept nowhere. Raises ArchiveError where the name is in use."""
        name, secret = plain(name), PREFIX + secrets.token_urlsafe(32)
        with self._database.writer() as connection:
            used = select(access_keys.c.id).where(access_keys.c.name == name, access_keys.c.revoked_at.is_(None))
            if connection.execute(used).first():
                raise ArchiveError(f"已有名为 {name} 的密钥：请换一个名称，或先撤销它（zhaoshang keys revoke {name}）")
            values = {"name": name, "scope": scope, "limits": plain(limits), "created_at": datetime.now(UTC)}
            connection.execute(insert(access_keys).values(digest=_digest(secret), **values))
        return secret

    def all(self) -> list[AccessKey]:
        """Those that were revoked too, oldest first."""
        with self._database.reader() as connection:
            return [_read(row) for row in connection.execute(select(access_keys).order_by(access_keys.c.id))]

    def revoke(self, name: str) -> bool:
        """False where there is no such key, or it was revoked before."""
        valid = (access_keys.c.name == plain(name)) & access_keys.c.revoked_at.is_(None)
        with self._database.writer() as connection:
            done = connection.execute(update(access_keys).where(valid).values(revoked_at=datetime.now(UTC)))
            return bool(done.rowcount)

    def find(self, secret: str) -> AccessKey | None:
        """The valid key of a secret; None for anything else."""
        return self._valid(access_keys.c.digest == _digest(secret))

    def get(self, id: int) -> AccessKey | None:
        """The valid key of an id, as a session names it."""
        return self._valid(access_keys.c.id == id)

    def used(self, key: AccessKey, now: datetime) -> None:
        """Note the use of a key; nothing is written where one was noted a moment ago."""
        if key.last_used is None or now - key.last_used >= _NOTED:
            with self._database.writer(alone=False) as connection:
                connection.execute(update(access_keys).where(access_keys.c.id == key.id).values(last_used=now))

    def _valid(self, which: object) -> AccessKey | None:
        query = select(access_keys).where(which, access_keys.c.revoked_at.is_(None))  # type: ignore[arg-type]
        with self._database.reader() as connection:
            row = connection.execute(query).one_or_none()
            return _read(row) if row else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _read(row: Row[tuple[object, ...]]) -> AccessKey:
    return AccessKey(**{name: value for name, value in row._mapping.items() if name != "digest"})
