"""Analyses documents for the engine, in worker processes where there are many, in their order, and counts document frequencies on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from operator import attrgetter
from types import TracebackType
from typing import Any, Self

from crawler.stages.worker_pool import WorkerPool
from indexer.analysis.document import Document
from indexer.analysis.fields import Prepared, prepare
from indexer.analysis.frequencies import Counting, tokens_in
from indexer.engines.base import Unready
from indexer.search.ranking import FREQUENCY_FIELDS

MANY = 1_000  # documents for which it pays to start processes, each of which reads the dictionary
CHUNK = 250  # documents a task
CHARACTERS = 500_000  # of the texts of a task, beyond one document: books must not pile up in memory
WAITING = 3  # tasks a worker, done or not, so that memory stays bounded

_PARTS = tuple(field.name for field in fields(Prepared) if field.name != "document")
_parts = attrgetter(*_PARTS)
_Counts = dict[str, dict[str, int]]


class AnalysisPool(AbstractContextManager["AnalysisPool"]):
    """Analyses documents and counts those of `counting`'s sample. Workers start when the first many documents come, and end with the context."""

    def __init__(self, counting: Counting, workers: int) -> None:
        self.counting = counting
        self._workers = workers
        self._pool: WorkerPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)

    def prepared(self, documents: Iterable[Document], expected: int) -> Iterator[Prepared | Unready]:
        """The documents, prepared, in their order; `expected` is about how many come."""
        if self._workers < 2 or (expected < MANY and self._pool is None):
            for document in documents:
                made = _prepare(document)
                if self.counting.wants(document.id):
                    self.counting.add(document.id, made.streams if isinstance(made, Prepared) else {})
                yield made
            return
        if self._pool is None:
            self._pool = WorkerPool(self._workers)
        tasks = ((chunk, (chunk, [self._expected(d.id) for d in chunk])) for chunk in chunks(documents))
        # a chunk whose worker was killed is analysed here
        for chunk, (analysed, counts) in self._pool.in_order_or_here(
            prepare_chunk, tasks, waiting=WAITING * self._workers
        ):
            self.counting.merge(counts)
            for document, parts in zip(chunk, analysed, strict=True):
                if isinstance(parts, Unready):
                    yield parts
                else:
                    yield Prepared(document, **dict(zip(_PARTS, parts, strict=True)))

    def _expected(self, id_: str) -> bool:
        wanted = self.counting.wants(id_)
        if wanted:
            self.counting.expect(id_)
        return wanted


def chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents in their order, in tasks."""
    chunk: list[Document] = []
    characters = 0
    for document in documents:
        if len(chunk) == CHUNK or (chunk and characters + len(document.text) > CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(document)
        characters += len(document.text)
    if chunk:
        yield chunk


def prepare_chunk(
    documents: Sequence[Document], wanted: Sequence[bool]
) -> tuple[list[tuple[Any, ...] | Unready], _Counts]:
    """Runs in a worker: what each document is prepared to, and how many of the wanted ones have each token, field by field."""
    made: list[tuple[Any, ...] | Unready] = []
    counters: dict[str, Counter[str]] = {name: Counter() for name in FREQUENCY_FIELDS}
    for document, counted in zip(documents, wanted, strict=True):
        prepared = _prepare(document)
        if isinstance(prepared, Unready):
            made.append(prepared)
            continue
        made.append(_parts(prepared))
        if counted:
            for name, counter in counters.items():
                counter.update(tokens_in(prepared.streams, name))
    return made, {name: dict(counter) for name, counter in counters.items()}


def _prepare(document: Document) -> Prepared | Unready:
    """Whatever is wrong with one document must not keep the others out of the index."""
    try:
        return prepare(document)
    except Exception as error:
        return Unready(document.id, f"分析不了：{type(error).__name__} {error}")
