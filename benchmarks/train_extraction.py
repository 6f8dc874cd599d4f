"""Learn the weights of the line scorer from annotated pages, and say what they reach on sites that they have not seen.

    python -m benchmarks.train_extraction [--pages DIR] [--no-write]

The same pages give the same weights: no randomness but a fixed shuffle of the sites, lbfgs to convergence, weights rounded.
"""

from __future__ import annotations

import argparse
import bisect
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from benchmarks.extraction_pages import PAGES, TYPES, Page, f1, grams, normal, read_pages, site
from crawler.extraction.body.features import GROUPS, SIZE, features, merged
from crawler.extraction.body.find_body import find_body
from crawler.extraction.body.scorer import WEIGHTS
from crawler.extraction.metadata.publication_date import date_line
from crawler.extraction.metadata.title import title_of
from crawler.extraction.page.frame import walk
from crawler.extraction.page.lines import Frame
from crawler.extraction.page.tree import parse
from crawler.web.decoding import decode

STRENGTH = 0.015  # C of the regression
FOLDS = 5
_LONG = 12  # characters; a line of so many is judged by its 4-grams
_NEAR = 12  # lines; how far from long lines of the article a short one may stand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=PAGES)
    parser.add_argument("--no-write", action="store_true", help="only cross-validate")
    arguments = parser.parse_args()
    pages = [p for p in read_pages(arguments.pages) if p.texts]
    frames = [walk(parse(decode(p.content, None)), p.url) for p in pages]
    rows = [_features(frame) for frame in frames]
    labels = [_labels(frame, page.texts[0]) for frame, page in zip(frames, pages, strict=True)]
    reached = _cross_validated(pages, frames, rows, labels)
    for name, value in reached.items():
        print(f"{name:8} {value:.4f}")
    if not arguments.no_write:
        weights = _train(frames, rows, labels)
        _write(weights, pages, reached)
        print(f"{WEIGHTS}: {SIZE} weights")


def _features(frame: Frame) -> list[list[int]]:
    title = title_of(frame).line
    return merged(*features(frame, title, date_line(frame, title)), frame)


def _labels(frame: Frame, text: str) -> list[int]:
    """Which lines are in the gold text: long ones by their 4-grams, short ones where they stand in order between long ones."""
    gold = normal(text)
    known = set(grams(text))
    lines = [normal(line.text) for line in frame.lines]
    labels = [0] * len(lines)
    at: dict[int, int] = {}  # position in the gold text of long lines that are in it
    for i, line in enumerate(lines):
        if len(line) >= _LONG:
            own = grams(line)
            labels[i] = int(sum(g in known for g in own) / len(own) > 0.7)
            if labels[i]:
                at[i] = max(0, *(gold.find(line[k : k + 8]) for k in (0, 4, 8)))
    anchors = sorted(at)
    for i, line in enumerate(lines):
        if len(line) >= _LONG or not line:
            continue
        if not anchors:
            labels[i] = int(len(line) >= 3 and line in gold)
            continue
        j = bisect.bisect(anchors, i)
        low = at[anchors[j - 1]] + len(lines[anchors[j - 1]]) - 2 if j else 0
        high = at[anchors[j]] if j < len(anchors) else len(gold)
        near = (j and i - anchors[j - 1] <= _NEAR) or (j < len(anchors) and anchors[j] - i <= _NEAR)
        labels[i] = int(bool(near) and gold.find(line, max(0, low), high) >= 0)
    return _without_gaps(frame, labels)


def _without_gaps(frame: Frame, labels: list[int]) -> list[int]:
    """Gold texts lack paragraphs here and there: a longer line between two of the article, with the same parent, is the article's."""
    nodes, lines = frame.nodes, frame.lines
    parent = [nodes[line.node].parent for line in lines]
    out = labels.copy()
    for i in range(1, len(labels) - 1):
        if not labels[i] and len(lines[i].text) >= 15:
            before = any(labels[j] and parent[j] == parent[i] for j in range(max(0, i - 3), i))
            after = any(labels[j] and parent[j] == parent[i] for j in range(i + 1, min(len(labels), i + 4)))
            out[i] = int(before and after)
    return out


def _train(frames: Sequence[Frame], rows: Sequence[list[list[int]]], labels: Sequence[list[int]]) -> list[float]:
    """Weights by feature number, the bias last. A line weighs as the root of its length, long pages less than their size."""
    flat = [row for page in rows for row in page]
    indices = np.fromiter((i for row in flat for i in row), dtype=np.int32)
    pointers = np.cumsum([0] + [len(row) for row in flat])
    matrix = csr_matrix((np.ones(len(indices)), indices, pointers), shape=(len(flat), SIZE))
    weight = []
    for frame in frames:
        own = np.sqrt([min(400, len(line.text)) for line in frame.lines])
        weight.append(own / np.sqrt(own.sum()))
    weights = np.concatenate(weight)
    model = LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-6)
    model.fit(matrix, np.concatenate([np.array(page) for page in labels]), sample_weight=3 * weights / weights.mean())
    return [round(float(v), 3) for v in (*model.coef_[0], model.intercept_[0])]


def _cross_validated(
    pages: Sequence[Page], frames: Sequence[Frame], rows: Sequence[list[list[int]]], labels: Sequence[list[int]]
) -> dict[str, float]:
    """Mean F1 of bodies on sites that were left out of training."""
    sites = sorted({site(p) for p in pages})
    random.Random(1).shuffle(sites)
    fold = {name: n % FOLDS for n, name in enumerate(sites)}
    values: dict[str, list[float]] = {}
    for k in range(FOLDS):
        seen = [i for i, p in enumerate(pages) if fold[site(p)] != k]
        weights = _train([frames[i] for i in seen], [rows[i] for i in seen], [labels[i] for i in seen])
        for i, page in enumerate(pages):
            if fold[site(page)] == k:
                body = find_body(frames[i], weights)
                text = "\n".join(line.text for line, kept in zip(frames[i].lines, body.kept, strict=True) if kept)
                value = f1(text, page.texts)
                for name in ("all", page.kind, "A" if page.gold["gold_quality"].startswith("A") else "B, C"):
                    values.setdefault(name, []).append(value)
    return {name: sum(values[name]) / len(values[name]) for name in ("all", "A", "B, C", *TYPES) if name in values}


def _write(weights: list[float], pages: Sequence[Page], reached: dict[str, float]) -> None:
    groups = {name: weights[g.base : g.base + g.size] for name, g in GROUPS.items()}
    note = {
        "made_by": "python -m benchmarks.train_extraction",
        "from": f"{len(pages)} annotated pages of {len({site(p) for p in pages})} sites",
        "model": f"logistic regression, C {STRENGTH}, lines weighted by the root of their length",
        "cross_validated_by_site": {name: round(value, 4) for name, value in reached.items()},
    }
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in groups.items())
    head = json.dumps(note, ensure_ascii=False, indent=1)
    WEIGHTS.write_text(f'{{"note": {head},\n"bias": {weights[-1]},\n"weights": {{\n{rows}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
