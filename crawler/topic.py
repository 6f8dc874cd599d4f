"""Is a text about investment promotion (招商引资)? Points of the word lists of topic.toml, and weights learnt for pairs of characters.

Points are counted in the title and in the densest stretch of the text, so that one mention in a long page weighs little and one good chapter of
a long report weighs enough. Words of `excluded` (companies called 招商…, dealers sought, a person's office) hide their characters from the count.
What surrounds them in that stretch is judged by topic_weights.json (made by benchmarks/train_topic.py): the lists know what the work is called, the
pairs what else is spoken of where it is the subject, and where it is only named.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.expressions.required import Sought, held, sought
from crawler.normalisation import HAN, normalise, without_strewn

CODE_VERSION = "4"  # raised by hand with this file; lexicon and weights bring their own version: their bytes
WINDOW = 1200  # characters: about a page of a newspaper, or a chapter of a report
TITLE_TIMES = 1.6  # a word in the title is worth so much more
LEVEL = 4.2  # points at which value is 0.5 in a text of one window
VARIETY = 0.35  # points for each different word beyond USUAL_WORDS, less for each that is missing: a passing mention stands alone
USUAL_WORDS = 5  # of a window; a text half as long has one fewer, and one at least
ALONE = 2.4  # most that words of `support` are worth where no word of `strong` stands with them; points of `strong` raise it
STEEPNESS = 0.75
LENGTH_PRICE = 0.55  # points more for each doubling of the text, fewer for each halving: long texts touch on everything
SHORTEST = -2.5  # halvings of a window below which a text gets no more credit


@dataclass(frozen=True, slots=True)
class TopicScore:
    """`value` 0–1, `on_topic` is value ≥ 0.5; `matched` are the words that counted with the points each brought, the most telling first; `surroundings` is what the pairs of characters say for the subject (or, below 0, against it), in log-odds."""

    value: float
    on_topic: bool
    matched: tuple[tuple[str, float], ...]
    surroundings: float


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
    weights: Mapping[str, float]
    strong: frozenset[str]
    pattern: re.Pattern[str]
    phrases: Mapping[str, Sought]

    def hits(self, text: str) -> list[tuple[int, str]]:
        """Where its words and phrases (by name) stand in a normalised text, in order."""
        found = [(match.start(), match[0]) for match in self.pattern.finditer(text)]
        holds = held(text)
        for name, phrase in self.phrases.items():
            if phrase.may(holds):
                found += [(match.start(), name) for match in phrase.pattern.finditer(text)]
        return sorted(found)


def _spelt(pattern: str, classes: Mapping[str, str]) -> str:
    """A phrase with its classes and gaps written out. KeyError for a class that is not there."""
    gaps = pattern.replace("~~", "[^。;]{0,24}").replace("~", "[^,。;]{0,12}")
    return re.sub("<([\u4e00-\u9fff]+)>", lambda match: classes[match[1]], gaps)


@cache
def _lexicon() -> _Lexicon:
    data = tomllib.loads(_file("topic.toml").decode())
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
    classes = {name: any_of(map(normalise, members)) for name, members in data["classes"].items()}
    for section, sign in (("phrases", 1), ("against_phrases", -1)):
        for name, phrase in data[section].items():
            if name in weights:
                raise ValueError(f"topic.toml：“{name}”出现了两次")
            if not 0 < phrase["weight"] <= 5:
                raise ValueError(f"topic.toml：“{name}”的权重 {phrase['weight']} 应在 0 与 5 之间")
            try:
                phrases[name] = sought(re.compile(_spelt(phrase["pattern"], classes)))
            except (KeyError, re.error) as error:
                raise ValueError(f"topic.toml：“{name}”的模式不合法：{error}") from error
            weights[name] = sign * float(phrase["weight"])
    strong = frozenset((*map(normalise, data["strong"]), *data["phrases"]))
    return _Lexicon(weights, strong, words, phrases)


def _points(counts: Mapping[str, int], times: float = 1.0) -> dict[str, float]:
    weights = _lexicon().weights
    return {word: times * weights[word] * (2 - 2 ** (1 - n)) for word, n in counts.items()}


def _densest(hits: list[tuple[int, str]]) -> tuple[Counter[str], int]:
    """Counts of the words in the stretch of WINDOW characters that has the most points for the subject, and where that ends."""
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
    return Counter(word for _, word in hits[best[1] : best[2]]), hits[best[2] - 1][0]


@dataclass(frozen=True, slots=True)
class TopicFeatures:
    """What a text shows: `lexicon` the log-odds by the word lists alone, `length` the doublings of WINDOW (negative for short texts), `pairs` the pairs of Han characters of the title and the densest stretch; `matched` as in TopicScore."""

    lexicon: float
    length: float
    pairs: frozenset[str]
    matched: tuple[tuple[str, float], ...]


def features(title: str, text: str) -> TopicFeatures:
    """What `score` judges by; a missing title is ''."""
    lexicon = _lexicon()
    title, text = without_strewn(normalise(title)), without_strewn(normalise(text))
    hits = lexicon.hits(text)
    counts, end = _densest(hits) if hits else (Counter[str](), 0)
    points = _points(counts)
    for word, more in _points(Counter(word for _, word in lexicon.hits(title)), TITLE_TIMES).items():
        points[word] = points.get(word, 0.0) + more
    matched = sorted(((w, round(p, 2)) for w, p in points.items() if p), key=lambda wp: -abs(wp[1]))
    strong = sum(p for word, p in points.items() if word in lexicon.strong)
    support = sum(p for word, p in points.items() if p > 0 and word not in lexicon.strong)
    against = sum(p for p in points.values() if p < 0)
    total = strong + min(support, ALONE + strong) + against
    words = sum(p > 0 for p in points.values())
    longer = math.log2(max(len(text), 1) / WINDOW)
    usual = max(1.0, min(USUAL_WORDS, USUAL_WORDS + longer))
    variety = VARIETY * max(-usual, min(USUAL_WORDS, words - usual)) if points else 0.0
    odds = STEEPNESS * (total + variety - LEVEL - LENGTH_PRICE * max(SHORTEST, longer))
    stretch = text[max(0, end + WINDOW // 6 - WINDOW) : end + WINDOW // 6]
    pairs = {run[i : i + 2] for run in _HAN_RUN.findall(f"{title}。{stretch}") for i in range(len(run) - 1)}
    return TopicFeatures(odds, max(SHORTEST, min(0.0, longer)), frozenset(pairs), tuple(matched))


_HAN_RUN = re.compile(f"[{HAN}]{{2,}}")


@dataclass(frozen=True, slots=True)
class _Learnt:
    bias: float
    lexicon: float
    length: float
    silent: float  # added where the word lists say nothing
    pairs: Mapping[str, float]


@cache
def _learnt() -> _Learnt:
    data = json.loads(_file("topic_weights.json"))
    return _Learnt(data["bias"], data["lexicon"], length=data["length"], silent=data["silent"], pairs=data["pairs"])


def score(title: str, text: str) -> TopicScore:
    """The topic score of a text (simplified or traditional, any length); a missing title is ''."""
    found, learnt = features(title, text), _learnt()
    known = [learnt.pairs[pair] for pair in learnt.pairs.keys() & found.pairs]
    surroundings = sum(known) / math.sqrt(len(known)) if known else 0.0
    odds = learnt.bias + learnt.lexicon * found.lexicon + learnt.length * found.length + surroundings
    odds += 0.0 if found.matched else learnt.silent
    value = 1 / (1 + math.exp(-max(-50.0, min(50.0, odds))))
    return TopicScore(round(value, 4), value >= 0.5, found.matched, round(surroundings, 2))


def _file(name: str) -> bytes:
    return files("crawler").joinpath(name).read_bytes()


TOPIC_VERSION: str = (
    f"{CODE_VERSION}.{hashlib.sha256(_file('topic.toml') + _file('topic_weights.json')).hexdigest()[:8]}"
)
