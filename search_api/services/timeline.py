"""The timeline above the hits: counts by month as bars of years, or of the months of one year, in plain numbers for an inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEIGHT = 44.0  # SVG units of the tallest bar
LEAST = 1.5  # a bar that counts at all can be seen
GAP = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` is what a click filters by (a year) or '' where it cannot, `label` what the reader sees."""

    value: str
    label: str
    count: int
    x: float
    y: float
    width: float
    height: float
    tick: str  # what stands under it, '' where there is no room


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars from left to right over a box of `width` × `height` SVG units; `unit` is 年 or 月."""

    bars: tuple[Bar, ...]
    width: float
    height: float
    unit: str

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)


def timelines(histograms: Sequence[Iterable[tuple[int, int]]]) -> list[Timeline | None]:
    """Of several, to stand side by side: the same years and the same scale for all; None for one in which no article has a date."""
    counted = [_by_year(histogram) for histogram in histograms]
    known = sorted({year for years in counted for year in years})
    if not known:
        return [None] * len(counted)
    span = range(known[0], known[-1] + 1) if known[-1] - known[0] < 60 else known[-60:]
    most = max(max(years.values(), default=0) for years in counted)
    return [
        _drawn([(str(y), str(y), years.get(y, 0)) for y in span], "年", most) if years else None for years in counted
    ]


def _by_year(histogram: Iterable[tuple[int, int]]) -> dict[int, int]:
    years: dict[int, int] = {}
    for month, count in histogram:
        if month > 0:
            years[month // 100] = years.get(month // 100, 0) + count
    return years


def timeline(histogram: Iterable[tuple[int, int]]) -> Timeline | None:
    """From (yyyymm, count) pairs; None where no article has a date. More than 40 years show only those from the first to the last with a count."""
    months = {month: count for month, count in histogram if month > 0}
    if not months:
        return None
    years = _by_year(months.items())
    first, last = min(years), max(years)
    if first == last:
        counts = [("", f"{first}-{m:02}", months.get(first * 100 + m, 0)) for m in range(1, 13)]
        return _drawn(counts, "月")
    span = range(first, last + 1) if last - first < 60 else sorted(years)[-60:]
    return _drawn([(str(y), str(y), years.get(y, 0)) for y in span], "年")


def _drawn(counts: list[tuple[str, str, int]], unit: str, most: int = 0) -> Timeline:
    """`most`: what the tallest bar stands for; 0: the largest of the counts."""
    most = most or max(count for _, _, count in counts) or 1
    step = max(12.0, min(48.0, 720.0 / len(counts)))
    bars = []
    for i, (value, label, count) in enumerate(counts):
        height = max(LEAST, HEIGHT * count / most) if count else 0.0
        bars.append(
            Bar(
                value=value if count else "",
                label=label,
                count=count,
                x=round(i * step, 1),
                y=round(HEIGHT - height, 1),
                width=step - GAP,
                height=round(height, 1),
                tick=_tick(i, label, len(counts), step, unit),
            )
        )
    return Timeline(tuple(bars), round(step * len(counts), 1), HEIGHT, unit)


def _tick(i: int, label: str, bars: int, step: float, unit: str) -> str:
    """Every label where there is room, else every fifth year."""
    if unit == "月":
        return f"{int(label[-2:])} 月"
    if step >= 34:
        return label
    return label if int(label) % 5 == 0 and 0 < i < bars - 1 else ""
