"""The history of an article as a list of steps, one a text: pure functions that say what a newly extracted text does to it.

A step belongs to the capture that showed the text first. Extracting a capture again replaces its own step and touches no other, so that captures
extracted in any order, any number of times, end in the same history; and what the extractor learns is never taken for an edit of the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Step:
    """A revision: `id` of its row (None: not written yet), its hash, its capture (None: imported) and its place in time."""

    id: int | None
    revision_hash: str
    capture: int | None
    position: int


def with_text(steps: Sequence[Step], revision_hash: str, capture: int | None) -> list[Step]:
    """The history after a text was extracted from `capture`, or imported. `steps` are in order, and so is the answer."""
    if capture is None:
        known = any(s.revision_hash == revision_hash and s.capture is None for s in steps)
        if known or (steps and steps[-1].revision_hash == revision_hash):
            return list(steps)
        return [*steps, Step(None, revision_hash, None, steps[-1].position if steps else 0)]
    if any(s.capture == capture for s in steps):
        changed = [replace(s, revision_hash=revision_hash) if s.capture == capture else s for s in steps]
        return _without_repeats(changed)
    before = [s for s in steps if s.position <= capture]
    after = steps[len(before) :]
    return _without_repeats([*before, Step(None, revision_hash, capture, capture), *after])


def without_capture(steps: Sequence[Step], capture: int) -> list[Step]:
    """The history after a capture turned out to hold no article."""
    return _without_repeats([s for s in steps if s.capture != capture])


def _without_repeats(steps: Sequence[Step]) -> list[Step]:
    """Neighbours with the same text become one step, the earlier."""
    return [s for i, s in enumerate(steps) if i == 0 or s.revision_hash != steps[i - 1].revision_hash]
