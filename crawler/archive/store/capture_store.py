"""What a store of capture files does. A file is put whole and never changed; one name never has two contents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`size` in bytes; `sha256` in hex where the store knows it without reading the file."""

    name: str
    size: int
    sha256: str | None = None


class CaptureStore(Protocol):
    """Safe to be carried through a fork and shared by threads: connections are made by the process that uses them.

    Every method raises StoreError where the store cannot be reached or refuses. That says nothing of the captures: whoever gets it stops, or comes back later.
    """

    @property
    def place(self) -> str:
        """Where it is, as an operator wrote it; without credentials."""

    def put(self, name: str, content: Path | bytes, sha256: str) -> None:
        """Put a whole file, or nothing of it. The same content under the same name is fine; raises StoreConflictError where the name has another."""

    def read(self, name: str, offset: int, length: int) -> bytes | None:
        """`length` bytes from `offset` on, fewer where the file ends before; None where the store answers that it has no such file."""

    def stat(self, name: str) -> StoredFile | None:
        """Size and digest; None where the store answers that it has no such file."""

    def fetch(self, name: str, target: Path) -> bool:
        """Write a whole file to `target`, an absent path; False where the store answers that it has no such file."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is fine."""

    def list(self) -> Iterator[StoredFile]:
        """Every file, in any order."""
