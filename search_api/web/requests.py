"""What every handler takes from its request: the library, and the address under which the reader sees us."""

from __future__ import annotations

import re

from fastapi import Request

from crawler.archive import StoredArticle
from search_api.exports.records import Recorder
from search_api.web.problems import Problem
from search_api.web.state import Library

_ID = re.compile(r"[0-9a-f]{16}")


def library(request: Request) -> Library:
    found = request.app.state.library
    assert isinstance(found, Library)
    return found


def recorder(request: Request) -> Recorder:
    """Makes records whose addresses are those under which this request came."""
    return Recorder(str(request.base_url).rstrip("/"), library(request).source_title)


def stored_article(request: Request, article_id: str) -> StoredArticle:
    """The article of an id, 16 hex digits. Raises Problem 404."""
    stored = library(request).archive.article(article_id) if _ID.fullmatch(article_id) else None
    if stored is None:
        raise Problem(404, f"文库里没有编号为 {article_id[:40]} 的文章。", kind="no-such-article", title="没有这篇文章")
    return stored
