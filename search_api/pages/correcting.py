"""The page on which a reader says what was read wrong: it makes the lines of corrections.toml, and writes them where the reader may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from crawler.archive import ArchiveError
from crawler.archive.access import audit
from crawler.archive.corrections_file import check_table, rendered
from indexer.analysis.facets import FACETS
from indexer.analysis.figure_names import KIND_LABELS, STAGE_LABELS, STATUS_LABELS
from indexer.indexing.refresh import known_values
from indexer.insight.vocabularies import practice_name
from search_api.services.corrected_readings import reading_of
from search_api.services.correcting import NotACorrection, fields_of, quoted_figures, subjects_of, table_of
from search_api.services.reading_view import shown_figures
from search_api.web import forms
from search_api.web.access import visitor
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state, stored_article

router = APIRouter(include_in_schema=False)

Form = Annotated[Mapping[str, str], Depends(forms.form)]
_SAID = frozenset(
    (
        *("title", "date", "origin", "author", "places", "practices", "note"),
        *("figure", "value", "unit", "kind", "status", "stage", "project", "firm", "remove"),
        *("evidence", "industry", "event", "quote"),
    )
)


@router.get("/articles/{article_id}/correct", response_class=HTMLResponse)
def correcting_page(request: Request, article_id: str) -> Response:
    """The forms; with what was said in the address, the lines that say so."""
    stored = stored_article(request, article_id)
    reading = reading_of(app_state(request).archive, stored)
    said = {name: value for name, value in request.query_params.items() if name in _SAID}
    lines, fault = "", ""
    if said:
        try:
            table = table_of(said, stored, reading)
            check_table(stored.id, table, known_values())
            lines = rendered(stored.id, table)
        except (NotACorrection, ArchiveError) as error:
            fault = str(error)
    text = stored.article.text
    context = {
        "article": stored.article,
        "fields": {name: said.get(name, is_now) for name, is_now in fields_of(stored, reading).items()},
        "figures": [
            (
                found.quote,
                shown_figures({"figures": [found.figure]}, text, ())[0],
                {**found.figure, **said} if said.get("figure") == found.quote else found.figure,
            )
            for found in quoted_figures(reading, text)
        ],
        "evidence": [
            (str(p["id"]), practice_name(str(p["id"])), text[p["start"] : p["end"]] if "start" in p else "")
            for p in reading.get("practices") or ()
        ],
        "subjects": subjects_of(reading, text),
        "facets": FACETS,
        "kinds": KIND_LABELS,
        "statuses": STATUS_LABELS,
        "stages": STAGE_LABELS,
        "said": said,
        "lines": lines,
        "fault": fault,
        "csrf": forms.token(request),
    }
    page = render(request, "correct.html", context, status=422 if fault else 200)
    forms.set_session(request, page)
    return page


@router.post("/articles/{article_id}/correct")
def correct(request: Request, article_id: str, form: Form) -> Response:
    """Write the lines into corrections.toml, where they count from now on. For those who may write."""
    if not visitor(request).may_write:
        raise Problem(
            403, "写入订正要用能写的访问密钥；没有的，请把那几行交给管理员。", kind="read-only", title="不能写入"
        )
    stored, archive = stored_article(request, article_id), app_state(request).archive
    try:
        table = table_of({n: v for n, v in form.items() if n in _SAID}, stored, reading_of(archive, stored))
        check_table(stored.id, table, known_values())
    except (NotACorrection, ArchiveError) as error:
        raise Problem(422, str(error), kind="no-correction", title="写不成订正") from error
    archive.corrections.write(stored.id, table)
    archive.corrections.apply(known_values())
    audit.note(app_state(request).settings.data, visitor(request).known_as, "correct", stored.id)
    return RedirectResponse(f"/articles/{stored.id}", 303)
