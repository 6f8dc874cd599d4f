"""Industries of a text: wordings of industries.toml are candidates, believed by how often, where and beside what they stand."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from indexer.insight.plain_text import Plain
from indexer.insight.subjects.learnt import Candidate
from indexer.insight.subjects.signs import Signs
from indexer.insight.subjects.wordings import Wordings, load, wordings_of


@dataclass(frozen=True, slots=True)
class Industry:
    id: str
    name: str
    group: str


@cache
def industries() -> Mapping[str, Industry]:
    """By id, in the order of the file. ValueError for a group that the file does not list."""
    data = load("industries.toml")
    found = {id_: Industry(id_, table["name"], table["group"]) for id_, table in data["industry"].items()}
    if strange := [industry.id for industry in found.values() if industry.group not in data["groups"]]:
        raise ValueError(f"industries.toml：{strange[0]} 的 group 不在 groups 里")
    return found


@cache
def _wordings() -> Wordings:
    data = load("industries.toml")
    tables = {
        id_: {kind: table[kind] for kind in ("words", "weak", "not") if kind in table}
        for id_, table in data["industry"].items()
    }
    return wordings_of("industries.toml", tables, data["nothing"]["words"])


@dataclass(slots=True)
class _Seen:
    places: list[tuple[int, int, str]] = field(default_factory=list)  # start, end, kind
    wordings: set[tuple[str, str]] = field(default_factory=set)
    titled: bool = False


def industry_candidates(heading: Plain, body: Plain, signs: Signs) -> list[Candidate]:
    """One for each industry of which a wording is met."""
    seen: dict[str, _Seen] = {}
    for where, titled in ((heading, True), (body, False)):
        for start, end, wording, meanings in _wordings().find(where.text):
            for meaning in meanings:
                one = seen.setdefault(meaning.id, _Seen())
                one.wordings.add((meaning.kind, wording))
                if titled:
                    one.titled = True
                else:
                    one.places.append((start, end, meaning.kind))
    length = math.log2(1 + len(body.text) / 200)
    total = sum(len(one.places) for one in seen.values())
    beside: dict[int, set[str]] = {}
    for id_, one in seen.items():
        for start, _, _ in one.places:
            beside.setdefault(body.sentence_at(start), set()).add(id_)
    found = []
    for id_, one in seen.items():
        if not one.places:
            continue
        features, at = _features(id_, one, body, signs)
        company = max(len(beside[body.sentence_at(start)]) for start, _, _ in one.places) - 1
        features["company"] = min(1.0, company / 6)
        features["alone"] = 1.0 if company == 0 else 0.0
        features["first sentence"] = 1.0 if body.sentence_at(one.places[0][0]) == 0 else 0.0
        features["sentences"] = math.log2(min(8, len({body.sentence_at(start) for start, _, _ in one.places}))) / 3
        features["length"] = min(1.5, length / 3)
        features["industries"] = min(1.5, math.log2(1 + len(seen)) / 3)
        features["share"] = len(one.places) / total
        found.append(Candidate(id_, at[0], at[1], features))
    return found


def _features(id_: str, one: _Seen, body: Plain, signs: Signs) -> tuple[dict[str, float], tuple[int, int]]:
    strong = [place for place in one.places if place[2] == "words"]
    features = {
        "bias": 1.0,
        f"industry {id_}": 1.0,
        "strong": 1.0 if strong else 0.0,
        "times": math.log2(1 + min(7, len(strong))) / 2,
        "weak times": math.log2(1 + min(7, len(one.places) - len(strong))) / 2,
        "wordings": math.log2(max(1, len(one.wordings))) / 2,
        "titled": 1.0 if one.titled else 0.0,
        "early": 1.0 - one.places[0][0] / max(1, len(body.text)),
    }
    for kind, wording in one.wordings:
        features[f"{kind} {wording}"] = 1.0
    best, at = -1, (one.places[0][0], one.places[0][1])
    counts: dict[str, int] = {}
    for start, end, kind in one.places[:8]:
        names = [
            *signs.of_sentence(body.sentence_at(start)),
            *signs.of_clause(start, end),
            *signs.around(start, end),
        ]
        for name in names:
            counts[name] = counts.get(name, 0) + 1
        worth = ("in attracting" in names) + ("in projects" in names) + (kind == "words") - ("in statistics" in names)
        if worth > best:
            best, at = worth, (start, end)
    several = min(8, len(one.places))
    group = industries()[id_].group
    features[f"group {group}"] = 1.0
    for name, number in counts.items():
        features[f"{group} {name}"] = 0.5
        features[name] = 1.0
        features[f"all {name}"] = number / several
    return features, at


_FILLING = re.compile("(?:产业|行业|业|等|产品|制造|加工|生产|设备|材料|园|城|基地|项目|合作|及|和|与|、)*")


def names_industry(text: str) -> bool:
    """Whether a (normalised) text is no more than wordings of industries."""
    return _wordings().whole(text, _FILLING)
