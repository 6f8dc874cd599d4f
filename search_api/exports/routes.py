"""GET /export, /articles/{id}/cite and /feed: hits to take away."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from search_api.exports.atom import feed
from search_api.exports.batch import batch_lines
from search_api.exports.export import pieces
from search_api.exports.format import FigureFormat, Format, RecordFormat
from search_api.exports.record import Standard
from search_api.exports.records import recorder
from search_api.exports.registry import record_formats, search_formats
from search_api.exports.table import csv_lines
from search_api.exports.whole_archive import lines
from search_api.parameters import Asked, View, name_of
from search_api.services.cited_documents import most_cited
from search_api.services.corrected_readings import reading_of
from search_api.services.figure_browser import all_heads, kept_figures
from search_api.services.strict_view import strict_view
from search_api.web.error_handlers import Problem, unreadable
from search_api.web.headers import named
from search_api.web.known_parameters import refuse_undeclared
from search_api.web.problem_document import Fault, problems
from search_api.web.request_context import app_state, base, is_article_id, stored_article

router = APIRouter(tags=["export"])

F = TypeVar("F", bound=Format)
FEED_ENTRIES = 50
MOST_SELECTED = 200  # articles
MOST_QUERIES = 10  # of a batch: a key's exports then allow as many queries as its searches
CitedBy = Annotated[Standard, Query(description="引文按 GB/T 7714 的哪一版")]


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "文件，一边算一边送",
            "content": {f.media_type.partition(";")[0]: {} for f in search_formats().values()},
        },
        **problems(s422="没有这种格式，或参数有误", s503="检索引擎暂时连不上"),
    },
    summary="带走全部命中",
)
def export(
    request: Request,
    format: Annotated[str, Query(description="格式", json_schema_extra={"enum": list(search_formats())})],
    q: Annotated[str, Query(description="检索式，与 /api/v1/search 的 q 相同；筛选条件也相同")] = "",
    standard: CitedBy = "2025",
) -> Response:
    """检索式的全部命中（不含放宽后的），条数等于检索页所示的总数；figures 同 /export/figures。"""
    return _exported(request, strict_view(request, "format", "standard"), _format(format, search_formats()))


def _exported(request: Request, view: View, chosen: RecordFormat | FigureFormat) -> Response:
    ids = _begun(app_state(request).searcher.ids(view.q, view.filters, expand=view.expand))
    read = recorder(request).with_readings(ids, app_state(request).archive)
    name = name_of(view, app_state(request).source_title) + ("-数字" if isinstance(chosen, FigureFormat) else "")
    return StreamingResponse(
        _in_chunks(pieces(chosen, read, view.figures())),
        media_type=chosen.media_type,
        headers=named(name, chosen.extension),
    )


@router.get(
    "/export/figures",
    response_class=StreamingResponse,
    responses={
        200: {"description": "CSV，一个数字一行", "content": {"text/csv": {}}},
        **problems(s422="参数有误", s503="检索引擎暂时连不上"),
    },
    summary="带走全部数字",
)
def export_figures(
    request: Request,
    q: Annotated[str, Query(description="检索式，与 /api/v1/search 的 q 相同；筛选条件也相同")] = "",
    standard: CitedBy = "2025",
    once: Annotated[
        bool,
        Query(description="转载的只取最先刊发的一篇，一篇里重复的只取一次，有 place 的不要别处的：与 /figures 页相同"),
    ] = False,
) -> Response:
    """命中的文章里读出的数字，每个都带原话、出处和引用；有 figure、value 条件的，只要合乎条件的数字。不同文章的数字可能是同一笔，不可相加。"""
    view, chosen = strict_view(request, "standard", "once"), search_formats()["figures"]
    if not once:
        return _exported(request, view, chosen)
    ids = _begun(all_heads(app_state(request).searcher, view))
    read = recorder(request).with_readings(ids, app_state(request).archive)
    kept = ((record, kept_figures(reading, view)) for record, reading in read)
    return StreamingResponse(
        _in_chunks(pieces(chosen, kept, view.figures())),
        media_type=chosen.media_type,
        headers=named(name_of(view, app_state(request).source_title) + "-数字", chosen.extension),
    )


@router.get(
    "/export/selection",
    dependencies=[Depends(refuse_undeclared)],
    response_class=StreamingResponse,
    responses={200: {"description": "文件"}, **problems(s422="没有这种格式，或编号有误", s503="档案暂时读不到")},
    summary="带走选中的文章",
)
def selection(
    request: Request,
    article: Annotated[list[str], Query(max_length=MOST_SELECTED, description="文章编号，可以有几个")],
    format: Annotated[str, Query(description="格式", json_schema_extra={"enum": list(record_formats())})] = "csv",
    standard: CitedBy = "2025",
) -> Response:
    """这几篇，照给出的次序；不在文库里的略去。"""
    chosen = _format(format, record_formats())
    if wrong := [id for id in article if not is_article_id(id)]:
        raise unreadable("article", wrong[0])
    read = recorder(request).with_readings(dict.fromkeys(article), app_state(request).archive)
    return StreamingResponse(
        _in_chunks(pieces(chosen, read)), media_type=chosen.media_type, headers=named("选中的文章", chosen.extension)
    )


@router.get(
    "/export/batch",
    dependencies=[Depends(refuse_undeclared)],
    response_class=StreamingResponse,
    responses={
        200: {"description": "CSV，一条命中一行，没有命中的检索式也有一行", "content": {"text/csv": {}}},
        **problems(s422="参数有误", s503="检索引擎暂时连不上"),
    },
    summary="一批检索式",
)
def batch(
    request: Request,
    q: Annotated[
        list[Asked], Query(min_length=1, max_length=MOST_QUERIES, description="检索式，可以有几个；更多的分几次")
    ],
    top: Annotated[int, Query(ge=1, le=100, description="每个检索式最多几条")] = 10,
    strict: Annotated[bool, Query(description="命中再少也不放宽")] = False,
) -> Response:
    """几个检索式一起检索，同 zhaoshang search --batch；检索编号是次序。"""
    queries = [(str(number), query.strip()) for number, query in enumerate(q, 1)]
    rows = batch_lines(app_state(request).searcher, queries, base=base(request), top=top, strict=strict)
    begun = list(
        islice(rows, 2)
    )  # the heading, and the first hit: an engine that is away is a 503 and not a file cut short
    return StreamingResponse(
        _in_chunks(chain(begun, rows)), media_type="text/csv; charset=utf-8", headers=named("一批检索式", "csv")
    )


@router.get(
    "/export/all",
    dependencies=[Depends(refuse_undeclared)],
    response_class=Response,
    responses={
        200: {
            "description": "JSONL，一行一篇；Link 头的 next 是下一批，没有 next 就是完了；Repr-Digest 头是这一批的校验和",
            "content": {"application/x-ndjson": {}},
        },
        **problems(s422="参数有误", s503="档案暂时读不到"),
    },
    summary="带走全库",
)
def whole(
    request: Request,
    after: Annotated[str, Query(pattern="^([0-9a-f]{16})?$", description="从这个编号之后取起；照 Link 头走即可")] = "",
    size: Annotated[int, Query(ge=1, le=1000, description="一批几篇")] = 500,
) -> Response:
    """全部文章，按编号排列，一批一批地取，断了从上一批的末尾接着取。要全库的请用它，不要一页一页地抓；次数按密钥的限额。"""
    ids = app_state(request).archive.articles.ids(after or None, size)
    body = b"".join(lines(app_state(request).archive, recorder(request), ids))
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = {"Repr-Digest": f"sha-256=:{digest}:"} | named("全库", "jsonl")
    if len(ids) == size:
        headers["Link"] = f'</export/all?after={ids[-1]}&size={size}>; rel="next"'
    return Response(body, media_type="application/x-ndjson", headers=headers)


@router.get(
    "/export/documents",
    dependencies=[Depends(refuse_undeclared)],
    response_class=Response,
    responses={
        200: {"description": "CSV，一个文件一行", "content": {"text/csv": {}}},
        **problems(s503="检索引擎或档案暂时读不到"),
    },
    summary="带走引用最多的文件",
)
def documents(request: Request) -> Response:
    """文章引用最多的文件：标题、文号、引用它的篇数、文库里的网址、引用它的一句。"""
    here = base(request)
    rows = (
        (
            one.document.title,
            one.document.number,
            str(one.articles),
            " ".join(f"{here}/articles/{hit.id}" for hit in one.document.held),
            one.document.sentence,
            f"{here}/articles/{one.cited_in}",
        )
        for one in most_cited(app_state(request))
    )
    body = b"".join(csv_lines(("文件", "文号", "引用篇数", "文库网址", "引用它的一句", "该句所在文章"), rows))
    return Response(body, media_type="text/csv; charset=utf-8", headers=named("引用的文件", "csv"))


@router.get("/articles/{article_id}/cite", include_in_schema=False)
def cite(request: Request, article_id: str, format: str) -> Response:
    """One article's reference."""
    stored, chosen = stored_article(request, article_id), _format(format, record_formats())
    body = b"".join(chosen.write([recorder(request).of_stored(stored, reading_of(app_state(request).archive, stored))]))
    return Response(body, media_type=chosen.media_type, headers=named(article_id, chosen.extension))


