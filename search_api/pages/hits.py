"""A hit as the list shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from markupsafe import Markup

from crawler.archive import Archive, StoredArticle
from crawler.normalisation import script_of
from indexer.search import Hit
from indexer.tree import Figure
from search_api.exports.gbt7714 import citation
from search_api.exports.records import Recorder
from search_api.marking import marked
from search_api.pages.evidence import Found, shown_figures
from search_api.parameters import View, readable
from search_api.practices import practice_name
from search_api.readings import readings_of
from search_api.regions import region_name
from search_api.requests import library, recorder
from search_api.wording import day, web_address

MOST_TAGS = 4


@dataclass(frozen=True, slots=True)
class Copy:
    """A republication of a hit."""

    href: str
    site: str
    date: str


@dataclass(frozen=True, slots=True)
class ShownHit:
    """What the template needs, and nothing to decide."""

    href: str
    title: Markup
    hant: bool
    date: str
    site: str
    origin: str
    place: str
    passage: Markup
    practices: Sequence[tuple[str, str]]  # name, address
    url: str | None
    snapshot: str
    citation: str
    copies: Sequence[Copy]
    figures: Sequence[Found]  # those that were asked for
    why: str


def shown(request: Request, hits: Sequence[Hit], view: View) -> list[ShownHit]:
    """The hits of a page, republications folded under the one that ranks first."""
    recording = recorder(request)
    folded: dict[str, list[Hit]] = {}
    for hit in hits:
        folded.setdefault(hit.cluster or hit.id, []).append(hit)
    copies = _copies(library(request).archive, [same[0] for same in folded.values()], recording)
    asked = view.figures()
    figures = figures_of(library(request).archive, [same[0].id for same in folded.values()], asked) if asked else {}
    return [
        _shown(same[0], copies.get(same[0].id, ()), figures.get(same[0].id, ()), view, recording)
        for same in folded.values()
    ]


def figures_of(archive: Archive, ids: Sequence[str], asked: Sequence[Figure]) -> dict[str, list[Found]]:
    """Article id → its figures that one of the conditions asks for."""
    return {
        stored.id: shown_figures(reading, stored.article.text, asked) for stored, reading in readings_of(archive, ids)
    }


def _shown(hit: Hit, copies: Sequence[Copy], figures: Sequence[Found], view: View, recording: Recorder) -> ShownHit:
    record = recording.of_hit(hit)
    where = readable([("q", view.q)]) if view.q else ""
    return ShownHit(
        href=f"/articles/{hit.id}" + (f"?{where}" if where else ""),
        title=marked(hit.title, hit.title_marks) if hit.title else Markup("无题"),
        hant=script_of(hit.title + hit.snippet) == "hant",
        date=day(hit.published),
        site=record.publisher,
        origin=hit.origin if hit.origin and hit.origin != record.publisher else "",
        place=region_name(hit.places[0] if hit.places else hit.region),
        passage=marked(hit.snippet, hit.snippet_marks),
        practices=[(practice_name(p), f"/practices/{p}") for p in hit.practices[:MOST_TAGS]],
        url=web_address(hit.url),
        snapshot=f"/articles/{hit.id}/capture" if hit.has_capture else "",
        citation=citation(record),
        copies=copies,
        figures=figures,
        why=f"/articles/{hit.id}/why?{where}" if where else "",
    )


def _copies(archive: Archive, hits: Sequence[Hit], recording: Recorder) -> dict[str, list[Copy]]:
    """Hit id → the other members of its cluster, oldest first."""
    members = {hit.id: [m for m in archive.cluster_members(hit.cluster) if m != hit.id] for hit in hits if hit.cluster}
    stored = archive.articles([m for others in members.values() for m in others]) if any(members.values()) else {}
    return {i: [copy_of(stored[m], recording) for m in in_order(others, stored)] for i, others in members.items()}


def in_order(ids: Sequence[str], stored: dict[str, StoredArticle]) -> list[str]:
    """By day of publication, those without a date last."""

    def key(i: str) -> tuple[bool, str, str]:
        at = stored[i].article.published_at
        return at is None, at.isoformat() if at else "", i

    return sorted((i for i in ids if i in stored), key=key)


def copy_of(stored: StoredArticle, recording: Recorder) -> Copy:
    record = recording.of_stored(stored)
    return Copy(f"/articles/{stored.id}", record.publisher or record.issuer or record.title, record.date[:10])
