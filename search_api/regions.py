"""Region codes as names."""

from __future__ import annotations

from crawler.sources import regions


def region_name(code: str | None) -> str:
    """湖南长沙 for 430100, short names from the province down; 全国 for the country; the code where it is unknown."""
    if not code:
        return ""
    steps = regions.path(code)
    if not steps:
        return code
    if steps[0].adcode == regions.COUNTRY:
        return "全国"
    return "".join(dict.fromkeys(step.short for step in steps))
