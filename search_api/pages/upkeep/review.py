"""The review queue: what a person should look at, and the forms that decide. For those who may write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from crawler.archive import ArchiveError
from crawler.sources import SourceError
from search_api.parameters import readable
from search_api.services.upkeep.reviewing import KINDS, NotDecided, Verdict, decide, review_page
from search_api.web import forms
from search_api.web.access import visitor
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state

router = APIRouter(include_in_schema=False)

Form = Annotated[Mapping[str, str], Depends(forms.form)]
PAGE = 20
NEW = 2000  # changed articles that are looked at before the page is shown; a night looks at all


@router.get("/review", response_class=HTMLResponse)
def review(request: Request, kind: str = "", source: str = "", page: str = "1") -> Response:
    """The items, failures first; of one kind or one source where the address says so."""
    _only_writers(request)
    state = app_state(request)
    whole = state.archive.reviews.refresh(most=NEW)
    kind = kind if kind in KINDS else ""
    source = source if source in state.registry else ""
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
    shown = review_page(
        state.archive, state.registry, kind=kind, source=source, limit=PAGE, offset=PAGE * (max(1, number) - 1)
    )
    given = {"kind": kind, "source": source}

    def at(**changes: str) -> str:
        pairs = [(name, value) for name, value in {**given, **changes}.items() if value]
        return f"/review?{readable(pairs)}" if pairs else "/review"

    by_source = {
        name: sum(n for (s, k), n in shown.counts.items() if s == name and kind in ("", k))
        for name in {s for s, _ in shown.counts}
    }
    context = {
        "items": shown.items,
        "total": shown.total,
        "kinds": KINDS,
        "counts": shown.of_kinds(source),
        "sources": sorted(
            ((n, name) for name, n in by_source.items() if n and name), key=lambda one: (-one[0], one[1])
        ),
        "names": {name: one.title for name, one in state.registry.items()},
        "at": at,
        **given,
        "page": max(1, number),
        "last": max(1, -(-shown.total // PAGE)),
        "back": at(page=str(number) if number > 1 else ""),
        "whole": whole,
        "done": request.query_params.get("done", "")[:300],
        "csrf": forms.token(request),
    }
    answer = render(request, "review.html", context)
    forms.set_session(request, answer)
    return answer


@router.post("/review")
def decided(request: Request, form: Form) -> Response:
    """One decision; then the page where it was made, with what was done."""
    _only_writers(request)
    verdict = form.get("verdict", "")
    if verdict not in get_args(Verdict):
        raise Problem(422, "请选收下、改正或搁置。", kind="no-verdict", title="没有决定")
    state = app_state(request)
    try:
        told = decide(
            state.archive,
            state.settings,
            form.get("handle", "")[:200],
            verdict,  # type: ignore[arg-type]
            value=form.get("value", "")[:500],
            who=visitor(request).known_as,
        )
    except (NotDecided, ArchiveError, SourceError) as error:
        raise Problem(422, str(error), kind="not-decided", title="没有写成") from error
    back = form.get("here", "")
    back = back if back == "/review" or back.startswith("/review?") else "/review"
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{readable([('done', told)])}", 303)


def _only_writers(request: Request) -> None:
    if not visitor(request).may_write:
        raise Problem(403, "待看的这一页要用能写的访问密钥，在 /session 输入。", kind="read-only", title="要能写的密钥")
