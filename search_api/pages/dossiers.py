"""Dossiers: articles collected by a researcher, ordered and annotated with plain forms, at a URL that cannot be guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain, islice
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from crawler.archive import Archive, Dossier, DossierItem
from crawler.archive.access import audit
from indexer.insight.vocabularies import practice_name
from search_api.exports.citation import citation
from search_api.exports.format import Chapter, DossierFormat, Quoted
from search_api.exports.format import Dossier as DossierText
from search_api.exports.record import flat
from search_api.exports.records import recorder
from search_api.exports.registry import dossier_formats
from search_api.exports.snapshots import snapshots_of
from search_api.exports.zotero import coins
from search_api.services.corrected_readings import readings_of
from search_api.services.quoting import place_of
from search_api.web import forms
from search_api.web.access import visitor
from search_api.web.error_handlers import Problem
from search_api.web.headers import named
from search_api.web.rendering import render
from search_api.web.request_context import app_state, stored_article

router = APIRouter(include_in_schema=False)

COOKIE = "dossier"  # the dossier into which 收入卷宗 puts an article
MOST_ITEMS = 500
MOST_DOSSIERS = 50  # of one owner
MOST_WRITTEN = 200_000  # characters of all titles and notes of one owner
LONGEST_TITLE, LONGEST_NOTE = 200, 5000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")

Form = Annotated[Mapping[str, str], Depends(forms.form)]


@router.get("/dossiers", response_class=HTMLResponse)
def dossiers_page(request: Request) -> Response:
    """The dossier at hand, or how to begin one."""
    dossier = current(request)
    page = render(request, "dossiers.html", {"dossier": dossier, "csrf": forms.token(request)})
    forms.set_session(request, page)
    return page


@router.post("/dossiers")
def create(request: Request, form: Form) -> Response:
    return at(request, create_dossier(request, _short(form, "title", LONGEST_TITLE)))


@router.post("/dossiers/add")
def add(request: Request, form: Form) -> Response:
    """Put an article into the dossier at hand; the first one begins it."""
    stored = stored_article(request, form.get("article", ""))
    dossier = at_hand(request) or create_dossier(request)
    if any(item.article == stored.id for item in dossier.items):
        return at(request, dossier, {"there": 1})
    check_items(dossier, 1)
    app_state(request).archive.dossiers.add(dossier.token, stored.id)
    note_change(request, "dossier add", dossier)
    return at(request, dossier)


@router.get("/dossiers/{token}", response_class=HTMLResponse)
def dossier_page(request: Request, token: str) -> Response:
    dossier = _dossier(request, token)
    chapters = _chapters(request, dossier)
    page = render(
        request,
        "dossier.html",
        {
            "dossier": dossier,
            "chapters": [(chapter, citation(chapter.record), coins(chapter.record)) for chapter in chapters],
            "said": _said(request.query_params),
            "missing": len(dossier.items) - len(chapters),
            "csrf": forms.token(request),
            "may_change": _may_change(request, dossier),
            "at_hand": request.cookies.get(COOKIE) == token,
            "formats": dossier_formats().values(),
        },
    )
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Cache-Control"] = "private, no-store"
    forms.set_session(request, page)
    return page


@router.post("/dossiers/{token}")
def change(request: Request, token: str, form: Form) -> Response:
    """One change, named by `do`."""
    dossier = _dossier(request, token)
    if not _may_change(request, dossier):
        detail = "改动卷宗要用建它的那个浏览器，或有写入权限的访问密钥；卷宗仍可照地址阅读和导出。"
        raise Problem(403, detail, kind="not-your-dossier", title="没有改动")
    if form.get("do") == "delete":
        app_state(request).archive.dossiers.delete(dossier.token)
        note_change(request, "dossier delete", dossier)
        return RedirectResponse("/dossiers", status_code=303)
    act = _ACTS.get(form.get("do", ""))
    if act is None:
        raise Problem(422, "不知道要改什么：请用卷宗页面上的按钮。", kind="unknown-change")
    check_room(
        request, dossier.owner, len(_short(form, "title", LONGEST_TITLE)) + len(_short(form, "note", LONGEST_NOTE))
    )
    act(app_state(request).archive, dossier, form)
    note_change(request, f"dossier {form['do']}", dossier)
    return at(request, dossier, fragment=_changed(dossier, form))


def _changed(dossier: Dossier, form: Mapping[str, str]) -> str:
    """The item that a form changed, as the page's address names it: who writes ten notes need not look for the place ten times. '' for none."""
    article, quotation = form.get("article", ""), form.get("quotation", "")
    return next(
        (i.article for i in dossier.items if i.article == article or any(str(q.id) == quotation for q in i.quotations)),
        "",
    )


