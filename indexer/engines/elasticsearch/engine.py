"""The engine at scale: an Elasticsearch 8.19 or 9, by clients 8.19 and 9. No plugin, no script; fields come segmented and are read by `whitespace`.

    ALIAS                     what is searched: an alias, swapped in one call when a rebuild is done
    ALIAS-000003              one version of the index; its mapping's `_meta` names the analysis and the lexicon it was made with
    ALIAS-state               a small index of notes, two for each version: its cursor, its table of document frequencies

One shard by default: with several, document frequencies are each shard's own and the order of hits is no longer the embedded engine's
(`dfs_query_then_fetch`, which is asked for here, restores it at the price of one more round).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from crawler.configuration import Settings
from indexer.analysis.document import Document
from indexer.analysis.fields import Prepared
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import lexicon
from indexer.engines.base import (
    Clause,
    EngineAnswer,
    EngineError,
    EngineUnavailable,
    Health,
    Request,
    Unready,
    WriteReport,
    failure_notes,
)
from indexer.engines.elasticsearch import indices, search
from indexer.engines.elasticsearch.bulk import Bulk
from indexer.engines.elasticsearch.client import connect
from indexer.engines.elasticsearch.faults import blocked, explain
from indexer.engines.elasticsearch.index_state import Notes
from indexer.engines.elasticsearch.query import compile_match

LONG = 300.0  # seconds for a call that may move much: making a filled index visible
GET = 1_000  # documents a call of `get`
FRESH = 1.0  # seconds for which what stands behind the alias is taken as known: a search need not ask three times
GRACE = 1.5  # seconds from a swap until the old index goes: longer than FRESH, so that readers have let go of it

T = TypeVar("T")


class ElasticsearchEngine:
    """`Engine` over an alias. Threads may share one. Every call has a time limit and raises EngineUnavailable or IndexOutdated in words."""

    def __init__(self, client: Elasticsearch, alias: str, where: str) -> None:
        self.client, self.alias, self.where = client, alias, where
        self._notes = Notes(client, alias)
        self._known: tuple[str, dict[str, Any], float] | None = (
            None  # index behind the alias, its _meta, when it was so
        )
        self._table: tuple[str, tuple[int, int], Frequencies, float] | None = None

    @classmethod
    def open(cls, settings: Settings, *, write: bool = False) -> ElasticsearchEngine:
        """A client for the settings' URL, or for several with commas between; nothing is asked yet. Several writers may run: versions keep the
        newest state of each document."""
        client, where = connect(settings)
        return cls(client, settings.engine_index, where)

    # --- reading

    def execute(self, request: Request) -> EngineAnswer:
        if request.offset + request.top > indices.WINDOW:
            raise EngineUnavailable(f"翻页最多到第 {indices.WINDOW:,} 条；要全部结果，请用导出。")
        answer = self._ask(lambda index: search.answer(self.client, index, request))
        return answer or EngineAnswer(0, (), dict.fromkeys(request.facets, ()), ())

    def scan(self, match: Clause) -> Iterator[str]:
        """As the contract says; where a rebuild takes the index away meanwhile, it goes on in the new one behind the last id, so that no id comes twice."""
        query = {"bool": {"filter": [compile_match(match)]}}
        frequent, last = self.frequent(), ""
        while True:
            index = self._current(fresh=bool(last))
            if index is None:
                return
            if self.frequent() != frequent:
                raise EngineUnavailable("导出时索引按新的词典换过了：请重新导出。")
            try:
                with self._clear(NotFoundError):
                    point = search.open_point(self.client, index)
                    for page in search.ids(self.client, point, query, last):
                        for id_ in page:
                            last = id_
                            yield id_
                return
            except NotFoundError as error:
                if not last and self._current(fresh=True) == index:
                    raise explain(error, self.where) from error

    def get(self, ids: Iterable[str]) -> dict[str, Document]:
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Document] = {}
        for start in range(0, len(wanted), GET):
            some = wanted[start : start + GET]
            documents = self._ask(lambda index, some=some: search.documents(self.client, index, some))  # type: ignore[misc]
            found |= {document.id: document for document in documents or ()}
        return found

    def cursor(self) -> int:
        return self._reached()[0]

    def failed_ids(self) -> tuple[str, ...]:
        return self._reached()[1]

    def _reached(self) -> tuple[int, tuple[str, ...]]:
        index = self._current(fresh=True)
        with self._clear():
            return self._notes.reached(index) if index else (0, ())

    def frequencies(self) -> Frequencies:
        index, known = self._current(), self._table
        if index is None:
            return Frequencies()
        if known is not None and known[0] == index and time.monotonic() - known[3] < FRESH:
            return known[2]
        with self._clear():
            stamp = self._notes.stamp(index)
            if stamp is None:
                return Frequencies()
            table = known[2] if known and known[:2] == (index, stamp) else self._notes.frequencies(index)
        self._table = (index, stamp, table, time.monotonic())
        return table

    def frequent(self) -> frozenset[str]:
        self._current()
        known = self._known
        return lexicon().frequent.intersection(known[1].get("frequent", ())) if known else frozenset()

    def health(self) -> Health:
        name = "Elasticsearch"
        try:
            with self._clear():
                cluster = self.client.cluster.health()
                nodes = self.client.nodes.info(filter_path="nodes.*.version")["nodes"]
            name = f"Elasticsearch {'、'.join(sorted({node['version'] for node in nodes.values()}))}"
            index = self._current(fresh=True)
            notes = (
                [] if cluster["status"] == "green" else [f"集群 {cluster['cluster_name']} 状态为 {cluster['status']}"]
            )
            if index is None:
                return Health(True, name, notes=(*notes, "还没有索引：运行 zhaoshang index 建立。"))
            with self._clear():
                if self.client.cluster.health(index=index)["status"] == "red":
                    problem = f"索引 {index} 有分片不在（集群少了节点，或正在恢复）：启动全部节点，稍后再试。"
                    return Health(False, name, problem=problem)
                if read_only := blocked(self.client, index):
                    return Health(False, name, problem=read_only)
                stats = self.client.indices.stats(index=index, metric=["docs", "store"])["_all"]["primaries"]
                cursor, failed_ids = self._notes.reached(index)
        except EngineError as error:
            return Health(False, name, problem=error.reason)
        meta = self._known[1] if self._known else {}
        if meta.get("lexicon") != lexicon().version:
            notes.append("词典在建索引之后改过：新词已可查到，重建索引（zhaoshang index --rebuild）后排序更好。")
        notes += failure_notes(failed_ids)
        return Health(
            True,
            name,
            documents=int(stats["docs"]["count"]),
            cursor=cursor,
            analysis=str(meta.get("analysis", "")),
            lexicon=str(meta.get("lexicon", "")),
            size_bytes=int(stats["store"]["size_in_bytes"]),
            notes=tuple(notes),
        )

    # --- writing

    def write(self, documents: Iterable[Prepared | Unready], deleted: Iterable[str], cursor: int) -> WriteReport:
        index = self._current(fresh=True) or self._create()
        with self._clear():
            self._narrow(index)
            failed_ids = set(self._notes.reached(index)[1])
            with Bulk(self.client, self.alias) as bulk:
                for article in deleted:
                    bulk.delete(article, cursor)
                    failed_ids.discard(article)
                for item in documents:
                    failed_ids.discard(bulk.put(item))
                report = bulk.finish()
            self.client.options(request_timeout=LONG).indices.refresh(index=self.alias)
            self._notes.save_reached(index, cursor, failed_ids.union(article for article, _ in report.failed))
        return report

    def rebuild(self, documents: Iterable[Prepared | Unready], cursor: int | Callable[[], int]) -> WriteReport:
        with self._clear():
            old = indices.named(self.client, self.alias)
            for stale in indices.versions(self.client, self.alias):
                if stale not in old:  # left by a rebuild that was killed
                    self._drop(stale)
            index = indices.create(self.client, self.alias, fill=True)
            try:
                report = self._fill(index, documents, cursor)
                self._hand_on(index)
                indices.put_in_place(self.client, self.alias, index, old)
            except BaseException:
                with contextlib.suppress(ApiError, TransportError):
                    self._drop(index)
                raise
            self._known = None
            if old:
                time.sleep(GRACE)
            for name in old:
                if indices.is_version(name, self.alias):
                    self._drop(name)
        return report

    def _fill(
        self, index: str, documents: Iterable[Prepared | Unready], cursor: int | Callable[[], int]
    ) -> WriteReport:
        with Bulk(self.client, indices.filling(index)) as bulk:
            for item in documents:
                bulk.put(item)
            report = bulk.finish()
        if report.failed and not report.written:
            raise EngineUnavailable(f"没有一篇能写进新索引（{report.failed[0][1]}）：旧索引照旧可查。")
        self.client.indices.put_settings(index=index, settings={"index": {"refresh_interval": None}})
        self.client.options(request_timeout=LONG).indices.refresh(index=index)
        reached = cursor() if callable(cursor) else cursor
        self._notes.save_reached(index, reached, (article for article, _ in report.failed))
        return report

    def _narrow(self, index: str) -> None:
        """Forget frequent words that the lexicon no longer has: what is written from now on has no token for them."""
        meta = self._known[1] if self._known else {}
        kept = sorted(lexicon().frequent.intersection(meta.get("frequent", ())))
        if len(kept) < len(meta.get("frequent", ())):
            self.client.indices.put_mapping(index=index, meta={**meta, "frequent": kept})
            self._known = None

    def _hand_on(self, index: str) -> None:
        """The old version's table of frequencies, where the new one is made by the same rules."""
        try:
            old = self._current(fresh=True)
        except EngineError:  # that is why it is rebuilt
            return
        if old is not None and self._known is not None and self._known[1].get("lexicon") == lexicon().version:
            self._notes.hand_on(old, index)

    def save_frequencies(self, table: Frequencies) -> None:
        index = self._current(fresh=True) or self._create()
        with self._clear():
            self._notes.save_frequencies(index, table)
        self._table = None

    def close(self) -> None:
        self.client.close()

    # --- versions

    def _current(self, *, fresh: bool = False) -> str | None:
        """The index behind the alias, as known for a second; None where there is none. Raises IndexOutdated where it cannot be used."""
        known = self._known
        if known is not None and not fresh and time.monotonic() - known[2] < FRESH:
            return known[0]
        with self._clear():
            found = indices.behind(self.client, self.alias)
        self._known = (*found, time.monotonic()) if found else None
        return found[0] if found else None

    def _ask(self, call: Callable[[str], T]) -> T | None:
        """`call` of the index behind the alias, once more where a rebuild took it away meanwhile; None where there is no index."""
        index = self._current()
        if index is None:
            return None
        with self._clear():
            try:
                return call(index)
            except ApiError as error:
                if error.status_code not in (404, 503):
                    raise
        index = self._current(fresh=True)
        if index is None:
            return None
        with self._clear():
            return call(index)

    def _create(self) -> str:
        with self._clear():
            name = indices.create(self.client, self.alias, fill=False)
        self._known = None
        return name

    def _drop(self, name: str) -> None:
        self.client.indices.delete(index=name, ignore_unavailable=True)
        self._notes.forget(name)

    @contextlib.contextmanager
    def _clear(self, *passing: type[ApiError]) -> Iterator[None]:
        """The client's errors, said so that an operator knows what to do; those of `passing` go through as they are."""
        try:
            yield
        except (ApiError, TransportError) as error:
            if isinstance(error, passing):
                raise
            raise explain(error, self.where) from error
