"""Explains a reading: which rule found what, with all the evidence, for an operator who doubts it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from crawler.sources.regions import by_adcode
from crawler.topic import score
from indexer.insight.places import find_places
from indexer.insight.plain_text import plain
from indexer.insight.practices import (
    calibrated,
    candidates,
    evidence,
    is_sure,
    is_wording,
    judged,
    rules,
    threshold,
    weight,
)
from indexer.insight.reader import read
from indexer.insight.subjects.found import Firm, Found

MOST = 6  # features of a candidate that are shown


def explain(title: str, text: str, *, published: str | None = None) -> dict[str, Any]:
    """As JSON: `topic` with the words that counted and what surrounds them; `practices` and `doubtful` ones with sentence, belief, probability, the wordings of practices.toml that were met and the heaviest features; `places` with role and code; `figures`, industries, firms, origins and events with quotes; `genre`; the documents `cited`."""
    topic = score(title, text)
    reading = read(title, text, published=published)
    body, heading = plain(text), plain(title)
    shown_practices: list[dict[str, Any]] = []
    for id_, judgement in judged(candidates(body, heading)).items():
        start, end = body.span(*evidence(body, judgement))
        features = judgement.believed.features
        heaviest = sorted(features, key=lambda name: -abs(weight(name) * features[name]))[:MOST]
        shown_practices.append(
            {
                "id": id_,
                "name": rules()[id_].name,
                "belief": round(judgement.belief, 2),
                "probability": round(calibrated(judgement.belief), 2),
                "sure": is_sure(id_, judgement),
                "quote": text[start:end],
                "wordings": [name for name in features if is_wording(name)],
                "features": {name: round(weight(name) * features[name], 2) for name in heaviest},
            }
        )
    shown_practices.sort(key=lambda shown: -shown["belief"])
    mentions = [(heading, m) for m in find_places(body.text, heading.text)[0]]
    mentions += [(body, m) for m in find_places(body.text, heading.text)[1]]
    return {
        "version": reading.version,
        "topic": {
            "about": topic.on_topic,
            "value": topic.value,
            "words": [list(pair) for pair in topic.matched],
            "surroundings": topic.surroundings,
        },
        "practices": [p for p in shown_practices if topic.on_topic and p["belief"] >= threshold()],
        "doubtful": [p for p in shown_practices if not topic.on_topic or p["belief"] < threshold()],
        "regions": [_named(code) for code in reading.regions],
        "places": [
            {"words": where.text[m.start : m.end], "place": _named(m.code), "role": m.role} for where, m in mentions
        ],
        "figures": [
            {
                "quote": text[f.start : f.end],
                "value": f.value,
                "unit": f.unit,
                "kind": f.kind,
                "status": f.status,
                "stage": f.stage,
                "region": f.region,
                "period": f.period,
            }
            for f in reading.figures
        ],
        "genre": reading.genre,
        **{kind: [_quoted(found, text) for found in getattr(reading, kind)] for kind in _SUBJECTS},
        "cited": [asdict(cited) for cited in reading.cited],
    }


_SUBJECTS = ("industries", "firms", "origins", "events")


def _quoted(found: Found | Firm, text: str) -> dict[str, Any]:
    return {**asdict(found), "quote": text[found.start : found.end]}


def _named(code: str) -> str:
    region = by_adcode(code)
    return f"{code} {region.name}" if region else code
