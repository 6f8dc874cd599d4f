"""Readings with the operator's corrections applied, for display and export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crawler.archive import Archive, StoredArticle


def corrected(reading: Mapping[str, Any] | None, stored: StoredArticle) -> dict[str, Any]:
    """The reading with the article's corrected practices and places; {} where there is neither. A practice that was put in by hand has no passage."""
    correction = stored.correction or {}
    result = dict(reading or {})
    if "practices" in correction:
        wanted = list(dict.fromkeys(correction["practices"]))
        kept = [p for p in result.get("practices") or () if p["id"] in wanted]
        there = {p["id"] for p in kept}
        result["practices"] = kept + [{"id": id, "confidence": 1.0} for id in wanted if id not in there]
    if "places" in correction:
        result["regions"] = list(correction["places"])
    return result


def reading_of(archive: Archive, stored: StoredArticle) -> dict[str, Any]:
    """The corrected reading of one article; {} where there is none."""
    return corrected(archive.readings.get(stored.id), stored)


def readings_of(archive: Archive, ids: Iterable[str]) -> Iterator[tuple[StoredArticle, dict[str, Any]]]:
    """Articles that are in the archive with their corrected readings, in the order of `ids`; for some hundreds at a time."""
    wanted = list(ids)
    stored, readings = archive.articles.get_many(wanted), archive.readings.get_many(wanted)
    for id in wanted:
        if id in stored:
            yield stored[id], corrected(readings.get(id), stored[id])
