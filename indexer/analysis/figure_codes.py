"""A figure as one whole number, so that an index of numbers can tell that kind, state, unit and value belong to the same figure.

unit (2 bits), kind (5), state (2), value (52): the figures of one unit, kind and state are a range, and in it they stand in the order of their values.
An index also has each figure as one of any kind, of any state, and of any of both, so that a condition that leaves them open is one range too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# a new kind gets the next number; one that is given stays, or indices that are there are read wrongly
UNITS = {"CNY": 0, "USD": 1, "count": 2}
KINDS = {"signed": 0, "invested": 1, "realised": 2, "fdi": 3, "projects": 4, "output": 5, "tax": 6, "other": 7}
STATUSES = {"planned": 0, "signed": 1, "realised": 2}

_ANY_KIND, _ANY_STATUS = 31, 3
_VALUE_BITS = 52
LARGEST = (1 << _VALUE_BITS) - 1  # 4,503 万亿; what is larger counts as this


def codes(figures: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """The figures of a reading (`Reading.to_json()["figures"]`), each number once, in order. Of a range the lower end counts."""
    return tuple(sorted({_slot(f["unit"], f["kind"], f["status"]) + _held(int(f["value"])) for f in figures}))


def widened(numbers: Iterable[int]) -> tuple[int, ...]:
    """What an index has of `codes`: each also under any kind, any state, and any of both."""
    kind, status = _ANY_KIND << 2 << _VALUE_BITS, _ANY_STATUS << _VALUE_BITS  # all ones: setting them is enough
    return tuple(sorted({n | more for n in numbers for more in (0, kind, status, kind | status)}))


def ranges(
    units: Sequence[str], kinds: Sequence[str], statuses: Sequence[str], least: int | None, most: int | None
) -> list[tuple[int, int]]:
    """The numbers of figures that are of one of each (no kinds, no states: any) and lie from `least` to `most` (included; None: open). Neighbours are put together."""
    found: list[tuple[int, int]] = []
    low, high = max(0, least or 0), LARGEST if most is None else most
    if low > LARGEST or high < low:
        return found
    slots = [
        _numbered(UNITS[u], k, s)
        for u in units
        for k in ([KINDS[kind] for kind in kinds] or [_ANY_KIND])
        for s in ([STATUSES[status] for status in statuses] or [_ANY_STATUS])
    ]
    for slot in sorted(slots):
        first, last = slot + low, slot + _held(high)
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _slot(unit: str, kind: str, status: str) -> int:
    return _numbered(UNITS[unit], KINDS[kind], STATUSES[status])


def _numbered(unit: int, kind: int, status: int) -> int:
    return ((unit << 5 | kind) << 2 | status) << _VALUE_BITS


def _held(value: int) -> int:
    return min(max(value, 0), LARGEST)
