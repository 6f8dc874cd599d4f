"""Choose what to quote of an article: by sentences on a page of their own, or, where scripts run, by marking words in the article."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from search_api.pages import dossiers
from search_api.services.quoting import LONGEST, Passage, joined, locate, paragraphs
from search_api.web import forms
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state, stored_article

router = APIRouter(include_in_schema=False)

Form = Annotated[Mapping[str, str], Depends(forms.form)]
_SPAN = re.compile(r"s(\d{1,8})-(\d{1,8})")


@router.get("/articles/{article_id}/quote", response_class=HTMLResponse)
def quoting_page(request: Request, article_id: str) -> Response:
    """The sentences, each with a box."""
    stored = stored_article(request, article_id)
    dossier = dossiers.at_hand(request)
    quoted = {
        (q.start, q.end)
        for item in (dossier.items if dossier else ())
        if item.article == stored.id
        for q in item.quotations
    }
    context = {
        "article": stored.article,
        "paragraphs": paragraphs(stored.article.text),
        "quoted": quoted,
        "dossier": dossier,
        "csrf": forms.token(request),
    }
    page = render(request, "quote.html", context)
    forms.set_session(request, page)
    return page


@router.post("/articles/{article_id}/quote")
def quote(request: Request, article_id: str, form: Form) -> Response:
    """Keep what was chosen in the dossier at hand; the first one begins it."""
    stored = stored_article(request, article_id)
    chosen = _chosen(stored.article.text, form)
    dossier = dossiers.at_hand(request) or dossiers.create_dossier(request)
    if all(item.article != stored.id for item in dossier.items):
        dossiers.check_items(dossier, 1)
    dossiers.check_room(request, dossier.owner, sum(len(one.text) for one in chosen))
    for one in chosen:
        app_state(request).archive.dossiers.quote(dossier.token, stored.id, one.start, one.end, one.text)
    dossiers.note_change(request, f"dossier quote {len(chosen)}", dossier)
    return dossiers.at(request, dossier, {"quoted": len(chosen)}, fragment=stored.id)


def _chosen(text: str, form: Mapping[str, str]) -> list[Passage]:
    """Raises Problem 422 for nothing, for words that are not in the text, and for too many."""
    spans = [(int(m[1]), int(m[2])) for name in form if (m := _SPAN.fullmatch(name))]
    try:
        chosen = joined(text, spans)
    except ValueError:
        raise Problem(422, "正文已经改过，请退回去刷新一下再选。", kind="not-in-the-text", title="没有摘录") from None
    if words := form.get("text", "").strip():
        found = locate(text, words, form.get("before", ""))
        if found is None:
            raise Problem(422, "选中的文字不全在正文里，请只选正文。", kind="not-in-the-text", title="没有摘录")
        chosen.append(found)
    if not chosen:
        raise Problem(422, "没有选中句子：请勾选要摘的句子。", kind="nothing-marked", title="没有摘录")
    if any(len(one.text) > LONGEST for one in chosen):
        raise Problem(422, f"一段摘录最多 {LONGEST:,} 字，请分几段摘。", kind="quotation-too-long", title="没有摘录")
    return chosen
