"""GET /export, /articles/{id}/cite and /feed: hits to take away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from search_api.api import problems
from search_api.exports import FORMATS
from search_api.feed import feed
from search_api.parameters import View
from search_api.requests import library, recorder, stored_article

router = APIRouter(tags=["export"])

FormatName = Literal["csv", "xlsx", "jsonl", "ris", "bibtex", "gbt7714"]
FEED_ENTRIES = 50


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "文件，一边算一边送",
            "content": {f.media_type.partition(";")[0]: {} for f in FORMATS.values()},
        },
        **problems(s422="没有这种格式", s503="检索引擎暂时连不上"),
    },
    summary="带走全部命中",
)
def export(
    request: Request,
    format: Annotated[FormatName, Query(description="格式")],
    q: Annotated[str, Query(description="检索式，与 /api/v1/search 的 q 相同；筛选条件也相同")] = "",
) -> Response:
    """检索式的全部命中（不含放宽后的），条数等于检索页所示的总数。"""
    view, chosen = View.read(request.query_params), FORMATS[format]
    archive = library(request).archive
    records = recorder(request).of_ids(library(request).searcher.ids(view.q, view.filters), archive)
    pieces = chosen.write(records)
    # The first piece is made before the answer begins, so that an engine that is away is a 503 and not a file cut short.
    first = next(pieces, b"")
    return StreamingResponse(
        chain((first,), _in_chunks(pieces)), media_type=chosen.media_type, headers=named(view.q, chosen.extension)
    )


@router.get("/articles/{article_id}/cite", include_in_schema=False)
def cite(request: Request, article_id: str, format: Literal["ris", "bibtex", "gbt7714"]) -> Response:
    """One article's reference."""
    stored, chosen = stored_article(request, article_id), FORMATS[format]
    body = b"".join(chosen.write([recorder(request).of_stored(stored)]))
    return Response(body, media_type=chosen.media_type, headers=named(article_id, chosen.extension))


@router.get(
    "/feed",
    response_class=Response,
    responses={
        200: {"description": "Atom", "content": {"application/atom+xml": {}}},
        **problems(s503="检索引擎暂时连不上"),
    },
    summary="订阅检索式",
)
def atom(
    request: Request, q: Annotated[str, Query(description="检索式，与 /api/v1/search 的 q 相同")] = ""
) -> Response:
    """检索式最新的 50 篇。"""
    view = View.read(request.query_params)
    answer = library(request).searcher.search(
        view.q, top=FEED_ENTRIES, sort="newest", facets=(), filters=view.filters, strict=True, histogram=False
    )
    stored = library(request).archive.articles([hit.id for hit in answer.hits])
    body = feed(view, answer.hits, stored, str(request.base_url).rstrip("/"), datetime.now(UTC))
    return Response(body, media_type="application/atom+xml; charset=utf-8")


def _in_chunks(pieces: Iterator[bytes], least: int = 32 * 1024) -> Iterator[bytes]:
    """Pieces put together: a row at a time through the server costs more than the row."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= least:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def named(what: str, extension: str) -> dict[str, str]:
    """The header that gives a download its name, in ASCII and in Chinese."""
    name = "".join(c if c.isalnum() else "_" for c in what)[:60].strip("_") or "all"
    # A lone surrogate cannot be quoted.
    chinese = quote(f"招商文库-{name}.{extension}", errors="replace")
    return {"Content-Disposition": f"attachment; filename=\"zhaoshang.{extension}\"; filename*=UTF-8''{chinese}"}
