"""Is a text about investment promotion (招商引资)? A transparent score from the word lists of topic.toml.

Points are counted in the title and in the densest stretch of the text, so that one mention in a long page weighs little and one good chapter of
a long report weighs enough. Words of `excluded` (companies called 招商…, dealers sought, a person's office) hide their characters from the count.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.normalisation import normalise

CODE_VERSION = "3"  # raised by hand with this file; the lexicon brings its own version: its bytes
WINDOW = 1200  # characters: about a page of a newspaper, or a chapter of a report
TITLE_TIMES = 1.6  # a word in the title is worth so much more
LEVEL = 4.2  # points at which value is 0.5 in a text of one window
VARIETY = 0.35  # points for each different word beyond USUAL_WORDS, less for each that is missing: a passing mention stands alone
USUAL_WORDS = 5
ALONE = 2.4  # most that words of `support` are worth where no word of `strong` stands with them; points of `strong` raise it
STEEPNESS = 0.75
LENGTH_PRICE = 0.55  # points more for each doubling of the text, fewer for each halving: long texts touch on everything
SHORTEST = -2.5  # halvings of a window below which a text gets no more credit


@dataclass(frozen=True, slots=True)
class TopicScore:
    """`value` 0–1, `on_topic` is value ≥ 0.5; `matched` are the words that counted with the points each brought, the most telling first."""

    value: float
    on_topic: bool
    matched: tuple[tuple[str, float], ...]


def any_of(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first, laid out as a prefix tree: several times faster than a flat alternation."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: Mapping[str, Any]) -> str:
    parts = [re.escape(c) + _branches(child) for c, child in sorted(node.items()) if c]
    if not parts:
        return ""
    group = parts[0] if len(parts) == 1 and "" not in node else "(?:" + "|".join(parts) + ")"
    return group + "?" if "" in node else group


@dataclass(frozen=True, slots=True)
class _Lexicon:
    version: str
    weights: Mapping[str, float]
    strong: frozenset[str]
    pattern: re.Pattern[str]
    phrases: Mapping[str, re.Pattern[str]]

    def hits(self, text: str) -> list[tuple[int, str]]:
        """Where its words and phrases (by name) stand in a normalised text, in order."""
        found = [(match.start(), match[0]) for match in self.pattern.finditer(text)]
        for name, phrase in self.phrases.items():
            found += [(match.start(), name) for match in phrase.finditer(text)]
        return sorted(found)


@cache
def _lexicon() -> _Lexicon:
    content = files("crawler").joinpath("topic.toml").read_bytes()
    data = tomllib.loads(content.decode())
    weights: dict[str, float] = {normalise(word): 0.0 for words in data["excluded"].values() for word in words}
    for section, sign in (("strong", 1), ("support", 1), ("against", -1)):
        for word, weight in ((normalise(word), weight) for word, weight in data[section].items()):
            if word in weights:
                raise ValueError(f"topic.toml：“{word}”出现了两次")
            if not 0 < weight <= 5:
                raise ValueError(f"topic.toml：“{word}”的权重 {weight} 应在 0 与 5 之间")
            weights[word] = sign * float(weight)
    phrases = {}
    words = re.compile(any_of(weights))
    for name, phrase in data["phrases"].items():
        if not 0 < phrase["weight"] <= 5:
            raise ValueError(f"topic.toml：“{name}”的权重 {phrase['weight']} 应在 0 与 5 之间")
        weights[name], phrases[name] = float(phrase["weight"]), re.compile(phrase["pattern"])
    strong = frozenset((*map(normalise, data["strong"]), *phrases))
    version = f"{CODE_VERSION}.{hashlib.sha256(content).hexdigest()[:8]}"
    return _Lexicon(version, weights, strong, words, phrases)


def _points(counts: Mapping[str, int], times: float = 1.0) -> dict[str, float]:
    weights = _lexicon().weights
    return {word: times * weights[word] * (2 - 2 ** (1 - n)) for word, n in counts.items()}


def _densest(hits: list[tuple[int, str]]) -> Counter[str]:
    """Counts of the words in the stretch of WINDOW characters that has the most points for the subject."""
    weights = _lexicon().weights
    best: tuple[float, int, int] = (-math.inf, 0, 0)
    total, left = 0.0, 0
    for right, (at, word) in enumerate(hits):
        total += weights[word]
        while hits[left][0] < at - WINDOW:
            total -= weights[hits[left][1]]
            left += 1
        if total > best[0]:
            best = (total, left, right + 1)
    return Counter(word for _, word in hits[best[1] : best[2]])


def score(title: str, text: str) -> TopicScore:
    """The topic score of a text (simplified or traditional, any length); a missing title is ''."""
    lexicon = _lexicon()
    title, text = normalise(title), normalise(text)
    hits = lexicon.hits(text)
    points = _points(_densest(hits)) if hits else {}
    for word, more in _points(Counter(word for _, word in lexicon.hits(title)), TITLE_TIMES).items():
        points[word] = points.get(word, 0.0) + more
    matched = sorted(((w, round(p, 2)) for w, p in points.items() if p), key=lambda wp: -abs(wp[1]))
    strong = sum(p for word, p in points.items() if word in lexicon.strong)
    support = sum(p for word, p in points.items() if p > 0 and word not in lexicon.strong)
    against = sum(p for p in points.values() if p < 0)
    total = strong + min(support, ALONE + strong) + against
    words = sum(p > 0 for p in points.values())
    variety = VARIETY * max(-USUAL_WORDS, min(USUAL_WORDS, words - USUAL_WORDS)) if points else 0.0
    longer = max(SHORTEST, math.log2(max(len(text), 1) / WINDOW))
    value = 1 / (1 + math.exp(-STEEPNESS * (total + variety - LEVEL - LENGTH_PRICE * longer)))
    return TopicScore(round(value, 4), value >= 0.5, tuple(matched))


TOPIC_VERSION: str = _lexicon().version
