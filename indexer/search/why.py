"""为什么是这条: what each field and word adds to a hit's score, in words for a researcher."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.normalisation import normalise
from indexer.analysis.facets import FACETS
from indexer.engines.base import Among, Phrase, Request, Scored, Term
from indexer.query.explain import explain
from indexer.query.tree import count_words
from indexer.search.passages import best_passage
from indexer.search.planner import clause, filtered
from indexer.search.ranking import PASSAGE, PASSAGE_LENGTH, Weighed, weigh
from indexer.search.searcher import FEW, Searcher

FIELDS = {
    "words": "词语", "grams": "相邻两字", "chars": "单字", "lead": "开头", "title": "标题", "title_grams": "标题中相邻两字", "title_chars": "标题中单字",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """`text` (a token, or a phrase) adds `score` through `field`, a name to show; `coverage`: for being there at all, however often."""

    field: str
    text: str
    score: float
    coverage: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """`strict`: the article has all that was asked. `read`: how the query was read (`explain`). `passage`: what the best passage adds."""

    read: dict[str, Any]
    strict: bool
    parts: tuple[Part, ...]
    passage: float
    total: float


def why(
    searcher: Searcher,
    query: str,
    article: str,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    expand: bool = True,
    left_out: Collection[str] = (),
) -> Why | None:
    """What makes the score of an article in the answer of `Searcher.search`; None where the index does not have it. Asks the engine once for each addend. Raises EngineError."""
    engine = searcher.engine
    document = engine.get([article]).get(article)
    if document is None:
        return None
    read, about = searcher.read(query, expand=expand, left_out=left_out)
    weighed = weigh(read, engine.frequencies(), engine.frequent(), about)
    only = Among("id", (article,))
    match = clause(read.root, engine.frequent())
    strict = engine.execute(Request(filtered(match, {"id": [article]}), top=0)).total > 0
    few = engine.execute(Request(filtered(match, filters or {}), top=0)).total < FEW
    wide = bool(weighed.wide) and (few or not strict)
    parts = []
    for addend in weighed.wide if wide else weighed.strict:
        score = engine.execute(Request(only, (addend,), top=1, counted=False)).hits[0].score
        if score > 0:
            parts.append(Part(*named(addend, weighed), score, addend.constant))
    passage = 0.0
    if wide or count_words(read.root) > 1:  # one word stands together everywhere: see Searcher
        text = normalise(f"{document.title}\n{document.text}")
        passage = PASSAGE * best_passage(text, weighed.passage, PASSAGE_LENGTH).score
    parts.sort(key=lambda part: -part.score)
    return Why(explain(read), strict, tuple(parts), passage, sum(part.score for part in parts) + passage)


def named(addend: Scored, weighed: Weighed) -> tuple[str, str]:
    """Where an addend looks and what for, as readers see it."""
    if topic := weighed.raised.get(addend):
        return FACETS[topic.facet].label, topic.label
    if addend in weighed.of_texts:
        return "文章里的说法", _text(addend)
    if addend in weighed.alike:
        return "同义词", _text(addend)
    return _field(addend), _text(addend)


def _field(addend: Scored) -> str:
    return FIELDS.get(addend.clause.field, addend.clause.field) if isinstance(addend.clause, Term | Phrase) else ""


def _text(addend: Scored) -> str:
    match addend.clause:
        case Term(_, token):
            return token
        case Phrase(_, tokens):
            return tokens[0] + "".join(token[-1] if len(token) == 2 else token for token in tokens[1:])
    return ""
