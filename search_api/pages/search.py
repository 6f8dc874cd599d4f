"""The search page, and the home page, which is the search page without a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from crawler.archive import Archive, ArchiveError
from crawler.article import SHANGHAI
from crawler.sources.regions import lineage, region_name, short_name
from indexer.analysis.facets import FACETS
from indexer.analysis.figure_names import KIND_LABELS, STATUS_LABELS
from indexer.engines.base import Engine, EngineError
from indexer.search.planner import facet_of
from indexer.search.searcher import Answer, FacetCount, Searcher
from indexer.search.spelling import did_you_mean
from search_api.exports.registry import search_formats
from search_api.pages.chosen import chosen_filters
from search_api.pages.hits import shown
from search_api.parameters import DEEPEST, PAGE_SIZE, View, in_gb18030, label, name_of, unread
from search_api.services.shares import timeline_base
from search_api.services.suggested_filters import suggested_filter
from search_api.services.timeline import timeline
from search_api.web.error_handlers import unavailable
from search_api.web.rendering import render
from search_api.web.request_context import app_state
from search_api.wording import FILTER_NAMES

router = APIRouter(include_in_schema=False)

SHOWN_FACETS = tuple(sorted((n for n, f in FACETS.items() if f.page), key=lambda name: FACETS[name].page or 0))
FIRST_VALUES = 8
BEHIND = 1000  # changes that an index lacks, among which the first article that it lacks is looked for
MOST_VALUES = 30
SHORT_QUERY = 30  # characters
_KINDS_OFFERED = [label for kind, label in KIND_LABELS.items() if kind != "other"]
_STATES_OFFERED = ("投资额/在谈", "投资额/开工", "投资额/未说明", "婉拒", "终止")
FIGURES_OFFERED = (*_KINDS_OFFERED, STATUS_LABELS["planned"] + KIND_LABELS["invested"], *_STATES_OFFERED)
HINTS = {
    "figure": "数字的名称写作签约额、投资额、到位资金等",
    "value": "数额写作 >=10亿、1亿..5亿、>1000万美元",
    **{name: facet.hint for name, facet in FACETS.items()},
    **dict.fromkeys(("after", "before"), "日期写作 2022、2022-06 或 2022-06-15"),
    "since": "时刻写作 2026-11-25 或 2026-11-25T18:03",
}
EXAMPLES = ("飞地 税收", '"以商招商" after:2020', "（基金招商 OR 以投带引） -证券")


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`depth`: how far it is indented under the values before it."""

    label: str
    count: int
    href: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    first: Sequence[FacetValue]
    rest: Sequence[FacetValue]
    checked: str = ""  # where it stands how far its values can be relied on


