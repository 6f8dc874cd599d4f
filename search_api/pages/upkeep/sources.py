"""The sources page, and a page for each source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import tomli_w
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.archive import Archive, SourceRun
from crawler.archive.revisits import ELSEWHERE
from crawler.article import SHANGHAI
from crawler.sources import Source, site_of
from crawler.sources.backfill_status import backfill_status
from crawler.sources.kinds import KIND_NAMES
from crawler.sources.reading_alarms import alarms_of
from crawler.sources.regions import is_within
from crawler.sources.source_status import OFF_TOPIC, OUTCOME_NAMES, STATUS_NAMES, describe_status, stale, status_of
from indexer.engines.base import EngineError
from indexer.insight.vocabularies import find_region
from search_api.pages.hits import shown
from search_api.parameters import View, readable
from search_api.services.upkeep.night_reports import NIGHTS, SourceRow, source_row, source_rows
from search_api.services.upkeep.nights import WEEKS, coverage
from search_api.services.upkeep.reviewing import review_counts, waiting_line
from search_api.web.access import visitor
from search_api.web.rendering import render
from search_api.web.request_context import app_state
from search_api.wording import thousands

router = APIRouter(include_in_schema=False)

PAGE = 40
EXAMPLES = 8
MOST_ELSEWHERE = 2000  # entries that are looked at to tell the hosts


@dataclass(frozen=True, slots=True)
class Mark:
    """One night in the strip: `mark` names its shape, `told` what stands on hover."""

    mark: str
    told: str


@dataclass(frozen=True, slots=True)
class ShownSource:
    name: str
    title: str
    kind: str
    place: str
    platform: str
    enabled: bool
    articles: str
    strip: Sequence[Mark]
    last: str
    reach: str
    reached: str  # by which answer
    reached_on: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Entries of the lists that lead to a host beyond the source: `examples` are (address, title)."""

    host: str
    count: int
    examples: Sequence[tuple[str, str]]


