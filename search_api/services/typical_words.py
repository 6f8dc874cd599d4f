"""Words typical of a set of articles against the whole archive: Dunning's log-likelihood, as Rayson and Garside compare two corpora."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from weakref import WeakKeyDictionary

from crawler.archive import Archive, StoredArticle
from crawler.normalisation import normalise
from indexer.analysis.lexicon import lexicon
from indexer.analysis.segmentation import segmenter
from indexer.analysis.tokens import words
from search_api.web.app_state import AppState

SAMPLE = 500  # articles of the set
REFERENCE = 1500  # articles of the archive
SCANNED = 200_000  # ids of the set among which the sample is taken
LEAST = 15.13  # log-likelihood; p < 0.0001 with one degree of freedom
FEWEST = 3  # articles that have the word; one long article makes no word typical
MOST = 60
_BATCH = 100


@dataclass(frozen=True, slots=True)
class TypicalWord:
    """`count` and `articles`: how often, and in how many of the sampled articles. `here`, `there`: of a thousand words in the set, in the archive. `ratio`: log₂ of one by the other."""

    word: str
    count: int
    articles: int
    here: float
    there: float
    log_likelihood: float
    ratio: float


@dataclass(frozen=True, slots=True)
class TypicalWords:
    """`total` articles are in the set, `sampled` were read (of republications one), `reference` of the archive; `words` hold the most typical first."""

    total: int
    sampled: int
    reference: int
    words: Sequence[TypicalWord]


@dataclass(slots=True)
class _Counts:
    articles: int = 0
    tokens: int = 0
    words: Counter[str] = field(default_factory=Counter)
    spread: Counter[str] = field(default_factory=Counter)


_references: WeakKeyDictionary[Archive, tuple[int, _Counts]] = WeakKeyDictionary()


def typical_words(
    app_state: AppState, query: str, filters: Mapping[str, Sequence[str]], *, expand: bool = True
) -> TypicalWords:
    """Of the strict set of a query. Both samples are even, and the same every time: an id is a digest, so that those with the smallest are any. Raises EngineError, ArchiveError."""
    searcher, archive = app_state.searcher, app_state.archive
    total = searcher.count(query, filters, expand=expand)
    chosen = heapq.nsmallest(SAMPLE, islice(searcher.ids(query, filters, expand=expand), SCANNED))
    here, there = _counted(_stored(archive, chosen)), _reference(archive)
    found = sorted(_typical(here, there), key=lambda one: (-one.log_likelihood, one.word))
    return TypicalWords(total, here.articles, there.articles, found[:MOST])


def log_likelihood(a: int, b: int, c: int, d: int) -> float:
    """Of a word that stands `a` times among `c` words and `b` times among `d`: 2 Σ O ln(O/E)."""
    share = (a + b) / (c + d)
    return 2 * sum(seen * math.log(seen / (share * size)) for seen, size in ((a, c), (b, d)) if seen)


def _typical(here: _Counts, there: _Counts) -> Iterator[TypicalWord]:
    fewest = min(FEWEST, here.articles)
    for word, a in here.words.items():
        b = there.words[word]
        if here.spread[word] < fewest or a * there.tokens <= b * here.tokens:
            continue
        value = log_likelihood(a, b, here.tokens, there.tokens)
        if value >= LEAST:
            ratio = math.log2((a / here.tokens) / (max(b, 0.5) / there.tokens))
            share = (1000 * a / here.tokens, 1000 * b / there.tokens)
            yield TypicalWord(word, a, here.spread[word], *share, log_likelihood=value, ratio=ratio)


def _reference(archive: Archive) -> _Counts:
    """Counted once for a state of the archive."""
    change = archive.articles.last_change()
    known = _references.get(archive)
    if known is None or known[0] != change:
        known = (change, _counted(_stored(archive, archive.articles.ids(limit=REFERENCE))))
        _references[archive] = known
    return known[1]


def _stored(archive: Archive, ids: Sequence[str]) -> Iterator[StoredArticle]:
    for start in range(0, len(ids), _BATCH):
        yield from archive.articles.get_many(ids[start : start + _BATCH]).values()


def _counted(articles: Iterable[StoredArticle]) -> _Counts:
    counts, seen = _Counts(), set[str]()
    cut, function = segmenter(), lexicon().function
    for stored in articles:
        text = stored.cluster or stored.id
        if text in seen:
            continue
        seen.add(text)
        found = words(normalise(f"{stored.article.title}\n{stored.article.text}"), cut).split()
        counts.articles += 1
        counts.tokens += len(found)
        kept = Counter(word for word in found if len(word) > 1 and word not in function and not word[0].isdigit())
        counts.words.update(kept)
        counts.spread.update(kept.keys())
    return counts
