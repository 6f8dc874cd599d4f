"""The lexicon: user words for the segmenter, equivalents, function words; each part has a version, a hash of its content."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from crawler.normalisation import normalise
from crawler.reasons import describe_error

_LONGEST = 24


class LexiconError(Exception):
    """A lexicon file is wrong; the message names file, key and reason."""


@dataclass(frozen=True)
class Lexicon:
    """`words`: user word → frequency; `known`: other words of the subject, to be offered; `frequent`: words with a token of their own in the index; `equivalents`: word → words meant alike; `question`: those of `function` that only make a query a question; all normalised."""

    words: Mapping[str, int]
    frequent: frozenset[str]
    equivalents: Mapping[str, tuple[str, ...]]
    function: frozenset[str]
    known: tuple[str, ...] = ()
    question: frozenset[str] = frozenset()

    @cached_property
    def version(self) -> str:
        """8 hex digits over what an index is made with (user words, frequent words). Equivalents and function words work when a query is read."""
        parts = [f"{word}={frequency}" for word, frequency in sorted(self.words.items())] + [
            "|",
            *sorted(self.frequent),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]

    @cached_property
    def equivalents_version(self) -> str:
        parts = [f"{word}={','.join(others)}" for word, others in sorted(self.equivalents.items())] + [
            "|",
            *sorted(self.function),
            "|",
            *sorted(self.question),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


@cache
def lexicon() -> Lexicon:
    """The lexicon that is shipped. Raises LexiconError."""
    folder = files("indexer.analysis").joinpath("lexicon")
    return read_lexicon({name: folder.joinpath(name).read_text(encoding="utf-8") for name in FILES})


FILES = ("words.toml", "equivalents.toml", "function.toml")


def read_lexicon(texts: Mapping[str, str]) -> Lexicon:
    """A lexicon from file name → TOML. Raises LexiconError."""
    tables: dict[str, dict[str, Any]] = {}
    for name in FILES:
        try:
            tables[name] = tomllib.loads(texts[name])
        except tomllib.TOMLDecodeError as error:
            raise LexiconError(f"{name} 不是有效的 TOML：{describe_error(error)}") from error
    words, known, frequent = _words(tables["words.toml"])
    function = _list("function.toml", "words", tables["function.toml"].get("words"))
    question = _list("function.toml", "question", tables["function.toml"].get("question", []))
    if strange := [word for word in question if word not in function]:
        raise LexiconError(f"function.toml：question 里的“{strange[0]}”不在 words 里")
    return Lexicon(
        words,
        frequent,
        equivalents=_equivalents(tables["equivalents.toml"]),
        function=frozenset(function),
        known=known,
        question=frozenset(question),
    )


def _words(table: Mapping[str, Any]) -> tuple[dict[str, int], tuple[str, ...], frozenset[str]]:
    words: dict[str, int] = {}
    known: tuple[str, ...] = ()
    frequent: frozenset[str] = frozenset()
    for group, content in table.items():
        listed = _list("words.toml", f"{group}.words", content.get("words") if isinstance(content, dict) else None)
        if group == "frequent":
            frequent = frozenset(listed)
            for word in listed:
                if len(word) < 3 or not _HAN_ONLY.fullmatch(word):
                    raise LexiconError(f"words.toml：frequent.words 里的“{word}”应是三个以上的汉字")
            continue
        if group == "known":
            known = tuple(listed)
            continue
        frequency = content.get("frequency")
        if not isinstance(frequency, int) or frequency < 1:
            raise LexiconError(f"words.toml：{group}.frequency 应是正整数")
        for word in listed:
            if word in words:
                raise LexiconError(f"words.toml：“{word}”写了两次")
            words[word] = frequency
    # the segmenter takes Han words; what holds digits or letters is split by rule and only serves the equivalents
    return {word: frequency for word, frequency in words.items() if _HAN_ONLY.fullmatch(word)}, known, frequent


_HAN_ONLY = re.compile("[\u4e00-\u9fd5]+")


def _equivalents(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    groups = table.get("groups", [])
    if not isinstance(groups, list):
        raise LexiconError("equivalents.toml：groups 应是词组的列表")
    for number, group in enumerate(groups, 1):
        listed = _list("equivalents.toml", f"groups 第 {number} 组", group)
        if len(listed) < 2:
            raise LexiconError(f"equivalents.toml：groups 第 {number} 组不足两个词")
        for word in listed:
            found.setdefault(word, []).extend(other for other in listed if other != word)
    for word, others in table.get("wider", {}).items():
        found.setdefault(normalise(word), []).extend(_list("equivalents.toml", f"wider.{word}", others))
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


def _list(file: str, key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(
        isinstance(word, str) and word.strip() and len(word) <= _LONGEST for word in value
    ):
        raise LexiconError(f"{file}：{key} 应是词的列表，每个词不超过 {_LONGEST} 字")
    return [normalise(word.strip()) for word in value]
