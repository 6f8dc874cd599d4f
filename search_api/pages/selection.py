"""Hits that a reader marked: cite all, take all away, put all into a dossier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from search_api.exports.citation import citation
from search_api.exports.records import recorder
from search_api.exports.registry import record_formats
from search_api.exports.zotero import coins
from search_api.pages import dossiers
from search_api.services.selection import marked, to_add
from search_api.web import forms
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state, is_article_id

router = APIRouter(include_in_schema=False)

MOST = 200  # articles at once
Form = Annotated[Mapping[str, str], Depends(forms.form)]


@router.get("/selection", response_class=HTMLResponse)
def selection_page(request: Request) -> Response:
    """The marked articles, and what may be done with them."""
    ids = _known(request.query_params.getlist("article"))
    dossier = dossiers.at_hand(request)
    found = marked(app_state(request).archive, ids, dossier)
    recording = recorder(request)
    records = [recording.of_stored(one.stored) for one in found]
    context = {
        "items": [(one, record, coins(record)) for one, record in zip(found, records, strict=True)],
        "references": [f"[{n}] {citation(record)}" for n, record in enumerate(records, 1)],
        "ids": " ".join(one.stored.id for one in found),
        "left_out": len(set(request.query_params.getlist("article"))) - len(found),
        "copies": sum(1 for one in found if one.copy_of is not None),
        "there": sum(1 for one in found if one.there),
        "dossier": dossier,
        "formats": record_formats().values(),
        "taken": urlencode([("article", one.stored.id) for one in found]),
        "csrf": forms.token(request),
    }
    page = render(request, "selection.html", context)
    forms.set_session(request, page)
    return page


@router.post("/dossiers/gather")
def gather(request: Request, form: Form) -> Response:
    """Put all of them into the dossier at hand, or into a new one; the address of the dossier then says what came of it."""
    ids = _known(form.get("articles", "").split())
    if not ids:
        raise Problem(422, "没有选中文章：请在检索结果里勾选。", kind="nothing-marked", title="没有改动")
    archive, dossier = app_state(request).archive, dossiers.at_hand(request)
    if dossier is None or form.get("into") == "new":
        dossier = dossiers.create_dossier(request, form.get("title", "").strip()[: dossiers.LONGEST_TITLE])
    found = marked(archive, ids, dossier)
    wanted = to_add(found, copies=form.get("copies") == "1")
    dossiers.check_items(dossier, len(wanted))
    for id in wanted:
        archive.dossiers.add(dossier.token, id)
    dossiers.note_change(request, f"dossier add {len(wanted)}", dossier)
    there = sum(1 for one in found if one.there)
    counts = {"added": len(wanted), "there": there, "copies": len(found) - len(wanted) - there}
    return dossiers.at(request, dossier, {name: n for name, n in counts.items() if n or name == "added"})


@router.get("/dossiers/gather")
def back(request: Request) -> RedirectResponse:
    """For who reloads the address of the form."""
    return RedirectResponse("/dossiers", 303)


def _known(ids: list[str]) -> list[str]:
    return [id for id in dict.fromkeys(ids) if is_article_id(id)][:MOST]
