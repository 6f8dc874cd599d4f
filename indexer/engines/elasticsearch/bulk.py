"""Bulk requests, cut by size in bytes and versioned. A busy server is asked again later; failures are reported item by item."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from elastic_transport import TlsError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch import ConnectionError as Unreachable

from indexer.analysis.fields import Prepared
from indexer.engines.base import EngineUnavailable, IndexOutdated, Unready, WriteReport
from indexer.engines.elasticsearch.faults import READ_ONLY, REBUILD, is_read_only

BYTES = 5_000_000  # a request
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds, after each time that the server puts a request or an item off
PUT_OFF = {429, 502, 503, 504}
CONFLICT = 409  # a newer state is there already: what we bring is old, and that is well
SENDERS = 2  # requests under way at once: the server writes one of them while the next is made and another read
SERVER_WAITS = "20s"  # for a shard that has no primary, less than the client waits for an answer


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    lines: bytes
    deletes: bool = False


@dataclass
class Bulk(AbstractContextManager["Bulk"]):
    """Collects items and sends them to an alias when there are enough bytes. An item that fails is listed in `failed`. Where the server accepts
    nothing (it is full, busy for longer than a minute, gone), EngineUnavailable, IndexOutdated or the client's error is raised. When its context is
    left, no request is pending.

    Versions are `external_gte` with the archive's change number, so that an older state never overwrites a newer one and the same one may be sent
    twice.
    """

    client: Elasticsearch
    alias: str
    failed: list[tuple[str, str]] = field(default_factory=list)
    _items: list[_Item] = field(default_factory=list)
    _bytes: int = 0
    _written: int = 0
    _deleted: int = 0
    _flying: deque[Future[None]] = field(default_factory=deque)
    _senders: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(SENDERS))
    _counting: Lock = field(default_factory=Lock)
    _over: Event = field(default_factory=Event)
    _put_off: str = ""

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._senders.shutdown(cancel_futures=True)

    def put(self, item: Prepared | Unready) -> str:
        """Adds a document; its id."""
        if isinstance(item, Unready):
            self.failed.append((item.id, item.reason))
            return item.id
        document = item.document
        body: dict[str, Any] = {**item.streams, **item.numbers, "card": document.to_card()}
        body |= {name: list(values) for name, values in (item.keywords | item.many).items() if values}
        action = {"index": {"_id": document.id, "version": document.change, "version_type": "external_gte"}}
        self._add(_Item(document.id, _line(action) + _line(body)))
        return document.id

    def delete(self, article: str, version: int) -> None:
        """Takes a document out, as of the change number `version`."""
        action = {"delete": {"_id": article, "version": version, "version_type": "external_gte"}}
        self._add(_Item(article, _line(action), deletes=True))

    def finish(self) -> WriteReport:
        """Sends what is left, and waits for it."""
        self._launch()
        while self._flying:
            self._flying.popleft().result()
        return WriteReport(self._written, self._deleted, tuple(self.failed))

    def _add(self, item: _Item) -> None:
        if self._items and self._bytes + len(item.lines) > BYTES:
            self._launch()
        self._items.append(item)
        self._bytes += len(item.lines)

    def _launch(self) -> None:
        if len(self._flying) == SENDERS:
            self._flying.popleft().result()
        self._flying.append(self._senders.submit(self._send, self._items))
        self._items, self._bytes = [], 0

    def _send(self, waiting: list[_Item]) -> None:
        for wait in WAITS:
            if not waiting:
                return
            try:
                waiting = self._try(waiting)
            except (ApiError, Unreachable) as error:
                if not _passes(error):
                    raise
            if waiting and self._over.wait(wait):
                return
        if waiting and (waiting := self._try(waiting)):
            raise EngineUnavailable(
                f"Elasticsearch 一再推迟写入（{self._put_off}），还有 {len(waiting)} 篇没有写进：稍后再运行 zhaoshang index，会从这里继续。"
            )

    def _try(self, items: list[_Item]) -> list[_Item]:
        """Sends the items once; returns those that the server put off."""
        lines: Any = b"".join(
            i.lines for i in items
        )  # the client takes bytes as they are, though its types say otherwise
        answer = self.client.options(retry_on_status=()).bulk(
            index=self.alias,
            operations=lines,
            require_alias=True,  # where it was taken away, the server must not make one with a mapping of its own guess
            timeout=SERVER_WAITS,
            filter_path="items.*.status,items.*.error",
        )
        return [
            item for item, told in zip(items, answer["items"], strict=True) if not self._settle(item, *told.values())
        ]

    def _settle(self, item: _Item, outcome: Mapping[str, Any]) -> bool:
        """False where the item is to be sent again."""
        status, error = int(outcome["status"]), outcome.get("error", {})
        if status < 300 or status == CONFLICT or (item.deletes and status == 404 and not error):
            with self._counting:
                if item.deletes:
                    self._deleted += 1
                else:
                    self._written += 1
            return True
        kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
        if is_read_only(status, kind):
            raise EngineUnavailable(READ_ONLY.format(name=f"索引 {self.alias} "))
        if status in PUT_OFF:
            self._put_off = f"HTTP {status}，{kind}"
            return False
        if kind == "index_not_found_exception":
            raise EngineUnavailable("索引在写入时被另一个进程换掉了：再运行一次即可，会从上次写完处继续。")
        if kind == "strict_dynamic_mapping_exception":
            raise IndexOutdated(f"索引 {self.alias} 的映射是旧版本的。{REBUILD}")
        cause = error.get("caused_by", {}).get("reason")
        self.failed.append((item.id, f"HTTP {status} {reason}" + (f"（{cause}）" if cause else "")))
        return True


def _passes(error: ApiError | Unreachable) -> bool:
    """Whether waiting may help: a busy server, a node that is gone while others take over. Whatever got through may be sent again."""
    if isinstance(error, ApiError):
        return error.status_code in PUT_OFF and not is_read_only(error.status_code, str(error))
    return not isinstance(error, TlsError)


def _line(value: Any) -> bytes:
    # lone surrogates cannot be sent as UTF-8; they stand for bytes that no page meant
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
