"""The tile map: one square a province, roughly where it lies; the places are in tile_map.csv."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.sources import regions

SIDE = 58  # SVG units a tile


@dataclass(frozen=True, slots=True)
class Tile:
    """One province: its name, how warm (0–4), and where its square begins."""

    adcode: str
    name: str
    heat: int
    x: int
    y: int


@cache
def _grid() -> Mapping[str, tuple[int, int]]:
    rows = csv.DictReader(
        files("search_api.services").joinpath("tile_map.csv").read_text(encoding="utf-8").splitlines()
    )
    return {row["adcode"]: (int(row["column"]), int(row["row"])) for row in rows}


def provinces() -> list[str]:
    """Adcodes of all provinces, in code order."""
    return sorted(_grid())


def tiles(weights: Mapping[str, float]) -> list[Tile]:
    """A tile for every province, those without a weight (a count, or a share) too."""
    most = max(weights.values(), default=0.0)
    found = []
    for adcode, (column, row) in sorted(_grid().items()):
        region = regions.by_adcode(adcode)
        name = region.short if region else adcode
        found.append(Tile(adcode, name, heat=heat(weights.get(adcode, 0.0), most), x=column * SIDE, y=row * SIDE))
    return found


def heat(weight: float, most: float) -> int:
    """0 for none, else 1–4 by the part of the greatest; small ones still show."""
    if not weight or not most:
        return 0
    return min(4, 1 + int(4 * (weight / most) ** 0.6 * 0.999))
