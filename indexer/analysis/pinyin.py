"""Pinyin of Han words: syllables without tones, and keys that near-homophones share."""

from __future__ import annotations

import re
from functools import cache

_FUZZY = (
    (re.compile("^(z|c|s)h"), r"\1"),  # zh ch sh as z c s
    (re.compile("^n(?=[aeiouv])"), "l"),  # n as l
    (re.compile("^h(?=u)"), "f"),
    (re.compile("(?<=[aei])ng$"), "n"),  # ang eng ing as an en in
)


def syllables(word: str) -> tuple[str, ...]:
    """The usual readings of a word's characters; what is not Han stays as it is."""
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(word))


@cache
def reading(character: str) -> str:
    """The first reading of one character without its tone; the character itself where it has none. Faster than `syllables`, blind to the word."""
    return syllables(character)[0]


def key(word: str) -> str:
    """What words share that are easily taken for each other when typed by sound."""
    return "'".join(_soften(reading(character)) for character in word)


@cache
def _soften(syllable: str) -> str:
    for pattern, other in _FUZZY:
        syllable = pattern.sub(other, syllable)
    return syllable
