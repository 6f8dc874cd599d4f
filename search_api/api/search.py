"""GET /api/v1/search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse

from crawler.archive import StoredArticle
from crawler.article import format_published
from indexer.correct import did_you_mean
from indexer.search import Answer, Hit, Searcher
from indexer.suggest import suggest
from indexer.why import why
from search_api.api import problems
from search_api.api.schema import SearchAnswer, Suggestions
from search_api.exports import FORMATS
from search_api.folding import copies_of, folded
from search_api.pages.hits import figures_of
from search_api.parameters import DEEPEST, LONGEST_QUERY, NAMES, READERS, Sort, View
from search_api.problems import Problem, unreadable
from search_api.requests import library

router = APIRouter(prefix="/api/v1", tags=["search"])

MOST_EXPLAINED = 20  # hits of a page; each asks the engine once for every addend of its score
FacetName = Literal["year", "source", "kind", "origin", "practice", "place", "region", "none"]
DEFAULT_FACETS: list[FacetName] = ["year", "source", "kind", "origin"]
Values = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=20)]  # any of them will do
Year = Annotated[int, Query(ge=1, le=9999)]


@router.get(
    "/search",
    response_model=SearchAnswer,
    responses=problems(s422="参数有误", s503="检索引擎暂时连不上"),
    summary="检索",
)
def search(
    request: Request,
    q: Annotated[
        str,
        Query(
            max_length=LONGEST_QUERY,
            description="检索式；空的取全部文章。写法见 /help",
            openapi_examples={
                "words": {"summary": "都要有", "value": "飞地 税收分成"},
                "phrase": {"summary": "原样相连", "value": '"以商招商" -证券'},
                "fields": {"summary": "按字段", "value": "招商引资 region:湖南 after:2020"},
                "figures": {"summary": "按数字", "value": "figure:签约额 value:>=10亿"},
            },
        ),
    ] = "",
    page: Annotated[int, Query(ge=1, le=DEEPEST, description="第几页")] = 1,
    size: Annotated[int, Query(ge=1, le=100, description="每页几条")] = 10,
    sort: Annotated[
        Sort, Query(description="relevance 相关，newest 最新发表，oldest 最早发表，added 最近收录")
    ] = "relevance",
    year: Annotated[list[Year], Query(max_length=20, description="发表年份；可写几个，有一即可，下同")] = [],  # noqa: B006  FastAPI copies defaults
    source: Annotated[Values, Query(description="网站的名称（name）", examples=["example-swj"])] = [],  # noqa: B006
    kind: Annotated[Values, Query(description="网站的类别：government、news、forum", examples=["government"])] = [],  # noqa: B006
    origin: Annotated[Values, Query(description="来源，与分面 origin 的值相同")] = [],  # noqa: B006
    region: Annotated[
        Values, Query(description="网站所在地，包括其下的：行政区划代码、名称或拼音", examples=["430000"])
    ] = [],  # noqa: B006
    place: Annotated[
        Values, Query(description="文章讲的地方，包括其下的：行政区划代码、名称或拼音", examples=["430100"])
    ] = [],  # noqa: B006
    practice: Annotated[Values, Query(description="举措的编号或名称，见 /api/v1/practices", examples=["enclave"])] = [],  # noqa: B006
    figure: Annotated[
        list[Annotated[str, Query(max_length=200)]],
        Query(
            max_length=20,
            description="有这样的数字：签约额 signed、投资额、到位资金、实际使用外资、项目数、计划、计划投资额……",
            examples=["签约额"],
        ),
    ] = [],  # noqa: B006
    value: Annotated[
        list[Annotated[str, Query(max_length=200)]],
        Query(
            max_length=20,
            description="数额，与 figure 指同一个数字：>=10亿，1亿..5亿，>1000万美元，>=20个",
            examples=[">=10亿"],
        ),
    ] = [],  # noqa: B006
    since: Annotated[
        str,
        Query(
            max_length=40,
            description="只要这一刻起收录的：2026-11-25 或 2026-11-25T18:03:22，北京时间",
            examples=["2024-03-13"],
        ),
    ] = "",
    facets: Annotated[list[FacetName], Query(description="要哪些分面；none：都不要")] = DEFAULT_FACETS,
    strict: Annotated[bool, Query(description="命中再少也不放宽")] = False,
    expand: Annotated[bool, Query(description="用同义词扩展")] = True,
    fold: Annotated[bool, Query(description="同一页上转载的只留首发的一条；总数、分面仍按篇计")] = False,
    histogram: Annotated[bool, Query(description="要不要逐月篇数")] = True,
    snippets: Annotated[bool, Query(description="要不要摘句")] = True,
    explain: Annotated[bool, Query(description="说明检索式是怎样读的")] = False,
) -> JSONResponse:
    """命中的文章、总数、分面、逐月篇数。"""
    if page * size > DEEPEST:
        detail = f"只能翻到第 {DEEPEST:,} 条；要全部请用 /export。"
        raise Problem(
            422, detail, kind="too-deep", extra={"errors": [{"name": "page", "in": "query", "reason": detail}]}
        )
    chosen: dict[str, Iterable[str]] = {"year": map(str, year), "source": source, "kind": kind, "origin": origin}
    chosen |= {"region": region, "place": place, "practice": practice}
    chosen |= {"figure": figure, "value": value, "since": [since] if since.strip() else []}
    for name, read in READERS.items():
        for text in chosen[name]:
            if not read(text):
                raise unreadable(name, text)
    for name in NAMES:
        chosen[name] = [_known(name, text) for text in chosen[name] if text.strip()]
    filters = {name: tuple(dict.fromkeys(values)) for name, values in chosen.items()}
    view = View(q.strip(), {k: v for k, v in filters.items() if v}, sort=sort, page=page, strict=strict, expand=expand)
    searcher = library(request).searcher
    answer = searcher.search(
        view.q,
        top=size,
        offset=(page - 1) * size,
        sort=sort,
        facets=tuple(name for name in dict.fromkeys(facets) if name != "none"),
        filters=view.filters,
        strict=strict,
        snippets=snippets,
        histogram=histogram,
        expand=expand,
    )
    if fold:
        answer = replace(answer, hits=tuple(folded(answer.hits)))
    body = _body(answer, view, size, explain, fold)
    copies = copies_of(library(request).archive, answer.hits)
    for hit in body["hits"]:
        hit["copies"] = [_copy(copy) for copy in copies.get(hit["id"], ())]
    if asked := view.figures():
        figures = figures_of(library(request).archive, [hit.id for hit in answer.hits], asked)
        for hit in body["hits"]:
            hit["figures"] = [{"name": f.name, "exact": f.detail, "quote": f.quote} for f in figures.get(hit["id"], ())]
    wondered = view.q and page == 1 and not view.filters
    body["did_you_mean"] = did_you_mean(searcher, view.q, answer.total) if wondered else None
    if explain and size <= MOST_EXPLAINED:
        for hit in body["hits"]:
            hit["why"] = _why(searcher, view, hit["id"])
    return JSONResponse(body)


@router.get(
    "/suggest",
    response_model=Suggestions,
    responses=problems(s422="参数有误", s503="检索引擎暂时连不上"),
    summary="输入提示",
)
def suggestions(
    request: Request,
    q: Annotated[str, Query(max_length=100, description="检索框里已有的字；地名和举措可以用拼音", examples=["feidi"])],
    size: Annotated[int, Query(ge=1, le=20, description="最多几条")] = 8,
) -> JSONResponse:
    """往下可以怎样写：地方、举措、词语、标题。"""
    found = suggest(q, library(request).engine, size)
    return JSONResponse({"query": q, "suggestions": [asdict(suggestion) for suggestion in found]})


def _known(name: str, text: str) -> str:
    known = NAMES[name](text)
    if known is None:
        raise unreadable(name, text)
    return known


def _why(searcher: Searcher, view: View, article: str) -> dict[str, Any] | None:
    found = why(searcher.engine, view.q, article, expand=view.expand)
    if found is None:
        return None
    parts = [asdict(part) for part in found.parts]
    return {"strict": found.strict, "parts": parts, "passage": found.passage, "total": found.total}


def _copy(stored: StoredArticle) -> dict[str, Any]:
    article = stored.article
    return {
        "id": stored.id,
        "publisher": article.publisher,
        "source": article.source,
        "published": format_published(article),
        "link": f"/articles/{stored.id}",
    }


def _body(answer: Answer, view: View, size: int, explain: bool, fold: bool = False) -> dict[str, Any]:
    def link(page: int) -> str:
        return view.with_(page=page).uri("/api/v1/search", size=str(size), **({"fold": "1"} if fold else {}))

    more = view.page * size < answer.total and (view.page + 1) * size <= DEEPEST
    return {
        "query": answer.query,
        "total": answer.total,
        "relation": answer.relation,
        "widened": answer.widened,
        "page": view.page,
        "size": size,
        "sort": view.sort,
        "seconds": round(answer.seconds, 6),
        "hits": [_hit(hit) for hit in answer.hits],
        "facets": {
            name: [{"value": c.value, "count": c.count, "label": c.label} for c in counts]
            for name, counts in answer.facets.items()
        },
        "histogram": [
            {"month": f"{month // 100:04}-{month % 100:02}", "count": count} for month, count in answer.histogram
        ],
        "explain": dict(answer.explain) if explain else None,
        "links": {
            "self": link(view.page),
            "previous": link(view.page - 1) if view.page > 1 else None,
            "next": link(view.page + 1) if more else None,
            "page": view.with_(page=1).uri("/"),
            "feed": view.uri("/feed"),
            "exports": {name: view.with_(sort="relevance").uri("/export", format=name) for name in FORMATS},
        },
    }


def _hit(hit: Hit) -> dict[str, Any]:
    api, page = f"/api/v1/articles/{hit.id}", f"/articles/{hit.id}"
    return {
        "id": hit.id,
        "external_id": hit.external_id,
        "url": hit.url,
        "title": hit.title,
        "title_marks": [list(m) for m in hit.title_marks],
        "snippet": hit.snippet,
        "snippet_marks": [list(m) for m in hit.snippet_marks],
        "score": hit.score,
        "widened": hit.widened,
        "source": hit.source,
        "source_title": hit.source_title,
        "kind": hit.kind,
        "region": hit.region,
        "publisher": hit.publisher,
        "origin": hit.origin,
        "author": hit.author,
        "published": hit.published_text,
        "practices": list(hit.practices),
        "places": list(hit.places),
        "cluster": hit.cluster,
        "copies": [],
        "figures": None,
        "why": None,
        "links": {"article": api, "page": page, "capture": f"{api}/capture" if hit.has_capture else None},
    }