@router.get("/sources", response_class=HTMLResponse)
def sources_page(
    request: Request, kind: str = "", all: str = "", page: str = "1", reach: str = "", place: str = ""
) -> HTMLResponse:
    """Enabled sources, or with all=1 the whole registry; `kind`, `place` and `reach` (a key of the register) choose among them."""
    rows = source_rows(app_state(request))
    enabled = [row for row in rows if row.state.enabled or row.nights]
    chosen = rows if all == "1" or not enabled else enabled
    chosen = [row for row in chosen if kind not in KIND_NAMES or row.source.kind == kind]
    within = find_region(place[:40])
    chosen = [row for row in chosen if within is None or is_within(row.source.region, within)]
    reached = Counter(status_of(row.state) for row in chosen)
    chosen = [row for row in chosen if reach not in STATUS_NAMES or status_of(row.state) == reach]
    last = max(1, -(-len(chosen) // PAGE))
    number = min(int(page), last) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
    number = max(1, number)
    given = {
        "place": place.strip()[:40],
        "kind": kind if kind in KIND_NAMES else "",
        "reach": reach if reach in STATUS_NAMES else "",
    }
    given["all"] = "1" if all == "1" else ""

    def at(**changes: str) -> str:
        pairs = [(name, value) for name, value in {**given, **changes}.items() if value]
        return f"/sources?{readable(pairs)}" if pairs else "/sources"

    counts = _article_counts(request)
    shown_rows = [_shown(row, counts) for row in chosen[(number - 1) * PAGE : number * PAGE]]
    context = {
        "rows": shown_rows,
        "registered": len(rows),
        "enabled": len(enabled),
        "matching": len(chosen),
        "everything": all == "1" or not enabled,
        **given,
        "at": at,
        "unknown": given["place"] if given["place"] and within is None else "",
        "kinds": KIND_NAMES,
        "reached": [(key, words, reached[key]) for key, words in STATUS_NAMES.items() if reached[key]],
        "page": number,
        "last": last,
        "faults": app_state(request).faults,
        "waiting": waiting_line(review_counts(app_state(request).archive, app_state(request).registry))
        if visitor(request).may_write
        else "",
        "outcomes": OUTCOME_NAMES,
        "nights": NIGHTS,
    }
    return render(request, "sources.html", context)


@router.get("/sources/{name}", response_class=HTMLResponse)
def source_page(request: Request, name: str) -> HTMLResponse:
    row = source_row(app_state(request), name)
    archive = app_state(request).archive
    lists = archive.frontier.list_states(name)
    view = View(filters={"source": (name,)})
    context: dict[str, Any] = {
        "row": row,
        "item": _shown(row, _article_counts(request)),
        "toml": _toml(row.source),
        "nights": row.nights,
        "coverage": coverage(archive.runs.of_sources(name, limit=WEEKS * 14)),
        "weeks": WEEKS,
        "outcomes": OUTCOME_NAMES,
        "kind": KIND_NAMES[row.source.kind],
        "rejected": list(islice(archive.rejections.rejected(name), EXAMPLES)),
        "failed": list(islice(archive.frontier.pages(name, state="failed"), EXAMPLES)),
        "blocked": list(islice(archive.frontier.pages(name, state="blocked"), EXAMPLES)),
        "lists": lists,
        "stale": {state.url for state in stale(lists, datetime.now(UTC))},
        "reach": describe_status(row.state),
        "elsewhere": _elsewhere(archive, name),
        "no_article": archive.captures.extracted(name, outcomes=("not_article", "failed"), limit=EXAMPLES),
        "drifted": _drifted(archive, name),
        "alarms": alarms_of(archive, name) if row.nights else [],
        "search": view.with_(sort="newest").address(),
        "latest": [],
        "waiting": waiting_line(_only(review_counts(archive, app_state(request).registry), name))
        if visitor(request).may_write
        else "",
        "backfill": backfill_status(archive, name, row.source.budget.pages),
    }
    try:
        answer = app_state(request).searcher.search(
            "", top=EXAMPLES, sort="newest", facets=(), filters=view.filters, snippets=False
        )
        context["latest"] = shown(request, answer.hits, view)
    except EngineError:
        pass  # the page is about the crawl; what the engine holds is an extra
    return render(request, "source.html", context)


def _only(counts: Counter[tuple[str, str]], name: str) -> Counter[tuple[str, str]]:
    """The review counts of one source."""
    return Counter({key: number for key, number in counts.items() if key[0] == name})


def _elsewhere(archive: Archive, name: str) -> list[Elsewhere]:
    """Recorded, not followed: the source does not allow the host. The commonest first."""
    hosts: dict[str, list[tuple[str, str]]] = {}
    for page in islice(archive.frontier.pages(name, state="gone", reason=ELSEWHERE), MOST_ELSEWHERE):
        hosts.setdefault(site_of(page.url), []).append((page.url, page.title or page.url))
    ranked = sorted(hosts.items(), key=lambda item: -len(item[1]))
    return [Elsewhere(host, len(pages), pages[:EXAMPLES]) for host, pages in ranked[:EXAMPLES]]


def _drifted(archive: Archive, name: str) -> list[tuple[datetime, Mapping[str, Any]]]:
    """(when, what the report says) of the last nights on which the site seemed to have changed its layout."""
    nights = archive.runs.latest(NIGHTS, verb="nightly")
    told = [(night.started_at, found) for night in nights for found in night.report.get("drifted", ())]
    return [(when, found) for when, found in told if found["source"] == name and not found.get("reading")]


def _article_counts(request: Request) -> Mapping[str, int] | None:
    """Articles by source; None where the engine is away."""
    try:
        answer = app_state(request).searcher.search("", top=1, facets=("source",), snippets=False)
    except EngineError:
        return None
    return {c.value: c.count for c in answer.facets.get("source", ())}


def _shown(row: SourceRow, counts: Mapping[str, int] | None) -> ShownSource:
    source = row.source
    nights = [_mark(night) for night in reversed(row.nights)]
    return ShownSource(
        name=source.name,
        title=source.title,
        kind=KIND_NAMES[source.kind],
        place=row.place,
        platform=source.platform or "",
        enabled=row.state.enabled,
        articles=thousands(counts.get(source.name, 0)) if counts is not None else "",
        strip=[Mark("notdue", "没有采集")] * (NIGHTS - len(nights)) + nights if nights else [],
        reach=STATUS_NAMES.get(status_of(row.state), status_of(row.state)),
        reached=row.state.status_answer or "",
        reached_on=row.state.status_at.astimezone(SHANGHAI).date().isoformat() if row.state.status_at else "",
        last=row.state.last_visit.astimezone(SHANGHAI).date().isoformat() if row.state.last_visit else "",
    )


def _mark(night: SourceRun) -> Mark:
    report = night.report
    word = OUTCOME_NAMES.get(report.outcome, report.outcome)
    numbers = f"请求 {report.requests}，新 {report.new}，改 {report.changed}，{OFF_TOPIC} {report.rejected}"
    trouble = (
        f"，{OUTCOME_NAMES['blocked']} {report.blocked}，{OUTCOME_NAMES['failed']} {report.failed}"
        if report.blocked or report.failed
        else ""
    )
    mark = report.outcome if report.outcome in OUTCOME_NAMES else "notdue"
    return Mark(mark, f"{night.started_at.astimezone(SHANGHAI):%m-%d} {word}：{numbers}{trouble}")


def _toml(source: Source) -> str:
    """The source as its file says it, without what is default."""
    return tomli_w.dumps(source.model_dump(exclude_defaults=True, exclude_none=True))
