"""Places of the same name as the one that a reader asked for."""

from __future__ import annotations

from crawler.sources import regions


def namesakes(name: str) -> list[str]:
    """Adcodes of the other places that are called so, those aside that lie in the one that is taken (长沙县 in 长沙)."""
    found = [region.adcode for region in regions.find(name.strip())]
    return [code for code in found[1:] if not regions.is_within(code, found[0])]
