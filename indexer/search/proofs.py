"""Which passage of a text proves most of the practices that a query asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from indexer.analysis.document import Document

LONGEST = 160  # characters of a passage that holds several sentences


@dataclass(frozen=True, slots=True)
class Proof:
    """`practices` that [start, end) of the text proves, the first of those asked for first; sure ones before possible ones. `beside`: the sentence of another one that was asked for, where it stands elsewhere."""

    practices: tuple[str, ...]
    start: int
    end: int
    beside: tuple[int, int] | None = None


def best_proof(spans: Mapping[str, tuple[int, int]], document: Document, worth: Callable[[str], float]) -> Proof | None:
    """`spans`: practice → its evidence sentence, in the order in which they were asked for; `worth`: how much of the query a passage has.

    Sentences near each other are shown together, where that proves more. Of what proves as many, what is surely read goes first, then what has more of the
    query, then what was asked for first. None where no span lies in the text.
    """
    inside = {name: span for name, span in spans.items() if 0 <= span[0] < span[1] <= len(document.text)}
    best, best_key = None, (0, False, 0.0)
    for start, end in inside.values():
        for last in sorted({stop for _, stop in inside.values() if stop >= end}):
            if last != end and last - start > LONGEST:
                break
            proved = [other for other, span in inside.items() if start <= span[0] and span[1] <= last]
            key = (len(proved), any(p in document.practices for p in proved), worth(document.text[start:last]))
            if key > best_key or best is None:
                best, best_key = Proof(tuple(proved), start, last), key
    if best is None:
        return None
    others = {
        span: (name in document.practices, worth(document.text[span[0] : span[1]]))
        for name, span in inside.items()
        if name not in best.practices and (span[1] <= best.start or best.end <= span[0])
    }
    return replace(best, beside=max(others, key=others.__getitem__)) if others else best