@router.get("/", response_class=HTMLResponse)
def search_page(request: Request) -> Response:
    if pairs := in_gb18030(request.scope["query_string"]):
        return RedirectResponse(View.read(QueryParams(pairs)).uri(), 303)
    view = View.read(request.query_params)
    not_read = unread(request.query_params)
    if view.empty and not not_read:
        return _home(request, view)
    searcher = app_state(request).searcher
    answer = searcher.search(
        view.q,
        top=PAGE_SIZE,
        offset=(view.page - 1) * PAGE_SIZE,
        sort=view.sort,
        facets=SHOWN_FACETS,
        filters=view.filters,
        strict=view.strict,
        expand=view.expand,
        left_out=view.left_out,
    )
    typed = view
    if answer.corrected:
        view = view.with_(q=answer.corrected, page=view.page)
    items = shown(request, answer.hits, view)
    source_title = app_state(request).source_title
    context = {
        "view": view,
        "named": name_of(view, source_title),
        "answer": answer,
        "reading": reading(answer),
        "plain": view.with_(expand=False).address() if answer.explain.get("equivalents") else "",
        "meant": _meant(searcher, view, answer.total) if view.q and view.page == 1 and not view.filters else None,
        "offer": suggested_filter(searcher, view, answer.total) if view.q and view.page == 1 else None,
        "chosen": list(chosen_filters(view, source_title)),
        "facets": [f for name in SHOWN_FACETS if (f := facet(name, answer.facets.get(name, ()), view))],
        "line": timeline(answer.histogram, timeline_base(searcher, view.filters, view.q), by=view.by),
        "by_switch": [
            (name, view.with_(by=by, page=view.page).address(), view.by == by)
            for by, name in (("count", "篇数"), ("share", "占比"))
        ],
        "items": items,
        "about": [(topic.label, view.with_(left_out=(*view.left_out, topic.key)).address()) for topic in answer.about],
        "typed": typed,
        "first": (view.page - 1) * PAGE_SIZE + 1,
        "pages": list(_pages(view, answer.total)),
        "formats": search_formats().values(),
        "figure_names": tuple(dict.fromkeys((*FIGURES_OFFERED, *view.filters.get("figure", ())))),
        "unread": [
            f"{FILTER_NAMES[facet_of(name)]}“{text[:40]}”读不懂，没有用上。{HINTS[facet_of(name)]}"
            for name, text in not_read
        ],
        "asked_value": (view.filters.get("value") or ("",))[0],
        "ways": list(_ways(view)),
        "fresh": new_of_a_week(view).address(),
    }
    return render(request, "search.html", context)


@router.get("/since")
def since(request: Request) -> RedirectResponse:
    """The same search from now on: an address to keep, which later shows only what came in after."""
    view = View.read(request.query_params)
    moment = complete_until(app_state(request).archive, app_state(request).engine).strftime("%Y-%m-%dT%H:%M:%S")
    return RedirectResponse(view.with_(filters={**view.filters, "since": (moment,)}, sort="added").uri(), 303)


def new_of_a_week(view: View) -> View:
    """The same search, of what came in during the last seven days, the latest first."""
    day = (datetime.now(SHANGHAI) - timedelta(days=7)).strftime("%Y-%m-%d")
    return view.with_(filters={**view.filters, "since": (day,)}, sort="added")


def complete_until(archive: Archive, engine: Engine) -> datetime:
    """Until when the index holds all that came into the archive, of Shanghai's clock: now, or where the index is behind, the first moment that it lacks."""
    failed_ids = [change.id for change in archive.articles.changes_since(engine.cursor(), BEHIND) if not change.deleted]
    lacking = [stored.first_seen for stored in archive.articles.get_many(failed_ids).values()]
    return min([datetime.now(SHANGHAI), *lacking]).astimezone(SHANGHAI)


def _home(request: Request, view: View) -> HTMLResponse:
    """What the archive holds. An engine or archive that is away is said, not an error."""
    context: dict[str, Any] = {"view": view, "examples": EXAMPLES, "trouble": "", "counts": None, "sites": 0}
    context |= {"line": None, "kinds": (), "latest": (), "fresh": None}
    try:
        context["counts"] = app_state(request).archive.counts()
        answer = app_state(request).searcher.search("", top=8, sort="newest", facets=("kind", "source"), snippets=False)
    except (ArchiveError, EngineError) as error:
        context["trouble"] = unavailable(error).detail
        return render(request, "home.html", context)
    context["line"] = timeline(answer.histogram)
    context["sites"] = sum(1 for c in answer.facets.get("source", ()) if c.value)
    context["kinds"] = _values("kind", answer.facets.get("kind", ()), view)
    context["latest"] = shown(request, [h for h in answer.hits if h.published], view)
    fresh = new_of_a_week(View())
    context["fresh"] = (app_state(request).searcher.count("", fresh.filters), fresh.address())
    return render(request, "home.html", context)


