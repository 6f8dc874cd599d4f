"""What every handler takes from its request: the application state, the base URL, the article or place that is named."""

from __future__ import annotations

import re

from fastapi import Request

from crawler.archive import StoredArticle
from indexer.insight.vocabularies import find_practice, find_region
from search_api.web.addresses import Addresses
from search_api.web.app_state import AppState
from search_api.web.error_handlers import Problem, forgotten
from search_api.web.problem_document import Fault

_ID = re.compile(r"[0-9a-f]{16}")


def is_article_id(text: str) -> bool:
    """Whether it can be one: 16 hex digits."""
    return _ID.fullmatch(text) is not None


def base(request: Request) -> str:
    """Our web address without a stroke at its end, for links that are taken away."""
    found = request.app.state.addresses
    assert isinstance(found, Addresses)
    return found.base(request.scope)


def app_state(request: Request) -> AppState:
    found = request.app.state.app_state
    assert isinstance(found, AppState)
    return found


def stored_article(request: Request, article_id: str) -> StoredArticle:
    """The article of an id, 16 hex digits. Raises Problem 404, or 410 where it was taken down."""
    archive, whole = app_state(request).archive, is_article_id(article_id)
    stored = archive.articles.get(article_id) if whole else None
    if stored is None and whole and (tombstone := archive.tombstones.of(article_id)):
        raise forgotten(tombstone.day)
    if stored is None:
        raise Problem(404, f"文库里没有编号为 {article_id[:40]} 的文章。", kind="no-such-article", title="没有这篇文章")
    return stored


def known_place(name: str) -> str:
    """The adcode of a place, by name, pinyin or code. Raises Problem 422 where it is not known."""
    code = find_region(name)
    if code is None:
        detail = f"不认识“{name[:20]}”这个地方，请写行政区划的名称、拼音或代码。"
        raise Problem(422, detail, kind="no-such-place", faults=[Fault(name="place", where="query", reason=detail)])
    return code


def known_practice(text: str, status: int = 422) -> str:
    """The id of a practice, by id or name. Raises Problem (`status`) where it is not known."""
    practice = find_practice(text)
    if practice is None:
        detail = f"没有编号或名称为 {text[:40]} 的举措，全部见 /api/v1/practices（助手用 list_practices）。"
        raise Problem(status, detail, kind="no-such-practice", title="没有这种举措")
    return practice
