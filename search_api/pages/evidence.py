"""What a reading found in an article, for the page: practices, places and figures, each with the passage that proves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from search_api.marking import Evidence
from search_api.practices import practice_name
from search_api.regions import region_name
from search_api.wording import money

LONGEST_QUOTE = 70
STATUS = {"planned": "计划", "signed": "签约", "realised": "完成"}


@dataclass(frozen=True, slots=True)
class Found:
    """One practice or figure: `detail` is what stands on hover, `anchor` where the passage begins, '' where it is not known."""

    name: str
    detail: str
    quote: str
    anchor: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownReading:
    practices: list[Found]
    places: list[tuple[str, str]]  # name, address
    figures: list[Found]
    evidence: list[Evidence]
    version: str


def shown_reading(reading: Mapping[str, Any] | None, text: str) -> ShownReading | None:
    """None where the article was not read, or nothing was found. Passages outside the text are left out."""
    if not reading:
        return None
    evidence: list[Evidence] = []
    practices = list(_practices(reading, text, evidence))
    figures = list(_figures(reading, text, evidence))
    codes = dict.fromkeys(str(code) for code in reading.get("regions") or ())
    places = [(region_name(code), f"/?{urlencode({'q': '', 'place': code})}") for code in codes]
    if not (practices or figures or places):
        return None
    return ShownReading(practices, places, figures, evidence, str(reading.get("version") or ""))


def _practices(reading: Mapping[str, Any], text: str, evidence: list[Evidence]) -> Iterator[Found]:
    seen: dict[str, None] = {}
    for number, item in enumerate(reading.get("practices") or ()):
        practice = str(item["id"])
        if practice in seen:
            continue
        seen[practice] = None
        name = practice_name(practice)
        anchor, quote = _passage(item, text, f"p{number}", name, evidence)
        yield Found(name, "", quote, anchor, f"/practices/{practice}")


def _figures(reading: Mapping[str, Any], text: str, evidence: list[Evidence]) -> Iterator[Found]:
    for number, item in enumerate(reading.get("figures") or ()):
        unit, value = str(item.get("unit") or ""), int(item.get("value") or 0)
        amount = money(value, unit) if unit in ("CNY", "USD") else f"{value:,}"
        status = STATUS.get(str(item.get("status") or ""), "")
        name = f"{item.get('kind_name') or item.get('kind') or ''} {amount}".strip()
        exact = f"{value:,} {'元' if unit == 'CNY' else '美元' if unit == 'USD' else ''}".strip()
        anchor, quote = _passage(item, text, f"f{number}", name, evidence)
        yield Found(name + (f"（{status}）" if status else ""), exact, quote, anchor, "")


def _passage(item: Mapping[str, Any], text: str, anchor: str, label: str, evidence: list[Evidence]) -> tuple[str, str]:
    start, end = item.get("start"), item.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        return "", str(item.get("quote") or "")
    evidence.append(Evidence(start, end, anchor, label))
    quote = " ".join(text[start:end].split())
    return anchor, quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…"
