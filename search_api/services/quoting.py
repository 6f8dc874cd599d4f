"""Where words that a reader chose stand in an article's text, and the sentences among which one may choose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 2000  # characters of a quotation
_SENTENCE = re.compile(r"[^。！？!?；;\n]+(?:[。！？!?；;]+[”’」』）)]*|(?=\n|$))")


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters `start` to `end` of a text."""

    start: int
    end: int
    text: str


def paragraphs(text: str) -> list[list[Passage]]:
    """The lines of a text, each cut into sentences; empty lines are left out."""
    found, at = [], 0
    for line in text.split("\n"):
        sentences = [_trimmed(text, at + m.start(), at + m.end()) for m in _SENTENCE.finditer(line)]
        if kept := [one for one in sentences if one.text]:
            found.append(kept)
        at += len(line) + 1
    return found


def joined(text: str, spans: Iterable[tuple[int, int]]) -> list[Passage]:
    """The spans in order, neighbours of one line made one. Raises ValueError for a span that is not of the text."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if not 0 <= start < end <= len(text):
            raise ValueError(f"{start}-{end}")
        if whole and start >= whole[-1][0] and not text[whole[-1][1] : start].strip(" \u3000"):
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return [_trimmed(text, start, end) for start, end in whole]


def locate(text: str, words: str, before: str = "") -> Passage | None:
    """Where the words stand, whatever blanks a browser put between them; of several places the one before which `before` stands. None for words that are not there."""
    places = [n for n, c in enumerate(text) if not c.isspace()]
    plain, wanted, ahead = "".join(text[n] for n in places), _plain(words), _plain(before)
    if not wanted:
        return None
    best, most, at = -1, -1, plain.find(wanted)
    while at >= 0:
        alike = _common_end(plain[:at], ahead)
        if alike > most:
            best, most = at, alike
        at = plain.find(wanted, at + 1)
    if best < 0:
        return None
    return _trimmed(text, places[best], places[best + len(wanted) - 1] + 1)


def place_of(text: str, start: int) -> str:
    """第 3 段: the paragraph in which a character stands, images and empty lines not counted."""
    return f"第 {sum(1 for line in text[:start].split(chr(10))[:-1] if line.strip()) + 1} 段"


def _plain(text: str) -> str:
    return "".join(text.split())


def _common_end(one: str, other: str) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length


def _trimmed(text: str, start: int, end: int) -> Passage:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Passage(start, start + len(piece), piece)
