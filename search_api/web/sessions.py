"""Sessions: a cookie that this server made and signed. It tells browsers apart, binds forms to one of them, and may carry a key."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

log = logging.getLogger(__name__)

COOKIE = "session"
LASTS = 365 * 24 * 3600  # seconds
WITH_A_KEY = 30 * 24 * 3600
_FILE = "session.secret"


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is 128 random bits; `key` the id of an access key, 0 for none."""

    id: str
    key: int
    value: str  # of the cookie

    @property
    def owner(self) -> str:
        """What the archive stores of the session; the session cannot be reconstructed from it."""
        return "session:" + hashlib.sha256(self.id.encode()).hexdigest()[:40]


class Sessions:
    """Signs with a secret that all processes over this data folder share."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def begin(self, key: int = 0) -> Session:
        """A new one, of nobody, or of a key."""
        id, issued = secrets.token_urlsafe(16), int(time.time())
        said = f"{id}.{issued}.{key}"
        return Session(id, key, f"{said}.{self._sign('session', said)}")

    def read(self, value: str) -> Session | None:
        """The session of a cookie; None for one that was not made here, or long ago."""
        said, _, signature = value.rpartition(".")
        if not said or not hmac.compare_digest(
            self._sign("session", said).encode(), signature.encode("utf-8", "replace")
        ):
            return None
        id, issued, key = said.split(".")
        age = time.time() - int(issued)
        return Session(id, int(key), value) if age < (WITH_A_KEY if int(key) else LASTS) else None

    def form_token(self, session: Session) -> str:
        """What a form of this session carries: of no use with another session."""
        return self._sign("form", session.id)

    def _sign(self, what: str, text: str) -> str:
        message = f"{what}:{text}".encode("utf-8", "replace")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    @cached_property
    def _secret(self) -> bytes:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():
                fresh = self._path.with_name(f"{_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
                file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(file, "w") as stream:
                    stream.write(secrets.token_hex(32))
                try:
                    os.link(fresh, self._path)  # the first of several processes wins
                except FileExistsError:
                    pass
                finally:
                    fresh.unlink()
            return bytes.fromhex(self._path.read_text().strip())
        except (OSError, ValueError) as error:
            log.warning("no %s in the data folder (%s): sessions end with this process", _FILE, error)
            return secrets.token_bytes(32)
