"""Region codes as names."""

from __future__ import annotations

from crawler.sources import regions

EVERYWHERE = "全国"


def region_name(code: str | None) -> str:
    """湖南长沙 for 430100, short names from the province down; 全国 for the country; the code where it is unknown."""
    if not code:
        return ""
    steps = regions.path(code)
    if not steps:
        return code
    if steps[0].adcode == regions.COUNTRY:
        return EVERYWHERE
    names: list[str] = []
    for step in steps:
        names.append(step.name if names and step.short == names[-1] else step.short)
    return "".join(names)


def short_name(code: str) -> str:
    """湖南, 长沙, but 长沙县, whose short name may be its city's; the code where it is unknown."""
    region = regions.by_adcode(code)
    if region is None:
        return code
    return region.name if region.level == "county" else region.short


def lineage(code: str) -> list[str]:
    """Codes from the province down to the place itself; [] for an unknown code."""
    return regions.lineage(code)
