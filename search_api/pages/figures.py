"""Figures to look through by kind, state, place and year of publication."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crawler.sources.regions import region_name
from indexer.analysis.figure_names import KIND_LABELS, STAGE_LABELS, STATUS_LABELS
from search_api.pages.chosen import chosen_filters
from search_api.parameters import DEEPEST, View, unread
from search_api.services.figure_browser import browse, counted_names
from search_api.web.rendering import render
from search_api.web.request_context import app_state
from search_api.wording import FILTER_NAMES, day

router = APIRouter(include_in_schema=False)

SIZE = 20  # articles of a page
PATH = "/figures"
_STATES = [label for status, label in STATUS_LABELS.items() if status != "unstated"]
STATES = (*_STATES, STATUS_LABELS["unstated"], *STAGE_LABELS.values())
KINDS = tuple(label for kind, label in KIND_LABELS.items() if kind != "other")


@router.get(PATH, response_class=HTMLResponse)
def figures_page(request: Request) -> Response:
    view = View.read(request.query_params)
    kind, state = request.query_params.get("of", ""), request.query_params.get("state", "")
    if "of" in request.query_params:  # of the form: written as one condition
        figure = "/".join(part for part in (kind if kind in KINDS else "", state if state in STATES else "") if part)
        filters = {name: values for name, values in view.filters.items() if name != "figure"}
        return RedirectResponse(view.with_(filters=filters | ({"figure": (figure,)} if figure else {})).uri(PATH), 303)
    state_ = app_state(request)
    total, found = browse(state_.searcher, state_.archive, view, SIZE)
    kinds, states = counted_names(state_.searcher, view)
    now, _, now_state = (view.filters.get("figure") or ("",))[0].partition("/")
    if now in STATES and now not in KINDS:
        now, now_state = "", now
    context = {
        "view": view,
        "total": total,
        "items": [(one, day(one.hit.published), one.hit.source_title or one.hit.publisher or "") for one in found],
        "chosen": list(chosen_filters(view, state_.source_title, PATH)),
        "kinds": [(n, c, view.with_(filters={**view.filters, "figure": (n,)}).address(PATH)) for n, c in kinds],
        "states": [
            (n, c, view.with_(filters={**view.filters, "figure": (f"{now}/{n}" if now else n,)}).address(PATH))
            for n, c in states
        ],
        "of": now,
        "state": now_state,
        "KINDS": KINDS,
        "STATES": STATES,
        "place": "、".join(region_name(code) for code in view.filters.get("place", ())),
        "pages": list(_pages(view, total)),
        "away": view.address("/export/figures", once="1"),
        "unread": [
            f"{FILTER_NAMES.get(name, name)}“{text[:40]}”读不懂，没有用上。"
            for name, text in unread(request.query_params)
        ],
    }
    return render(request, "figures.html", context)


def _pages(view: View, total: int) -> Iterator[tuple[str, str, str]]:
    """(text, address, rel): the pages before and after this one."""
    last = min(-(-total // SIZE), DEEPEST // SIZE)
    if view.page > 1:
        yield "上一页", view.with_(page=min(view.page - 1, max(1, last))).address(PATH), "prev"
    if view.page < last:
        yield "下一页", view.with_(page=view.page + 1).address(PATH), "next"
