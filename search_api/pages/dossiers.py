"""Dossiers: articles collected by a researcher, ordered and annotated with plain forms, at a URL that cannot be guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crawler.archive import Archive, Dossier
from indexer.insight.vocabularies import practice_name
from search_api.exports import FORMATS
from search_api.exports.dossiers import DOSSIER_FORMATS, Chapter
from search_api.exports.gbt7714 import citation
from search_api.exports.record import flat
from search_api.exports.records import recorder
from search_api.services.corrected_readings import readings_of
from search_api.web import forms
from search_api.web.error_handlers import Problem
from search_api.web.headers import named
from search_api.web.rendering import render
from search_api.web.request_context import app_state, stored_article

router = APIRouter(include_in_schema=False)

COOKIE = "dossier"  # the dossier into which 收入卷宗 puts an article
MOST_ITEMS = 500
LONGEST_TITLE, LONGEST_NOTE = 200, 5000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")

Form = Annotated[Mapping[str, str], Depends(forms.form)]


@router.get("/dossiers", response_class=HTMLResponse)
def dossiers_page(request: Request) -> Response:
    """The dossier at hand, or how to begin one."""
    dossier = current(request)
    page = render(request, "dossiers.html", {"dossier": dossier, "csrf": forms.token(request)})
    forms.set_csrf_cookie(request, page)
    return page


@router.post("/dossiers")
def create(request: Request, form: Form) -> Response:
    dossier = app_state(request).archive.dossiers.create(_short(form, "title", LONGEST_TITLE) or "未命名的卷宗")
    return _at(request, dossier)


@router.post("/dossiers/add")
def add(request: Request, form: Form) -> Response:
    """Put an article into the dossier at hand; the first one begins it."""
    stored = stored_article(request, form.get("article", ""))
    archive = app_state(request).archive
    dossier = current(request) or archive.dossiers.create("未命名的卷宗")
    if len(dossier.items) >= MOST_ITEMS:
        raise Problem(409, f"一个卷宗最多放 {MOST_ITEMS} 篇，请另建一个。", kind="dossier-full", title="卷宗满了")
    archive.dossiers.add(dossier.token, stored.id)
    return _at(request, dossier)


@router.get("/dossiers/{token}", response_class=HTMLResponse)
def dossier_page(request: Request, token: str) -> Response:
    dossier = _dossier(request, token)
    chapters = _chapters(request, dossier)
    page = render(
        request,
        "dossier.html",
        {
            "dossier": dossier,
            "chapters": [(chapter, citation(chapter.record)) for chapter in chapters],
            "missing": len(dossier.items) - len(chapters),
            "csrf": forms.token(request),
            "at_hand": request.cookies.get(COOKIE) == token,
            "formats": [*DOSSIER_FORMATS.values(), *FORMATS.values()],
        },
    )
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Cache-Control"] = "private, no-store"
    forms.set_csrf_cookie(request, page)
    return page


@router.post("/dossiers/{token}")
def change(request: Request, token: str, form: Form) -> Response:
    """One change, named by `do`."""
    dossier = _dossier(request, token)
    if form.get("do") == "delete":
        app_state(request).archive.dossiers.delete(dossier.token)
        return RedirectResponse("/dossiers", status_code=303)
    act = _ACTS.get(form.get("do", ""))
    if act is None:
        raise Problem(422, "不知道要改什么：请用卷宗页面上的按钮。", kind="unknown-change")
    act(app_state(request).archive, dossier, form)
    return _at(request, dossier)


@router.get("/dossiers/{token}/export")
def export(request: Request, token: str, format: str = "docx") -> Response:
    dossier = _dossier(request, token)
    chapters = _chapters(request, dossier)
    headers: dict[str, str]
    if format in DOSSIER_FORMATS:
        chosen = DOSSIER_FORMATS[format]
        body = chosen.write(dossier.title, dossier.note, chapters)
        headers = named(dossier.title, chosen.extension)
        return Response(body, media_type=chosen.media_type, headers=headers)
    if format not in FORMATS:
        raise Problem(422, f"没有 {format[:20]} 这种格式。", kind="unknown-format")
    table = FORMATS[format]
    body = b"".join(table.write(chapter.record for chapter in chapters))
    return Response(body, media_type=table.media_type, headers=named(dossier.title, table.extension))


def current(request: Request) -> Dossier | None:
    """The dossier at hand."""
    token = request.cookies.get(COOKIE, "")
    return app_state(request).archive.dossiers.get(token) if _TOKEN.fullmatch(token) else None


def _dossier(request: Request, token: str) -> Dossier:
    found = app_state(request).archive.dossiers.get(token) if _TOKEN.fullmatch(token) else None
    if found is None:
        raise Problem(404, "没有这个卷宗：地址要完整，一个字也不能少。", kind="no-such-dossier", title="没有这个卷宗")
    return found


def _chapters(request: Request, dossier: Dossier) -> list[Chapter]:
    """The items whose articles are still in the archive, in their order."""
    recording, notes = recorder(request), {item.article: item.note for item in dossier.items}
    chapters = []
    for stored, reading in readings_of(app_state(request).archive, notes):
        record = recording.of_stored(stored, reading)
        chapters.append(Chapter(record, notes[stored.id], _proofs(reading, stored.article.text)))
    return chapters


def _proofs(reading: Mapping[str, Any], text: str) -> list[tuple[str, str]]:
    """(names of practices, the whole sentence that proves them), a sentence once, in the order of the text."""
    found: dict[tuple[int, int], list[str]] = {}
    for item in reading.get("practices") or ():
        if "start" in item:
            names = found.setdefault((int(item["start"]), int(item["end"])), [])
            if (name := practice_name(str(item["id"]))) not in names:
                names.append(name)
    return [("、".join(names), flat(text[start:end])) for (start, end), names in sorted(found.items())]


def _at(request: Request, dossier: Dossier) -> Response:
    response = RedirectResponse(f"/dossiers/{dossier.token}", status_code=303)
    forms.remember(request, response, COOKIE, dossier.token)
    return response


def _short(form: Mapping[str, str], name: str, longest: int) -> str:
    return form.get(name, "").strip()[:longest]


def _rename(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    title, note = _short(form, "title", LONGEST_TITLE), _short(form, "note", LONGEST_NOTE)
    archive.dossiers.change(dossier.token, title=title or dossier.title, note=note)


def _annotate(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    article = form.get("article", "")
    if any(item.article == article for item in dossier.items):
        archive.dossiers.add(dossier.token, article, note=_short(form, "note", LONGEST_NOTE))


def _remove(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    archive.dossiers.remove(dossier.token, form.get("article", ""))


def _move(step: int) -> Callable[[Archive, Dossier, Mapping[str, str]], None]:
    def move(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
        order = [item.article for item in dossier.items]
        article = form.get("article", "")
        if article in order:
            at = order.index(article)
            order.insert(max(0, at + step), order.pop(at))
            archive.dossiers.order(dossier.token, order)

    return move


_ACTS: Mapping[str, Callable[[Archive, Dossier, Mapping[str, str]], Any]] = {
    "rename": _rename,
    "note": _annotate,
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
}
