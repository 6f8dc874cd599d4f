"""Wordings of a taxonomy file: which ids each may mean, how far it is trusted, and where a text has them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from operator import add
from typing import Any

from indexer.insight.pattern_union import told_apart

_SPECIAL = re.compile(r"[\\\[\](){}|.?*+^$~]")
GAP = "[^，。；]{0,12}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a wording may mean; `kind` is the list that it stands in: words, weak …"""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Wordings:
    """Most wordings are plain words, found by their first two characters: many times as fast as one expression. The others are one expression."""

    words: Mapping[str, tuple[str, ...]]  # by their first two characters, the longest first
    pattern: re.Pattern[str] | None
    written: tuple[str, ...]  # the wording of a match of the expression, by its last group less one
    meanings: Mapping[str, tuple[Meaning, ...]]

    def find(self, text: str) -> Iterator[tuple[int, int, str, tuple[Meaning, ...]]]:
        """Start, end, wording and meanings of what is met, in order; of what overlaps the first and longest. Wordings that only hide others are left out."""
        words = self.words
        met = [
            (at, at + len(word), word)
            for at, pair in enumerate(map(add, text, text[1:]))
            if pair in words
            if (word := next((word for word in words[pair] if text.startswith(word, at)), None))
        ]
        if self.pattern:
            met += [
                (match.start(), match.end(), self.written[(match.lastindex or 1) - 1])
                for match in self.pattern.finditer(text)
            ]
            met.sort(key=lambda one: (one[0], -one[1]))
        free = 0
        for start, end, wording in met:
            if start >= free:
                free = end
                if meanings := self.meanings[wording]:
                    yield start, end, wording, meanings

    def whole(self, text: str, filling: re.Pattern[str]) -> bool:
        """Whether a text is made of wordings with no more than `filling` after each."""
        if text[:2] not in self.words and not (self.pattern and self.pattern.match(text)):
            return False  # no wording begins it
        at = 0
        for start, end, _, _ in self.find(text):
            if start != at:
                return False
            rest = filling.match(text, end)
            at = rest.end() if rest else end
        return at == len(text) and at > 0


def load(name: str) -> dict[str, Any]:
    """A TOML file of this folder. FileNotFoundError, tomllib.TOMLDecodeError."""
    return tomllib.loads(files("indexer.insight.subjects").joinpath(name).read_text(encoding="utf-8"))


def wordings_of(name: str, tables: Mapping[str, Mapping[str, Sequence[str]]], nothing: Sequence[str]) -> Wordings:
    """`tables`: id → lists of wordings by kind, of which `not` hides others. ValueError where a pattern is not well formed or has a group, or stands twice under an id."""
    meanings: dict[str, list[Meaning]] = {wording: [] for wording in nothing}
    for id_, kinds in tables.items():
        for kind, several in kinds.items():
            for wording in several:
                known = meanings.setdefault(wording, [])
                if kind == "not":
                    continue
                if any(meaning.id == id_ for meaning in known):
                    raise ValueError(f"{name}：{id_} 的“{wording}”出现了两次")
                known.append(Meaning(id_, kind))
    plain_words = {wording for wording in meanings if len(wording) > 1 and not _SPECIAL.search(wording)}
    by_start: dict[str, list[str]] = {}
    for word in sorted(plain_words, key=lambda word: (-len(word), word)):
        by_start.setdefault(word[:2], []).append(word)
    patterns = {wording: wording.replace("~", GAP) for wording in meanings if wording not in plain_words}
    try:
        pattern, written = told_apart(patterns) if patterns else (None, ())
    except (ValueError, re.error) as error:
        raise ValueError(f"{name} 的模式不合法：{error}") from error
    return Wordings(
        {head: tuple(several) for head, several in by_start.items()},
        pattern,
        written,
        meanings={wording: tuple(found) for wording, found in meanings.items()},
    )
