"""The evidence sentences of a practice, best first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.search.searcher import Hit
from search_api.services.corrected_readings import readings_of
from search_api.text import shortened
from search_api.web.app_state import AppState

LONGEST = 120  # characters


@dataclass(frozen=True, slots=True)
class Sentence:
    """Evidence of a practice: the sentence, where it stands, and how probably (`sure`, 0–1) it is right."""

    text: str
    article: str
    anchor: str
    title: str
    date: str
    site: str
    sure: float
    possible: bool = False  # whether that is too little to be told as sure


def sentences(app_state: AppState, practice: str, hits: Sequence[Hit], most: int) -> list[Sentence]:
    """From the readings of some hits; one a text, as a republication proves nothing new. Raises ArchiveError."""
    return sorted(_sentences(app_state, practice, hits), key=lambda s: -s.sure)[:most]


def _sentences(app_state: AppState, practice: str, hits: Sequence[Hit]) -> Iterator[Sentence]:
    ids = list({hit.cluster or hit.id: hit.id for hit in reversed(hits)}.values())[::-1]
    for stored, reading in readings_of(app_state.archive, ids):
        article = stored.article
        for number, item in enumerate(reading.get("practices") or ()):
            start, end = item.get("start"), item.get("end")
            if item.get("id") != practice or not (isinstance(start, int) and isinstance(end, int)):
                continue
            text = shortened(article.text[start:end], LONGEST)
            if text:
                published = article.published_at.date().isoformat() if article.published_at else ""
                site = article.publisher or app_state.source_title(article.source)
                sure = float(item.get("confidence") or 0)
                yield Sentence(
                    text,
                    stored.id,
                    anchor=f"p{number}",
                    title=article.title or "无题",
                    date=published,
                    site=site,
                    sure=sure,
                    possible=not item.get("sure", True),
                )
            break
