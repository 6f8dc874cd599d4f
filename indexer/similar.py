"""相似文章: articles that share the telling words of one, without its copies."""

from __future__ import annotations

import math
from collections import Counter

from crawler.normalisation import normalise
from indexer.analysis.lexicon import lexicon
from indexer.analysis.segmentation import segmenter
from indexer.analysis.tokens import words
from indexer.document import Document
from indexer.engines.base import Among, And, Clause, Engine, EngineHit, Every, Not, Request, Scored, Term
from indexer.frequencies import Frequencies

TELLING = 25  # words by which an article is known
_TITLE = 3  # a word in the title counts so often
_COMMON = 0.3  # share of documents above which a word says nothing
_ALIKE = 0.15  # of the score that the article itself would have


def similar(engine: Engine, document: Document, top: int = 5) -> list[EngineHit]:
    """At most `top` articles like this one, the likest first; copies of it (its cluster) and itself are left out. Raises EngineError."""
    table = engine.frequencies()
    telling = telling_words(document, table)
    if not telling:
        return []
    scored = tuple(Scored(Term("words", word), weight) for word, weight in telling)
    itself = engine.execute(Request(Among("id", (document.id,)), scored, top=1)).hits
    without: list[Clause] = [Not(Among("id", (document.id,)))]
    if document.cluster:
        without.append(Not(Among("cluster", (document.cluster,))))
    hits = engine.execute(Request(And((Every(), *without)), scored, top=top, counted=False, must_score=True)).hits
    least = _ALIKE * itself[0].score if itself else 0.0
    return [hit for hit in hits if hit.score > least]


def telling_words(document: Document, table: Frequencies) -> list[tuple[str, float]]:
    """(word, weight) of the words by which the article differs from the others, weightiest first."""
    cut = segmenter()
    said = Counter(words(normalise(document.text), cut).split())
    for word in words(normalise(document.title), cut).split():
        said[word] += _TITLE
    weights = {
        word: (1 + math.log(n)) * table.idf("words", word)
        for word, n in said.items()
        if len(word) > 1
        and not word.isdigit()
        and word not in lexicon().function
        and table.share("words", word) <= _COMMON
    }
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:TELLING]
    return [(word, weight / best[0][1]) for word, weight in best]
