"""Text with highlights as HTML: spans over plain text, escaped and well-formed however they overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that proves something: `anchor` is the id by which a link finds it, `label` says what it proves."""

    start: int
    end: int
    anchor: str
    label: str


def marked(text: str, marks: Iterable[Span]) -> Markup:
    """`text` escaped, with <mark> round each span of `marks` (characters; clipped to the text, overlaps merged)."""
    return annotated(text, marks, ())


def annotated(text: str, marks: Iterable[Span], evidence: Sequence[Evidence], offset: int = 0) -> Markup:
    """`text` escaped, with query marks and evidence. Spans count characters of a longer text in which `text` starts at `offset`."""
    end = len(text)
    spans = [(max(0, s - offset), min(end, e - offset)) for s, e in marks]
    spans = [(s, e) for s, e in spans if s < e]
    proofs = [(max(0, p.start - offset), min(end, p.end - offset), p) for p in evidence]
    proofs = [(s, e, p) for s, e, p in proofs if s < e]
    edges = sorted({0, end, *(x for span in spans for x in span), *(x for s, e, _ in proofs for x in (s, e))})
    pieces: list[Markup] = []
    for left, right in pairwise(edges):
        piece = escape(text[left:right])
        if any(s <= left and right <= e for s, e in spans):
            piece = Markup("<mark>{}</mark>").format(piece)
        here = [(s, p) for s, e, p in proofs if s <= left and right <= e]
        if here:
            piece = Markup('<span class="evidence" title="{}">{}</span>').format(
                "、".join(p.label for _, p in here), piece
            )
        # An anchor stands where its passage begins in the whole text; a passage over several blocks has one.
        starts = [p for s, p in here if s == left and p.start >= offset]
        piece = Markup("").join(Markup('<a id="{}"></a>').format(p.anchor) for p in starts) + piece
        pieces.append(piece)
    return _joined(pieces)


def _joined(pieces: list[Markup]) -> Markup:
    """Neighbouring marks, split only at an edge of something else, become one."""
    return Markup(str(Markup("").join(pieces)).replace("</mark><mark>", ""))


_STOP = "。！？；!?;\n"


_PAUSE = _STOP + "，,、：:"


_BLANKS = re.compile(r"\s+")


def quoted(text: str, start: int, end: int, around: int) -> str:
    """[start, end) with about `around` characters of its sentence on either side, on one line, from and to a mark of punctuation where there is one."""
    first, last = max(0, start - around), min(len(text), end + around)
    stop = max((text.rfind(mark, first, start) for mark in _STOP), default=-1)
    if stop >= 0:
        first = stop + 1
    elif first:
        pause = next((at for at in range(first, start) if text[at] in _PAUSE and not _in_number(text, at)), None)
        first = first if pause is None else pause + 1
    stops = [at for mark in _STOP if (at := text.find(mark, end, last)) >= 0]
    if stops:
        last = min(stops) + 1
    elif last < len(text):
        pause = next(
            (at for at in range(last - 1, end - 1, -1) if text[at] in _PAUSE and not _in_number(text, at)), None
        )
        last = last if pause is None else pause
    return _BLANKS.sub(" ", text[first:last]).strip()


def _in_number(text: str, at: int) -> bool:
    """1,234 and 10:30."""
    return text[at] in ",:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


LONGEST_QUOTE = 90


def shortened(text: str, longest: int = LONGEST_QUOTE) -> str:
    """On one line, cut with an ellipsis."""
    quote = " ".join(text.split())
    return quote if len(quote) <= longest else quote[: longest - 1] + "…"
