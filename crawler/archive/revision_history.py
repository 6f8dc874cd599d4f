"""The revisions of an article as pure functions: what a newly extracted text does to them.

A text belongs to the captures that showed it. Extracting a capture again replaces what that capture said and touches no other, so that captures
extracted in any order, any number of times, end in the same history; and what the extractor learns is never taken for an edit of the site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Step:
    """A revision: one text and the captures that showed it, one after the other; none: it was imported.

    `id` is its row's; where that is None the row is still to be written, with the new text or with that of the row `copy_of`.
    """

    id: int | None
    revision_hash: str
    captures: tuple[int, ...]
    position: int  # the first capture's id; imports stand behind what there was when they came
    copy_of: int | None = None

    @property
    def capture(self) -> int | None:
        """The capture that showed the text first."""
        return self.captures[0] if self.captures else None

    @property
    def end(self) -> int:
        """The position of what showed it last."""
        return self.captures[-1] if self.captures else self.position


@dataclass(frozen=True, slots=True)
class _Point:
    """One capture that shows a text, or one import."""

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
        return [*steps, Step(None, revision_hash, (), steps[-1].end if steps else 0)]
    if any(s.revision_hash == revision_hash and capture in s.captures for s in steps):
        return list(steps)
    others = [p for p in _points(steps) if p.capture != capture]
    return _steps([*others, _Point(capture, capture, revision_hash, None)])


def without_capture(steps: Sequence[Step], capture: int) -> list[Step]:
    """The history after a capture turned out to hold no article."""
    return _steps([p for p in _points(steps) if p.capture != capture])


def _points(steps: Sequence[Step]) -> Iterator[_Point]:
    for step in steps:
        if not step.captures:
            yield _Point(step.position, None, step.revision_hash, step.id)
        for capture in step.captures:
            yield _Point(capture, capture, step.revision_hash, step.id)


def _steps(points: Sequence[_Point]) -> list[Step]:
    """Neighbours with the same text become one step. A row that is torn apart stays with the first part."""
    steps: list[Step] = []
    used: set[int] = set()
    for p in sorted(points, key=lambda p: (p.position, p.capture is None)):
        own = p.id if p.id not in used else None
        before = steps[-1] if steps else None
        if before and before.revision_hash == p.revision_hash and (before.capture is None) == (p.capture is None):
            if before.id is None and own is not None:
                before = replace(before, id=own, copy_of=None)
            steps[-1] = replace(before, captures=(*before.captures, *_only(p)))
        else:
            steps.append(Step(own, p.revision_hash, _only(p), p.position, p.id if own is None else None))
        used |= {s.id for s in steps[-1:] if s.id is not None}
    return steps


def _only(point: _Point) -> tuple[int, ...]:
    return () if point.capture is None else (point.capture,)
