"""The practices, and a page for each: what it is, since when, where, with which sentences."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from indexer.insight.practice_reliability import practice_reliability
from indexer.insight.practices import rules
from search_api.pages.hits import shown
from search_api.pages.search import facet
from search_api.parameters import By, View
from search_api.services.evidence import sentences
from search_api.services.shares import Base, Share, months_of
from search_api.services.timeline import timeline
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

CANDIDATES = 40  # hits among which the best sentences are looked for
SENTENCES = 8
LATEST = 8


@router.get("/practices", response_class=HTMLResponse)
def practices_page(request: Request) -> HTMLResponse:
    answer = app_state(request).searcher.search("", top=1, facets=("practice",), snippets=False, histogram=False)
    counts = {c.value: c.count for c in answer.facets.get("practice", ())}
    groups: dict[str, list[tuple[str, str, str, Share]]] = {}
    for rule in rules().values():
        share = Share(counts.get(rule.id, 0), answer.total)
        groups.setdefault(rule.group, []).append((rule.id, rule.name, rule.definition, share))
    return render(
        request, "practices.html", {"groups": groups, "all": answer.total, "reliability": practice_reliability()}
    )


@router.get("/practices/{practice}", response_class=HTMLResponse)
def practice_page(request: Request, practice: str) -> Response:
    rule = rules().get(practice)
    if rule is None:
        if named := next((id for id, rule in rules().items() if rule.name == practice), None):
            return RedirectResponse(f"/practices/{named}", 308)
        detail = f"没有编号为 {practice[:40]} 的举措。"
        raise Problem(404, detail, kind="no-such-practice", title="没有这种举措")
    by: By = "share" if request.query_params.get("by") == "share" else "count"
    view, searcher = View(filters={"practice": (practice,)}), app_state(request).searcher
    answer = searcher.search(
        "", top=CANDIDATES, sort="newest", facets=("place", "practice"), filters=view.filters, snippets=False
    )
    oldest = searcher.search("", top=1, sort="oldest", facets=(), filters=view.filters, snippets=False, histogram=False)
    all_months = months_of(searcher)
    context = {
        "rule": rule,
        "of_all": Share(answer.total, searcher.count("")),
        "reliability": practice_reliability(),
        "reliable": practice_reliability().practices.get(practice),
        "view": view,
        "answer": answer,
        "line": timeline(answer.histogram, Base(all_months), by=by),
        "switch": [
            ("篇数", f"/practices/{practice}", by == "count"),
            ("占比", f"/practices/{practice}?by=share", by == "share"),
        ],
        "first": shown(request, [h for h in oldest.hits if h.published], view),
        "latest": shown(request, answer.hits[:LATEST], view.with_(sort="newest")),
        "places": facet("place", answer.facets.get("place", ()), view),
        "beside": facet("practice", answer.facets.get("practice", ()), view),
        "sentences": sentences(app_state(request), practice, answer.hits, SENTENCES),
    }
    return render(request, "practice.html", context)
