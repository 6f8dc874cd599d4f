"""The timeline above the hits: counts by month as bars of years, or of the months of one year, in plain numbers for an inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search_api.parameters import By
from search_api.services.shares import ALL_YEAR, Base, Share, years_of

HEIGHT = 44.0  # SVG units of the tallest bar
LEAST = 1.5  # a bar that counts at all can be seen
GAP = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` is what a click filters by (a year) or '' where it cannot, `label` what the reader sees, `share` None where all is counted."""

    value: str
    label: str
    count: int
    x: float
    y: float
    width: float
    height: float
    tick: str  # what stands under it, '' where there is no room
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars from left to right over a box of `width` × `height` SVG units; `unit` is 年 or 月."""

    bars: tuple[Bar, ...]
    width: float
    height: float
    unit: str
    base: str = ""  # of what the shares are, '' for no shares
    by: By = "count"  # what the height of the bars says

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)


def timelines(
    histograms: Sequence[Iterable[tuple[int, int]]],
    bases: Sequence[Mapping[int, int]] = (),
    *,
    base: str = ALL_YEAR,
    by: By = "count",
) -> list[Timeline | None]:
    """Of several, to stand side by side: the same years and the same scale for all; None for one in which no article has a date.

    `bases`: of each, (yyyymm → count) of which the counts are a part, and `base` what that is called.
    """
    counted = [years_of(dict(histogram)) for histogram in histograms]
    known = sorted({year for years in counted for year in years})
    if not known:
        return [None] * len(counted)
    span = range(known[0], known[-1] + 1) if known[-1] - known[0] < 60 else known[-60:]
    of: Sequence[Mapping[int, int] | None] = [years_of(months) for months in bases] or [None] * len(counted)
    rows = [
        [
            (str(y), str(y), years.get(y, 0), Share(years.get(y, 0), all_.get(y, 0)) if all_ is not None else None)
            for y in span
        ]
        for years, all_ in zip(counted, of, strict=True)
    ]
    most = _tallest([row for lines in rows for row in lines], by)
    named = base if bases else ""
    return [
        _drawn(row, "年", most, base=named, by=by) if years else None for row, years in zip(rows, counted, strict=True)
    ]


def timeline(histogram: Iterable[tuple[int, int]], base: Base | None = None, *, by: By = "count") -> Timeline | None:
    """From (yyyymm, count) pairs; None where no article has a date. More than 60 years show only the last that have a count. `base`: of what the counts are a part."""
    bases = base.months if base else None
    months = {month: count for month, count in histogram if month > 0}
    if not months:
        return None
    years = years_of(months)
    first, last = min(years), max(years)
    if first == last:
        monthly = [(first * 100 + m, f"{first} 年 {m} 月") for m in range(1, 13)]
        counts: list[_Row] = [
            ("", name, months.get(m, 0), Share(months.get(m, 0), bases.get(m, 0)) if bases is not None else None)
            for m, name in monthly
        ]
        return _drawn(counts, "月", base=base.month if base else "", by=by)
    span = range(first, last + 1) if last - first < 60 else sorted(years)[-60:]
    yearly = years_of(bases) if bases is not None else None
    counts = [
        (str(y), str(y), years.get(y, 0), Share(years.get(y, 0), yearly.get(y, 0)) if yearly is not None else None)
        for y in span
    ]
    return _drawn(counts, "年", base=base.year if base else "", by=by)


_Row = tuple[str, str, int, Share | None]


def _height(row: _Row, by: By) -> float:
    share = row[3]
    return (share.percent or 0.0) if by == "share" and share else float(row[2])


def _tallest(rows: Sequence[_Row], by: By) -> float:
    """What the tallest bar stands for. Shares of small bases do not set the scale where there are others: one article of two would flatten all."""
    telling = [row for row in rows if by == "count" or (row[3] and not row[3].small)]
    return max((_height(row, by) for row in telling or rows), default=0.0)


def _drawn(rows: Sequence[_Row], unit: str, most: float = 0.0, *, base: str, by: By) -> Timeline:
    """`most`: what the tallest bar stands for; 0: the largest of the counts, or of the shares."""
    by = by if base else "count"
    most = most or _tallest(rows, by) or 1.0
    step = max(12.0, min(48.0, 720.0 / len(rows)))
    bars = []
    for i, row in enumerate(rows):
        value, label, count, share = row
        height = min(HEIGHT, max(LEAST, HEIGHT * _height(row, by) / most)) if count else 0.0
        bars.append(
            Bar(
                value=value if count else "",
                label=label,
                count=count,
                x=round(i * step, 1),
                y=round(HEIGHT - height, 1),
                width=step - GAP,
                height=round(height, 1),
                tick=_tick(i, label, len(rows), step, unit),
                share=share,
            )
        )
    return Timeline(tuple(bars), round(step * len(rows), 1), HEIGHT, unit, base=base, by=by)


def _tick(i: int, label: str, bars: int, step: float, unit: str) -> str:
    """Every label where there is room, else every fifth year. Of a year's months the first bears the year."""
    if unit == "月":
        return label.replace(" ", "") if i == 0 else label.rpartition("年")[2].strip()
    if step >= 34:
        return label
    return label if int(label) % 5 == 0 and 0 < i < bars - 1 else ""
