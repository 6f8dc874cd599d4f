"""相似文章: articles that share the distinctive words, the practices, places and industries of one, without its republications."""

from __future__ import annotations

import math
from collections import Counter

from crawler.normalisation import normalise
from indexer.analysis.document import Document
from indexer.analysis.facets import FACETS
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import lexicon
from indexer.analysis.segmentation import segmenter
from indexer.analysis.tokens import words
from indexer.engines.base import Among, And, Clause, Engine, EngineHit, MatchAll, Not, Request, Scored, Term

TELLING = 25  # words by which an article is known
_TITLE = 3  # a word in the title counts so often
_SHORT = 60  # different words; in a longer text a word that is said once says little
_OF_THE_SUBJECT = 1.5  # × the weight of a word of the lexicon
_SHARED_TAGS = {"practice": 1.0, "industry": 0.6, "place": 0.4}  # of what the weightiest word is worth
_COMMON = 0.3  # share of documents above which a word says nothing
_ALIKE = 0.2  # of the score that the article itself has
_SHARED = 3  # telling words, practices, places and industries that two articles must have in common, or all of fewer


def similar(engine: Engine, document: Document, top: int = 5) -> list[EngineHit]:
    """At most `top` articles like this one, the likest first, one of each text; copies of it (its cluster) and itself are left out. Raises EngineError."""
    telling = telling_words(document, engine.frequencies())
    scored = (
        *(Scored(Term("words", word), weight) for word, weight in telling),
        *(
            Scored(Term(name, value), weight, constant=True)
            for name, weight in _SHARED_TAGS.items()
            for value in FACETS[name].values(document)
        ),
    )
    if not telling:
        return []
    itself = engine.execute(Request(Among("id", (document.id,)), scored, top=1)).hits
    without: list[Clause] = [Not(Among("id", (document.id,)))]
    if document.cluster:
        without.append(Not(Among("cluster", (document.cluster,))))
    request = Request(And((MatchAll(), *without)), scored, top=4 * top, counted=False, must_score=True)
    least = _ALIKE * itself[0].score if itself else 0.0
    needed = min(_SHARED, len(scored))
    found: dict[str, EngineHit] = {}
    for hit in engine.execute(request).hits:
        if hit.score >= least and _in_common(hit.document, document, telling) >= needed:
            found.setdefault(hit.document.cluster or hit.document.id, hit)
    return list(found.values())[:top]


def telling_words(document: Document, table: Frequencies) -> list[tuple[str, float]]:
    """(word, weight) of the distinctive words of an article that at least one other article has too, heaviest first; the first weighs 1."""
    cut = segmenter()
    body = Counter(words(normalise(document.text), cut).split())
    title = set(words(normalise(document.title), cut).split())
    known = lexicon()
    subject = {*known.words, *known.known, *known.equivalents}
    weights = {}
    for word in {*body, *title}:
        said = body[word] + (_TITLE if word in title else 0)
        if len(word) < 2 or word.isdigit() or word in known.function:
            continue
        if said < 2 and word not in subject and len(body) > _SHORT:
            continue
        if table.share("words", word) > _COMMON or _alone(word, table):
            continue
        weights[word] = (1 + math.log(said)) * table.idf("words", word) * (_OF_THE_SUBJECT if word in subject else 1)
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:TELLING]
    return [(word, weight / best[0][1]) for word, weight in best]


def _alone(word: str, table: Frequencies) -> bool:
    """Whether no other article has the word; a table that is a sample cannot tell."""
    return table.archive <= table.documents and table.counts.get("words", {}).get(word, 0) < 2


def _in_common(one: Document, other: Document, telling: list[tuple[str, float]]) -> int:
    text = normalise(f"{one.title}\n{one.text}")
    tags = sum(len({*FACETS[name].values(one)} & {*FACETS[name].values(other)}) for name in _SHARED_TAGS)
    return sum(word in text for word, _ in telling) + tags
