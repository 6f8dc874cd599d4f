"""Highlights in the original text, and the snippet that best shows why a document was found; the same for every engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crawler.normalisation import Normalised, normalise, normalise_with_offsets
from indexer.analysis.tokens import runs
from indexer.query.parser import Query, parse
from indexer.query.tree import AllOf, AnyOf, Begins, Node, Word
from indexer.search.passages import best_passage

Mark = tuple[int, int]

SNIPPET = 120  # characters
BESIDE = 80  # of a second passage
_LACKING = 0.3  # of what a query weighs: so much a passage must lack before another one stands beside it
_TELLING = 1.5  # × the heaviest that is lacking: more than one of several words that would do
_SENTENCE_END = "。！？!?；;\n"
_LETTER = r"[^\W_\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"


@dataclass(frozen=True, slots=True)
class Highlighter:
    """What a query marks: `whole` finds its words; `parts` is, for each word, a pattern of its pairs, for texts that do not have the word itself."""

    whole: re.Pattern[str] | None
    parts: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]  # (the word, its pairs)

    def spans(self, text: str, *, partly: bool = False) -> list[Mark]:
        """Spans of a normalised text, in order, without overlap; those that touch are one."""
        found = [match.span() for match in self.whole.finditer(text)] if self.whole else []
        if partly:
            for word, pairs in self.parts:
                if not word.search(text):
                    found += [match.span(1) for match in pairs.finditer(text)]
        return merged(found)


def highlighter(query: Query, *, title: bool = False) -> Highlighter:
    """What the query marks in a body, or, with `title`, in a title (where words asked only of titles count too)."""
    words = list(dict.fromkeys(_words(query.root, title)))
    patterns = {text: _pattern(text, begins) for text, begins in words}
    ordered = sorted(patterns, key=len, reverse=True)
    whole = re.compile("|".join(patterns[text] for text in ordered)) if ordered else None
    parts = []
    for text in ordered:
        found = runs(text)
        if len(found) == 1 and found[0].cjk and len(text) > 2:
            pairs = dict.fromkeys(text[i : i + 2] for i in range(len(text) - 1))
            parts.append((re.compile(patterns[text]), re.compile(f"(?=({'|'.join(map(re.escape, pairs))}))")))
    return Highlighter(whole, tuple(parts))


def mark(text: str, query: str | Query, *, title: bool = False, partly: bool = False) -> list[Mark]:
    """[start, end) spans of the original text that the query's words cover, in order, without overlap. `partly`: where a word is missing, its pairs."""
    known = highlighter(parse(query) if isinstance(query, str) else query, title=title)
    return mark_with(text, known, partly=partly)


def mark_with(text: str, known: Highlighter, *, partly: bool = False) -> list[Mark]:
    """`mark` for many texts and one query."""
    normal = normalise_with_offsets(text)
    return merged(normal.span(start, end) for start, end in known.spans(normal.text, partly=partly))


def snippet(
    text: str, known: Highlighter, weights: Mapping[str, float], *, partly: bool = False
) -> tuple[str, list[Mark]]:
    """The best passage of the original text, about `SNIPPET` characters from the beginning of a sentence where there is one near, and the marks on it."""
    normal = normalise_with_offsets(text)
    best = best_passage(normal.text, weights, SNIPPET * 2 // 3)
    start, end = normal.span(best.start, best.end) if best.score else (0, 0)
    start = _sentence_start(text, start, max(0, end - SNIPPET))
    end = min(len(text), max(end, start + SNIPPET))
    while start < end and text[start].isspace():
        start += 1
    marks = merged(normal.span(a, b) for a, b in known.spans(normal.text, partly=partly))
    return _cut(text, start, end, marks)


def _cut(text: str, start: int, end: int, marks: Iterable[Mark]) -> tuple[str, list[Mark]]:
    before, after = ("…" if text[:start].strip() else ""), ("…" if text[end:].strip() else "")
    cut = re.sub(r"\s", " ", text[start:end])
    shift = len(before) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start]
    return before + cut + after, inside


def excerpt(
    text: str,
    start: int,
    end: int,
    known: Highlighter,
    weights: Mapping[str, float],
    *,
    beside: Mark | None = None,
    partly: bool = False,
) -> tuple[str, list[Mark]]:
    """[start, end) of the original text as a snippet, whole, and `beside` it another span, with the marks on both. Without `beside`, where it lacks much of what was asked and another passage has that, the passage follows."""
    normal = normalise_with_offsets(text)
    marks = merged(normal.span(a, b) for a, b in known.spans(normal.text, partly=partly))
    shown, inside = _cut(text, start, end, marks)
    if beside := beside or _beside(text, normal, start, end, weights):
        more, others = _cut(text, *beside, marks)
        between = "" if more.startswith("…") else "…"
        shown = shown.removesuffix("…") + between
        inside += [(a + len(shown), b + len(shown)) for a, b in others]
        shown += more
    return shown, inside


def _beside(text: str, normal: Normalised, start: int, end: int, weights: Mapping[str, float]) -> Mark | None:
    """The passage outside [start, end) that has most of what that lacks of a query; None where it lacks little, or no passage has half of it or several of many."""
    shown = normalise(text[start:end])
    lacking = {token: weight for token, weight in weights.items() if token not in shown}
    if not lacking or sum(lacking.values()) < _LACKING * sum(weights.values()):
        return None
    best = best_passage(normal.text, lacking, BESIDE)
    if best.score < min(sum(lacking.values()) / 2, _TELLING * max(lacking.values())):
        return None
    first, last = normal.span(best.start, best.end)
    first = _sentence_start(text, first, max(0, last - BESIDE))
    ends = [at for mark in _SENTENCE_END if (at := text.find(mark, last, first + SNIPPET)) >= 0]
    last = min(ends) + 1 if ends else min(len(text), max(last, first + BESIDE))
    return None if first < end and start < last else (first, last)


def merged(spans: Iterable[Mark]) -> list[Mark]:
    """Spans in order; those that overlap or touch become one."""
    out: list[Mark] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _sentence_start(text: str, start: int, least: int) -> int:
    """The beginning of the sentence, or of the clause, that holds `start`, if it is not before `least`; else `start`, or a little before it."""
    for ends in (_SENTENCE_END, "，,、：:"):
        at = max(text.rfind(end, least, start) for end in ends)
        if at >= 0 and (at > least or not least):
            return at + 1
    return least if least == 0 else max(least, start - SNIPPET // 4)


def _words(node: Node, title: bool) -> Iterable[tuple[str, bool]]:
    match node:
        case Word(text, equivalents, in_title):
            if title or not in_title:
                yield from ((word, False) for word in (text, *equivalents))
        case Begins(text, in_title):
            if title or not in_title:
                yield text, True
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _words(part, title)


def _pattern(text: str, begins: bool) -> str:
    """A pattern for a normalised text that matches where the phrase of tokens does: letters and digits as whole units, any marks between what was apart."""
    out: list[str] = []
    found = runs(text)
    for number, run in enumerate(found):
        if number:
            previous = found[number - 1]
            out.append(r"(?:_|\W)+" if run.cjk == previous.cjk else r"(?:_|\W)*")
        part = re.escape(text[run.start : run.end])
        if not run.cjk:
            open_end = begins and number == len(found) - 1
            part = f"(?<!{_LETTER}){part}" + (f"{_LETTER}*" if open_end else rf"(?!{_LETTER}|\+\+(?!\+))")
        out.append(part)
    return "".join(out)
