"""The engine at scale: an Elasticsearch 8.19 or 9, by clients 8.19 and 9. No plugin, no script; fields come segmented and are read by `whitespace`.

    ALIAS                     what is searched: an alias, swapped in one call when a rebuild is done
    ALIAS-000003              one version of the index; its mapping's `_meta` names the analysis and the lexicon it was made with
    ALIAS-state               a small index of notes, two for each version: its cursor, its table of document frequencies

One shard by default: with several, document frequencies are each shard's own and the order of hits is no longer the embedded engine's
(`dfs_query_then_fetch`, which is asked for here, restores it at the price of one more round).
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from crawler.configuration import Settings
from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.fields import COUNTED, KEYWORDS, NUMBERS, POSITIONED, Prepared
from indexer.analysis.lexicon import lexicon
from indexer.document import Document
from indexer.engines.base import (
    Clause,
    EngineAnswer,
    EngineHit,
    EngineUnavailable,
    Health,
    IndexOutdated,
    Request,
    WriteReport,
)
from indexer.engines.elasticsearch_bulk import Bulk
from indexer.engines.elasticsearch_faults import explain, watermark
from indexer.engines.elasticsearch_query import compile_match, compile_request
from indexer.frequencies import Frequencies

TIMEOUT = 30.0  # seconds for one call
PAGE = 5_000  # ids a step of `scan`
KEEP_ALIVE = "2m"  # of a point in time between two steps
FRESH = 1.0  # seconds for which what stands behind the alias is taken as known: a search need not ask three times
WINDOW = 200_000  # how deep pages of hits may go; an export has no such bound
REBUILD = "请运行 zhaoshang index --rebuild 重建索引。"


def mapping() -> dict[str, Any]:
    """The strict mapping. Streams are searched and never shown, so `_source` leaves them out; `card` is shown and never searched."""
    text = {"type": "text", "analyzer": "whitespace"}
    properties: dict[str, Any] = {name: {**text, "index_options": "positions"} for name in POSITIONED}
    properties |= {name: {**text, "index_options": "freqs"} for name in COUNTED}
    properties |= {name: {"type": "keyword"} for name in KEYWORDS}
    properties |= {name: {"type": "long"} for name in NUMBERS}
    properties["card"] = {"type": "object", "enabled": False}
    return {
        "dynamic": "strict",
        "_source": {"excludes": [*POSITIONED, *COUNTED, *KEYWORDS, *NUMBERS]},
        "_meta": {"analysis": ANALYSIS_VERSION, "lexicon": lexicon().version, "frequent": sorted(lexicon().frequent)},
        "properties": properties,
    }


class ElasticsearchEngine:
    """`Engine` over an alias. Threads may share one. Every call has a time limit and raises EngineUnavailable or IndexOutdated in words."""

    def __init__(self, client: Elasticsearch, alias: str, where: str) -> None:
        self.client, self.alias, self.where = client, alias, where
        self._known: tuple[str, dict[str, Any]] | None = None  # index behind the alias, its _meta
        self._known_at = -FRESH
        self._table: tuple[str, int, Frequencies] | None = None
        self._table_at = -FRESH

    @classmethod
    def open(cls, settings: Settings, *, write: bool = False) -> ElasticsearchEngine:
        """A client for the settings' URL; nothing is asked yet. Several writers may run: versions keep the newest state of each document."""
        options: dict[str, Any] = {}
        if settings.engine_api_key:
            options["api_key"] = settings.engine_api_key
        if settings.engine_ca:
            options["ca_certs"] = settings.engine_ca
        if settings.engine_fingerprint:
            options["ssl_assert_fingerprint"] = settings.engine_fingerprint
        where = re.sub(r"//[^/@]*@", "//", settings.engine)
        try:
            client = Elasticsearch(
                settings.engine, request_timeout=TIMEOUT, max_retries=2, retry_on_timeout=False, **options
            )
        except (ValueError, OSError) as error:
            raise EngineUnavailable(f"设置 engine 的网址 {where} 用不了：{error}") from error
        return cls(client, settings.engine_index, where)

    # --- reading

    def execute(self, request: Request) -> EngineAnswer:
        if request.offset + request.top > WINDOW:
            raise EngineUnavailable(f"翻页最多到第 {WINDOW:,} 条；要全部结果，请用导出。")
        index = self._current()
        if index is None:
            return EngineAnswer(0, (), dict.fromkeys(request.facets, ()), ())
        answer = self._search(**compile_request(request))
        hits = tuple(
            EngineHit(Document.from_card(hit["_source"]["card"]), float(hit["_score"] or 0.0))
            for hit in answer["hits"]["hits"]
        )
        total = int(answer["hits"]["total"]["value"]) if request.counted else len(hits)
        counted = answer.get("aggregations", {})
        facets = {}
        for name in request.facets:
            pairs = [(str(b["key"]), int(b["doc_count"])) for b in counted[name]["buckets"]]
            pairs = sorted((p for p in pairs if p[0] not in ("0", "")), key=lambda p: (-p[1], p[0]))
            facets[name] = tuple(pairs[: request.facet_size])
        months = counted["months"]["buckets"] if request.histogram else ()
        return EngineAnswer(
            total, hits, facets, tuple(sorted((int(b["key"]), int(b["doc_count"])) for b in months if b["key"]))
        )

    def _search(self, **what: Any) -> Any:
        """A search of the alias; asked once more where a rebuild took the index away under it."""
        search = partial(
            self.client.search, index=self.alias, search_type="dfs_query_then_fetch", source=["card"], **what
        )
        with self._clear():
            try:
                return search()
            except ApiError as error:
                if error.status_code not in (404, 503):
                    raise
                return search()

    def scan(self, match: Clause) -> Iterator[str]:
        index = self._current()
        if index is None:
            return
        query = {"bool": {"filter": [compile_match(match)]}}
        with self._clear():
            point = self.client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE)["id"]
        try:
            after: list[Any] | None = None
            while True:
                step: dict[str, Any] = {"search_after": after} if after else {}
                with self._clear():
                    page = self.client.search(
                        pit={"id": point, "keep_alive": KEEP_ALIVE},
                        query=query,
                        sort=[{"id": "asc"}],
                        size=PAGE,
                        source=False,
                        track_total_hits=False,
                        **step,
                    )
                point = page["pit_id"]
                hits = page["hits"]["hits"]
                for hit in hits:
                    yield str(hit["_id"])
                if len(hits) < PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            with contextlib.suppress(ApiError, TransportError):  # it ends by itself after KEEP_ALIVE
                self.client.close_point_in_time(id=point)

    def get(self, ids: Iterable[str]) -> dict[str, Document]:
        index, wanted = self._current(), list(dict.fromkeys(ids))
        if index is None or not wanted:
            return {}
        with self._clear():
            found = self.client.mget(index=index, ids=wanted, source=["card"])["docs"]
        return {d["_id"]: Document.from_card(d["_source"]["card"]) for d in found if d.get("found")}

    def cursor(self) -> int:
        index = self._current(fresh=True)
        note = self._note(f"{index}:cursor") if index else None
        return int(note["cursor"]) if note else 0

    def frequencies(self) -> Frequencies:
        index = self._current()
        if index is None:
            return Frequencies()
        if self._table is not None and self._table[0] == index and time.monotonic() - self._table_at < FRESH:
            return self._table[2]
        with self._clear():
            try:
                # the version alone first: the table is some megabytes, and asked for at every search
                head = self.client.get(index=self._state, id=f"{index}:frequencies", source=False)
            except NotFoundError:
                return Frequencies()
        version = int(head["_version"])
        if self._table is None or self._table[:2] != (index, version):
            note = self._note(f"{index}:frequencies")
            raw = gzip.decompress(base64.b64decode(note["table"])) if note else b""
            self._table = (index, version, Frequencies.from_json(json.loads(raw)) if raw else Frequencies())
        self._table_at = time.monotonic()
        return self._table[2]

    def frequent(self) -> frozenset[str]:
        self._current()
        return frozenset(self._known[1].get("frequent", ())) if self._known else frozenset()

    def health(self) -> Health:
        try:
            with self._clear():
                cluster = self.client.cluster.health()
                nodes = self.client.nodes.info(filter_path="nodes.*.version")
            version = "、".join(sorted({n["version"] for n in nodes["nodes"].values()}))
            name = f"Elasticsearch {version}"
            index = self._current()
            notes = (
                [] if cluster["status"] == "green" else [f"集群 {cluster['cluster_name']} 状态为 {cluster['status']}"]
            )
            if index is None:
                return Health(True, name, notes=(*notes, "还没有索引：运行 zhaoshang index 建立。"))
            with self._clear():
                full = watermark(self.client, index)
                stats = self.client.indices.stats(index=index, metric=["docs", "store"])["_all"]["primaries"]
            meta = self._known[1] if self._known else {}
            if full:
                return Health(False, name, problem=full)
        except (EngineUnavailable, IndexOutdated) as error:
            return Health(False, "Elasticsearch", problem=error.reason)
        if meta.get("lexicon") != lexicon().version:
            notes.append("词典在建索引之后改过：新词已可查到，重建索引（zhaoshang index --rebuild）后排序更好。")
        return Health(
            True,
            name,
            documents=int(stats["docs"]["count"]),
            cursor=self.cursor(),
            analysis=str(meta.get("analysis", "")),
            lexicon=str(meta.get("lexicon", "")),
            size_bytes=int(stats["store"]["size_in_bytes"]),
            notes=tuple(notes),
        )

    # --- writing

    def write(self, documents: Iterable[Prepared], deleted: Iterable[str], cursor: int) -> WriteReport:
        index = self._current(fresh=True) or self._create()
        with self._clear():
            bulk = Bulk(self.client, index)
            for article in deleted:
                bulk.delete(article, cursor)
            for prepared in documents:
                bulk.put(prepared)
            report = bulk.finish()
            self.client.indices.refresh(index=index)
        # what failed is tried again: the cursor stays before the first of it
        self._save_cursor(index, min([cursor, *(change - 1 for change in bulk.failed_changes)]))
        return report

    def rebuild(self, documents: Iterable[Prepared], cursor: int | Callable[[], int]) -> WriteReport:
        with self._clear():
            old = self._behind_alias()
            for stale in self._versions():
                if stale not in old:  # left by a rebuild that was killed
                    self._drop(stale)
            index = self._new_index(old, filling=True)
            bulk = Bulk(self.client, index)
            for prepared in documents:
                bulk.put(prepared)
            report = bulk.finish()
            self.client.indices.put_settings(index=index, settings={"index": {"refresh_interval": None}})
            self.client.indices.refresh(index=index)
        reached = cursor() if callable(cursor) else cursor
        self._save_cursor(index, min([reached, *(change - 1 for change in bulk.failed_changes)]))
        with self._clear():
            actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self.alias}}]
            actions += [{"remove": {"index": name, "alias": self.alias}} for name in old]
            self.client.indices.update_aliases(actions=actions)
            self._known = None
            for name in old:
                self._drop(name)
        return report

    def save_frequencies(self, table: Frequencies) -> None:
        index = self._current() or self._create()
        packed = base64.b64encode(
            gzip.compress(json.dumps(table.to_json(), ensure_ascii=False).encode(), mtime=0)
        ).decode()
        self._save_note(f"{index}:frequencies", {"table": packed})

    def close(self) -> None:
        self.client.close()

    # --- versions

    @property
    def _state(self) -> str:
        return f"{self.alias}-state"

    def _current(self, *, fresh: bool = False) -> str | None:
        """The index behind the alias, as known for a second; None where there is none. Raises IndexOutdated where another analysis made it."""
        if self._known is not None and not fresh and time.monotonic() - self._known_at < FRESH:
            return self._known[0]
        with self._clear():
            try:
                found = self.client.indices.get_mapping(index=self.alias, filter_path="*.mappings._meta")
            except NotFoundError:
                self._known = None
                return None
        if not found.body:
            raise IndexOutdated(
                f"索引 {self.alias} 不是本程序建立的（没有 _meta）。请换一个 ENGINE_INDEX，或删去它再重建。"
            )
        ((name, body),) = found.body.items()
        meta = body["mappings"]["_meta"]
        self._known, self._known_at = (str(name), meta), time.monotonic()
        if meta.get("analysis") != ANALYSIS_VERSION:
            raise IndexOutdated(
                f"索引由另一版本的分析建立（{meta.get('analysis')}，现为 {ANALYSIS_VERSION}）。{REBUILD}"
            )
        return str(name)

    def _behind_alias(self) -> list[str]:
        try:
            return sorted(self.client.indices.get_alias(name=self.alias).body)
        except NotFoundError:
            return []

    def _versions(self) -> list[str]:
        found = self.client.indices.get(index=f"{self.alias}-*", filter_path="*.aliases", allow_no_indices=True).body
        return sorted(name for name in found if re.fullmatch(re.escape(self.alias) + r"-\d{6}", name))

    def _new_index(self, beside: list[str], *, filling: bool) -> str:
        last = max((int(name.rsplit("-", 1)[1]) for name in [*beside, *self._versions()]), default=0)
        name = f"{self.alias}-{last + 1:06d}"
        settings: dict[str, Any] = {"number_of_shards": 1, "max_result_window": WINDOW}
        if filling:
            settings["refresh_interval"] = "-1"
        self.client.indices.create(index=name, mappings=mapping(), settings=settings)
        return name

    def _create(self) -> str:
        with self._clear():
            name = self._new_index([], filling=False)
            self.client.indices.put_alias(index=name, name=self.alias)
        self._known = None
        return name

    def _drop(self, name: str) -> None:
        self.client.indices.delete(index=name, ignore_unavailable=True)
        for note in ("cursor", "frequencies"):
            with contextlib.suppress(NotFoundError):
                self.client.delete(index=self._state, id=f"{name}:{note}")

    # --- notes

    def _note(self, key: str) -> dict[str, Any] | None:
        with self._clear():
            try:
                return dict(self.client.get(index=self._state, id=key)["_source"])
            except NotFoundError:
                return None

    def _save_note(self, key: str, note: dict[str, Any]) -> None:
        with self._clear():
            if not self.client.indices.exists(index=self._state):
                with contextlib.suppress(ApiError):  # another writer was faster
                    self.client.indices.create(
                        index=self._state,
                        mappings={"dynamic": False, "properties": {}},
                        settings={"number_of_shards": 1},
                    )
            self.client.index(index=self._state, id=key, document=note)

    def _save_cursor(self, index: str, cursor: int) -> None:
        self._save_note(f"{index}:cursor", {"cursor": cursor})

    @contextlib.contextmanager
    def _clear(self) -> Iterator[None]:
        """The client's errors, said so that an operator knows what to do."""
        try:
            yield
        except (ApiError, TransportError) as error:
            raise explain(error, self.where) from error
