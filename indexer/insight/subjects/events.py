"""Events told in a text: each wording of events.toml is a candidate of its sentence, told or wished by what stands beside it; the best of a kind counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import cache

from indexer.insight.plain_text import Plain
from indexer.insight.subjects.learnt import Candidate
from indexer.insight.subjects.signs import Signs
from indexer.insight.subjects.wordings import Wordings, load, wordings_of

MOST = 12  # places of one event that are looked at


@cache
def event_names() -> Mapping[str, str]:
    """Names by id, in the order of the file."""
    return {id_: table["name"] for id_, table in load("events.toml")["event"].items()}


@cache
def _wordings() -> Wordings:
    data = load("events.toml")
    tables = {
        id_: {kind: table[kind] for kind in ("words", "weak") if kind in table} for id_, table in data["event"].items()
    }
    return wordings_of("events.toml", tables, data["nothing"]["words"])


def event_candidates(heading: Plain, body: Plain, signs: Signs, genre: str) -> list[Candidate]:
    """One for each place where a wording stands; several of an event."""
    titled = {meaning.id for _, _, _, meanings in _wordings().find(heading.text) for meaning in meanings}
    met = [
        (start, end, wording, meaning)
        for start, end, wording, meanings in _wordings().find(body.text)
        for meaning in meanings
    ]
    often = Counter(meaning.id for _, _, _, meaning in met)
    sentences = {(meaning.id, body.sentence_at(start)) for start, _, _, meaning in met}
    together = Counter(number for _, number in sentences)
    looked: Counter[str] = Counter()
    found = []
    for start, end, wording, meaning in met:
        looked[meaning.id] += 1
        if looked[meaning.id] > MOST:
            continue
        number = body.sentence_at(start)
        features = {
            "bias": 1.0,
            f"event {meaning.id}": 1.0,
            meaning.kind: 1.0,
            f"{meaning.kind} {meaning.id} {wording}": 1.0,
            "titled": 1.0 if meaning.id in titled else 0.0,
            "often": math.log2(min(8, often[meaning.id])) / 3,
            "together": min(3, together[number] - 1) / 3,
            "early": 1.0 - start / max(1, len(body.text)),
            "first": 1.0 if number < 2 else 0.0,
            f"genre {genre}": 1.0,
        }
        for name in (*signs.of_sentence(number), *signs.of_clause(start, end), *signs.around(start, end)):
            features[name] = 1.0
            features[f"{meaning.id} {name}"] = 1.0
        found.append(Candidate(meaning.id, start, end, features))
    return found
