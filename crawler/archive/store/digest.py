"""The digest of a file as it lies in a store, read back."""

from __future__ import annotations

import hashlib

from crawler.archive.store.capture_store import CaptureStore

_BLOCK = 8 * 1024 * 1024


def digest_in_store(store: CaptureStore, name: str) -> tuple[int, str] | None:
    """Size and SHA-256 in hex of what the store gives; None where it has no such file. Raises StoreError."""
    digest, size = hashlib.sha256(), 0
    while (block := store.read(name, size, _BLOCK)) is not None:
        digest.update(block)
        size += len(block)
        if len(block) < _BLOCK:
            return size, digest.hexdigest()
    return None
