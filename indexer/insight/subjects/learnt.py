"""Weights learnt from annotated texts (weights.json, made by benchmarks/train_subjects.py): how far a candidate is to be believed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import repeat
from operator import mul
from typing import Literal

Kind = Literal["industries", "firms", "origins", "events"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that a text may give; [start, end) of the normalised text is the wording that speaks for it best."""

    id: str
    start: int
    end: int
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Learnt:
    """`weights` of features; from the probability `told` on a candidate is reported, from `sure` on without 可能; `slope` and `shift` make the sum a probability."""

    weights: Mapping[str, float]
    told: float
    sure: float
    slope: float
    shift: float

    def total(self, features: Mapping[str, float]) -> float:
        return float(sum(map(mul, features.values(), map(self.weights.get, features, repeat(0.0)))))

    def probability(self, total: float) -> float:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * total + self.shift))))


@cache
def learnt(kind: Kind) -> Learnt:
    """What was learnt for one kind of reading."""
    return Learnt(**json.loads(files("indexer.insight.subjects").joinpath("weights.json").read_text("utf-8"))[kind])
