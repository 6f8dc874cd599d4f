"""The article page, its revisions, and the stored capture in its frame."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from crawler.archive import Archive, Capture, StoredArticle
from crawler.article import SHANGHAI, Article, format_published
from crawler.canonical import canonicalise
from crawler.sources.regions import region_name
from indexer.analysis.facets import FACETS
from indexer.engines.base import EngineError
from indexer.insight.vocabularies import practice_name, value_name
from indexer.search.highlight import mark
from indexer.search.similar import similar
from search_api.exports.citation import citation
from search_api.exports.records import recorder
from search_api.exports.registry import reference_formats
from search_api.exports.zotero import meta_of
from search_api.pages.blocks import shown_blocks
from search_api.pages.differences import Work, differences
from search_api.pages.dossiers import at_hand
from search_api.pages.hits import copy_of
from search_api.parameters import LONGEST_QUERY, View, name_of
from search_api.services.cited_documents import LATEST, cited_by, citing
from search_api.services.corrected_readings import reading_of
from search_api.services.reading_view import SUBJECTS, shown_reading
from search_api.services.republications import in_order
from search_api.web import forms
from search_api.web.error_handlers import Problem
from search_api.web.rendering import render
from search_api.web.request_context import app_state, stored_article
from search_api.wording import day, unsure_fields

router = APIRouter(include_in_schema=False)

FIELDS = {
    "title": "标题",
    "published_at": "日期",
    "origin": FACETS["origin"].label,
    "author": "作者",
    "editor": "责任编辑",
    "publisher": "网站",
    "body": "正文",
    "replies": "回复",
    "region": FACETS["region"].label,
    "places": FACETS["place"].label,
    "practices": FACETS["practice"].label,
}
FOLLOWED = ("industry", "firm")  # of the subjects: those whose new articles are offered
MOST_FOLLOWED = 4  # values of each
MOST_REVISIONS = 30  # that a page compares
BY_HAND = "人工订正"  # as the archive names it
RULES = {
    "meta": "网页的 meta 标签",
    "jsonld": "网页内嵌的结构化数据",
    "time": "网页的 time 标签",
    "script": "网页脚本里的数据",
    "title": "网页的 title 标签",
    "heading": "正文上方的标题",
    "line": "标题附近的信息行",
    "credit": "正文里的署名",
    "tail": "文末的信息行",
    "scored": "逐行识别",
    "container": "网页标明的正文",
    "second opinion": "trafilatura 的意见",
    "platform": "发布系统的固定位置",
    "template": "发布系统的模板",
    "url": "网址",
    "heuristic": "推断",
    "attachment": "附件",
    "import": "导入时给出",
    "list": "列表页",
    "selector": "该网站的设定",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """Where one field came from."""

    field: str
    value: str
    how: str
    rule: str
    read_from: str
    against: str = ""


@router.get("/articles/{article_id}", response_class=HTMLResponse)
def article_page(request: Request, article_id: str, q: str = "") -> HTMLResponse:
    stored = stored_article(request, article_id)
    archive, article = app_state(request).archive, stored.article
    q = " ".join(q.split())[:LONGEST_QUERY]
    reading = reading_of(archive, stored)
    found = shown_reading(reading, article.text)
    record = recorder(request).of_stored(stored, reading)
    capture = archive.captures.get(stored.capture) if stored.capture else None
    dossier = at_hand(request)
    context = {
        "article": article,
        "q": q,
        "back": _back(request, q),
        "title_marks": mark(article.title, q) if q else [],
        "record": record,
        "meta": meta_of(record),
        "unsure": unsure_fields(article),
        "date": format_published(article),
        "source": app_state(request).registry.get(article.source or ""),
        "blocks": shown_blocks(article, mark(article.text, q) if q else [], found.evidence if found else []),
        "found": found,
        "followed": list(_followed(reading)),
        "subject_labels": {name: FACETS[name].label for name in SUBJECTS},
        "cited": cited_by(app_state(request), reading, article.text),
        "citing": citing(app_state(request), reading.get("document") or ())[:LATEST],
        "capture": capture,
        "documents": {a.url: stored_as for a in article.attachments if (stored_as := _document(archive, a.url))},
        "citation": citation(record),
        "formats": reference_formats().values(),
        "basis": list(_basis(stored)),
        "correction": correction_of(article, reading),
        "revisions": archive.articles.revisions(article.id),
        "stored": stored,
        "publications": _publications(request, stored),
        "similar": _similar(request, stored),
        "at_hand": dossier if dossier and any(item.article == stored.id for item in dossier.items) else None,
        "csrf": forms.token(request),
    }
    page = render(request, "article.html", context)
    forms.set_session(request, page)
    return page


@router.get("/articles/{article_id}/revisions", response_class=HTMLResponse)
def revisions_page(request: Request, article_id: str) -> HTMLResponse:
    """Each revision against the one before, paragraph by paragraph."""
    stored = stored_article(request, article_id)
    revisions = app_state(request).archive.articles.revisions(article_id)
    work, latest = Work(), list(pairwise(revisions[-MOST_REVISIONS:]))[::-1]  # the latest first: they get the work
    steps = [(later, differences(earlier.article, later.article, work)) for earlier, later in latest]
    left_out = max(0, len(revisions) - MOST_REVISIONS)
    context = {"article": stored.article, "revisions": revisions, "steps": steps, "left_out": left_out}
    return render(request, "revisions.html", context)


@router.get("/articles/{article_id}/capture", response_class=HTMLResponse)
def capture_page(request: Request, article_id: str) -> HTMLResponse:
    """The stored page in a frame in which nothing runs, under a line that says what it is."""
    stored = stored_article(request, article_id)
    capture = app_state(request).archive.captures.get(stored.capture) if stored.capture else None
    if capture is None:
        raise Problem(404, "这篇文章是导入的，没有网页快照。", kind="no-capture", title="没有快照")
    kind = (capture.content_type or "text/html").partition(";")[0].strip().lower()
    framed = kind.startswith("text/") or kind == "application/xhtml+xml"
    return render(request, "capture.html", {"article": stored.article, "capture": capture, "framed": framed})


def _back(request: Request, q: str) -> tuple[str, str] | None:
    """(address, name) of the search from which the reader came, with its filters and its page; else of the query alone. None where there was none."""
    came, here = request.headers.get("referer", "").partition("://")[2], f"{request.headers['host']}/?"
    view = View.read(QueryParams(came.removeprefix(here) if came.startswith(here) else ""))
    if view.q == q and not view.empty:
        return view.address(), name_of(view, app_state(request).source_title)
    return (View(q).address(), q) if q else None


def _followed(reading: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, address to save the search) of what the article surely is about: its practices, places, industries and firms."""
    values = {
        "practice": [item["id"] for item in reading.get("practices") or () if item.get("sure", True)],
        "place": reading.get("regions") or (),
        **{
            facet: [item.get("key") or item["id"] for item in reading.get(key) or () if item["sure"]]
            for facet, key in SUBJECTS.items()
            if facet in FOLLOWED
        },
    }
    for facet, found in values.items():
        for value in list(dict.fromkeys(map(str, found)))[:MOST_FOLLOWED]:
            view = View(filters={facet: (value,)})
            yield value_name(FACETS[facet], value), view.address("/watches/new")


