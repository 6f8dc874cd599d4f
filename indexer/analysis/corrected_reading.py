"""A reading with what the operator corrected by hand, which wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.archive.corrections_file import ITEMS

_SURE = {"probability": 1.0, "sure": True}
_CERTAIN: Mapping[str, Mapping[str, Any]] = {
    "figures": {},
    "practices": {"confidence": 1.0},
    "industries": _SURE,
    "events": _SURE,
}
"""How each list of a reading says that a person is behind an entry."""


def corrected_reading(
    reading: Mapping[str, Any] | None, correction: Mapping[str, Any] | None, text: str
) -> dict[str, Any]:
    """`reading` as `Reading.to_json` has it, None where the article was not read; `correction` as the archive has it; `text` of the article, in which the quotes are looked for. {} where there is neither.

    A practice that was put in by hand has no passage until its evidence is given. An entry whose quote is not in the text changes nothing.
    """
    result = dict(reading or {})
    if not correction:
        return result
    if "practices" in correction:
        wanted = list(dict.fromkeys(correction["practices"]))
        kept = [{**p, "sure": True} for p in result.get("practices") or () if p["id"] in wanted]
        there = {p["id"] for p in kept}
        result["practices"] = kept + [{"id": id, "confidence": 1.0} for id in wanted if id not in there]
    if "places" in correction:
        result["regions"] = list(correction["places"])
        result["partners"] = [code for code in result.get("partners") or () if code in result["regions"]]
    for key, rules in ITEMS.items():
        for entry in correction.get(key, ()):
            items = [dict(item) for item in result.get(rules.of) or ()]
            result[rules.of] = _with_entry(items, entry, text, needed=rules.needed, certain=_CERTAIN[rules.of])
    return result


def without_effect(reading: Mapping[str, Any] | None, correction: Mapping[str, Any] | None, text: str) -> list[str]:
    """The quotes of entries that change nothing: not in the text, of several things read, or of nothing and without what a new one needs."""
    lost = []
    for key, rules in ITEMS.items():
        items = list((reading or {}).get(rules.of) or ())
        for entry in (correction or {}).get(key, ()):
            if _meant(items, entry, text) is None and not _is_new(items, entry, text, rules.needed):
                lost.append(str(entry["quote"]))
    return lost


def _with_entry(
    items: list[dict[str, Any]],
    entry: Mapping[str, Any],
    text: str,
    *,
    needed: tuple[str, ...],
    certain: Mapping[str, Any],
) -> list[dict[str, Any]]:
    at = _meant(items, entry, text)
    changes = {name: value for name, value in entry.items() if name not in ("quote", "remove")}
    if at is not None:
        if entry.get("remove"):
            return items[:at] + items[at + 1 :]
        merged = {**items[at], **changes}
        if "id" in entry:  # the passage itself is what is corrected
            merged |= dict(zip(("start", "end"), _span(entry, text), strict=True)) | _certain(merged)
        return [*items[:at], {k: v for k, v in merged.items() if v != ""}, *items[at + 1 :]]
    if _is_new(items, entry, text, needed):
        start, end = _span(entry, text)
        new = {"start": start, "end": end, **changes} | (dict(certain) if "id" in entry else {})
        return sorted([*items, new], key=lambda item: (item.get("start", len(text)), item.get("end", 0)))
    return items


def _certain(item: Mapping[str, Any]) -> dict[str, Any]:
    """What a person said is no mere possibility, by the names that the item has for that."""
    return {name: value for name, value in (("confidence", 1.0), ("probability", 1.0), ("sure", True)) if name in item}


def _meant(items: list[dict[str, Any]], entry: Mapping[str, Any], text: str) -> int | None:
    """Which of the things read an entry is about: that of its id, else the only one read inside its quote."""
    start, end = _span(entry, text)
    if start < 0:
        return None
    if "id" in entry:
        return next((n for n, item in enumerate(items) if item.get("id") == entry["id"]), None)
    inside = [n for n, item in enumerate(items) if start <= item.get("start", -1) and item.get("end", end + 1) <= end]
    return inside[0] if len(inside) == 1 else None


def _is_new(items: list[dict[str, Any]], entry: Mapping[str, Any], text: str, needed: tuple[str, ...]) -> bool:
    start, end = _span(entry, text)
    free = "id" in entry or not any(start < item.get("end", 0) and item.get("start", end) < end for item in items)
    return start >= 0 and free and not entry.get("remove") and all(name in entry for name in needed)


def _span(entry: Mapping[str, Any], text: str) -> tuple[int, int]:
    """Where the quote first stands; (-1, -1) for nowhere."""
    start = text.find(entry["quote"])
    return (start, start + len(entry["quote"])) if start >= 0 else (-1, -1)
