"""Republications: articles whose texts are nearly the same, found by their signatures (bands → check → join), under cluster names that last.

The answer depends on the set of signatures alone, whatever was clustered before: a run that was killed needs no repair. Names are the part
with a memory: a cluster keeps the name most of its members have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from indexer.insight.signature import BAND, HASHES, band_keys, rows_of, shared

SAME = 0.72  # of the shorter text's runs, to be a republication
AT_LEAST = 0.34  # of all runs: a sentence quoted in a long report is no republication
SHORT = 60  # runs of a text below which the frame (来源, 编辑) weighs too much: asked for more
SAME_SHORT = 0.9
_LOOK_BACK = 12  # members of a bucket that a newcomer is compared with


class _Joined:
    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        self._parent[max(self.root(i), self.root(j))] = min(self.root(i), self.root(j))


def is_republication(jaccard: float, of_shorter: float, shorter: int) -> bool:
    """Do two texts that share so much count as one? `shorter`: runs of the shorter text."""
    return jaccard >= AT_LEAST and of_shorter >= (SAME_SHORT if shorter < SHORT else SAME)


def republications(signatures: Iterable[tuple[str, bytes]]) -> list[list[str]]:
    """Groups of two or more article ids, each sorted, in the order of their first. Holds all signatures: about 0.6 GB for a million."""
    ids: list[str] = []
    kept: list[bytes] = []
    for article, mark in sorted(signatures):
        if mark:
            ids.append(article)
            kept.append(mark)
    sizes, rows = rows_of(kept)
    del kept
    joined = _Joined(len(ids))
    for band in range(HASHES // BAND):
        keys = band_keys(rows, band)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = (
            np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
        )
        ends = np.r_[starts[1:], len(ordered)]
        for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
            bucket = order[start:end].tolist()
            for at, i in enumerate(bucket):
                for j in reversed(bucket[max(0, at - _LOOK_BACK) : at]):
                    if joined.root(i) == joined.root(j):
                        continue
                    much = shared(int(sizes[i]), rows[i], int(sizes[j]), rows[j])
                    if is_republication(*much, int(min(sizes[i], sizes[j]))):
                        joined.join(i, j)
    groups: dict[int, list[str]] = {}
    for i, article in enumerate(ids):
        groups.setdefault(joined.root(i), []).append(article)
    return [group for group in groups.values() if len(group) > 1]


def cluster_changes(groups: Iterable[list[str]], current: Mapping[str, str]) -> dict[str, str | None]:
    """What must change for the groups to be the clusters: article → name, or None for an article that is alone now.

    A new cluster is named after its first article; one that splits leaves its name to the larger part.
    """
    wanted: dict[str, str | None] = dict.fromkeys(current)
    taken: set[str] = set()
    for group in sorted(groups, key=lambda g: (-len(g), g[0])):
        names = Counter(current[id] for id in group if id in current)
        free = sorted((name for name in names if name not in taken), key=lambda name: (-names[name], name))
        name = free[0] if free else next(id for id in [*group, f"{group[0]}-2"] if id not in taken)
        taken.add(name)
        wanted.update(dict.fromkeys(group, name))
    return {id: name for id, name in wanted.items() if current.get(id) != name}