def _document(archive: Archive, url: str) -> Capture | None:
    """What was stored of a document: linked by an article, or an entry of a list itself."""
    key = canonicalise(url)
    return archive.captures.latest(key, role="attachment") or archive.captures.latest(key, role="article")


def _similar(request: Request, stored: StoredArticle) -> list[tuple[str, str, str]]:
    """(address, title, date) of articles like it; [] where the engine is away or does not have it yet."""
    try:
        engine = app_state(request).engine
        document = engine.get([stored.id]).get(stored.id)
        hits = similar(engine, document) if document else []
    except EngineError:
        return []
    return [(f"/articles/{h.document.id}", h.document.title or "无题", day(h.document.published)) for h in hits]


def _publications(request: Request, stored: StoredArticle) -> list[tuple[str, str, str, bool]]:
    """(address, site, date, is it this article) of the article and its republications, in order; [] for an article that stands alone."""
    archive = app_state(request).archive
    members = archive.readings.cluster_members(stored.cluster) if stored.cluster else []
    if len(members) < 2:
        return []
    found = archive.articles.get_many(members)
    copies = [copy_of(copy, recorder(request)) for copy in in_order(members, found)]
    return [(c.href, c.site, c.date, c.href == f"/articles/{stored.id}") for c in copies]


def correction_of(article: Article, reading: Mapping[str, Any]) -> str:
    """The table of DATA/corrections.toml in which one would correct what was read, with the values as they are."""
    at, written = article.published_at, format_published(article) or ""
    if at is not None and article.published_precision == "minute":
        written = at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:00")  # TOML's times have seconds
    values = {
        "title": article.title,
        "origin": article.origin or "",
        "author": article.author or "",
        "places": [str(code) for code in reading.get("regions") or ()],
        "practices": list(
            dict.fromkeys(str(item["id"]) for item in reading.get("practices") or () if item.get("sure", True))
        ),
        "note": "",
    }
    date = f"date = {written}" if written else "# date = 2024-03-13"
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join([f"[{article.id}]", date, *lines])


def _basis(stored: StoredArticle) -> Iterator[Basis]:
    article, correction = stored.article, stored.correction or {}
    values = {
        "title": article.title,
        "published_at": format_published(article) or "",
        "origin": article.origin or "",
        "author": article.author or "",
        "editor": article.editor or "",
        "publisher": article.publisher or "",
        "body": f"{len(article.text):,} 字"
        + (f"，把握 {article.confidence:.2f}" if article.confidence is not None else ""),
        "replies": "" if article.replies is None else f"{article.replies:,}",
    }
    note = str(correction.get("note", ""))
    for name, written in (("places", region_name), ("practices", practice_name)):
        if name in correction:
            yield Basis(FIELDS[name], "、".join(map(written, correction[name])), "", BY_HAND, note)
    known = sorted(
        article.provenance.items(), key=lambda item: list(FIELDS).index(item[0]) if item[0] in FIELDS else 99
    )
    for name, source in known:
        how = RULES.get(source.rule.partition(":")[0], "")
        yield Basis(
            FIELDS.get(name, name),
            values.get(name, ""),
            how,
            source.rule,
            read_from=source.read_from[:160],
            against=source.against,
        )
