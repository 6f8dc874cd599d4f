"""How sure a system is of a page: independent marks, each with a weight, added up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from crawler.lists.list_page import Platform, Recognition
from crawler.lists.parsed_document import Document


class Fingerprint(NamedTuple):
    """What a system leaves on its pages: one of `words` (lower case, plain text: fast), borne out by `pattern` where a word is not enough.

    `weight` is how much finding it proves, 0–1; a pattern that must occur `least` times proves half as much where it occurs less often.
    """

    weight: float
    name: str
    words: tuple[str, ...]
    pattern: re.Pattern[str] | None = None
    least: int = 1


def weigh(
    platform: Platform, document: Document, marks: Sequence[Fingerprint], *, found: Sequence[tuple[float, str]] = ()
) -> Recognition:
    """1 − Π(1 − weight) over the marks that the page bears and those `found` already; the reason names the strongest first."""
    hits = [(weight, mark.name) for mark in marks if (weight := _weight(mark, document))]
    hits += found
    left = 1.0
    for weight, _ in hits:
        left *= 1 - weight
    return Recognition(platform, round(1 - left, 3), "、".join([name for _, name in sorted(hits, reverse=True)][:3]))


def _weight(mark: Fingerprint, document: Document) -> float:
    if not any(word in document.lowered for word in mark.words):
        return 0.0
    if mark.pattern is None:
        return mark.weight
    count = sum(1 for _ in zip(mark.pattern.finditer(document.marked), range(mark.least), strict=False))
    return mark.weight if count >= mark.least else mark.weight / 2 if count else 0.0
