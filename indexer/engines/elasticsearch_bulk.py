"""Bulk writing by bytes, with versions, back-off on 429, and what fails told item by item."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch

from indexer.analysis.fields import Prepared
from indexer.engines.base import WriteReport

BYTES = 5_000_000  # a request
TRIES = 8  # of an item that the server puts off
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds
PUT_OFF = {429, 502, 503, 504}
CONFLICT = 409  # a newer state is there already: what we bring is old, and that is well


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    change: int
    lines: bytes
    deletes: bool = False


@dataclass
class Bulk:
    """Collects items and sends them when there are enough bytes. Raises the client's errors where a whole request fails.

    Versions are `external_gte` with the archive's change number, so that an older state never overwrites a newer one and the same one may be sent twice.
    """

    client: Elasticsearch
    index: str
    failed: list[tuple[str, str]] = field(default_factory=list)
    failed_changes: list[int] = field(default_factory=list)
    _items: list[_Item] = field(default_factory=list)
    _bytes: int = 0
    _written: int = 0
    _deleted: int = 0

    def put(self, prepared: Prepared) -> None:
        """Adds a document."""
        document = prepared.document
        body: dict[str, Any] = {**prepared.streams, **prepared.numbers, "card": document.to_card()}
        body |= {name: list(values) for name, values in prepared.keywords.items() if values}
        action = {"index": {"_id": document.id, "version": document.change, "version_type": "external_gte"}}
        self._add(_Item(document.id, document.change, _line(action) + _line(body)))

    def delete(self, article: str, version: int) -> None:
        """Takes a document out, as of the change number `version`."""
        action = {"delete": {"_id": article, "version": version, "version_type": "external_gte"}}
        self._add(_Item(article, version, _line(action), deletes=True))

    def finish(self) -> WriteReport:
        """Sends what is left."""
        self._send()
        return WriteReport(self._written, self._deleted, tuple(self.failed))

    def _add(self, item: _Item) -> None:
        if self._items and self._bytes + len(item.lines) > BYTES:
            self._send()
        self._items.append(item)
        self._bytes += len(item.lines)

    def _send(self) -> None:
        waiting, wait = self._items, FIRST_WAIT
        self._items, self._bytes = [], 0
        for attempt in range(1, TRIES + 1):
            if not waiting:
                return
            lines: Any = b"".join(
                i.lines for i in waiting
            )  # the client takes bytes as they are, though its types say otherwise
            answer = self.client.options(
                max_retries=5, retry_on_status=(429, 502, 503, 504), retry_on_timeout=True
            ).bulk(
                index=self.index,
                operations=lines,
                filter_path="items.*.status,items.*.error",
            )
            put_off = []
            for item, told in zip(waiting, answer["items"], strict=True):
                (outcome,) = told.values()
                status = int(outcome["status"])
                if status in PUT_OFF and attempt < TRIES:
                    put_off.append(item)
                else:
                    self._settle(item, status, outcome.get("error"))
            waiting = put_off
            if waiting:
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def _settle(self, item: _Item, status: int, error: Any) -> None:
        if status < 300 or status == CONFLICT or (item.deletes and status == 404):
            if item.deletes:
                self._deleted += 1
            else:
                self._written += 1
            return
        reason = error.get("reason", error) if isinstance(error, dict) else error
        cause = error.get("caused_by", {}).get("reason") if isinstance(error, dict) else None
        self.failed.append((item.id, f"HTTP {status} {reason}" + (f"（{cause}）" if cause else "")))
        self.failed_changes.append(item.change)


def _line(value: Any) -> bytes:
    # lone surrogates cannot be sent as UTF-8; they stand for bytes that no page meant
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
