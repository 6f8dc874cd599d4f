"""Ranking: BM25 over words, bigrams and characters, coverage, title and lead; and the best passage of the first hits.

The weights were found on question sets and kept where a headline over news also gains (docs/decisions/0060). All weigh by our own table of document
frequencies, so that every engine ranks alike; BM25 itself is the engine's (k1 1.2, b 0.75).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from indexer.analysis.facets import FACETS
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import lexicon
from indexer.analysis.segmentation import segmenter
from indexer.analysis.tokens import is_cjk, streams
from indexer.engines.base import Between, Clause, Phrase, Scored, Term
from indexer.query.parser import Query
from indexer.query.tree import AllOf, AnyOf, Node, Word
from indexer.search.planner import together
from indexer.search.query_reading import QueryReading, Topic

FREQUENCY_FIELDS = ("words", "grams", "chars")  # of which the table counts tokens

WEIGHTS = {"words": 1.0, "grams": 0.5, "chars": 0.5}
COVERAGE = 1.0  # × field weight × idf, once for each different token that a document has
LEAD = 0.3
TITLE = 0.5
EQUIVALENT = 0.5  # of what the typed word itself would weigh
OF_TEXTS = 2.0  # of the same, for a word that texts have for what was asked
PASSAGE = 0.8
PASSAGE_OF_TEXTS = (
    0.8  # in a passage, of what the heaviest token typed is worth there: a word that texts have for what was asked
)
PASSAGE_LENGTH = 80  # characters
RERANKED = 50  # hits whose passages are weighed
TOPIC = 0.8  # of what all words of the query are worth together, for what the query is about; several share it
POSSIBLE = 0.85  # of TOPIC, where a practice is not surely read
COMMON = 0.5  # a token that so large a share of documents has says nothing, where the query has others


@dataclass(frozen=True, slots=True)
class Tokens:
    """A query's tokens, each once with how often it was said. Words without function words."""

    words: Mapping[str, int]
    grams: Mapping[str, int]
    chars: Mapping[str, int]
    equivalents: tuple[str, ...] = ()  # words meant alike, of the words typed


@dataclass(frozen=True, slots=True)
class Weighed:
    """How a query ranks: addends for an engine, and what each string is worth in a passage."""

    strict: tuple[Scored, ...]
    wide: tuple[Scored, ...]
    raised: Mapping[Scored, Topic] = field(default_factory=dict)  # of both, those for what the query is about
    passage: Mapping[str, float] = field(default_factory=dict)
    of_texts: frozenset[Scored] = frozenset()  # of both, those for words that texts have for what was asked
    alike: frozenset[Scored] = frozenset()  # of both, those for words of the same meaning


def tokens_of(query: Query) -> Tokens:
    """The tokens of what is asked for, without the words that only make it a question."""
    found = streams(_without_question(query.text), segmenter())
    words = Counter(found.words.split())
    if query.dropped:
        words = Counter({word: n for word, n in words.items() if word not in lexicon().function}) or words
    grams = Counter(token for token in found.grams.split() if len(token) > 1 or not is_cjk(token))
    return Tokens(
        words,
        grams,
        Counter(found.chars.split()),
        tuple(dict.fromkeys(other for word in _positive(query.root) for other in word.equivalents)),
    )


def _without_question(text: str) -> str:
    """多少、怎么办、有哪些 stand in no answer; where nothing else was asked they are kept."""
    asking = lexicon().question
    left = "".join(" " if word in asking else word for word in segmenter().cut(text))
    return left if left.strip() else text


