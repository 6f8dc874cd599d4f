"""Document frequencies, by which ranking weighs tokens: the same on every engine, counted while indexing and stored with the index."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

LIMIT = 60_000  # tokens kept for a field: the most frequent; what is not in the table counts as rarer than all of them


@dataclass(frozen=True, slots=True)
class Frequencies:
    """`documents`: how many were counted (a sample, where the archive is large); `counts`: field → token → how many of them have it; `floor`: field → the least count kept."""

    documents: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    floor: Mapping[str, int] = field(default_factory=dict)
    archive: int = 0  # how many documents the index had when the table was made

    def share(self, name: str, token: str) -> float:
        """The share of documents that have the token, 0–1; 0 for a token that is not in the table."""
        return self.counts.get(name, {}).get(token, 0) / self.documents if self.documents else 0.0

    def idf(self, name: str, token: str) -> float:
        """BM25's idf over the sample; 1.0 where there is no table."""
        if not self.documents:
            return 1.0
        count = self.counts.get(name, {}).get(token, max(0, self.floor.get(name, 1) - 1))
        return math.log(1 + (self.documents - count + 0.5) / (count + 0.5))

    def to_json(self) -> dict[str, Any]:
        return {"documents": self.documents, "counts": self.counts, "floor": self.floor, "archive": self.archive}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Frequencies:
        """The inverse of `to_json`. Raises KeyError or TypeError where `data` is no table."""
        return cls(int(data["documents"]), data["counts"], data["floor"], int(data.get("archive", 0)))


class Counting:
    """Counts documents one by one, each once: those of `sample`, or all where that is None."""

    def __init__(self, names: Iterable[str], sample: Collection[str] | None = None) -> None:
        self._counters: dict[str, Counter[str]] = {name: Counter() for name in names}
        self._sample = None if sample is None else frozenset(sample)
        self._seen: set[str] = set()
        self.twice = False  # a document came again, so what was counted of it may be out of date

    @property
    def documents(self) -> int:
        return len(self._seen)

    @property
    def whole(self) -> bool:
        """Whether each document of the sample was counted, and none of them came again."""
        return not self.twice and self._sample is not None and len(self._seen) == len(self._sample)

    def wants(self, id_: str) -> bool:
        """Whether a document is of the sample and has not come yet."""
        if self._sample is not None and id_ not in self._sample:
            return False
        if id_ in self._seen:
            self.twice = True
            return False
        return True

    def add(self, id_: str, streams: Mapping[str, str]) -> None:
        """Count a document that is wanted, given as field → tokens joined by spaces."""
        self._seen.add(id_)
        for name, counter in self._counters.items():
            counter.update(tokens_in(streams, name))

    def expect(self, id_: str) -> None:
        """A document that is wanted is being counted elsewhere: see `merge`."""
        self._seen.add(id_)

    def merge(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Counts of expected documents, field → token → how many have it."""
        for name, counter in self._counters.items():
            counter.update(counts[name])

    def table(self, archive: int) -> Frequencies:
        """The table; `archive` is how many documents the index has."""
        counts: dict[str, dict[str, int]] = {}
        floor: dict[str, int] = {}
        for name, counter in self._counters.items():
            kept = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
            floor[name] = 1
            if len(kept) > LIMIT:
                floor[name] = kept[LIMIT][1] + 1
                kept = [item for item in kept if item[1] >= floor[name]]
            counts[name] = dict(kept)
        return Frequencies(self.documents, counts, floor, archive)


def count(streams: Iterable[Mapping[str, str]], names: Iterable[str], archive: int) -> Frequencies:
    """A table over all of these documents, each given as field → tokens joined by spaces; `archive` is how many documents the index has."""
    counting = Counting(names)
    for number, stream in enumerate(streams):
        counting.add(str(number), stream)
    return counting.table(archive)


def tokens_in(streams: Mapping[str, str], name: str) -> set[str]:
    """The different tokens of a field."""
    return set(streams.get(name, "").split())
