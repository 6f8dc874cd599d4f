"""GET /api/v1/search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from inspect import Parameter
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request

from crawler.archive import StoredArticle
from crawler.article import format_published
from indexer.analysis.facets import COUNTED, FACETS
from indexer.search import searcher as indexed
from indexer.search.planner import facet_of
from indexer.search.searcher import Searcher
from indexer.search.spelling import did_you_mean
from indexer.search.suggest import suggest
from indexer.search.why import why
from search_api.api.schema import (
    Copy,
    Explained,
    Hit,
    HitFigure,
    HitLinks,
    SearchAnswer,
    SearchLinks,
    Suggestion,
    Suggestions,
    Topic,
    Why,
    WhyPart,
    months,
    values,
)
from search_api.exports.registry import search_formats
from search_api.parameters import (
    CHOICES,
    DEEPEST,
    MOST_VALUES,
    NAMES,
    READERS,
    Asked,
    Page,
    Sort,
    Value,
    View,
    Year,
    spread,
)
from search_api.services.reading_view import Found, figures_of
from search_api.services.republications import copies_of, folded
from search_api.services.shares import timeline_base
from search_api.web.error_handlers import Problem, unreadable
from search_api.web.problem_document import Fault, problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1", tags=["search"])

MOST_EXPLAINED = 20  # hits of a page; each asks the engine once for every addend of its score
_T = TypeVar("_T")
_NONE = "none"  # in the place of a facet's name


def _with_facets(route: Callable[..., _T]) -> Callable[..., _T]:
    """Two parameters for each facet in the place of `chosen`, of what it must be and must not be, and their names as those that `facets` may have."""
    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=[],
            annotation=Annotated[
                list[Year if facet.number else Value],  # type: ignore[misc]  # any of them will do
                Query(
                    max_length=MOST_VALUES,
                    description=f"{facet.label}不是这些；写法同 {facet.name}"
                    if name != facet.name
                    else facet.description,
                    examples=[facet.example] if facet.example else None,
                ),
            ],
        )
        for name in CHOICES
        if (facet := FACETS[facet_of(name)])
    ]
    names: Any = Literal[(*FACETS, _NONE)]
    counted = Annotated[list[names], Query(description=f"要哪些分面；{_NONE}：都不要")]
    return spread(route, "chosen", parameters, facets=counted)


@router.get(
    "/search",
    responses=problems(s422="参数有误", s503="检索引擎暂时连不上"),
    summary="检索",
)
@_with_facets
def search(
    *,
    request: Request,
    q: Annotated[
        Asked,
        Query(
            description="检索式；空的取全部文章。写法见 /help",
            openapi_examples={
                "words": {"summary": "都要有", "value": "飞地 税收分成"},
                "phrase": {"summary": "原样相连", "value": '"以商招商" -证券'},
                "fields": {"summary": "按字段", "value": "招商引资 region:湖南 after:2020"},
                "figures": {"summary": "按数字", "value": "figure:签约额 value:>=10亿"},
            },
        ),
    ] = "",
    page: Annotated[Page, Query(description="第几页")] = 1,
    size: Annotated[int, Query(ge=1, le=100, description="每页几条")] = 10,
    sort: Annotated[
        Sort, Query(description="relevance 相关，newest 最新发表，oldest 最早发表，added 最近收录")
    ] = "relevance",
    chosen: Mapping[str, list[str | int]],
    figure: Annotated[
        list[Value],
        Query(
            max_length=MOST_VALUES,
            description="有这样的数字：签约额 signed、投资额、到位资金、实际使用外资、项目数、计划、计划投资额、未说明，在谈、婉拒、开工、终止，投资额/在谈……",
            examples=["签约额"],
        ),
    ] = [],  # noqa: B006
    value: Annotated[
        list[Value],
        Query(
            max_length=MOST_VALUES,
            description="数额，与 figure 指同一个数字：>=10亿，1亿..5亿，>1000万美元，>=20个",
            examples=[">=10亿"],
        ),
    ] = [],  # noqa: B006
    after: Annotated[
        str,
        Query(max_length=40, description="这一天（月、年）起发表的：2022、2022-06 或 2022-06-15", examples=["2022-06"]),
    ] = "",
    before: Annotated[
        str, Query(max_length=40, description="这一天（月、年）之前发表的，不含它", examples=["2024"])
    ] = "",
    since: Annotated[
        str,
        Query(
            max_length=40,
            description="只要这一刻起收录的：2026-11-25 或 2026-11-25T18:03:22，北京时间",
            examples=["2024-03-13"],
        ),
    ] = "",
    facets: list[str] = list(COUNTED),  # noqa: B006  FastAPI copies defaults
    strict: Annotated[bool, Query(description="命中再少也不放宽")] = False,
    expand: Annotated[bool, Query(description="用同义词扩展，读出检索式讲什么，改正明显的错字；0：照原样")] = True,
    left_out: Annotated[
        list[Value],
        Query(
            max_length=MOST_VALUES,
            description="检索式不是讲这个的，与 about 的 key 相同",
            examples=["practice:enclave"],
        ),
    ] = [],  # noqa: B006
    fold: Annotated[bool, Query(description="同一页上转载的只留首发的一条；总数、分面仍按篇计")] = False,
    histogram: Annotated[bool, Query(description="要不要逐月篇数")] = True,
    bases: Annotated[
        bool,
        Query(
            description="逐月篇数旁要不要基数，用来算占比：合乎同样条件的同月文章，不论有没有检索词；没有条件或没有检索词的，是全库的"
        ),
    ] = False,
    snippets: Annotated[bool, Query(description="要不要摘句")] = True,
    explain: Annotated[bool, Query(description="说明检索式是怎样读的")] = False,
) -> SearchAnswer:
    """命中的文章、总数、分面、逐月篇数。"""
    if page * size > DEEPEST:
        detail = f"只能翻到第 {DEEPEST:,} 条；要全部请用 /export。"
        raise Problem(422, detail, kind="too-deep", faults=[Fault(name="page", where="query", reason=detail)])
    asked_for: dict[str, Iterable[str]] = {name: map(str, values) for name, values in chosen.items()}
    asked_for |= {"figure": figure, "value": value}
    asked_for |= {
        name: [text.strip()] if text.strip() else []
        for name, text in (("after", after), ("before", before), ("since", since))
    }
    for name, read in READERS.items():
        for text in asked_for[name]:
            if not read(text):
                raise unreadable(name, text)
    for name in NAMES:
        asked_for[name] = [_known(name, text) for text in asked_for[name] if text.strip()]
    filters = {name: tuple(dict.fromkeys(values)) for name, values in asked_for.items()}
    view = View(
        q.strip(),
        {k: v for k, v in filters.items() if v},
        sort=sort,
        page=page,
        strict=strict,
        expand=expand,
        left_out=tuple(dict.fromkeys(left_out)),
    )
    searcher = app_state(request).searcher
    answer = searcher.search(
        view.q,
        top=size,
        offset=(page - 1) * size,
        sort=sort,
        facets=tuple(name for name in dict.fromkeys(facets) if name != _NONE),
        filters=view.filters,
        strict=strict,
        snippets=snippets,
        histogram=histogram,
        expand=expand,
        left_out=view.left_out,
    )
    if answer.corrected:
        view = replace(view, q=answer.corrected)
    if fold:
        answer = replace(answer, hits=tuple(folded(answer.hits)))
    archive, ids = app_state(request).archive, [hit.id for hit in answer.hits]
    copies, figures = copies_of(archive, answer.hits), None
    stored = archive.articles.get_many(ids)
    if asked := view.figures():
        figures = figures_of(archive, ids, asked)
    wondered = view.q and page == 1 and not view.filters
    return SearchAnswer(
        query=answer.query,
        total=answer.total,
        relation=answer.relation,
        widened=answer.widened,
        did_you_mean=did_you_mean(searcher.engine, view.q, answer.total) if wondered else None,
        corrected=answer.corrected,
        about=[
            Topic(key=t.key, facet=t.facet, value=t.value, label=t.label, belief=round(t.belief, 2))
            for t in answer.about
        ],
        page=page,
        size=size,
        sort=sort,
        seconds=round(answer.seconds, 6),
        hits=[
            _hit(
                hit,
                copies=[_copy(copy) for copy in copies.get(hit.id, ())],
                figures=None if figures is None else [_figure(figure) for figure in figures.get(hit.id, ())],
                unsure=stored[hit.id].article.unsure if hit.id in stored else (),
                why=_why(searcher, view, hit.id) if explain and size <= MOST_EXPLAINED else None,
            )
            for hit in answer.hits
        ],
        facets={name: values(counts) for name, counts in answer.facets.items()},
        histogram=months(
            answer.histogram, timeline_base(searcher, view.filters, view.q).months if bases and histogram else None
        ),
        explain=Explained(**answer.explain) if explain else None,
        links=_links(view, size, answer.total, fold),
    )


@router.get(
    "/suggest",
    responses=problems(s422="参数有误", s503="检索引擎暂时连不上"),
    summary="输入提示",
)
def suggestions(
    request: Request,
    q: Annotated[str, Query(max_length=100, description="检索框里已有的字；地名和举措可以用拼音", examples=["feidi"])],
    size: Annotated[int, Query(ge=1, le=20, description="最多几条")] = 8,
) -> Suggestions:
    """往下可以怎样写：地方、举措、词语、标题。"""
    found = suggest(q, app_state(request).engine, size)
    return Suggestions(query=q, suggestions=[Suggestion(**asdict(suggestion)) for suggestion in found])


def _known(name: str, text: str) -> str:
    known = NAMES[name](text)
    if known is None:
        raise unreadable(name, text)
    return known


def _why(searcher: Searcher, view: View, article: str) -> Why | None:
    found = why(searcher, view.q, article, filters=view.filters, expand=view.expand, left_out=view.left_out)
    if found is None:
        return None
    parts = [WhyPart(**asdict(part)) for part in found.parts]
    return Why(strict=found.strict, parts=parts, passage=found.passage, total=found.total)


def _copy(stored: StoredArticle) -> Copy:
    article = stored.article
    return Copy(
        id=stored.id,
        publisher=article.publisher,
        source=article.source,
        published=format_published(article),
        link=f"/articles/{stored.id}",
    )


def _figure(found: Found) -> HitFigure:
    return HitFigure(name=found.name, exact=found.detail, quote=found.quote)


def _links(view: View, size: int, total: int, fold: bool) -> SearchLinks:
    def link(page: int) -> str:
        return view.with_(page=page).uri("/api/v1/search", size=str(size), **({"fold": "1"} if fold else {}))

    more = view.page * size < total and (view.page + 1) * size <= DEEPEST
    return SearchLinks(
        self=link(view.page),
        previous=link(view.page - 1) if view.page > 1 else None,
        next=link(view.page + 1) if more else None,
        page=view.with_(page=1).uri("/"),
        feed=view.uri("/feed"),
        exports={name: view.with_(sort="relevance").uri("/export", format=name) for name in search_formats()},
    )


def _hit(
    found: indexed.Hit,
    copies: list[Copy],
    figures: list[HitFigure] | None,
    unsure: Sequence[str],
    why: Why | None,
) -> Hit:
    api = f"/api/v1/articles/{found.id}"
    return Hit(
        id=found.id,
        external_id=found.external_id,
        url=found.url,
        title=found.title,
        title_marks=list(found.title_marks),
        snippet=found.snippet,
        proves=found.proves,
        proves_possibly=found.proves_possibly,
        proves_too=list(found.proves_too),
        snippet_marks=list(found.snippet_marks),
        score=found.score,
        widened=found.widened,
        source=found.source,
        source_title=found.source_title,
        kind=found.kind,
        region=found.region,
        publisher=found.publisher,
        origin=found.origin,
        author=found.author,
        published=found.published_text,
        unsure=list(unsure),
        practices=list(found.practices),
        places=list(found.places),
        cluster=found.cluster,
        copies=copies,
        figures=figures,
        why=why,
        links=HitLinks(
            article=api, page=f"/articles/{found.id}", capture=f"{api}/capture" if found.has_capture else None
        ),
    )
