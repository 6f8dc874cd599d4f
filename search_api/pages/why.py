"""Why a hit matches: what in the article meets each condition, and how its score adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.archive import StoredArticle
from crawler.sources.regions import is_within, region_name
from indexer.analysis.document import document_of_article
from indexer.analysis.facets import CONDITIONS, FACETS
from indexer.insight.vocabularies import practice_name, value_name
from indexer.query.parser import parse
from indexer.query.tree import AllOf, AnyOf, Chosen, Dated, Named, Node
from indexer.search.why import why
from search_api.parameters import View
from search_api.services.corrected_readings import reading_of
from search_api.services.reading_view import Found, shown_figures, shown_practices
from search_api.web.rendering import render
from search_api.web.request_context import app_state, stored_article
from search_api.wording import FILTER_NAMES, day, moment

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing in the article that meets a condition; `anchor` is the place in its text, '' for none."""

    condition: str
    text: str
    anchor: str = ""


@router.get("/articles/{article_id}/why", response_class=HTMLResponse)
def why_page(request: Request, article_id: str) -> HTMLResponse:
    """What meets the conditions of a search in an article, and what makes its score, in words."""
    stored, view = stored_article(request, article_id), View.read(request.query_params)
    found = (
        why(
            app_state(request).searcher,
            view.q,
            article_id,
            filters=view.filters,
            expand=view.expand,
            left_out=view.left_out,
        )
        if not view.empty
        else None
    )
    context = {
        "article": stored.article,
        "view": view,
        "back": view.address(),
        "why": found,
        "grounds": list(_grounds(request, stored, view)),
    }
    return render(request, "why.html", context)


def _grounds(request: Request, stored: StoredArticle, view: View) -> Iterator[Ground]:
    reading, text = reading_of(app_state(request).archive, stored), stored.article.text
    for found in shown_practices(reading, text, view.practices()):
        yield Ground(f"{FACETS['practice'].label}：{found.name}", found.quote, found.anchor)
    by_hand = {str(item["id"]) for item in reading.get("practices") or () if "start" not in item}
    for practice in view.practices():
        if practice in by_hand:
            yield Ground(f"{FACETS['practice'].label}：{practice_name(practice)}", "人工订正")
    for figure in shown_figures(reading, text, view.figures()) if view.figures() else ():
        yield _of_figure(figure)
    yield from _of_tree(request, parse(view.q).root, stored, reading)
    for code in view.filters.get("place", ()):
        yield from _of_places((code,), reading)


def _of_figure(figure: Found) -> Ground:
    return Ground(f"{FILTER_NAMES['figure']}：{figure.name}", figure.quote, figure.anchor)


def _of_tree(request: Request, node: Node, stored: StoredArticle, reading: Mapping[str, Any]) -> Iterator[Ground]:
    article = stored.article
    match node:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _of_tree(request, part, stored, reading)
        case Chosen("practice", _):
            pass  # told with its sentence
        case Chosen("region", codes):
            told = list(_of_places(codes, reading))
            yield from told
            if not told and any(is_within(article.region or "", code) for code in codes):
                site = article.publisher or app_state(request).source_title(article.source)
                yield Ground(FACETS["place"].label, f"没有读出这里的地方；网站“{site}”在{region_name(article.region)}")
        case Chosen(field, values):
            for value in FACETS[field].values(document_of_article(article)):
                if value in values:
                    yield Ground(CONDITIONS[field].label, value_name(FACETS[field], value))
        case Dated():
            shown = moment if article.published_precision == "minute" else day
            yield Ground("日期", shown(article.published_at) or "不明")
        case Named(field, _):
            value = app_state(request).source_title(article.source) if field == "source" else getattr(article, field)
            if value:
                yield Ground(CONDITIONS[field].label, str(value))


def _of_places(codes: tuple[str, ...], reading: Mapping[str, Any]) -> Iterator[Ground]:
    for place in reading.get("regions") or ():
        if any(is_within(str(place), code) for code in codes):
            yield Ground(FACETS["place"].label, f"讲到{region_name(str(place))}")
