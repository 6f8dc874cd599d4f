"""The state of an index: its cursor, the ids of articles that failed, and its table of document frequencies. It lies in a small index of its own.

Not in the mapping's `_meta`: the table is megabytes, which have no place in the cluster's state, and a cursor there would publish a new state for
each batch.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from collections.abc import Iterable
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from indexer.analysis.frequencies import Frequencies

CURSOR, FREQUENCIES = "cursor", "frequencies"


class Notes:
    """The notes of the versions of one index. Raises the client's errors."""

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self.client, self.place = client, f"{alias}-state"

    def reached(self, index: str) -> tuple[int, tuple[str, ...]]:
        """The cursor, and the ids of what failed before it."""
        note = self._get(index, CURSOR)
        return (int(note["cursor"]), tuple(note.get("owed", ()))) if note else (0, ())

    def save_reached(self, index: str, cursor: int, failed_ids: Iterable[str]) -> None:
        self._save(index, CURSOR, {"cursor": cursor, "owed": sorted(failed_ids)})

    def stamp(self, index: str) -> tuple[int, int] | None:
        """A value that changes when the table does (it is some megabytes, and asked for at every search); None: there is no table."""
        try:
            head = self.client.get(index=self.place, id=f"{index}:{FREQUENCIES}", source=False)
        except NotFoundError:
            return None
        return int(head["_primary_term"]), int(head["_seq_no"])

    def frequencies(self, index: str) -> Frequencies:
        note = self._get(index, FREQUENCIES)
        if note is None:
            return Frequencies()
        return Frequencies.from_json(json.loads(gzip.decompress(base64.b64decode(note["table"]))))

    def save_frequencies(self, index: str, table: Frequencies) -> None:
        plain = json.dumps(table.to_json(), ensure_ascii=False).encode("utf-8", "replace")
        self._save(index, FREQUENCIES, {"table": base64.b64encode(gzip.compress(plain, mtime=0)).decode()})

    def hand_on(self, old: str, new: str) -> None:
        """The new version begins with the old one's table, so that ranking has one from the first moment."""
        note = self._get(old, FREQUENCIES)
        if note is not None:
            self._save(new, FREQUENCIES, note)

    def forget(self, index: str) -> None:
        for name in (CURSOR, FREQUENCIES):
            with contextlib.suppress(NotFoundError):
                self.client.delete(index=self.place, id=f"{index}:{name}")

    def _get(self, index: str, name: str) -> dict[str, Any] | None:
        try:
            return dict(self.client.get(index=self.place, id=f"{index}:{name}")["_source"])
        except NotFoundError:
            return None

    def _save(self, index: str, name: str, note: dict[str, Any]) -> None:
        if not self.client.indices.exists(index=self.place):
            try:
                self.client.indices.create(
                    index=self.place,
                    mappings={"dynamic": False, "properties": {}},
                    settings={"number_of_shards": 1, "auto_expand_replicas": "0-1"},
                )
            except ApiError as error:
                if "resource_already_exists_exception" not in str(error):
                    raise  # else another writer was faster
        self.client.index(index=self.place, id=f"{index}:{name}", document=note)
