"""Documents that articles cite: which of them the archive holds, who cites them, and which are cited most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.search.searcher import Hit
from search_api.text import shortened
from search_api.web.app_state import AppState

MOST = 50  # documents that are listed: as many values as an engine counts
CITING = 200  # articles of which republications are told apart; of more, each counts
LATEST = 20  # articles that are named


@dataclass(frozen=True, slots=True)
class Cited:
    """`title` as cited, or the number where only that is; `held`: articles that are this document, the latest edition first; `sentence` of the article that cites it."""

    key: str
    title: str
    number: str
    sentence: str
    held: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class CitedMost:
    document: Cited
    articles: int  # republications are one
    cited_in: str  # id of the article with the sentence


def cited_by(app_state: AppState, reading: Mapping[str, Any], text: str) -> list[Cited]:
    """The documents that an article cites, in the order of its text. Raises EngineError, ArchiveError."""
    cited = list(reading.get("cited") or ())
    held = held_documents(app_state, [key for one in cited for key in (one["key"], one["number"]) if key])
    return [_shown(one, text, held) for one in cited]


def _shown(one: Mapping[str, Any], text: str, held: Mapping[str, tuple[Hit, ...]]) -> Cited:
    return Cited(
        str(one["key"]),
        str(one["title"] or one["number"]),
        number=str(one["number"]),
        sentence=shortened(text[int(one["from_"]) : int(one["to"])]),
        held=held.get(str(one["key"])) or held.get(str(one["number"])) or (),
    )


def held_documents(app_state: AppState, keys: Sequence[str]) -> dict[str, tuple[Hit, ...]]:
    """Key → the articles that are this document, one a text, the latest edition first; keys of which none is held are left out."""
    found: dict[str, list[Hit]] = {}
    wanted = set(keys)
    if wanted:
        answer = app_state.searcher.search(
            "",
            top=CITING,
            sort="newest",
            facets=(),
            filters={"document": sorted(wanted)},
            snippets=False,
            histogram=False,
        )
        readings = app_state.archive.readings.get_many([hit.id for hit in answer.hits])
        for hit in one_a_text(answer.hits):
            for key in (readings.get(hit.id) or {}).get("document") or ():
                if key in wanted:
                    found.setdefault(str(key), []).append(hit)
    return {key: tuple(hits) for key, hits in found.items()}


def citing(app_state: AppState, keys: Sequence[str]) -> list[Hit]:
    """The latest articles that cite a document by one of its keys, one a text."""
    if not keys:
        return []
    answer = app_state.searcher.search(
        "", top=CITING, sort="newest", facets=(), filters={"cites": keys}, snippets=False, histogram=False
    )
    return one_a_text(answer.hits)


def one_a_text(hits: Iterable[Hit]) -> list[Hit]:
    """Republications once."""
    seen: dict[str, Hit] = {}
    for hit in hits:
        seen.setdefault(hit.cluster or hit.id, hit)
    return list(seen.values())


def most_cited(app_state: AppState, *, held: bool | None = None) -> list[CitedMost]:
    """The documents that most articles cite; `held` True or False: only those that the archive has, or has not. Raises EngineError, ArchiveError."""
    answer = app_state.searcher.search("", top=1, facets=("cites",), snippets=False, histogram=False)
    keys = [count.value for count in answer.facets.get("cites", ())][:MOST]
    there = held_documents(app_state, keys)
    found = []
    for key in keys:
        hits = citing(app_state, [key])
        if not hits:
            continue
        first = hits[0]
        reading = app_state.archive.readings.get(first.id) or {}
        stored = app_state.archive.articles.get(first.id)
        one = next((cited for cited in reading.get("cited") or () if cited["key"] == key), None)
        if stored is None or one is None:
            continue
        document = _shown(one, stored.article.text, there or {})
        if not document.held and document.number:
            document = _shown(one, stored.article.text, held_documents(app_state, [document.number]))
        if held is None or held is bool(document.held):
            found.append(CitedMost(document, len(hits), first.id))
    return sorted(found, key=lambda one: -one.articles)