@router.get(
    "/feed",
    response_class=Response,
    responses={
        200: {"description": "Atom", "content": {"application/atom+xml": {}}},
        **problems(s422="参数有误", s503="检索引擎暂时连不上"),
    },
    summary="订阅检索式",
)
def atom(
    request: Request, q: Annotated[str, Query(description="检索式，与 /api/v1/search 的 q 相同")] = ""
) -> Response:
    """检索式最新发表的 50 篇；有 since 或 sort=added 的，最近收录的 50 篇。"""
    view = strict_view(request, "format", "standard")
    answer = app_state(request).searcher.search(
        view.q,
        top=FEED_ENTRIES,
        sort="added" if view.sort == "added" or "since" in view.filters else "newest",
        facets=(),
        filters=view.filters,
        strict=True,
        histogram=False,
        expand=view.expand,
        left_out=view.left_out,
    )
    stored = app_state(request).archive.articles.get_many([hit.id for hit in answer.hits])
    title = name_of(view, app_state(request).source_title)
    body = feed(view, title, answer.hits, stored=stored, base=base(request), now=datetime.now(UTC))
    return Response(body, media_type="application/atom+xml; charset=utf-8")


def _format(name: str, formats: Mapping[str, F]) -> F:
    if name not in formats:
        detail = f"没有 {name[:20]} 这种格式；可用：{'、'.join(formats)}。"
        raise Problem(422, detail, kind="unknown-format", faults=[Fault(name="format", where="query", reason=detail)])
    return formats[name]


def _begun(ids: Iterator[str]) -> Iterator[str]:
    """The first is asked for before the answer begins, so that an engine that is away is a 503 and not a file cut short."""
    return chain(list(islice(ids, 1)), ids)


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
