"""Names of places and practices that a reader may have meant: other places of the same name, and the practices by id."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.sources import regions
from indexer.insight.practices import PracticeRule, rules


def namesakes(name: str) -> list[str]:
    """Adcodes of the other places that are called so, those aside that lie in the one that is taken (长沙县 in 长沙)."""
    found = [region.adcode for region in regions.find(name.strip())]
    return [code for code in found[1:] if not regions.is_within(code, found[0])]


def practices() -> Mapping[str, PracticeRule]:
    """All practices by id, in the order of the taxonomy; each has `name`, `group` and `definition`."""
    return rules()
