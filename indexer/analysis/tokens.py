"""The three streams of tokens of a normalised text: words, grams, characters; made for the index and for queries by the same rules.

A *unit* is one CJK character (Han, kana, Hangul) or a run of other letters and digits (`gdp`, `2024`, `5g`), two plus signs behind a letter being part of
it (`c++`, not `5g+`); everything else separates.
A *run* is CJK characters that stand directly together.

words   the segmenter's words of each run, and the other units. They rank; order and place do not matter.
grams   for each run its first character, its pairs of neighbours, its last character (a run of one: that one); and the other units, in the
        order of the text. So each part of a text is, without its two outermost single characters, a part of the stream: a phrase of tokens
        finds it exactly, also across punctuation.
chars   each CJK character, and the other units.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.analysis.segmentation import Segmenter

_CJK_RANGES = (
    (0x2E80, 0x2FE0), (0x3005, 0x3008), (0x3021, 0x302A), (0x3040, 0x3100), (0x3100, 0x3130), (0x31A0, 0x31C0), (0x31F0, 0x3200), (0x3400, 0x4DC0),
    (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00), (0x20000, 0x323B0),
)  # fmt: skip
_SPACE = 32
SEPARATOR, CJK, OTHER = 0, 1, 2


class Streams(NamedTuple):
    """Tokens joined by single or more spaces."""

    words: str
    grams: str
    chars: str


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """Code point → SEPARATOR, CJK or OTHER."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for code in range(0x20000):
        if not 0xD800 <= code < 0xE000 and chr(code).isalnum():
            table[code] = OTHER
    for low, high in _CJK_RANGES:
        table[low:high] = CJK
    table[0x303F] = table[0x30FB] = table[0x30A0] = SEPARATOR  # katakana's own dots
    return table


@cache
def _known() -> npt.NDArray[np.bool_]:
    """Code point → whether the segmenter's dictionary may have it."""
    table = np.zeros(0x110000, dtype=bool)
    table[0x4E00:0x9FD6] = True
    return table


_PLUS = 43


def _classed(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """What each code point of a text is."""
    classes = _classes()[codes]
    plus = codes == _PLUS
    if np.count_nonzero(plus) > 1:
        starts = np.flatnonzero(plus[:-1] & plus[1:])
        for at in starts[starts > 0]:
            letter = classes[at - 1] == OTHER and not 0x30 <= codes[at - 1] <= 0x39 and codes[at - 1] != _PLUS
            if letter and (at + 2 == len(codes) or codes[at + 2] != _PLUS):
                classes[at : at + 2] = OTHER
    return classes


class _Classed:
    """A normalised text by characters: code points, and what each is."""

    def __init__(self, text: str) -> None:
        self.codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        classes = _classed(self.codes)
        self.cjk = classes == CJK
        self.other = classes == OTHER
        self.end_other = _last_of(self.other)

    def words(self, segmenter: Segmenter) -> str:
        known = self.cjk & _known()[self.codes]
        rest = self.other | (self.cjk & ~known)
        cut = (
            " ".join(segmenter.cut(_interleave([(self.codes, known), (_SPACE, _last_of(known))])))
            if known.any()
            else ""
        )
        if not rest.any():
            return cut
        strange = rest & self.cjk
        return f"{cut} {_interleave([(self.codes, rest), (_SPACE, strange | self.end_other)])}"

    def grams(self) -> str:
        last = _last_of(self.cjk)
        first = self.cjk.copy()
        first[1:] &= ~self.cjk[:-1]
        pair = self.cjk & ~last
        trailing = last & ~first  # of a run of one, the first stands already
        following = np.empty_like(self.codes)
        following[:-1] = self.codes[1:]
        following[-1:] = _SPACE
        return _interleave(
            [
                (self.codes, first),
                (_SPACE, first),
                (self.codes, pair),
                (following, pair),
                (_SPACE, pair),
                (self.codes, trailing | self.other),
                (_SPACE, trailing | self.end_other),
            ]
        )

    def chars(self) -> str:
        return _interleave([(self.codes, self.cjk | self.other), (_SPACE, self.cjk | self.end_other)])


def _last_of(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Where a stretch of the mask ends."""
    out = mask.copy()
    out[:-1] &= ~mask[1:]
    return out


def _interleave(columns: Sequence[tuple[npt.NDArray[np.uint32] | int, npt.NDArray[np.bool_]]]) -> str:
    """Characters column by column for each place of the text, those of the masks."""
    shape = (len(columns[0][1]), len(columns))
    values, masks = np.empty(shape, dtype=np.uint32), np.empty(shape, dtype=bool)
    for n, (value, mask) in enumerate(columns):
        values[:, n] = value
        masks[:, n] = mask
    return values[masks].tobytes().decode("utf-32-le", "surrogatepass")


def streams(text: str, segmenter: Segmenter) -> Streams:
    """The three streams of a normalised text."""
    known = _Classed(text)
    return Streams(known.words(segmenter), known.grams(), known.chars())


def words(text: str, segmenter: Segmenter) -> str:
    """`streams(text).words`."""
    return _Classed(text).words(segmenter)


def grams(text: str) -> str:
    """`streams(text).grams`."""
    return _Classed(text).grams()


class Run(NamedTuple):
    """A stretch of units without a separator between: [start, end) in the normalised text; `cjk` False: one other unit."""

    start: int
    end: int
    cjk: bool


def runs(text: str) -> list[Run]:
    """Runs of CJK characters and other units, in order."""
    if not text:
        return []
    classes = _classed(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
    edges = np.flatnonzero(np.diff(classes)) + 1
    bounds = [0, *edges.tolist(), len(text)]
    return [Run(a, b, bool(classes[a] == CJK)) for a, b in itertools.pairwise(bounds) if classes[a] != SEPARATOR]


def phrase(text: str) -> tuple[str, ...]:
    """The tokens of `grams` that stand one after the other wherever this normalised text stands as a whole; () for text of separators only.

    The first and last single characters are left out, as they are there only at the edge of a run; for a lone CJK character it is that character, and
    it is the caller's to look for it among `chars`.
    """
    found = runs(text)
    tokens: list[str] = []
    for number, run in enumerate(found):
        part = text[run.start : run.end]
        if not run.cjk:
            tokens.append(part)
            continue
        leading, trailing = number > 0, number < len(found) - 1
        if len(part) == 1:
            tokens.append(part)
            continue
        if leading:
            tokens.append(part[0])
        tokens += [part[i : i + 2] for i in range(len(part) - 1)]
        if trailing:
            tokens.append(part[-1])
    return tuple(tokens)


def is_cjk(character: str) -> bool:
    """Whether the segmenter's rules treat it as a character that is a unit by itself."""
    return bool(_classes()[ord(character)] == CJK)
