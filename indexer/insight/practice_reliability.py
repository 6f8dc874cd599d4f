"""How many of the practices that were told as sure were right: a measured table, practices_reliability.csv, which `python -m benchmarks.train_practices … --reliability` makes.

Each text was judged by weights that never saw its province, without the fixed wordings that its province alone has; from which probability on a practice is
sure was set on the same cases.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from indexer.insight.practices import rules


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of `sure` articles told as sure to have a practice, `right` have it by the annotation."""

    sure: int
    right: int


@dataclass(frozen=True, slots=True)
class ReliabilityTable:
    """`texts`: annotated texts on the subject that it rests on; `practices`: by id, those that were told as sure at least once."""

    texts: int
    practices: Mapping[str, Reliability]

    @property
    def whole(self) -> Reliability:
        found = self.practices.values()
        return Reliability(sum(one.sure for one in found), sum(one.right for one in found))


@cache
def practice_reliability() -> ReliabilityTable:
    """The table. Raises ValueError where it is wrong."""
    head, *lines = (
        files("indexer.insight").joinpath("practices_reliability.csv").read_text(encoding="utf-8").splitlines()
    )
    found = {}
    for row in csv.DictReader(lines):
        one = Reliability(int(row["sure"]), int(row["right"]))
        if row["practice"] not in rules() or not 0 <= one.right <= one.sure or not one.sure:
            raise ValueError(f"practices_reliability.csv：{row}")
        found[row["practice"]] = one
    return ReliabilityTable(int(head.removeprefix("# texts=")), found)
