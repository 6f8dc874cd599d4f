"""A text prepared for the rules: normalised, without the spaces that typesetting left inside sentences, cut into sentences; offsets lead back to the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import numpy.typing as npt

from crawler.expressions.required import held
from crawler.normalisation import HAN, normalise_with_offsets, strewn

# a space beside a Han character, a digit or a bracket says nothing in Chinese; a run of two or more may part columns
_INSIDE = re.compile(rf"(?<=[{HAN}“”《》、,;:()\d%])[ \t](?=[{HAN}“”《》、,;:()\d%])")
_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;]*[”』」)]*")
# No number is so long. Every rule that begins with one or more digits would try anew at each of them: a page of digits took minutes.
_ENDLESS = re.compile(r"\d{50,}|[\d.,]{500,}|[〇零一二两三四五六七八九十百千万亿几多数余]{50,}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """[start, end) in the normalised text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` to read; `starts[i]`, `ends[i]` bound the original characters that `text[i]` came from; `sentences` in order, with no gaps but spaces and line ends."""

    text: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    sentences: tuple[Sentence, ...]
    sentence_starts: tuple[int, ...]
    _held: dict[int, set[str]] = field(default_factory=dict, repr=False, compare=False)

    def sentence_holds(self, number: int) -> set[str]:
        """The characters and the pairs of characters of a sentence, gathered once: what a pattern may need there."""
        if (known := self._held.get(number)) is None:
            sentence = self.sentences[number]
            known = self._held[number] = held(self.text[sentence.start : sentence.end])
        return known

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original text of a part that is not empty."""
        return int(self.starts[start]), int(self.ends[end - 1])

    def sentence_at(self, position: int) -> int:
        """Index of the sentence that holds a position, or of the one before it."""
        return max(0, bisect_right(self.sentence_starts, position) - 1)


def plain(text: str) -> Plain:
    """Prepare a text of any length; an empty text has no sentences."""
    normalised = normalise_with_offsets(text)
    out, starts, ends = normalised.text, normalised.starts, normalised.ends
    silent = [*(m.span() for m in _INSIDE.finditer(out)), *strewn(out)]
    if silent:
        keep = np.ones(len(out), dtype=bool)
        for start, end in silent:
            keep[start:end] = False
        out = "".join(compress(out, keep))
        starts, ends = starts[keep], ends[keep]
    out = _ENDLESS.sub(lambda run: "_" * len(run[0]), out)
    sentences = tuple(_sentences(out))
    return Plain(out, starts, ends, sentences, tuple(s.start for s in sentences))


def _sentences(text: str) -> list[Sentence]:
    found = []
    for match in _SENTENCE.finditer(text):
        body = match[0]
        start = match.start() + len(body) - len(body.lstrip())
        end = match.end() - len(body) + len(body.rstrip())
        if start < end:
            found.append(Sentence(start, end))
    return found