@router.get("/dossiers/{token}/export")
def export(request: Request, token: str, format: str = "docx") -> Response:
    dossier = _dossier(request, token)
    chapters = _chapters(request, dossier)
    chosen = dossier_formats().get(format)
    if chosen is None:
        raise Problem(422, f"没有 {format[:20]} 这种格式。", kind="unknown-format")
    if isinstance(chosen, DossierFormat):
        written = chosen.write(DossierText(dossier.title, dossier.note, chapters, author=dossier.author or ""))
    else:
        written = chosen.write(chapter.record for chapter in chapters)
    begun = list(islice(written, 1))  # a file that cannot be made is an error page, and not a file cut short
    headers = {**named(dossier.title, chosen.extension), "Cache-Control": "private, no-store"}
    return StreamingResponse(chain(begun, written), media_type=chosen.media_type, headers=headers)


def current(request: Request) -> Dossier | None:
    """The dossier at hand."""
    token = request.cookies.get(COOKIE, "")
    return app_state(request).archive.dossiers.get(token) if _TOKEN.fullmatch(token) else None


def at_hand(request: Request) -> Dossier | None:
    """The dossier at hand, where this visitor may change it."""
    dossier = current(request)
    return dossier if dossier and _may_change(request, dossier) else None


def check_items(dossier: Dossier, more: int) -> None:
    """Raises Problem 409 where so many more articles have no room in it."""
    if len(dossier.items) + more > MOST_ITEMS:
        raise Problem(409, f"一个卷宗最多放 {MOST_ITEMS} 篇，请另建一个。", kind="dossier-full", title="卷宗满了")


def _may_change(request: Request, dossier: Dossier) -> bool:
    """The browser that made it, a key or a user who may write; a reader at this machine always."""
    return visitor(request).owns(dossier.owner)


def create_dossier(request: Request, title: str = "") -> Dossier:
    """A new one of this visitor. Raises Problem 409 where they have enough."""
    owner = visitor(request).owner
    check_room(request, owner, len(title), more=1)
    dossier = app_state(request).archive.dossiers.create(title or "未命名的卷宗", owner=owner)
    note_change(request, "dossier create", dossier)
    return dossier


def check_room(request: Request, owner: str | None, characters: int, *, more: int = 0) -> None:
    if visitor(request).local or owner is None:
        return
    count, written = app_state(request).archive.dossiers.made_by(owner)
    if count + more > MOST_DOSSIERS:
        detail = f"一人最多建 {MOST_DOSSIERS} 个卷宗，请先删去不用的。"
        raise Problem(409, detail, kind="too-many-dossiers", title="卷宗太多")
    if written + characters > MOST_WRITTEN:
        detail = f"卷宗的标题和批注合计最多 {MOST_WRITTEN:,} 字，请先删去一些。"
        raise Problem(409, detail, kind="dossiers-full", title="卷宗满了")


def note_change(request: Request, what: str, dossier: Dossier) -> None:
    """A line of the audit log; the beginning of the token tells dossiers apart and opens none."""
    audit.note(app_state(request).settings.data, visitor(request).known_as, what, dossier.token[:8])


def _dossier(request: Request, token: str) -> Dossier:
    found = app_state(request).archive.dossiers.get(token) if _TOKEN.fullmatch(token) else None
    if found is None:
        raise Problem(404, "没有这个卷宗：地址要完整，一个字也不能少。", kind="no-such-dossier", title="没有这个卷宗")
    return found


