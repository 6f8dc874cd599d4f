"""The tree of a query: what was asked, independent of how it was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

PRACTICES = ("practice", "possible")  # filters and conditions that ask for a practice


@dataclass(frozen=True, slots=True)
class Word:
    """These characters stand together. `equivalents` will do as well. `title`: in the title. `exact`: it stood in quotes. All texts are normalised."""

    text: str
    equivalents: tuple[str, ...] = ()
    title: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Begins:
    """A word of letters or digits that begins so."""

    text: str
    title: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """The text of the condition `field` (source, origin, author) has this text in it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A facet's condition `field` (region, kind, practice) by one of these values, a place with all that lies in it. `text`: as typed, where it may mean several values."""

    field: str
    values: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the article is all of this: of one of the kinds, of the states and of the stages (none: any), from `least` to `most` (both included; None: open).

    `bound`: an amount was said; `unit` is then CNY, USD or count, or None where none was said.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    unit: str | None = None
    least: int | None = None
    most: int | None = None
    bound: bool = False
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """Published from `first` to `last` (both included; None: open)."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Added:
    """Came into the archive at this moment or later."""

    since: datetime


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Nothing was asked."""


@dataclass(frozen=True, slots=True)
class MatchNone:
    """Something was typed, but there is no word in it."""


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    part: Node


Node = Word | Begins | Named | Chosen | Figure | Dated | Added | MatchAll | MatchNone | AllOf | AnyOf | Without


def count_words(node: Node) -> int:
    """How many words and beginnings a tree asks for; what is excluded does not count."""
    match node:
        case Word() | Begins():
            return 1
        case AllOf(parts) | AnyOf(parts):
            return sum(count_words(part) for part in parts)
    return 0


def asks_for_new(node: Node) -> bool:
    """Whether a condition of the tree is about when articles came in."""
    match node:
        case Added():
            return True
        case AllOf(parts) | AnyOf(parts):
            return any(asks_for_new(part) for part in parts)
    return False


def chosen_practices(node: Node) -> tuple[str, ...]:
    """Ids of the practices that conditions ask for, those that are excluded left out."""
    match node:
        case Chosen(field, values) if field in PRACTICES:
            return values
        case AllOf(parts) | AnyOf(parts):
            return tuple(dict.fromkeys(value for part in parts for value in chosen_practices(part)))
    return ()


def join(kind: type[AllOf] | type[AnyOf], parts: list[Node | None]) -> Node | None:
    """The parts that are there; nested groups of the same kind are opened, twins left out."""
    flat: dict[Node, None] = {}
    for part in parts:
        if part is None:
            continue
        for inner in part.parts if isinstance(part, kind) else (part,):
            flat[inner] = None
    found = tuple(flat)
    if not found:
        return None
    return found[0] if len(found) == 1 else kind(found)


def without_words(node: Node, words: frozenset[str]) -> Node | None:
    """The tree without these words where they stand unquoted (an excluded one stays); None where nothing is left."""
    match node:
        case Word(text, _, _, exact):
            return None if text in words and not exact else node
        case AllOf(parts):
            return join(AllOf, [without_words(part, words) for part in parts])
        case AnyOf(parts):
            return join(AnyOf, [without_words(part, words) for part in parts])
        case Without(part):
            return node if isinstance(part, Word) else _wrap(without_words(part, words))
    return node


def _wrap(part: Node | None) -> Node | None:
    return None if part is None else Without(part)
