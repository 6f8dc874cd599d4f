"""The body of a page that no platform rule knows: scored lines, the best subtree, cleaning, and a second opinion where that is in doubt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.cleaning import clean
from crawler.extraction.dates import date_line
from crawler.extraction.frame import Frame
from crawler.extraction.scorer import scores
from crawler.extraction.selection import choose
from crawler.extraction.title import Title, title_of

_ABOVE_TITLE = 4  # lines; what stands higher above a heading that is surely the title is hardly the body
_ABOVE = 2.0


@dataclass(frozen=True, slots=True)
class Body:
    """`kept` says of each line whether it is the article's, `span` from which line to which the body was found before cleaning; `confidence` 0–1."""

    root: int
    span: tuple[int, int]  # (-1, -1) where nothing was found
    kept: list[bool]
    title: Title
    confidence: float
    rule: str


def find_body(frame: Frame, learned: Sequence[float] | None = None) -> Body:
    """The body; without any kept line where the page has none. `learned`: weights other than the shipped ones."""
    first_title = title_of(frame)
    line_scores = scores(frame, first_title.line, date_line(frame, first_title.line), learned)
    if first_title.provenance.rule == "heading":
        above = max(0, first_title.line - _ABOVE_TITLE)
        line_scores[:above] = [score - _ABOVE for score in line_scores[:above]]
    chosen = choose(frame, line_scores)
    indices = [i for i, k in enumerate(chosen.kept) if k]
    title = title_of(frame, indices[0]) if indices else first_title
    kept = clean(frame, chosen.kept, title.text)
    total = sum(len(line.text) for line, k in zip(frame.lines, kept, strict=True) if k)
    mean = sum(len(line.text) * s for line, k, s in zip(frame.lines, kept, line_scores, strict=True) if k) / (
        total or 1
    )
    confidence = 1 / (1 + math.exp(-max(-20.0, min(20.0, mean)))) if total else 0.0
    rule = "container" if chosen.container >= 0 else "scored"
    return Body(
        chosen.root, (indices[0], indices[-1]) if indices else (-1, -1), kept, title, round(confidence, 3), rule
    )