def reading(answer: Answer) -> str:
    """How the query was read, in words, where that is not plain from the query itself; else ''."""
    told = str(answer.explain.get("reading") or "")
    plain = not answer.explain.get("equivalents") and told.strip("“”") == answer.query.strip()
    notes = [str(note) for note in answer.explain.get("notes") or ()]
    if ignored := answer.explain.get("ignored"):
        notes.append(f"“{'”、“'.join(map(str, ignored))}”太常见，没有当作条件")
    said = ([] if plain or not told else [f"读作：{told}"]) + notes
    return "；".join(said) + ("。" if said else "")


def facet(name: str, counts: Sequence[FacetCount], view: View) -> Facet | None:
    """The values of a facet that are not chosen yet; years in their order, the others as they come. None for none."""
    values = _tree(name, counts, view) if FACETS[name].vocabulary == "region" else _values(name, counts, view)
    # Every address repeats the question: a long one leaves no room for the rarer values.
    most = MOST_VALUES if len(view.q) <= SHORT_QUERY else FIRST_VALUES
    checked = "/practices" if FACETS[name].vocabulary == "practice" else ""
    return Facet(FACETS[name].label, values[:FIRST_VALUES], values[FIRST_VALUES:most], checked) if values else None


def _values(name: str, counts: Sequence[FacetCount], view: View) -> list[FacetValue]:
    chosen = view.filters.get(name, ())
    left = [c for c in counts if c.value not in chosen and c.value not in ("", "0")]
    if FACETS[name].number:
        left.sort(key=lambda c: c.value, reverse=True)
    return [FacetValue(label(name, c.value, c.label), c.count, view.having(name, c.value).address()) for c in left]


def _tree(name: str, counts: Sequence[FacetCount], view: View) -> list[FacetValue]:
    """Places under what they lie in: the province with most first, its cities below it. One whose province is not among the values stands alone with its whole name."""
    chosen = view.filters.get(name, ())
    known = {c.value: c.count for c in counts}
    order: list[tuple[tuple[tuple[int, str], ...], str]] = []
    for code in known:
        above = [step for step in lineage(code) if step in known] or [code]
        order.append((tuple((-known[step], step) for step in above), code))
    found = []
    for steps, code in sorted(order):
        if code not in chosen:
            depth = len(steps) - 1
            text = short_name(code) if depth else region_name(code)
            found.append(FacetValue(text, known[code], view.having(name, code).address(), depth))
    return found


def _pages(view: View, total: int) -> Iterator[tuple[str, str, bool]]:
    """(text, address or '', is it this page) from 上一页 to 下一页; nothing where one page holds all."""
    last = min(-(-total // PAGE_SIZE), DEEPEST // PAGE_SIZE)
    if last < 2 or view.page > last:
        return
    if view.page > 1:
        yield "上一页", view.with_(page=view.page - 1).address(), False
    near = sorted({1, last, *range(max(1, view.page - 2), min(last, view.page + 2) + 1)})
    before = 0
    for page in near:
        if page - before > 1:
            yield "…", "", False
        yield str(page), view.with_(page=page).address(), page == view.page
        before = page
    if view.page < last:
        yield "下一页", view.with_(page=view.page + 1).address(), False


def _meant(searcher: Searcher, view: View, total: int) -> tuple[str, str] | None:
    """A query like this one that finds something, and its address."""
    found = did_you_mean(searcher.engine, view.q, total)
    return (found, view.with_(q=found, filters={}).address()) if found and found != view.q else None


def _ways(view: View) -> Iterator[tuple[str, str]]:
    """What a reader without hits may try: fewer filters, any of the words."""
    if view.filters:
        yield "去掉已选的筛选条件", view.with_(filters={}).address()
    words = view.q.split()
    plain = all(c not in view.q for c in '"“”():：（）|') and not any(w.startswith("-") for w in words)
    if len(words) > 1 and plain:
        yield "满足任意一个词即可", view.with_(q=" OR ".join(words), filters={}).address()
    if view.strict:
        yield "放宽条件再找", view.with_(strict=False).address()
