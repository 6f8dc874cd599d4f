"""What a query is about: practices, places and years, and words that texts have for what was asked. They raise what is so; they never filter.

Practices are read twice: by the wordings and weights that read articles (indexer.insight.practices), and by everyday.toml, how people ask who are not of the
trade. A file everyday.toml in the data folder adds to the one that is shipped.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from crawler.normalisation import normalise
from crawler.reasons import describe_error
from crawler.sources import regions
from indexer.analysis.facets import FACETS
from indexer.analysis.segmentation import segmenter
from indexer.insight.plain_text import plain
from indexer.insight.practices import candidates, judged, rules
from indexer.insight.vocabularies import value_name
from indexer.query.parser import Query
from indexer.query.tree import AllOf, AnyOf, Chosen, Dated, Node

BELIEVED = 0.5
EVERYDAY = 0.8
NAMED = 0.5  # a place or a year: its name stands in most texts about it, and counts there already
MOST = 6
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年|\b|[hq])")
_FILE = "everyday.toml"


class EverydayError(ValueError):
    """everyday.toml is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The query is about `value` of the facet `facet`; `belief` 0–1."""

    facet: str
    value: str
    belief: float

    @property
    def key(self) -> str:
        """practice:enclave, as a parameter names it."""
        return f"{self.facet}:{self.value}"

    @property
    def label(self) -> str:
        """飞地, 山东省, 2023 年."""
        return FACETS[self.facet].chosen.format(value_name(FACETS[self.facet], self.value))


@dataclass(frozen=True, slots=True)
class QueryReading:
    """`topics`, the likeliest first; `words`: normalised, that texts have for what was asked."""

    topics: tuple[Topic, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Everyday:
    """Patterns of everyday.toml: of practices by id, and of words."""

    practices: Mapping[str, re.Pattern[str]]
    words: Mapping[re.Pattern[str], tuple[str, ...]]


def read_query(query: Query, *, left_out: Collection[str] = (), folder: Path | None = None) -> QueryReading:
    """What the words of a query are about; what it asks for as a condition is not told again. `left_out`: keys of topics that the reader took away; `folder`: the data folder. Raises EverydayError."""
    text = query.text
    if not text.strip():
        return QueryReading()
    table = everyday(folder)
    gone = {*left_out, *_asked(query.root)}
    topics = [t for t in _topics(text, table) if t.key not in gone and t.facet not in gone]
    words = [word for pattern, words in table.words.items() if pattern.search(text) for word in words]
    return QueryReading(tuple(topics[:MOST]), tuple(w for w in dict.fromkeys(words) if w not in text))


def _topics(text: str, table: Everyday) -> list[Topic]:
    body = plain(text)
    beliefs = {id_: found.belief for id_, found in judged(candidates(body)).items() if found.belief >= BELIEVED}
    for id_, pattern in table.practices.items():
        if pattern.search(text):
            beliefs[id_] = max(beliefs.get(id_, 0.0), EVERYDAY)
    practices = [Topic("practice", id_, belief) for id_, belief in sorted(beliefs.items(), key=lambda pair: -pair[1])]
    codes = dict.fromkeys(code for word in segmenter().cut(text) if (code := _place(word)))
    years = dict.fromkeys(_YEAR.findall(text))
    named = [*(Topic("place", code, NAMED) for code in codes), *(Topic("year", year, NAMED) for year in years)]
    return [*practices, *named]


def _place(word: str) -> str | None:
    """The adcode of a word that names one place, or a province or city by itself; None where it may mean several counties, or none."""
    found = regions.find(word) if len(word) > 1 else []
    if not found or found[0].adcode == regions.COUNTRY:
        return None
    return found[0].adcode if len(found) == 1 or found[0].level in ("province", "city") else None


def _asked(node: Node) -> list[str]:
    """What a condition of the query chooses by already: its practices, else the whole facet."""
    match node:
        case Chosen("practice", values):
            return [f"practice:{value}" for value in values]
        case Chosen(field, _):
            return ["place"] if field == "region" else [field]
        case Dated():
            return ["year"]
        case AllOf(parts) | AnyOf(parts):
            return [name for part in parts for name in _asked(part)]
    return []


def everyday(folder: Path | None = None) -> Everyday:
    """The table that is shipped, and that of the data folder. Raises EverydayError."""
    own = folder / _FILE if folder else None
    try:
        changed = own.stat().st_mtime_ns if own else 0
    except OSError:
        own, changed = None, 0
    return _both(own, changed)


@lru_cache(4)
def _both(own: Path | None, changed: int) -> Everyday:
    shipped = _shipped()
    if own is None:
        return shipped
    try:
        added = _compiled(_FILE, own.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise EverydayError(f"{_FILE} 读不了：{describe_error(error)}") from None
    practices = dict(shipped.practices)
    for id_, pattern in added.practices.items():
        practices[id_] = re.compile(f"{practices[id_].pattern}|{pattern.pattern}") if id_ in practices else pattern
    return Everyday(practices, {**shipped.words, **added.words})


@cache
def _shipped() -> Everyday:
    return _compiled(_FILE, files("indexer.search").joinpath(_FILE).read_text(encoding="utf-8"))


def _compiled(name: str, text: str) -> Everyday:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EverydayError(f"{name}：{error}") from None
    if unknown := data.keys() - {"practice", "words"}:
        raise EverydayError(f"{name}：不认识的表 {'、'.join(sorted(unknown))}，只有 practice 和 words")
    practices = {}
    for id_, patterns in data.get("practice", {}).items():
        if id_ not in rules():
            raise EverydayError(f"{name}：没有 {id_} 这个举措")
        practices[id_] = _pattern(name, id_, patterns)
    words = {}
    for pattern, others in data.get("words", {}).items():
        if not isinstance(others, list) or not all(isinstance(word, str) and word for word in others):
            raise EverydayError(f"{name}：“{pattern}”后面应是一列词语")
        words[_pattern(name, pattern, [pattern])] = tuple(normalise(word) for word in others)
    return Everyday(practices, words)


def _pattern(name: str, where: str, patterns: object) -> re.Pattern[str]:
    if not isinstance(patterns, list) or not all(isinstance(p, str) and p for p in patterns):
        raise EverydayError(f"{name}：{where} 应是一列写法")
    try:
        return re.compile("|".join(f"(?:{p.replace('~', '[^,。;]{0,6}')})" for p in patterns))
    except re.error as error:
        raise EverydayError(f"{name}：{where} 的写法不合法：{error}") from None