def _chapters(request: Request, dossier: Dossier) -> list[Chapter]:
    """The items whose articles are still in the archive, in their order."""
    recording, items = recorder(request), {item.article: item for item in dossier.items}
    archive, chapters = app_state(request).archive, []
    for stored, reading in readings_of(archive, items):
        record, text, item = recording.of_stored(stored, reading), stored.article.text, items[stored.id]
        quotations = _quotations(item, text)
        chapters.append(
            Chapter(
                record,
                item.note,
                [] if quotations else _proofs(reading, text),
                quotations=quotations,
                snapshots=partial(snapshots_of, archive, stored),
            )
        )
    return chapters


def _said(query: Mapping[str, str]) -> str:
    """What the last form did, as the address tells it."""
    count = {n: int(v) for n, v in query.items() if n in _SAID and v.isascii() and v.isdigit() and len(v) < 5}
    return "".join(_SAID[name].format(count[name]) for name in _SAID if name in count)


_SAID = {
    "added": "收入 {} 篇。",
    "there": "{} 篇原来就在这个卷宗里，没有再收。",
    "copies": "{} 篇是转载，同文的已收，没有再收。",
    "quoted": "摘录 {} 段。",
}


def _quotations(item: DossierItem, text: str) -> list[Quoted]:
    """What the researcher quoted, each with where it stands: a paragraph, or that the text is not what it was."""
    found = []
    for one in item.quotations:
        same = text[one.start : one.end] == one.text
        moved = text.find(one.text) if not same else one.start
        place = place_of(text, moved) if moved >= 0 else "正文后来改过，摘录时的原话"
        words = flat(one.text)
        ends = (
            f"{quote(words[:20], safe='')},{quote(words[-20:], safe='')}" if len(words) > 40 else quote(words, safe="")
        )
        link = f"/articles/{item.article}#:~:text={ends.replace('-', '%2D')}" if moved >= 0 else ""
        found.append(Quoted(words, place, link, one.id))
    return found


def _proofs(reading: Mapping[str, Any], text: str) -> list[tuple[str, str]]:
    """(names of practices, the whole sentence that proves them), a sentence once, in the order of the text."""
    found: dict[tuple[int, int], list[str]] = {}
    for item in reading.get("practices") or ():
        if "start" in item and item.get("sure", True):
            names = found.setdefault((int(item["start"]), int(item["end"])), [])
            if (name := practice_name(str(item["id"]))) not in names:
                names.append(name)
    return [("、".join(names), flat(text[start:end])) for (start, end), names in sorted(found.items())]


def at(request: Request, dossier: Dossier, said: Mapping[str, int] | None = None, *, fragment: str = "") -> Response:
    """To the dossier's page, which says what was done; it is the one at hand from now on."""
    query = "?" + urlencode(said) if said else ""
    place = f"#{fragment}" if fragment else ""
    response = RedirectResponse(f"/dossiers/{dossier.token}{query}{place}", status_code=303)
    forms.remember(request, response, COOKIE, dossier.token)
    return response


def _short(form: Mapping[str, str], name: str, longest: int) -> str:
    return form.get(name, "").strip()[:longest]


def _rename(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    title, note = _short(form, "title", LONGEST_TITLE), _short(form, "note", LONGEST_NOTE)
    author = _short(form, "author", LONGEST_TITLE)
    archive.dossiers.change(dossier.token, title=title or dossier.title, note=note, author=author)


def _annotate(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    article = form.get("article", "")
    if any(item.article == article for item in dossier.items):
        archive.dossiers.add(dossier.token, article, note=_short(form, "note", LONGEST_NOTE))


def _remove(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    archive.dossiers.remove(dossier.token, form.get("article", ""))


def _unquote(archive: Archive, dossier: Dossier, form: Mapping[str, str]) -> None:
    number = form.get("quotation", "")
    if number.isascii() and number.isdigit() and len(number) < 18:
        archive.dossiers.unquote(dossier.token, int(number))


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
    "unquote": _unquote,
    "up": _move(-1),
    "down": _move(1),
}
