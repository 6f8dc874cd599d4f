"""A figure as one whole number, so that an index of numbers can say that kind, state, unit and value are those of the same figure.

unit (2 bits), kind (5), state (2), value (52): the figures of one unit, kind and state are a range, and in it they stand in the order of their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# a new kind gets the next number; one that is given stays, or indices that are there are read wrongly
UNITS = {"CNY": 0, "USD": 1, "count": 2}
KINDS = {"signed": 0, "invested": 1, "realised": 2, "fdi": 3, "projects": 4, "output": 5, "tax": 6, "other": 7}
STATUSES = {"planned": 0, "signed": 1, "realised": 2}

_VALUE_BITS = 52
LARGEST = (1 << _VALUE_BITS) - 1  # 4,503 万亿; what is larger counts as this


def codes(figures: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """The figures of a reading (`Reading.to_json()["figures"]`), each number once, in order. Of a range the lower end counts."""
    return tuple(sorted({_slot(f["unit"], f["kind"], f["status"]) + _held(int(f["value"])) for f in figures}))


def ranges(
    units: Sequence[str], kinds: Sequence[str], statuses: Sequence[str], least: int | None, most: int | None
) -> list[tuple[int, int]]:
    """The numbers of figures that are of one of each and lie from `least` to `most` (included; None: open). Neighbours are put together."""
    found: list[tuple[int, int]] = []
    low, high = max(0, least or 0), LARGEST if most is None else most
    if low > LARGEST or high < low:
        return found
    for slot in sorted(_slot(u, k, s) for u in units for k in kinds for s in statuses):
        first, last = slot + low, slot + _held(high)
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _slot(unit: str, kind: str, status: str) -> int:
    return ((UNITS[unit] << 5 | KINDS[kind]) << 2 | STATUSES[status]) << _VALUE_BITS


def _held(value: int) -> int:
    return min(max(value, 0), LARGEST)
