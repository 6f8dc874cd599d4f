"""From what a reader says is wrong to the entry of corrections.toml that says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.archive import StoredArticle
from crawler.article import format_published
from crawler.sources.regions import region_name
from indexer.analysis.facets import FACETS
from indexer.insight.vocabularies import find_practice, find_region, find_value, practice_name, value_name

AROUND = 8  # characters beside a figure with which its quote begins; more where the words stand elsewhere too
LONGEST_QUOTE = 200

_LISTS = {"places": find_region, "practices": find_practice}
_OF_FIGURE = ("kind", "status", "stage", "unit", "project", "firm")


SUBJECTS = {"industries": "industry", "events": "event"}
"""Lists of a reading of which single entries can be corrected by value and quote, and their facets."""


class NotACorrection(ValueError):
    """What was said makes no entry; the message says why."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A figure of a reading and words of the article by which it is known: they stand there once, or first, and hold no other figure."""

    figure: Mapping[str, Any]
    quote: str


def table_of(said: Mapping[str, str], stored: StoredArticle, reading: Mapping[str, Any]) -> dict[str, Any]:
    """The article's whole table: what was corrected before, and what is said now and is not so already. `said`: fields of the forms on the page. Raises NotACorrection."""
    table: dict[str, Any] = dict(stored.correction or {})
    if isinstance(table.get("date"), str):
        table["date"] = _day(table["date"])
    now = fields_of(stored, reading)
    for name, is_now in now.items():
        text = said.get(name, is_now).strip()
        if text == is_now or (name in ("title", "date") and not text):
            continue
        table[name] = _day(text) if name == "date" else _values(text, _LISTS[name]) if name in _LISTS else text
    if note := said.get("note", "").strip():
        table["note"] = note
    if quote := said.get("figure", "").strip():
        table["figures"] = _replaced(table.get("figures", ()), _figure(said, quote), lambda e: e["quote"] == quote)
    if practice := said.get("evidence", "").strip():
        entry = {"id": practice, "quote": said.get("quote", "").strip()}
        table["evidence"] = _replaced(table.get("evidence", ()), entry, lambda e: e.get("id") == practice)
    for key, field in SUBJECTS.items():
        if asked := said.get(field, "").strip():
            value = find_value(FACETS[field], asked)
            if value is None:
                raise NotACorrection(f"不认识：{asked[:40]}")
            told: dict[str, Any] = {"id": value, "quote": said.get("quote", "").strip()}
            if said.get("remove"):
                told["remove"] = True
            others = [e for e in table.get(key, ()) if e.get("id") != value]
            table[key] = [*others, told]
    for key in ("figures", "evidence", *SUBJECTS):
        for entry in table.get(key, ()):
            if not entry.get("quote") or entry["quote"] not in stored.article.text:
                raise NotACorrection("原话要照抄正文里的一段，一字不差。")
    return table


def fields_of(stored: StoredArticle, reading: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an article that can be corrected, as they are now and as the form shows them."""
    article = stored.article
    practices = dict.fromkeys(str(p["id"]) for p in reading.get("practices") or ())
    return {
        "title": article.title,
        "date": (format_published(article) or "")[:10],
        "origin": article.origin or "",
        "author": article.author or "",
        "places": "、".join(map(region_name, reading.get("regions") or ())),
        "practices": "、".join(map(practice_name, practices)),
    }


def _values(text: str, find: Callable[[str], str | None]) -> list[str]:
    found = [(word, find(word)) for word in re.split(r"[\s、，,；;]+", text) if word]
    if unknown := [word for word, value in found if value is None]:
        raise NotACorrection(f"不认识：{'、'.join(unknown)}")
    return [value for _, value in found if value]


def _figure(said: Mapping[str, str], quote: str) -> dict[str, Any]:
    if said.get("remove"):
        return {"quote": quote, "remove": True}
    entry: dict[str, Any] = {"quote": quote}
    entry |= {
        name: said[name].strip() for name in _OF_FIGURE if name in said and (said[name].strip() or name == "stage")
    }
    if value := said.get("value", "").replace(",", "").strip():
        if not value.isascii() or not value.isdigit() or len(value) > 18:
            raise NotACorrection("数额写整数，单位是元、美元或个。")
        entry["value"] = int(value)
    return entry


def _replaced(
    entries: Sequence[Mapping[str, Any]], entry: Mapping[str, Any], same: Callable[[Mapping[str, Any]], bool]
) -> list[Mapping[str, Any]]:
    return [*(e for e in entries if not same(e)), entry]


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        raise NotACorrection("日期写作 2024-03-13，或 2024-03-13T16:24:00。") from None


def quoted_figures(reading: Mapping[str, Any], text: str) -> list[Quoted]:
    """The figures of a reading that a quote tells apart, in order."""
    figures = [f for f in reading.get("figures") or () if "start" in f]
    found = []
    for figure in figures:
        others = [f for f in figures if f is not figure]
        if quote := _quote_of(figure, others, text):
            found.append(Quoted(figure, quote))
    return found


def _quote_of(figure: Mapping[str, Any], others: Sequence[Mapping[str, Any]], text: str) -> str | None:
    start, end = int(figure["start"]), int(figure["end"])
    first = max([0, *(int(o["end"]) for o in others if o["end"] <= start), text.rfind("\n", 0, start) + 1])
    last = min([len(text), *(int(o["start"]) for o in others if o["start"] >= end)])
    line_end = text.find("\n", end)
    last = min(last, line_end) if line_end >= 0 else last
    for more in range(AROUND, LONGEST_QUOTE, AROUND):
        left, right = max(first, start - more), min(last, end + more)
        quote = text[left:right].strip()
        if text.find(quote) == left + (len(text[left:right]) - len(text[left:right].lstrip())):
            return quote
        if left == first and right == last:
            return None
    return None


def subjects_of(reading: Mapping[str, Any], text: str) -> dict[str, list[tuple[str, str]]]:
    """Facet → (name, the words that say so) of the industries and events that were read."""
    return {
        field: [
            (value_name(FACETS[field], str(found["id"])), text[found["start"] : found["end"]])
            for found in reading.get(key) or ()
        ]
        for key, field in SUBJECTS.items()
    }
