"""The records of backfills, all frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Ended = Literal["since", "end", "failed"]
"""Why a list is read no further: its days lie before the span, it has no page more, or its next page did not come on several nights."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """What was asked for of a source, both days included, and what it took so far; `note` is how its last night ended."""

    source: str
    since: date
    until: date
    began_at: datetime
    visited_at: datetime | None = None
    visits: int = 0
    requests: int = 0
    stopped: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class BackfillList:
    """How far one list was read. `reached` is the oldest day on its pages so far (of a list in order of age: the newest); `entries` counts what was queued, `undated` those of them that no day was known of."""

    source: str
    url: str
    level: int = 0  # in lists of lists
    cursor: str | None = None  # JSON (crawler.spiders.cursors); None before the first page and after the last
    pages: int = 0
    entries: int = 0
    undated: int = 0
    reached: date | None = None
    ended: Ended | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BackfillCounts:
    """What became of the pages of a backfill: `fetched` came, `kept` hold an article, `waiting` are still to be fetched or tried again, `lost` never came."""

    found: int = 0
    fetched: int = 0
    kept: int = 0
    waiting: int = 0
    lost: int = 0
