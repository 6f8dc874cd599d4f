"""The tree of a query: what was asked, with nothing left of how it was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
    """`field` (source, origin, author) has this text in it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """The source or the article belongs to one of these places (adcodes) or lies in it. `text`: as typed."""

    codes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    value: str


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice by its name or id; `values` are the ids that it may mean."""

    text: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the article is all of this: of one of the kinds and of the states (none: any), from `least` to `most` (both included; None: open).

    `bound`: an amount was said; `unit` is then CNY, USD or count, or None where none was said.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    unit: str | None = None
    least: int | None = None
    most: int | None = None
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """Published from `first` to `last` (both included; None: open)."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Everything:
    """Nothing was asked."""


@dataclass(frozen=True, slots=True)
class Nowhere:
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


Node = Word | Begins | Named | Place | Kind | Practice | Figure | Dated | Everything | Nowhere | AllOf | AnyOf | Without


def count_words(node: Node) -> int:
    """How many words and beginnings a tree asks for; what is excluded does not count."""
    match node:
        case Word() | Begins():
            return 1
        case AllOf(parts) | AnyOf(parts):
            return sum(count_words(part) for part in parts)
    return 0
