"""Records that lie side by side in a stored file come by one range request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from crawler.archive.store.capture_store import CaptureStore

NEAR = 65_536
"""Bytes between the end of one record and the start of the next within which the two lie side by side: lists, requests and records that are not wanted lie between."""
AHEAD = 1 << 19
"""Bytes that are asked for at once where records of a file are read one after the other."""
MOST_FILES = 32  # visits go on side by side, each with a file of its own, and are read in the order of their captures


@dataclass(slots=True)
class _Block:
    start: int
    content: bytes
    read_to: int  # where the record that was asked for last ends in the file


class ReadAhead:
    """Reads records of stored files, which never change. The first record of a file is asked for alone, as where somebody looks at one page; from the second on, what lies behind it comes along.

    For threads. At most MOST_FILES blocks are held, and of each file what was asked for last.
    """

    def __init__(self) -> None:
        self._blocks: OrderedDict[str, _Block] = OrderedDict()
        self._busy = threading.Lock()

    def read(self, store: CaptureStore, name: str, offset: int, length: int) -> bytes | None:
        """As `CaptureStore.read`. Raises StoreError."""
        with self._busy:
            block = self._blocks.get(name)
            if block is not None and block.start <= offset and offset + length <= block.start + len(block.content):
                block.read_to = offset + length
                self._blocks.move_to_end(name)
                return block.content[offset - block.start :][:length]
            follows = block is not None and 0 <= offset - block.read_to <= NEAR
        content = store.read(name, offset, max(length, AHEAD) if follows else length)
        if content is None:
            return None
        with self._busy:
            self._blocks[name] = _Block(offset, content if follows else b"", offset + length)
            self._blocks.move_to_end(name)
            while len(self._blocks) > MOST_FILES:
                self._blocks.popitem(last=False)
        return content[:length]
