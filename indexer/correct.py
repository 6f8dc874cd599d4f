"""您是不是要找: for a query that finds nothing, the words that sound alike, or differ in one character, and do occur."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from crawler.normalisation import normalise
from crawler.sources import regions
from indexer.analysis.lexicon import lexicon
from indexer.frequencies import Frequencies
from indexer.insight.practices import rules
from indexer.pinyin import key, reading
from indexer.search import Searcher

_RUN = re.compile("[\u4e00-\u9fd5]{2,}")
_LETTERS = re.compile(r"(?<![a-z:])[a-z]{4,40}(?![a-z:])")
_LONGEST = 8
_TRIED = 12  # corrected queries that are put to the engine
_COMMON = 20_000  # words of the archive that are known, the most frequent


def did_you_mean(searcher: Searcher, query: str) -> str | None:
    """A query like this one that finds something, or None. For queries whose strict set is empty. Raises EngineError."""
    known = _known(searcher.engine.frequencies())
    best: tuple[int, str] | None = None
    for n, corrected in enumerate(_corrected(normalise(query), known)):
        if n >= _TRIED:
            break
        total = searcher.count(corrected)
        if total and (
            best is None or total > best[0] * 4
        ):  # the first are the likelier; a later one must find much more
            best = (total, corrected)
    return best[1] if best else None


class _Known:
    """Words that a reader may have meant: word → weight, and ways to them."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self.by_sound: dict[str, list[str]] = defaultdict(list)
        self.by_letters: dict[str, list[str]] = defaultdict(list)
        self.by_gap: dict[str, list[str]] = defaultdict(list)
        for word in sorted(weights, key=lambda w: (-weights[w], w)):
            self.by_sound[key(word)].append(word)
            self.by_letters["".join(map(reading, word))].append(word)
            if len(word) > 2:
                for at in range(len(word)):
                    self.by_gap[f"{word[:at]}?{word[at + 1 :]}"].append(word)


_tables: list[tuple[Frequencies, _Known]] = []


def _known(table: Frequencies) -> _Known:
    if not _tables or _tables[0][0] is not table:
        weights = dict.fromkeys(_names(), 1.0)
        counted = table.counts.get("words", {})
        common = sorted((w for w in counted if len(w) > 1 and _RUN.fullmatch(w)), key=lambda w: (-counted[w], w))[
            :_COMMON
        ]
        weights.update((word, 2.0 + counted[word]) for word in common)
        _tables[:] = [(table, _Known(weights))]
    return _tables[0][1]


@lru_cache(1)
def _names() -> frozenset[str]:
    named = {normalise(rule.name) for rule in rules().values()} | set(lexicon().words) | set(lexicon().known)
    named |= {name for region in regions.regions() for name in (region.name, region.short)}
    return frozenset(name for name in named if _RUN.fullmatch(name))


def _corrected(query: str, known: _Known) -> Iterator[str]:
    """Queries with one stretch put right: by sound before by sight, the longest first, then what keeps most of its characters, then the commonest."""
    found: list[tuple[int, int, int, float, str]] = []
    for match in _LETTERS.finditer(query):
        for word in known.by_letters.get(match.group(), ())[:2]:
            found.append((0, -len(word), 0, -known.weights[word], query[: match.start()] + word + query[match.end() :]))
    for match in _RUN.finditer(query):
        run = match.group()
        for length in range(min(_LONGEST, len(run)), 1, -1):
            for at in range(len(run) - length + 1):
                part, start = run[at : at + length], match.start() + at
                for step, word in _alike(part, known):
                    shared = sum(a == b for a, b in zip(part, word, strict=True))
                    put = query[:start] + word + query[start + length :]
                    found.append((step, -length, -shared, -known.weights[word], put))
    yield from dict.fromkeys(text for *_, text in sorted(found))


def _alike(part: str, known: _Known) -> Iterator[tuple[int, str]]:
    """(0, word) for words that sound so, (1, word) for longer ones that differ in one character."""
    for word in known.by_sound.get(key(part), ()):
        if word != part and len(word) == len(part):
            yield 0, word
    for gap in range(len(part) if len(part) > 2 else 0):
        near = (word for word in known.by_gap.get(f"{part[:gap]}?{part[gap + 1 :]}", ()) if word != part)
        yield from ((1, word) for word in islice(near, 2))
