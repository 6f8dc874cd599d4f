"""Searcher: from what a reader typed to the hits, totals, facets and timeline that are shown, on whichever engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from indexer.engines.base import Engine, Sort

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FacetCount:
    """`label` is what a reader sees for `value`."""

    value: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Marks are [start, end) offsets on `title` and on `snippet`. `widened`: the hit is not of the strict set."""

    id: str
    external_id: str | None
    url: str
    title: str
    title_marks: tuple[Mark, ...]
    snippet: str
    snippet_marks: tuple[Mark, ...]
    score: float
    widened: bool
    source: str | None
    source_title: str | None
    kind: str | None
    region: str | None
    publisher: str | None
    origin: str | None
    author: str | None
    published: date | None
    published_text: str | None
    practices: tuple[str, ...]
    places: tuple[str, ...]
    cluster: str | None
    has_capture: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """`total`, `facets` and `histogram` count the strict set; hits of the strict set come first, widened ones below. `widened` says in Chinese how the query was then read, or is None."""

    query: str
    total: int
    relation: Literal["eq", "gte"]
    widened: str | None
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    histogram: tuple[tuple[int, int], ...] = ()
    explain: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Searcher:
    """Answers queries from one engine. Safe to use from several threads."""

    def __init__(
        self, engine: Engine, archive: Archive | None = None, registry: Mapping[str, Source] | None = None
    ) -> None:
        self.engine = engine
        self.archive = archive
        self.registry = registry or {}

    def search(
        self,
        query: str,
        *,
        top: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        facets: Sequence[str] = ("year", "source", "kind", "origin"),
        filters: Mapping[str, Sequence[str]] | None = None,
        strict: bool = False,
        snippets: bool = True,
        histogram: bool = True,
        expand: bool = True,
    ) -> Answer:
        """Hits `offset` … `offset + top`. `filters`: facet name → values, any of which will do; `expand` False switches equivalents off. Never raises for a query; raises EngineError."""
        raise NotImplementedError

    def ids(self, query: str, filters: Mapping[str, Sequence[str]] | None = None) -> Iterator[str]:
        """Ids of the whole strict set, in constant memory."""
        raise NotImplementedError

    def run(self, query: str, top: int = 100, strict: bool = False) -> list[tuple[str, float]]:
        """(external id, else URL; score) of the best documents, widened until `top` unless `strict`; scores never rise."""
        raise NotImplementedError
