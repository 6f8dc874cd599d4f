"""Where investors come from: countries by origins.toml, provinces by the places that the text names, believed by what stands beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from crawler.sources.regions import COUNTRY, by_adcode, lineage
from indexer.insight.places import Mention
from indexer.insight.plain_text import Plain
from indexer.insight.subjects.learnt import Candidate
from indexer.insight.subjects.signs import Signs
from indexer.insight.subjects.wordings import Wordings, load, wordings_of

_NAMED = ("full", "legal", "business", "list of firms", "list of projects", "brand")
_OVERSEAS = {"710000": "TW", "810000": "HK", "820000": "MO"}


@cache
def origin_names() -> Mapping[str, str]:
    """Names of countries by code; provinces are named by the table of regions."""
    return {code: table["name"] for code, table in load("origins.toml")["origin"].items()}


@cache
def _wordings() -> Wordings:
    data = load("origins.toml")
    tables: dict[str, dict[str, list[str]]] = {
        code: {kind: list(table[kind]) for kind in ("words", "investors")} for code, table in data["origin"].items()
    }
    for wording, codes in data["together"].items():
        for code in codes:
            if code not in tables and by_adcode(code) is None:
                raise ValueError(f"origins.toml：“{wording}”的 {code} 既不是国家也不是省份")
            tables.setdefault(code, {}).setdefault("together", []).append(wording)
    return wordings_of("origins.toml", tables, data["nothing"]["words"])


@dataclass(slots=True)
class _Seen:
    places: list[tuple[int, int, str]] = field(default_factory=list)  # start, end, how it is named
    titled: bool = False


def _province(code: str) -> str | None:
    above = [c for c in lineage(code) if c != COUNTRY]
    return above[0] if above and (region := by_adcode(above[0])) and region.level == "province" else None


def origin_candidates(
    body: Plain,
    signs: Signs,
    firms: Sequence[Candidate],
    *,
    mentions: Sequence[Mention],
    titled: Sequence[Mention],
    subject: Sequence[str],
) -> list[Candidate]:
    """One for each country and each province that is named; `firms` that may be named, `mentions` of the text, `titled` of its title, `subject`: adcodes of the places that attract."""
    seen: dict[str, _Seen] = {}
    own = {_OVERSEAS.get(code, code) for code in map(_province, subject) if code}
    for start, end, _, meanings in _wordings().find(body.text):
        for meaning in meanings:
            seen.setdefault(meaning.id, _Seen()).places.append((start, end, meaning.kind))
    for mention in mentions:
        province = _province(mention.code)
        if province is None or province in _OVERSEAS:
            continue
        kind = f"{mention.role}{' zone' if mention.zone else ''}"
        if mention.code in subject:
            continue
        if mention.code != province and province in own:
            kind = f"own {kind}"
        seen.setdefault(province, _Seen()).places.append((mention.start, mention.end, kind))
    for mention in titled:
        province = _province(mention.code)
        if province in seen:
            seen[province].titled = True
    named = {firm.start: [kind for kind in _NAMED if firm.features.get(kind)] for firm in firms}
    several = sum(len(one.places) for code, one in seen.items() if code.isdigit())
    found = []
    for code, one in seen.items():
        candidate = _candidate(code, one, body, signs, named=named, own=code in own)
        share = len(one.places) / several if code.isdigit() else 0.0
        found.append(
            replace(candidate, features={**candidate.features, "share": share, "origins": min(1.0, len(seen) / 10)})
        )
    return found


def _candidate(
    code: str, one: _Seen, body: Plain, signs: Signs, named: Mapping[int, Sequence[str]], own: bool
) -> Candidate:
    one.places.sort()
    features = {
        "bias": 1.0,
        "abroad": 0.0 if code.isdigit() else 1.0,
        f"origin {code}": 1.0,
        "own": 1.0 if own else 0.0,
        "own province": 1.0 if own and code.isdigit() else 0.0,
        "times": math.log2(min(8, len(one.places))) / 3,
        "titled": 1.0 if one.titled else 0.0,
        "early": 1.0 - one.places[0][0] / max(1, len(body.text)),
    }
    best, at = -1, one.places[0][:2]
    several = min(8, len(one.places))
    for start, end, kind in one.places[:8]:
        around = signs.around(start, end)
        sentence = signs.of_sentence(body.sentence_at(start))
        manner = "abroad" if kind in ("words", "investors", "together") else kind.split()[-1]
        names = [f"as {kind}", *around, *(f"{manner} {name}" for name in around), *sentence]
        names += [f"{manner} {name}" for name in sentence if name in ("in attracting", "in company", "in statistics")]
        names += [f"{manner} {name}" for name in signs.of_clause(start, end)]
        names += [f"begins a name {kind_}" for kind_ in named.get(start, ())]
        if "own" in kind:
            names.append("as own")
        for name in names:
            features[name] = features.get(name, 0.0) or 1.0
        for name in (f"as {kind}", "in attracting"):
            if name in names:
                features[f"all {name}"] = features.get(f"all {name}", 0.0) + 1 / several
        worth = 2 * ("after investor" in names) + ("in attracting" in names) + ("before travelled" in names)
        if worth > best:
            best, at = worth, (start, end)
    return Candidate(code, at[0], at[1], features)
