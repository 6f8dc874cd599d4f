"""The words of vocabulary.toml, compiled once."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))


_CLASSES = {name: re.compile(pattern) for name, pattern in _DATA["classes"].items()}
_LINES = {name: re.compile(pattern, re.I) for name, pattern in _DATA["lines"].items()}
CLASS_GROUPS = tuple(_CLASSES)
LINE_GROUPS = tuple(_LINES)
CLASS_BIT = {name: 1 << n for n, name in enumerate(CLASS_GROUPS)}
LINE_BIT = {name: 1 << n for n, name in enumerate(LINE_GROUPS)}
_BODY_CONTAINER = re.compile(_DATA["containers"]["body"])
_LINE_PATTERNS = tuple((pattern, LINE_BIT[name]) for name, pattern in _LINES.items())
_ANY_LINE = re.compile("|".join(p.pattern for p in _LINES.values()), re.I)


@lru_cache(maxsize=8192)
def class_bits(words: str) -> int:
    """Groups of [classes] that the lower-case class and id words belong to, as bits of CLASS_BIT."""
    return sum(
        bit for (_, pattern), bit in zip(_CLASSES.items(), CLASS_BIT.values(), strict=True) if pattern.search(words)
    )


@lru_cache(maxsize=8192)
def is_body_container(words: str) -> bool:
    """Whether an element with these lower-case class and id words holds the body, or one post."""
    return _BODY_CONTAINER.search(words) is not None


@lru_cache(maxsize=4096)
def line_bits(text: str) -> int:
    """Groups of [lines] that the text belongs to, as bits of LINE_BIT; a long text is judged by its two ends."""
    if len(text) > 120:
        text = f"{text[:60]} {text[-60:]}"
    if not _ANY_LINE.search(text):
        return 0
    return sum(bit for pattern, bit in _LINE_PATTERNS if pattern.search(text))
