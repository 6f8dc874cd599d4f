"""Suggestions while typing: regions, practices and lexicon words, by characters or pinyin, and titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from crawler.normalisation import normalise
from crawler.sources import regions
from indexer.analysis.lexicon import lexicon
from indexer.analysis.pinyin import syllables
from indexer.engines.base import Engine, Request
from indexer.insight.practices import rules
from indexer.search.planner import together

Kind = Literal["region", "practice", "word", "title"]
_LEVELS = {"country": 3, "province": 0, "city": 1, "county": 2}
_LETTERS = re.compile("[a-z' ]*[a-z]")
_SEPARATORS = str.maketrans("", "", "' ")
_QUOTES = re.compile('["“”„‟「」『』＂〝〞]')
_TITLES = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` is what is shown, `query` what to search for; `article` is set for a title."""

    kind: Kind
    text: str
    query: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    suggestion: Suggestion
    text: str  # normalised, as it is typed
    sound: str
    initials: str
    rank: int  # the lower the sooner


def suggest(typed: str, engine: Engine | None = None, limit: int = 8) -> list[Suggestion]:
    """At most `limit` ways to go on from what stands in the search field; what stands before its last word is kept. Raises EngineError."""
    head, _, last = typed.rpartition(" ")
    if _LETTERS.fullmatch(normalise(typed).strip()) and next(_matching(typed), None):
        head, last = "", typed  # syllables with spaces between
    found = [entry.suggestion for entry in _matching(last)][:limit]
    if head.strip():
        found = [Suggestion(s.kind, s.text, f"{head} {s.query}") for s in found]
    whole = normalise(typed).strip()
    if engine is not None and len(whole) >= 2 and not _LETTERS.fullmatch(whole):
        match = together(whole, title=True)
        hits = engine.execute(Request(match, sort="newest", top=_TITLES, counted=False)).hits
        titles = {hit.document.title: hit.document.id for hit in hits}
        room = max(limit - len(found), min(len(titles), 2))
        shown = [
            Suggestion("title", title, f'title:"{_QUOTES.sub(" ", title)}"', id_) for title, id_ in titles.items()
        ][:room]
        found = [*found[: limit - len(shown)], *shown]
    return found


def _matching(typed: str) -> Iterator[_Entry]:
    """Entries that begin with what was typed, then those that have it inside; the more important first."""
    text = normalise(typed).strip()
    if not text:
        return
    if _LETTERS.fullmatch(text):
        sound = text.translate(_SEPARATORS)
        beginning = [e for e in entries() if e.sound.startswith(sound)]
        inside = [
            e for e in entries() if len(sound) >= 2 and e.initials.startswith(sound) and not e.sound.startswith(sound)
        ]
    else:
        beginning = [e for e in entries() if e.text.startswith(text)]
        inside = [e for e in entries() if text in e.text[1:] and not e.text.startswith(text)]
    for group in (beginning, inside):
        yield from sorted(group, key=lambda e: (e.rank, len(e.text), e.text))


@cache
def entries() -> tuple[_Entry, ...]:
    """All that can be suggested without the engine. Takes a second the first time: servers ask for it when they start."""
    found: dict[tuple[Kind, str], _Entry] = {}

    def add(kind: Kind, shown: str, typed: str, query: str, rank: int) -> None:
        sounds = syllables(typed)
        entry = _Entry(Suggestion(kind, shown, query), typed, "".join(sounds), "".join(s[:1] for s in sounds), rank)
        found.setdefault((kind, shown), entry)

    for rule in rules().values():
        add("practice", rule.name, normalise(rule.name), f"practice:{rule.name}", 0)
    for word in (*lexicon().words, *lexicon().known):
        add("word", word, word, word, 1)
    for region in regions.regions():
        if region.level == "country":
            continue
        add(
            "region",
            regions.region_name(region.adcode),
            normalise(region.name),
            f"region:{region.adcode if region.level == 'county' else region.name}",
            2 + _LEVELS[region.level],
        )
    return tuple(found.values())
