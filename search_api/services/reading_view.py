"""A reading for the article page: practices, places, figures, industries, firms, origins and events, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.archive import Archive
from crawler.sources.regions import region_name
from indexer.analysis.facets import FACETS
from indexer.analysis.figure_names import STAGE_LABELS, STATUS_LABELS, UNIT_LABELS
from indexer.insight.vocabularies import practice_name, value_name
from indexer.query.figure_conditions import meets
from indexer.query.tree import Figure
from search_api.parameters import readable
from search_api.services.corrected_readings import readings_of
from search_api.text import Evidence, quoted, shortened
from search_api.wording import figure_kind, money, period_name

SUBJECTS = {"industry": "industries", "firm": "firms", "investor_origin": "origins", "event": "events"}
OFFICIAL = {"number": "发文字号", "issuer": "发文机关", "written": "成文日期", "valid_until": "有效期至"}
FIRM_ROLES = {"investor": "投资者", "prospect": "在谈或受邀"}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was read: `detail` is what stands on hover, `anchor` where the passage begins, '' where it is not known; `probability` where 可能 stands before it."""

    name: str
    detail: str
    quote: str
    anchor: str
    href: str
    probability: float | None = None  # of what is only possible


@dataclass(frozen=True, slots=True)
class ShownReading:
    """`subjects`: facet → what was read of industries, firms, origins of investors and events, in the order of the page."""

    practices: list[Found]  # the sure ones first
    places: list[tuple[str, str]]  # name, address
    figures: list[Found]
    subjects: dict[str, list[Found]]
    genre: str
    official: list[tuple[str, str]]  # label, value
    evidence: list[Evidence]
    version: str


def shown_reading(reading: Mapping[str, Any] | None, text: str) -> ShownReading | None:
    """None where the article was not read, or nothing was found. Passages outside the text are left out."""
    if not reading:
        return None
    evidence: list[Evidence] = []
    practices = sorted(_practices(reading, text, evidence), key=lambda found: found.probability is not None)
    figures = list(_figures(reading, text, evidence))
    subjects = {name: list(_subjects(reading, text, evidence, name)) for name in SUBJECTS}
    codes = dict.fromkeys(str(code) for code in reading.get("regions") or ())
    partners = set(reading.get("partners") or ())
    places = [(region_name(code) + ("（共建方）" if code in partners else ""), f"/?place={code}") for code in codes]
    genre = value_name(FACETS["genre"], str(reading["genre"])) if reading.get("genre") else ""
    said = reading.get("official") or {}
    if not (practices or figures or places or genre or any(subjects.values())):
        return None
    return ShownReading(
        practices,
        places,
        figures=figures,
        subjects={name: found for name, found in subjects.items() if found},
        genre=genre,
        official=[(label, str(said[key])) for key, label in OFFICIAL.items() if said.get(key)],
        evidence=evidence,
        version=str(reading.get("version") or ""),
    )


def _subjects(reading: Mapping[str, Any], text: str, evidence: list[Evidence], facet: str) -> Iterator[Found]:
    """Sure ones first."""
    items = sorted(reading.get(SUBJECTS[facet]) or (), key=lambda item: not item["sure"])
    for number, item in enumerate(items):
        value = str(item.get("key") or item["id"])
        name = str(item.get("name") or value_name(FACETS[facet], value))
        detail = FIRM_ROLES.get(str(item.get("role")), "")
        around = 30 if facet == "firm" else 0
        anchor, quote = _passage(item, text, f"{facet}{number}", name, evidence, around=around)
        href = f"/?{readable([(facet, value)])}"
        probability = None if item["sure"] else float(item["probability"])
        yield Found(name, detail, quote, anchor, href, probability=probability)


def shown_practices(reading: Mapping[str, Any], text: str, asked: Container[str]) -> list[Found]:
    """The practices that are asked for, each with the sentence that proves it."""
    return [found for found in _practices(reading, text, [], asked) if found.quote]


def _practices(
    reading: Mapping[str, Any], text: str, evidence: list[Evidence], asked: Container[str] | None = None
) -> Iterator[Found]:
    seen: dict[str, None] = {}
    for number, item in enumerate(reading.get("practices") or ()):
        practice = str(item["id"])
        if practice in seen or (asked is not None and practice not in asked):
            continue
        seen[practice] = None
        name = practice_name(practice)
        anchor, quote = _passage(item, text, f"p{number}", name, evidence)
        possible = None if item.get("sure", True) else float(item["confidence"])
        yield Found(name, "", quote, anchor, href=f"/practices/{practice}", probability=possible)


def shown_figures(
    reading: Mapping[str, Any],
    text: str,
    asked: Sequence[Figure],
    keep: Callable[[Mapping[str, Any]], bool] = lambda _: True,
) -> list[Found]:
    """The figures that one of the conditions asks for, and that `keep` keeps."""
    return list(_figures(reading, text, [], asked, keep=keep))


def _figures(
    reading: Mapping[str, Any],
    text: str,
    evidence: list[Evidence],
    asked: Sequence[Figure] = (),
    *,
    keep: Callable[[Mapping[str, Any]], bool] = lambda _: True,
) -> Iterator[Found]:
    for number, item in enumerate(reading.get("figures") or ()):
        if (asked and not any(meets(condition, item) for condition in asked)) or not keep(item):
            continue
        unit, value = str(item.get("unit") or ""), int(item.get("value") or 0)
        high = int(item["high"]) if item.get("high") else None
        about = {"more": "逾 ", "less": "近 "}.get(str(item.get("about") or ""), "")
        amount = about + money(value, unit) + (f" 至 {money(high, unit)}" if high else "")
        name = f"{figure_kind(str(item.get('kind') or ''), unit)} {amount}".strip()
        marks = [
            f"状态{STATUS_LABELS['unstated']}"
            if item.get("status") == "unstated"
            else STATUS_LABELS.get(str(item.get("status")), ""),
            STAGE_LABELS.get(str(item.get("stage")), ""),
            period_name(str(item.get("period") or "")),
            region_name(item.get("region")),
        ]
        told = "，".join(mark for mark in marks if mark)
        exact = f"{value:,} {UNIT_LABELS.get(unit, '')}".strip()
        anchor, quote = _passage(item, text, f"f{number}", name, evidence, around=30)
        yield Found(name + (f"（{told}）" if told else ""), exact, quote, anchor, "")


def _passage(
    item: Mapping[str, Any], text: str, anchor: str, label: str, evidence: list[Evidence], around: int = 0
) -> tuple[str, str]:
    """The anchor and the quote of a passage; `around`: characters of its sentence that are quoted on either side."""
    start, end = item.get("start"), item.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        return "", str(item.get("quote") or "")
    evidence.append(Evidence(start, end, anchor, label))
    return anchor, shortened(quoted(text, start, end, around) if around else text[start:end])


def figures_of(archive: Archive, ids: Sequence[str], asked: Sequence[Figure]) -> dict[str, list[Found]]:
    """Article id → its figures that one of the conditions asks for."""
    return {
        stored.id: shown_figures(reading, stored.article.text, asked) for stored, reading in readings_of(archive, ids)
    }


def practices_of(archive: Archive, ids: Sequence[str], asked: Sequence[str]) -> dict[str, list[Found]]:
    """Article id → its sentences for the practices that are asked for."""
    return {
        stored.id: shown_practices(reading, stored.article.text, asked) for stored, reading in readings_of(archive, ids)
    }
