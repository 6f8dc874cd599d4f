"""How sure a system is of a page: independent marks, each with a weight, added up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.platforms.page import Platform, Recognition

Mark = tuple[re.Pattern[str], float, str]  # what to look for, how much one finding proves (0–1), its name


def weigh(platform: Platform, text: str, marks: Sequence[Mark], *, found: Sequence[tuple[float, str]] = ()) -> Recognition:
    """1 − Π(1 − weight) over the marks that occur in `text` and those `found` already; the reason names the strongest first."""
    hits = [(weight, name) for pattern, weight, name in marks if pattern.search(text)]
    hits += found
    left = 1.0
    for weight, _ in hits:
        left *= 1 - weight
    names = [name for _, name in sorted(hits, reverse=True)]
    return Recognition(platform, round(1 - left, 3), "、".join(names[:3]))


def often(pattern: re.Pattern[str], text: str, weight: float, name: str, least: int = 3) -> list[tuple[float, str]]:
    """A mark that counts fully only where it occurs `least` times, and by half where it occurs at all."""
    count = sum(1 for _, _ in zip(pattern.finditer(text), range(least), strict=False))
    return [(weight, name)] if count >= least else [(weight / 2, name)] if count else []
