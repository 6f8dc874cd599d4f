"""The body of a page that no platform rule knows: scored lines, the best subtree, cleaning, and a second opinion where that is in doubt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.body.cleaning import clean
from crawler.extraction.body.no_body import is_no_body
from crawler.extraction.body.scorer import scores
from crawler.extraction.body.second_copy import without_second_copy
from crawler.extraction.body.selection import choose
from crawler.extraction.body.trafilatura_fallback import trafilatura_fallback
from crawler.extraction.metadata.publication_date import date_line
from crawler.extraction.metadata.title import Title, TitleLines, title_lines, title_of
from crawler.extraction.page.lines import Frame, Node
from crawler.extraction.page.repeated_blocks import penalties, repeated_blocks, without_repeated_blocks

_ABOVE_TITLE = 4  # lines; what stands higher above a heading that is surely the title is hardly the body
_ABOVE = 2.0
_REPEATED = 4.0
_MENU = 10  # characters of a menu's word
_REFUSED = -8.0
_DOUBTFUL = 0.7  # mean score of the chosen lines


@dataclass(frozen=True, slots=True)
class Body:
    """`kept` says of each line whether it is the article's, `span` from which line to which the body was found before cleaning; `confidence` 0–1."""

    root: int
    span: tuple[int, int]  # (-1, -1) where nothing was found
    kept: list[bool]
    title: Title
    confidence: float
    rule: str
    refused: tuple[int, ...] = ()  # lines that were chosen and are chrome only


def find_body(frame: Frame, learned: Sequence[float] | None = None) -> Body:
    """The body; without any kept line where the page has none. `learned`: weights other than the shipped ones."""
    of_lines = title_lines(frame)
    line_scores, groups, first_title = _scored(frame, of_lines, learned)
    body = _body(frame, of_lines, line_scores, groups, first_title)
    if body.rule == "none" and body.refused:  # chrome only: what is left, where there is more than chrome
        for i in body.refused:
            line_scores[i] = min(line_scores[i], _REFUSED)
        body = _body(frame, of_lines, line_scores, groups, first_title)
    return body


def _scored(
    frame: Frame, of_lines: TitleLines, learned: Sequence[float] | None
) -> tuple[list[float], list[list[Node]], Title]:
    """Score of each line, the page's repeated units, and the title as far as it is known without the body."""
    first_title = title_of(frame, None, of_lines)
    line_scores = scores(frame, first_title.line, date_line(frame, first_title.line), learned)
    if first_title.provenance.rule == "heading":
        above = max(0, first_title.line - _ABOVE_TITLE)
        line_scores[:above] = [score - _ABOVE for score in line_scores[:above]]
    groups = repeated_blocks(frame)
    for start, stop in penalties(frame, groups, first_title.line):
        line_scores[start : stop + 1] = [score - _REPEATED for score in line_scores[start : stop + 1]]
    return line_scores, groups, first_title


def _body(
    frame: Frame,
    of_lines: TitleLines,
    line_scores: Sequence[float],
    groups: Sequence[Sequence[Node]],
    first_title: Title,
) -> Body:
    chosen = choose(frame, line_scores)
    found, rule = chosen.kept, "container" if chosen.container >= 0 else "scored"
    if chosen.container < 0 and (chosen.raised or _mean(frame, found, line_scores) < _DOUBTFUL):
        second = trafilatura_fallback(frame, found)
        if second is not None:
            found, rule = second, "second opinion"
    found = without_second_copy(frame, without_repeated_blocks(frame, groups, _from_first_text(frame, found)))
    indices = [i for i, k in enumerate(found) if k]
    title = title_of(frame, indices[0], of_lines) if indices else first_title
    kept = clean(frame, found, title.text)
    mean = _mean(frame, kept, line_scores)
    confidence = 1 / (1 + math.exp(-max(-20.0, min(20.0, mean)))) if any(kept) else 0.0
    if indices and is_no_body(frame, kept, title.text, confidence, container=rule == "container"):
        return Body(
            -1,
            (-1, -1),
            kept=[False] * len(kept),
            title=first_title,
            confidence=0.0,
            rule="none",
            refused=tuple(indices),
        )
    span = (indices[0], indices[-1]) if indices else (-1, -1)
    return Body(
        chosen.root if rule != "second opinion" else -1,
        span,
        kept=kept,
        title=title,
        confidence=round(confidence, 3),
        rule=rule,
    )


def _from_first_text(frame: Frame, kept: list[bool]) -> list[bool]:
    """`kept` without the links of a menu that come before all text."""
    for i, line in enumerate(frame.lines):
        if kept[i] and (line.linked * 2 <= len(line.text) or len(line.text) > _MENU):
            return [k and n >= i for n, k in enumerate(kept)]
    return kept


def _mean(frame: Frame, kept: Sequence[bool], line_scores: Sequence[float]) -> float:
    """Score of the kept lines, weighted by length."""
    size = total = 0.0
    for line, k, score in zip(frame.lines, kept, line_scores, strict=True):
        if k:
            size += len(line.text)
            total += len(line.text) * score
    return total / size if size else -20.0
