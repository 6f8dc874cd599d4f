"""The contract between the search and its engines: clauses that every engine can run, one request, one answer.

An engine knows nothing of the query language, of segmentation or of ranking rules. It gets tokens, and it gets them in the order in which
they stand in a field (a `whitespace` analyzer reads them back), so two engines that keep the contract match alike and score alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from crawler.configuration import Settings
from indexer.analysis.document import Document
from indexer.analysis.fields import Prepared
from indexer.analysis.frequencies import Frequencies

# --- clauses: what matches


@dataclass(frozen=True, slots=True)
class Term:
    """The token stands in the field."""

    field: str
    token: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The tokens (two or more) stand in the field one after the other."""

    field: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A token of the field begins so. Never scored."""

    field: str
    start: str


@dataclass(frozen=True, slots=True)
class Among:
    """The field (keywords) has one of these values. Never scored."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The number in the field, or one of them where it has several, lies in the range, both ends included. Never scored."""

    field: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class MatchAll:
    """All documents."""


@dataclass(frozen=True, slots=True)
class MatchNone:
    """No document."""


@dataclass(frozen=True, slots=True)
class And:
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Or:
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Every document that the clause does not match."""

    clause: Clause


Clause = Term | Phrase | Prefix | Among | Between | MatchAll | MatchNone | And | Or | Not


@dataclass(frozen=True, slots=True)
class Scored:
    """One addend of a document's score: `weight` × BM25 (k1 1.2, b 0.75) of a Term or Phrase, or, where `constant`, `weight` itself for each document that matches."""

    clause: Clause
    weight: float
    constant: bool = False


# --- one request, one answer

Sort = Literal["relevance", "newest", "oldest", "added"]  # added: what came into the archive last


@dataclass(frozen=True, slots=True)
class Request:
    """`match` decides which documents (at no score), `scored` adds up their score; facets and histogram count the documents of `match`.

    Ties, and the orders by date, are broken the same way every time, so that pages never overlap. Documents without a date come last in both orders by date.
    `must_score`: documents that no scored clause finds are left out (at least one of `scored` is then needed).
    `counted`: False where no total is asked (`EngineAnswer.total` is then at least the number of hits).
    """

    match: Clause
    scored: tuple[Scored, ...] = ()
    sort: Sort = "relevance"
    top: int = 10
    offset: int = 0
    facets: tuple[str, ...] = ()
    facet_size: int = 50
    histogram: bool = False
    counted: bool = True
    must_score: bool = False


@dataclass(frozen=True, slots=True)
class EngineHit:
    document: Document
    score: float


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """`facets`: name → (value, count), most frequent first; `histogram`: (yyyymm, count) in order, documents without a date left out."""

    total: int
    hits: tuple[EngineHit, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    histogram: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Unready:
    """Takes the place of an article that could not be analysed; `write` reports it as failed for this reason."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class WriteReport:
    """`failed`: (article id, reason); the rest is written, the cursor has moved, and `Engine.failed_ids` names what failed until it is written or deleted."""

    written: int = 0
    deleted: int = 0
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """`ok` False: `problem` says in one Chinese sentence what is wrong and what to do. `notes` are remarks for `doctor`."""

    ok: bool
    engine: str
    documents: int = 0
    cursor: int = 0
    analysis: str = ""
    lexicon: str = ""
    size_bytes: int = 0
    problem: str | None = None
    notes: tuple[str, ...] = ()


class EngineError(Exception):
    """Something the operator must know; `reason` is one Chinese sentence that says what happened and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EngineUnavailable(EngineError):
    """The engine cannot answer now: it is down, refused, or another process writes."""


class IndexOutdated(EngineError):
    """The index was made by another analysis or is damaged: `index --rebuild`."""


class Engine(Protocol):
    """What every engine does. Several processes may read while one writes; every method may raise EngineError."""

    def write(self, documents: Iterable[Prepared | Unready], deleted: Iterable[str], cursor: int) -> WriteReport:
        """Add documents (each replaces an older state of its id), delete ids and move the cursor, all in one commit: after a crash all of it is
        there, or nothing."""

    def rebuild(self, documents: Iterable[Prepared | Unready], cursor: int | Callable[[], int]) -> WriteReport:
        """Fill a new index and put it in the place of the old one, with no gap for readers. `cursor` may be a function, asked after the last document."""

    def cursor(self) -> int:
        """The archive's change number up to which this index is complete, `failed_ids` excepted; 0 for a new one."""

    def failed_ids(self) -> tuple[str, ...]:
        """Ids that failed and were not written or deleted since: the next run tries them again."""

    def execute(self, request: Request) -> EngineAnswer: ...

    def scan(self, match: Clause) -> Iterator[str]:
        """Ids of all documents that match, in the order of ids, in constant memory; the state at the first step."""

    def get(self, ids: Iterable[str]) -> dict[str, Document]:
        """Documents by id; unknown ids are left out."""

    def frequencies(self) -> Frequencies:
        """The table of document frequencies that ranking uses; an empty one where none was saved."""

    def save_frequencies(self, table: Frequencies) -> None: ...

    def frequent(self) -> frozenset[str]:
        """The lexicon's frequent words for which this index has tokens of their own."""

    def health(self) -> Health: ...

    def damage(self, *, quick: bool) -> tuple[str, ...]:
        """What is wrong with the engine's own files, a line each. `quick` reads little of them. Empty where a server looks after them itself."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class EngineKind:
    """What an engine's folder says of it, as ENGINE in its `__init__`, without importing what the engine is made of."""

    # as `status` names it where it does not answer
    name: str
    # of `ZHAOSHANG_ENGINE`: the whole of it, or how it begins where the scheme ends in ://
    schemes: tuple[str, ...]
    # in Chinese, what to write into the setting
    setting: str
    # of the package index: what it runs on
    package: str
    # the engine of the settings, for writing where it is so said. Raises EngineUnavailable or IndexOutdated; an index that does not exist yet is an empty one
    open: Callable[[Settings, bool], Engine]

    def answers_to(self, setting: str) -> bool:
        """Whether the setting means this engine."""
        return any(setting.startswith(s) if s.endswith("://") else setting == s for s in self.schemes)


def failure_notes(ids: Sequence[str]) -> tuple[str, ...]:
    """A remark for `Health` about articles that failed."""
    if not ids:
        return ()
    some = "、".join(ids[:3]) + ("等" if len(ids) > 3 else "")
    return (f"有 {len(ids)} 篇没有写进索引（{some}）：每次 zhaoshang index 都会再试，并说出原因。",)
