"""Searcher: from a query to hits, totals, facets and timeline, on any engine."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from crawler.normalisation import normalise
from indexer.analysis.document import Document
from indexer.analysis.facets import COUNTED, FACETS
from indexer.engines.base import And, Clause, Engine, EngineAnswer, EngineHit, MatchAll, Or, Request, Sort, Term
from indexer.insight.vocabularies import value_name
from indexer.query.explain import explain
from indexer.query.parser import Query, parse
from indexer.query.tree import PRACTICES, AllOf, Node, asks_for_new, chosen_practices, count_words
from indexer.search.highlight import Highlighter, excerpt, highlighter, mark_with, snippet
from indexer.search.passages import best_passage
from indexer.search.planner import clause, filtered
from indexer.search.proofs import Proof, best_proof
from indexer.search.query_reading import EverydayError, QueryReading, Topic, read_query
from indexer.search.ranking import PASSAGE, PASSAGE_LENGTH, RERANKED, Weighed, weigh
from indexer.search.spelling import sure_correction

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
    proves: str | None = None  # the practice that the snippet proves: it is then the sentence of the reading
    proves_possibly: bool = False  # that practice is only possible
    proves_too: tuple[str, ...] = ()  # other practices asked for that the snippet proves


@dataclass(frozen=True, slots=True)
class Answer:
    """`total`, `facets` and `histogram` count the strict set. Where it has few hits, others are among them, the most relevant first: `widened` then says so in Chinese, else it is None.

    `about`: what the query was read as, which raised hits; `corrected`: the query that was answered in its place, as it finds nothing and is surely a slip or pinyin, else None.
    """

    query: str
    total: int
    relation: Literal["eq", "gte"]
    widened: str | None
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    histogram: tuple[tuple[int, int], ...] = ()
    explain: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    about: tuple[Topic, ...] = ()
    corrected: str | None = None


FEW = 5  # a strict set of fewer hits is widened
_WORTH = 0.3  # of the best widened score: what scores less is not shown to readers


class Searcher:
    """Answers queries from one engine. Safe to use from several threads."""

    def __init__(
        self, engine: Engine, archive: Archive | None = None, registry: Mapping[str, Source] | None = None
    ) -> None:
        self.engine = engine
        self.archive = archive
        self.registry = registry or {}
        self._folder = archive.database.folder if archive else None

    def search(
        self,
        query: str,
        *,
        top: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        facets: Sequence[str] = COUNTED,
        filters: Mapping[str, Sequence[str]] | None = None,
        strict: bool = False,
        snippets: bool = True,
        histogram: bool = True,
        expand: bool = True,
        left_out: Collection[str] = (),
    ) -> Answer:
        """Hits `offset` … `offset + top`. `filters`: facet name → values, any of which will do.

        `expand` False takes the query as it stands: no equivalents, no reading, no correction; `left_out`: keys of topics (practice:enclave) that the query is
        not about. Never raises for a query; raises EngineError.
        """
        started = time.perf_counter()
        read, about = self.read(query, expand=expand, left_out=left_out)
        weighed = weigh(read, self.engine.frequencies(), self.engine.frequent(), about)
        match = filtered(clause(read.root, self.engine.frequent()), filters or {})
        if sort == "relevance" and not weighed.strict:
            sort = "added" if asks_for_new(read.root) else "newest"  # nothing but conditions: the latest first
        answer, found = self._strict(
            read, weighed, match, sort=sort, top=top, offset=offset, facets=tuple(facets), histogram=histogram
        )
        hits = [(hit, False) for hit in found]
        widened = None
        if not strict and answer.total < FEW and weighed.wide:
            own = found
            if offset or len(found) < answer.total:
                own = self._strict(read, weighed, match, sort=sort, top=FEW, offset=0, facets=(), histogram=False)[1]
            mixed = self._mixed(read, weighed, filters or {}, own, sort=sort, top=offset + top)
            widened = _widened(answer.total) if len(mixed) > len(own) else None
            hits = mixed[offset : offset + top]
        marks, title_marks = highlighter(read), highlighter(read, title=True)
        asked = tuple(
            dict.fromkeys(
                (
                    *(practice for name in PRACTICES for practice in (filters or {}).get(name, ())),
                    *chosen_practices(read.root),
                    *(topic.value for topic in about.topics if topic.facet == "practice"),
                )
            )
        )
        proofs = self._proofs([hit.document for hit, _ in hits], asked, weighed.passage) if snippets and asked else {}
        return Answer(
            query=query,
            total=answer.total,
            relation="eq",
            widened=widened,
            hits=tuple(
                _hit(
                    hit,
                    wide,
                    marks,
                    title_marks=title_marks,
                    weights=weighed.passage,
                    snippets=snippets,
                    proof=proofs.get(hit.document.id),
                )
                for hit, wide in hits
            ),
            facets={
                name: tuple(self._label(name, value, n) for value, n in pairs) for name, pairs in answer.facets.items()
            },
            histogram=answer.histogram,
            explain=explain(read),
            seconds=time.perf_counter() - started,
            about=about.topics,
            corrected=read.typed if read.typed != query else None,
        )

    def ids(
        self, query: str, filters: Mapping[str, Sequence[str]] | None = None, *, expand: bool = True
    ) -> Iterator[str]:
        """Ids of the whole strict set, in constant memory."""
        read = parse(query, expand=expand)
        return self.engine.scan(filtered(clause(read.root, self.engine.frequent()), filters or {}))

    def count(self, query: str, filters: Mapping[str, Sequence[str]] | None = None, *, expand: bool = True) -> int:
        """How many articles the strict set has."""
        read = parse(query, expand=expand)
        match = filtered(clause(read.root, self.engine.frequent()), filters or {})
        return self.engine.execute(Request(match, top=0)).total

    def months_without_words(self, query: str, filters: Mapping[str, Sequence[str]]) -> dict[int, int] | None:
        """yyyymm → articles that meet the conditions of a query and the filters, whatever its words; None where it has no words, or nothing but words. Raises EngineError."""
        root = parse(query).root
        match = filtered(clause(conditions(root), self.engine.frequent()), filters)
        if not count_words(root) or isinstance(match, MatchAll) or (isinstance(match, And) and not match.clauses):
            return None
        return dict(self.engine.execute(Request(match, top=0, histogram=True)).histogram)

    def run(self, query: str, top: int = 100, strict: bool = False) -> list[tuple[str, float]]:
        """(external id, else URL; score) of the best documents, widened until `top` unless `strict`; scores never rise."""
        read, about = self.read(query)
        weighed = weigh(read, self.engine.frequencies(), self.engine.frequent(), about)
        match = clause(read.root, self.engine.frequent())
        if not weighed.wide:  # nothing but conditions: the latest first
            latest = self.engine.execute(Request(match, sort="newest", top=top, counted=False)).hits
            return [
                (hit.document.external_id or hit.document.url, float(len(latest) - n)) for n, hit in enumerate(latest)
            ]
        within = self.engine.execute(Request(match, weighed.wide, top=max(RERANKED, top)))
        hits = rerank(within.hits, weighed.passage)[:top]
        if not strict and within.total < top:
            # one order for both sets: a document that lacks one of the words may still be the better answer
            hits = self._wide(read, weighed, {}, top)
        never_rising = accumulate((hit.score for hit in hits), min)
        return [
            (hit.document.external_id or hit.document.url, score) for hit, score in zip(hits, never_rising, strict=True)
        ]

    def _proofs(
        self, documents: Sequence[Document], asked: Sequence[str], weights: Mapping[str, float]
    ) -> dict[str, Proof]:
        """Document id → where the text proves most of the practices asked for. Only where the index has the text that was read."""
        wanted = {d.id: d for d in documents if not {*asked}.isdisjoint((*d.practices, *d.possible))}
        if not self.archive or not wanted:
            return {}
        stored = self.archive.articles.get_many(wanted)

        def worth(passage: str) -> float:
            text = normalise(passage)
            return sum(weight for token, weight in weights.items() if token in text)

        found = {}
        for id_, reading in self.archive.readings.get_many(wanted).items():
            document = wanted[id_]
            if id_ not in stored or stored[id_].article.text != document.text:
                continue
            spans = {p["id"]: (p["start"], p["end"]) for p in reading.get("practices") or () if "start" in p}
            given = [practice for practice in asked if practice in document.practices]
            given += [practice for practice in asked if practice in document.possible and practice not in given]
            if proof := best_proof({name: spans[name] for name in given if name in spans}, document, worth):
                found[id_] = proof
        return found

    def read(self, query: str, *, expand: bool = True, left_out: Collection[str] = ()) -> tuple[Query, QueryReading]:
        """How a query is taken: its tree, of the corrected query where it is surely a slip, and what it is about. A wrong table of everyday words is a note. Raises EngineError."""
        if not expand:
            return parse(query, expand=False), QueryReading()
        read = parse(sure_correction(self.engine, query) or query)
        try:
            return read, read_query(read, left_out=left_out, folder=self._folder)
        except EverydayError as error:  # of the operator's own table: the one that is shipped serves
            told = replace(read, notes=(*read.notes, f"数据目录里的 {error}；没有用上"))
            return told, read_query(read, left_out=left_out)

    # --- the two readings

    def _strict(
        self,
        read: Query,
        weighed: Weighed,
        match: Clause,
        sort: Sort,
        top: int,
        offset: int,
        facets: tuple[str, ...],
        histogram: bool,
    ) -> tuple[EngineAnswer, list[EngineHit]]:
        request = Request(match, weighed.strict, sort=sort, top=top, offset=offset, facets=facets, histogram=histogram)
        if (
            sort != "relevance" or offset >= RERANKED or count_words(read.root) < 2
        ):  # one word stands together everywhere
            answer = self.engine.execute(request)
            return answer, list(answer.hits)
        answer = self.engine.execute(replace(request, top=max(RERANKED, offset + top), offset=0))
        return answer, rerank(answer.hits, weighed.passage)[offset : offset + top]

    def _wide(
        self,
        read: Query,
        weighed: Weighed,
        filters: Mapping[str, Sequence[str]],
        top: int,
        parts: tuple[Clause, ...] = (),
    ) -> list[EngineHit]:
        """Whatever has any of the words or a part of one, best first; conditions and exclusions hold. `parts`: one of them must be there."""
        match = filtered(clause(conditions(read.root), self.engine.frequent()), filters)
        if isinstance(match, And) and not match.clauses:
            match = MatchAll()
        if parts:
            match = Or(parts) if isinstance(match, MatchAll) else And((match, Or(parts)))
        request = Request(match, weighed.wide, top=max(RERANKED, top), counted=False, must_score=True)
        return rerank(self.engine.execute(request).hits, weighed.passage)[:top]

    def _mixed(
        self,
        read: Query,
        weighed: Weighed,
        filters: Mapping[str, Sequence[str]],
        own: Sequence[EngineHit],
        sort: Sort,
        top: int,
    ) -> list[tuple[EngineHit, bool]]:
        """The few hits of the strict set and what comes near them, as (hit, is it widened). By relevance in one order: what lacks a common word may stand above what merely has all; by date the strict ones first."""
        strict_ids = {hit.document.id for hit in own}
        wider = self._wide(read, weighed, filters, top + FEW, parts=_parts(weighed))
        least = _WORTH * wider[0].score if wider else 0.0
        wider = [hit for hit in wider if hit.score >= least or hit.document.id in strict_ids]
        if sort != "relevance":
            return [
                *((hit, False) for hit in own),
                *((hit, True) for hit in wider if hit.document.id not in strict_ids),
            ]
        met = {hit.document.id for hit in wider}
        below = (
            [replace(hit, score=min(hit.score, wider[-1].score)) for hit in own if hit.document.id not in met]
            if wider
            else list(own)
        )
        return [*((hit, hit.document.id not in strict_ids) for hit in wider), *((hit, False) for hit in below)]

    def _label(self, name: str, value: str, count: int) -> FacetCount:
        site = self.registry.get(value) if name == "source" else None
        return FacetCount(value, count, site.title if site else value_name(FACETS[name], value))


def rerank(hits: Sequence[EngineHit], weights: Mapping[str, float]) -> list[EngineHit]:
    """The first hits in the order of score and best passage together, equals by id; the others as they stand. Scores never rise down the list."""
    first = [replace(hit, score=hit.score + PASSAGE * _passage(hit.document, weights)) for hit in hits[:RERANKED]]
    return [*sorted(first, key=lambda hit: (-hit.score, hit.document.id)), *hits[RERANKED:]]


def _passage(document: Document, weights: Mapping[str, float]) -> float:
    return best_passage(normalise(f"{document.title}\n{document.text}"), weights, PASSAGE_LENGTH).score


def conditions(root: Node) -> Node:
    """What a wider reading keeps of a tree: exclusions and conditions, no words."""
    parts = root.parts if isinstance(root, AllOf) else (root,)
    return AllOf(tuple(part for part in parts if not count_words(part)))


def _parts(weighed: Weighed) -> tuple[Clause, ...]:
    """What a reader takes for a part of what was asked: a word or a pair of characters, or what it is about. 火星殖民 is not in a text for the 星 of 明星."""
    clauses = dict.fromkeys(scored.clause for scored in weighed.wide)
    return tuple(c for c in clauses if not (isinstance(c, Term) and c.field == "chars"))


def _widened(total: int) -> str:
    few = f"全部词语都有的文章只有 {total} 篇" if total else "没有全部词语都有的文章"
    return f"{few}，其余是含有其中一部分的，最接近的在前。"


def _hit(
    hit: EngineHit,
    widened: bool,
    marks: Highlighter,
    title_marks: Highlighter,
    weights: Mapping[str, float],
    snippets: bool,
    proof: Proof | None,
) -> Hit:
    document = hit.document
    proved = proof.practices if proof else ()
    sure = tuple(practice for practice in proved if practice in document.practices)
    text, spans = "", list[Mark]()
    if snippets and proof:
        text, spans = excerpt(
            document.text, proof.start, proof.end, marks, weights, beside=proof.beside, partly=widened
        )
    elif snippets:
        text, spans = snippet(document.text, marks, weights, partly=widened)
    return Hit(
        id=document.id,
        external_id=document.external_id,
        url=document.url,
        title=document.title,
        title_marks=tuple(mark_with(document.title, title_marks, partly=widened)),
        snippet=text,
        snippet_marks=tuple(spans),
        score=hit.score,
        widened=widened,
        source=document.source,
        source_title=document.source_title,
        kind=document.kind,
        region=document.region,
        publisher=document.publisher,
        origin=document.origin,
        author=document.author,
        published=document.published,
        published_text=document.published_text,
        practices=document.practices,
        places=document.places,
        cluster=document.cluster,
        has_capture=document.has_capture,
        proves=(sure or proved)[0] if proved else None,
        proves_possibly=bool(proved) and not sure,
        proves_too=(sure or proved)[1:],
    )
