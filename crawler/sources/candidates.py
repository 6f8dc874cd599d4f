"""URLs that may become sources: home pages whose sections were not looked through yet, and news lists of counties."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

from crawler.sources.source import Kind, site_of


class Candidate(NamedTuple):
    """A row of candidates.csv. `what`: home, a home page to look through; list, a list as it stands. `seen_in` as in a source."""

    title: str
    kind: Kind
    region: str
    url: str
    what: Literal["home", "list"]
    seen_in: str


@cache
def candidates() -> tuple[Candidate, ...]:
    """All candidates, home pages first. Raises KeyError where the file lacks a column."""
    text = files("crawler.sources").joinpath("candidates.csv").read_text(encoding="utf-8")
    return tuple(
        Candidate(
            row["title"],
            cast(Kind, row["kind"]),
            region=row["region"],
            url=row["url"],
            what=cast(Literal["home", "list"], row["what"]),
            seen_in=row["seen_in"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def candidate_of(url: str) -> Candidate | None:
    """The candidate whose site an address is on; None where there is none, or where those of the site disagree about kind or place."""
    site = site_of(url).removeprefix("www.")
    found = [c for c in candidates() if site and site_of(c.url).removeprefix("www.") == site]
    return found[0] if len({(c.kind, c.region) for c in found}) == 1 else None
