"""The history of an article: pure functions that say what a newly extracted text does to it.

A text belongs to the captures that showed it. Extracting a capture again replaces what that capture said and touches no other, so that captures
extracted in any order, any number of times, end in the same texts; and what the extractor learns is never taken for an edit of the site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Step:
    """A revision: one text, shown by the captures from `capture` to `last`, or imported (`capture` None).

    `id` is its row's; where that is None the row is still to be written, with the new text or with that of the row `copy_of`.
    """

    id: int | None
    revision_hash: str
    capture: int | None
    position: int  # of captures their id; imports stand behind what there was when they came
    last: int
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class _Point:
    """One capture that is known to show a text, or one import."""

    position: int
    capture: int | None
    revision_hash: str
    id: int | None


def with_text(steps: Sequence[Step], revision_hash: str, capture: int | None) -> list[Step]:
    """The history after a text was extracted from `capture`, or imported. `steps` are in order, and so is the answer."""
    if capture is None:
        known = any(s.revision_hash == revision_hash and s.capture is None for s in steps)
        if known or (steps and steps[-1].revision_hash == revision_hash):
            return list(steps)
        position = steps[-1].last if steps else 0
        return [*steps, Step(None, revision_hash, None, position, position)]
    points = list(_points(steps))
    if any(p.capture == capture and p.revision_hash == revision_hash for p in points):
        return list(steps)
    others = [p for p in points if p.capture != capture]
    return _steps([*others, _Point(capture, capture, revision_hash, None)])


def without_capture(steps: Sequence[Step], capture: int) -> list[Step]:
    """The history after a capture turned out to hold no article."""
    return _steps([p for p in _points(steps) if p.capture != capture])


def _points(steps: Sequence[Step]) -> Iterator[_Point]:
    # The captures between the first and the last that showed a text are not remembered: they would say the same.
    for step in steps:
        yield _Point(step.position, step.capture, step.revision_hash, step.id)
        if step.last > step.position:
            yield _Point(step.last, step.last, step.revision_hash, step.id)


def _steps(points: Sequence[_Point]) -> list[Step]:
    """Neighbours with the same text become one step. A row that is torn apart stays with the first part."""
    steps: list[Step] = []
    used: set[int] = set()
    for p in sorted(points, key=lambda p: (p.position, p.capture is None)):
        own = p.id if p.id not in used else None
        before = steps[-1] if steps else None
        if before and before.revision_hash == p.revision_hash and (before.capture is None) == (p.capture is None):
            last = before.last if p.capture is None else p.position
            if before.id is None and own is not None:
                before = replace(before, id=own, copy_of=None)
            steps[-1] = replace(before, last=last)
        else:
            steps.append(Step(own, p.revision_hash, p.capture, p.position, p.position, p.id if own is None else None))
        used |= {s.id for s in steps[-1:] if s.id is not None}
    return steps
