"""Which passage of a text proves most of the practices that a query asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.analysis.document import Document

LONGEST = 160  # characters of a passage that holds several sentences


@dataclass(frozen=True, slots=True)
class Proof:
    """`practices` that [start, end) of the text proves, the first of those asked for first; sure ones before possible ones."""

    practices: tuple[str, ...]
    start: int
    end: int


def best_proof(spans: Mapping[str, tuple[int, int]], document: Document) -> Proof | None:
    """`spans`: practice → its evidence sentence, in the order in which they were asked for. Sentences near each other are shown together, where that proves more; None where no span lies in the text."""
    inside = {name: span for name, span in spans.items() if 0 <= span[0] < span[1] <= len(document.text)}
    best: Proof | None = None
    for start, end in inside.values():
        for last in sorted({stop for _, stop in inside.values() if stop >= end}):
            if last != end and last - start > LONGEST:
                break
            proved = [other for other, span in inside.items() if start <= span[0] and span[1] <= last]
            if best is None or len(proved) > len(best.practices):
                best = Proof(tuple(proved), start, last)
    return best
