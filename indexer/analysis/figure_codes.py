"""A figure as one whole number, so that an index of numbers can tell that kind, state, stage, unit and value belong to the same figure.

A mark (1 bit), unit (2), kind (4), state (3), stage (3), value (49): the figures of one unit, kind, state and stage are a range, and in it they stand in the order of
their values. An index also has each figure as one of any kind, of any state, of any stage, and of any of several, so that a condition that leaves them open is one range too.

Documents indexed before there were stages have numbers without the mark (`_ranges_before`). They are found by those until they are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

# a new value gets the next number; one that is given stays, or indices that are there are read wrongly
UNITS = {"CNY": 0, "USD": 1, "count": 2}
KINDS = {"signed": 0, "invested": 1, "realised": 2, "fdi": 3, "projects": 4, "output": 5, "tax": 6, "other": 7}
STATUSES = {"planned": 0, "signed": 1, "realised": 2, "unstated": 3}
STAGES = {"talks": 1, "refused": 2, "begun": 3, "ended": 4}  # 0: none is told

_ANY_KIND, _ANY_STATUS, _ANY_STAGE = 15, 7, 7
_VALUE_BITS = 49
_MARK = 1 << 61
LARGEST = (1 << _VALUE_BITS) - 1  # 562 万亿; what is larger counts as this

_BEFORE_ANY_KIND, _BEFORE_ANY_STATUS, _BEFORE_VALUE_BITS = 31, 3, 52


def codes(figures: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """The figures of a reading (`Reading.to_json()["figures"]`), each number once, in order. Of a range the lower end counts."""
    return tuple(sorted({_slot(f) + _held(int(f["value"])) for f in figures}))


def widened(numbers: Iterable[int]) -> tuple[int, ...]:
    """What an index has of `codes`: each also under any kind, any state, any stage, and any of several."""
    anys = (_numbered(0, _ANY_KIND, 0, 0), _numbered(0, 0, _ANY_STATUS, 0), _numbered(0, 0, 0, _ANY_STAGE))
    return tuple(
        sorted({n | kind | status | stage for n in numbers for kind, status, stage in product(*((0, a) for a in anys))})
    )  # all ones: setting them is enough


def ranges(
    units: Sequence[str],
    kinds: Sequence[str],
    statuses: Sequence[str],
    stages: Sequence[str],
    *,
    least: int | None,
    most: int | None,
) -> list[tuple[int, int]]:
    """The numbers of figures that are of one of each (none: any) and lie from `least` to `most` (included; None: open). Neighbours are put together."""
    low, high = max(0, least or 0), LARGEST if most is None else most
    if low > LARGEST or high < low:
        return []
    slots = sorted(
        _MARK | _numbered(UNITS[u], k, s, stage)
        for u in units
        for k in ([KINDS[kind] for kind in kinds] or [_ANY_KIND])
        for s in ([STATUSES[status] for status in statuses] or [_ANY_STATUS])
        for stage in ([STAGES[stage] for stage in stages] or [_ANY_STAGE])
    )
    return _joined((slot + low, slot + _held(high)) for slot in slots) + (
        [] if stages else _ranges_before(units, kinds, statuses, low, most)
    )


def _ranges_before(
    units: Sequence[str], kinds: Sequence[str], statuses: Sequence[str], low: int, most: int | None
) -> list[tuple[int, int]]:
    """The same of documents indexed before there were stages and a state that is not told: unit, kind (5 bits), state (2), value (52)."""
    known = [STATUSES[status] for status in statuses if status != "unstated"]
    if statuses and not known:
        return []
    largest = (1 << _BEFORE_VALUE_BITS) - 1
    slots = sorted(
        ((UNITS[u] << 5 | k) << 2 | s) << _BEFORE_VALUE_BITS
        for u in units
        for k in ([KINDS[kind] for kind in kinds] or [_BEFORE_ANY_KIND])
        for s in (known or [_BEFORE_ANY_STATUS])
    )
    return _joined((slot + low, slot + (largest if most is None else min(most, largest))) for slot in slots)


def _joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for first, last in found:
        if out and out[-1][1] + 1 == first:
            out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
    return out


def _slot(figure: Mapping[str, Any]) -> int:
    stage = figure.get("stage")
    return _MARK | _numbered(
        UNITS[figure["unit"]], KINDS[figure["kind"]], STATUSES[figure["status"]], STAGES[stage] if stage else 0
    )


def _numbered(unit: int, kind: int, status: int, stage: int) -> int:
    return (((unit << 4 | kind) << 3 | status) << 3 | stage) << _VALUE_BITS


def _held(value: int) -> int:
    return min(max(value, 0), LARGEST)
