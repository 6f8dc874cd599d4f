"""Values with names (kinds of sites, places, practices, industries …): resolved from what a query says, and named for display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from crawler.normalisation import normalise
from crawler.sources import regions
from crawler.sources.kinds import KIND_NAMES, find_kind, kind_name
from indexer.analysis.facets import Facet, VocabularyName
from indexer.insight.practices import rules
from indexer.insight.subjects.events import event_names
from indexer.insight.subjects.genre import GENRE_NAMES
from indexer.insight.subjects.industries import industries
from indexer.insight.subjects.origins import origin_names


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`find`: the value that a text names, None for none; `meant`: all that a condition of a query may mean by it, () for none; `name`: what a reader sees, None for an unknown value.

    `keeps_text`: whether a condition remembers what was typed, as its values may be several.
    """

    find: Callable[[str], str | None]
    meant: Callable[[str], tuple[str, ...]]
    name: Callable[[str], str | None]
    keeps_text: bool = True


def find_value(facet: Facet, text: str) -> str | None:
    """A value of a facet as people write it (湖南, 飞地, 政府, 2023); None where it cannot be one."""
    if facet.number:
        return text if text.isascii() and text.isdigit() and 0 < len(text) <= 4 else None
    return VOCABULARIES[facet.vocabulary].find(text) if facet.vocabulary else text


def value_name(facet: Facet, value: str) -> str:
    """What a reader sees for a value; the value itself where it has no name."""
    named = VOCABULARIES[facet.vocabulary].name(value) if facet.vocabulary else None
    return named or value


def find_practice(text: str) -> str | None:
    """The id of a practice by its id or its name; None for none."""
    text = text.strip()
    return text if text in rules() else next((id for id, rule in rules().items() if rule.name == text), None)


def practice_name(practice: str) -> str:
    """飞地 for enclave; the id where the taxonomy does not know it."""
    rule = rules().get(practice)
    return rule.name if rule else practice


def find_region(name: str) -> str | None:
    """The adcode that a name, pinyin or code means; the largest where several places are called so."""
    found = regions.find(name.strip())
    return found[0].adcode if found else None


def _kinds(text: str) -> tuple[str, ...]:
    kind = find_kind(text)
    return (kind,) if kind else ()


def _regions(text: str) -> tuple[str, ...]:
    return tuple(region.adcode for region in regions.find(normalise(text).strip()) or regions.find(text.strip()))


def _practices(text: str) -> tuple[str, ...]:
    """The text, which may be an id, and ids of the practices that a reader may mean by it."""
    name = normalise(text).strip()
    found = _meant({id_: rule.name for id_, rule in rules().items()}, text)
    return (name, *(id_ for id_ in found if id_ != name)) if found else ()


def _meant(known: Mapping[str, str], text: str) -> tuple[str, ...]:
    """Ids that a reader may mean by a text: of that name, else with it in their name, else with their name in it."""
    name = normalise(text).strip()
    names = {id_: normalise(called) for id_, called in known.items()}
    found = (
        [id_ for id_, known in names.items() if name in (id_, known)]
        or [id_ for id_, called in names.items() if name in called]
        or [id_ for id_, called in names.items() if called in name]
    )
    return tuple(found)


def _named(names: Callable[[], Mapping[str, str]]) -> Vocabulary:
    """The vocabulary of ids with one name each."""

    def find(text: str) -> str | None:
        text = text.strip()
        return text if text in names() else next((id_ for id_, name in names().items() if name == text), None)

    return Vocabulary(find, lambda text: _meant(names(), text), lambda id_: names().get(id_))


def _industry_names() -> Mapping[str, str]:
    return {id_: industry.name for id_, industry in industries().items()}


def _genre_names() -> Mapping[str, str]:
    return {str(id_): name for id_, name in GENRE_NAMES.items()}


@cache
def _origin_names() -> Mapping[str, str]:
    """Countries by ISO 3166 code, 香港, 澳门 and 台湾 too, and provinces by adcode."""
    provinces = {region.adcode: region.short for region in regions.regions() if region.level == "province"}
    overseas = set(origin_names().values())
    return {**origin_names(), **{code: name for code, name in provinces.items() if name not in overseas}}


VOCABULARIES: Mapping[VocabularyName, Vocabulary] = {
    "kind": Vocabulary(find_kind, _kinds, lambda kind: kind_name(kind) if kind in KIND_NAMES else None, False),
    "region": Vocabulary(
        find_region, _regions, lambda code: regions.region_name(code) if regions.by_adcode(code) else None
    ),
    "practice": Vocabulary(
        find_practice, _practices, lambda practice: rules()[practice].name if practice in rules() else None
    ),
    "industry": _named(_industry_names),
    "investor_origin": _named(_origin_names),
    "event": _named(event_names),
    "genre": _named(_genre_names),
}