def weigh(
    query: Query,
    table: Frequencies,
    frequent: frozenset[str] = frozenset(),
    about: QueryReading = QueryReading(),  # noqa: B008  frozen
) -> Weighed:
    """How the documents of a query are ranked, in the strict set and when it is widened.

    `frequent`: words with a token of their own in the index; `about`: what the query was read as, which raises what is so.
    """
    tokens = tokens_of(query)
    fields: dict[str, Mapping[str, int]] = {"words": tokens.words, "grams": tokens.grams, "chars": tokens.chars}
    told: dict[str, Mapping[str, int]] = {name: _telling(name, said, table) for name, said in fields.items()}
    if not any(told.values()):
        told = {**fields, "chars": {} if tokens.grams else tokens.chars}
    alike = _together(tokens.equivalents, EQUIVALENT)
    of_texts = _together([word for word in about.words if word not in tokens.equivalents], OF_TEXTS)
    equivalents = [*of_texts, *alike]
    lead = [Scored(Term("lead", word), LEAD * n) for word, n in told["words"].items()]
    title = [Scored(Term("title", word), TITLE * n) for word, n in told["words"].items()]
    bm25 = {
        name: [Scored(Term(name, token), WEIGHTS[name] * n) for token, n in said.items()] for name, said in told.items()
    }
    coverage = [
        Scored(Term(name, token), COVERAGE * WEIGHTS[name] * table.idf(name, token), constant=True)
        for name, said in told.items()
        for token in said
    ]
    whole = sum(scored.weight for scored in coverage)
    share = TOPIC * whole / math.sqrt(max(1, len(about.topics)))
    raised = {
        Scored(clause, share * topic.belief * part, constant=True): topic
        for topic in about.topics
        for clause, part in _tagged(topic)
    }
    strict = [*_asked(query.root, table, frequent), *lead, *title, *equivalents, *raised]
    wide = [*bm25["words"], *bm25["grams"], *bm25["chars"], *coverage, *lead, *title, *equivalents, *raised]
    passage: dict[str, float] = {}
    for name, said in told.items():
        for token in said:
            passage[token] = passage.get(token, 0.0) + WEIGHTS[name] * table.idf(name, token)
    beside = PASSAGE_OF_TEXTS * max(passage.values(), default=0.0)
    passage = {**dict.fromkeys(about.words, beside), **passage}
    return Weighed(tuple(strict), tuple(wide), raised, passage, of_texts=frozenset(of_texts), alike=frozenset(alike))


def _together(words: Iterable[str], weight: float) -> list[Scored]:
    return [
        Scored(clause, weight * WEIGHTS["grams"])
        for word in words
        if isinstance(clause := together(word), Term | Phrase)
    ]


def _tagged(topic: Topic) -> list[tuple[Clause, float]]:
    """What is tagged so, and its part of the weight: a practice that is only possible gets half of it."""
    if FACETS[topic.facet].number:
        return [(Between(topic.facet, int(topic.value), int(topic.value)), 1.0)]
    if topic.facet == "practice":
        return [(Term("practice", topic.value), 1.0 - POSSIBLE), (Term("possible", topic.value), POSSIBLE)]
    return [(Term(topic.facet, topic.value), 1.0)]


def _asked(root: Node, table: Frequencies, frequent: frozenset[str]) -> list[Scored]:
    """BM25 of the words as they are asked for, and of nothing more.

    Pairs and characters of the words stand in each document of the strict set; counting them too would cost much time and tell nothing. What matches by one
    pair is scored by it, so that an engine looks once; a longer word by the segmenter's word, where texts have it, as a phrase costs ten times a word.
    """
    found: dict[Scored, None] = {}
    for word in _positive(root):
        clause = together(word.text, title=word.title)
        if not word.title and (
            word.text in frequent or (isinstance(clause, Phrase) and table.share("words", word.text))
        ):
            clause = Term("words", word.text)
        if isinstance(clause, Term | Phrase):
            found[Scored(clause, WEIGHTS["words"] + WEIGHTS["grams"])] = None
    return list(found)


def _positive(node: Node) -> Iterable[Word]:
    match node:
        case Word():
            yield node
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _positive(part)


def _telling(name: str, said: Mapping[str, int], table: Frequencies) -> dict[str, int]:
    return {token: n for token, n in said.items() if table.share(name, token) <= COMMON}
