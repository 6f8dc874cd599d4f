"""What a text is about beside practices, places and figures: industries, firms, investors' origin, events, each with the passage that says so, and the genre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Genre = Literal["policy", "report", "speech", "news", "notice", "analysis", "forum"]
Role = Literal["investor", "prospect"]


@dataclass(frozen=True, slots=True)
class Found:
    """An industry, an event (ids of the taxonomies) or an origin (ISO 3166 code of a country, adcode of a province).

    [start, end) of the article's text says so; `probability` 0–1; `sure` where it is shown without 可能.
    """

    id: str
    start: int
    end: int
    probability: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm by its longest form in the text; `start`, `end` bound that form in the article's text. `key` is what all forms of its name share."""

    name: str
    key: str
    role: Role
    start: int
    end: int
    probability: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Subjects:
    """`industries`, `origins`, `events` in the order of their probability, `firms` in the order of the text."""

    industries: tuple[Found, ...] = ()
    firms: tuple[Firm, ...] = ()
    origins: tuple[Found, ...] = ()
    events: tuple[Found, ...] = ()
