"""What the API answers about nights."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from crawler.archive.nights.night import Night, NightState


class NightSummary(BaseModel):
    """One night. `outcome` is ok, below (a source fell short, or there was a problem), failed (an error ended it), interrupted (it was cut off) or running."""

    run: int = Field(examples=[12])
    started_at: str = Field(examples=["2026-03-01T18:00:00+00:00"])
    finished_at: str | None = Field(examples=["2026-03-01T18:35:00+00:00"])
    outcome: NightState
    seconds: float = Field(examples=[2100.0])
    sources: dict[str, int] = Field(description="how many sources ended how", examples=[{"failed": 2, "ok": 298}])
    captures: int
    articles: int
    indexed: int
    problem_count: int


class NightSource(BaseModel):
    """One source in one night. `entries` is what its lists showed, null where they had not changed."""

    source: str
    title: str
    outcome: str = Field(examples=["short"])
    requests: int
    entries: int | None
    expected: int
    new: int
    changed: int
    rejected: int
    blocked: int
    failed: int
    note: str


class NightDetail(NightSummary):
    """`sources_in_full` begins with those that fell short; `problems` is null for whoever has no key."""

    sources_in_full: list[NightSource]
    problems: list[str] | None
    remarks: list[str]


class Nights(BaseModel):
    nights: list[NightSummary]


def summary_of(night: Night) -> NightSummary:
    return NightSummary(**facts_of(night))


def facts_of(night: Night) -> dict[str, Any]:
    """The fields of its summary."""
    return {
        "run": night.run,
        "started_at": night.started_at.isoformat(),
        "finished_at": night.finished_at.isoformat() if night.finished_at else None,
        "outcome": night.state,
        "seconds": night.seconds,
        "sources": night.outcomes,
        "captures": night.captures,
        "articles": night.articles,
        "indexed": night.indexed,
        "problem_count": len(night.problems),
    }
