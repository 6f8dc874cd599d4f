"""What is new in a saved search: the articles that came into the archive since it looked last, and that it finds.

Not a clock tells what is new but the number of the change with which an article first came (`Watch.mark`): to extract, read or index again raises no such
number, and a clock that is set moves none. What the index does not show yet as the archive has it stays pending and is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.datastructures import QueryParams

from crawler.archive import Archive, Watch
from crawler.archive.watching.watches import Arrival
from indexer.search.searcher import Searcher
from search_api.parameters import View
from search_api.services.republications import folded

MOST_LISTED = 20
PATIENCE = timedelta(days=60)  # for an article that cannot be read or indexed
_AT_ONCE = 1000  # ids asked of the engine
_FOLDED = 200  # hits among which the first ones are folded


@dataclass(frozen=True, slots=True)
class News:
    """`listed`: ids, the latest publication first, a text once; `total` counts all new articles, `again` those besides that only republish a text which
    the search found before; `since` is when the first of them came. `mark` and `pending` are those from which to look next."""

    listed: tuple[str, ...]
    total: int
    again: int
    since: datetime | None
    mark: int
    pending: tuple[str, ...]


def view_of(query: str) -> View:
    """The search of a canonical query string."""
    return View.read(QueryParams(query))


def saved_query(view: View) -> str:
    """The canonical query string under which a search is saved: no page, no order, no moment since which."""
    kept = {name: values for name, values in view.filters.items() if name != "since"}
    return view.with_(filters=kept, sort="relevance", strict=False).uri("").removeprefix("?")


def news(searcher: Searcher, archive: Archive, watch: Watch, now: datetime) -> News:
    """Reads only; asked twice, it says the same. Raises EngineError, ArchiveError."""
    # an index may be ahead of an archive that was restored: the numbers up to its cursor are yet to come
    cursor = min(searcher.engine.cursor(), archive.articles.last_change())
    failed = set(searcher.engine.failed_ids())
    mark = max(watch.mark, cursor)  # an index that is made anew may be behind
    came = {arrival.id: arrival for arrival in archive.watches.arrivals(watch.mark, cursor, watch.pending)}
    found = set(_matching(searcher, view_of(watch.query), came))
    waits = [
        a
        for a in came.values()
        if a.id not in found and _unsettled(a, cursor, failed) and now - a.first_seen < PATIENCE
    ]
    again = _republished(searcher, archive, watch, [came[id] for id in found], known=came)
    fresh = [came[id] for id in found - again]
    return News(
        tuple(_listed(searcher, view_of(watch.query), fresh)),
        total=len(fresh),
        again=len(again),
        since=min((arrival.first_seen for arrival in fresh), default=None),
        mark=mark,
        pending=tuple(sorted(arrival.id for arrival in waits)),
    )


def _unsettled(arrival: Arrival, cursor: int, failed: set[str]) -> bool:
    """Whether the index may come to show it otherwise than now without its coming anew."""
    return arrival.change > cursor or not arrival.read or arrival.id in failed


def _matching(searcher: Searcher, view: View, ids: Iterable[str]) -> Iterator[str]:
    """Those of the articles that a search finds, in its strict set."""
    rest = sorted(ids)
    for at in range(0, len(rest), _AT_ONCE):
        among = {**view.filters, "id": rest[at : at + _AT_ONCE]}
        yield from searcher.ids(view.q, among, expand=view.expand)


def _republished(
    searcher: Searcher, archive: Archive, watch: Watch, found: Iterable[Arrival], known: Iterable[str]
) -> set[str]:
    """Those whose text the search found before, in an article that came earlier."""
    clusters = {arrival.id: arrival.cluster for arrival in found if arrival.cluster}
    if not clusters:
        return set()
    new = set(known)
    earlier = {
        m.id: m.cluster
        for m in archive.watches.members(set(clusters.values()))
        if m.id not in new and m.first <= watch.mark
    }
    seen = {earlier[id] for id in _matching(searcher, view_of(watch.query), earlier)}
    return {id for id, cluster in clusters.items() if cluster in seen}


def _listed(searcher: Searcher, view: View, fresh: list[Arrival]) -> list[str]:
    if not fresh:
        return []
    latest = sorted(fresh, key=lambda arrival: arrival.first)[-_AT_ONCE:]
    answer = searcher.search(
        view.q,
        top=_FOLDED,
        sort="newest",
        facets=(),
        filters={**view.filters, "id": [arrival.id for arrival in latest]},
        strict=True,
        snippets=False,
        histogram=False,
        expand=view.expand,
    )
    return [hit.id for hit in folded(answer.hits)[:MOST_LISTED]]
