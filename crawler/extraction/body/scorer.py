"""How likely each line belongs to the article: a logistic regression learned from annotated pages, its weights looked up as numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from crawler.extraction.body.features import GROUPS, SIZE, features
from crawler.extraction.page.lines import Frame

WEIGHTS = Path(__file__).with_name("weights.json")


@lru_cache(maxsize=1)
def weights() -> tuple[float, ...]:
    """The shipped weights by feature number, the bias last."""
    return read_weights(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def read_weights(data: Mapping[str, object]) -> tuple[float, ...]:
    """Weights from their file: a list a group of features, whose sizes must be those of features.py. Raises ValueError."""
    groups = data["weights"]
    bias = data["bias"]
    if not isinstance(groups, Mapping) or not isinstance(bias, float | int):
        raise ValueError("weights.json 格式不对")
    flat: list[float] = []
    for name, group in GROUPS.items():
        values = groups.get(name)
        if not isinstance(values, list) or len(values) != group.size:
            raise ValueError(f"weights.json 与特征不符：{name}")
        flat += [float(v) for v in values]
    assert len(flat) == SIZE
    return (*flat, float(bias))


def scores(frame: Frame, title: int, date: int, learned: Sequence[float] | None = None) -> list[float]:
    """Log-odds of each line to be the article's. `title`, `date` are line numbers or -1."""
    w = weights() if learned is None else learned
    by_node, by_line = features(frame, title, date)
    at = w.__getitem__
    node_sums = [sum(map(at, f)) for f in by_node]
    bias = w[-1]
    return [bias + node_sums[line.node] + sum(map(at, own)) for line, own in zip(frame.lines, by_line, strict=True)]
