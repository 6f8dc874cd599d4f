"""GET /api/v1/articles/{id}, its revisions and its stored capture."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from crawler.article import SHANGHAI
from search_api.api.schema import ArticleLinks, Reading, Revision, StoredArticle
from search_api.exports.citation import citation
from search_api.exports.record import Standard
from search_api.exports.records import recorder
from search_api.services.corrected_readings import reading_of
from search_api.web.captures import served
from search_api.web.error_handlers import Problem
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state, stored_article

router = APIRouter(prefix="/api/v1/articles", tags=["articles"])

ArticleId = Annotated[str, Path(description="文章编号，16 位十六进制", examples=["8f14e45fceea167a"])]
CitedBy = Annotated[Standard, Query(description="citation 按 GB/T 7714 的哪一版")]
_MISSING = problems(s404="没有这篇文章", s410="已撤下", s503="档案暂时读不到")


@router.get("/{article_id}", response_model_exclude_unset=True, responses=_MISSING, summary="文章")
def article(request: Request, article_id: ArticleId, standard: CitedBy = "2025") -> StoredArticle:
    """全文、字段和它们的依据、举措与数字、转载。"""
    stored = stored_article(request, article_id)
    archive = app_state(request).archive
    reading = reading_of(archive, stored)
    here = f"/api/v1/articles/{article_id}"
    return StoredArticle(
        **stored.article.to_json(),
        citation=citation(recorder(request).of_stored(stored)),
        unsure=list(stored.article.unsure),
        reading=Reading(**reading) if reading else None,
        first_seen=stored.first_seen.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        last_changed=stored.last_changed.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        revision=stored.revision_hash,
        revisions=len(archive.articles.revisions(article_id)),
        cluster=list(archive.readings.cluster_members(stored.cluster)) if stored.cluster else [],
        links=ArticleLinks(
            page=f"/articles/{article_id}",
            capture=f"{here}/capture" if stored.capture else None,
            revisions=f"{here}/revisions",
        ),
    )


@router.get("/{article_id}/revisions", response_model_exclude_unset=True, responses=_MISSING, summary="各个版本")
def revisions(request: Request, article_id: ArticleId) -> list[Revision]:
    """从最早的一版起，每版全文。"""
    stored_article(request, article_id)
    return [
        Revision(**r.article.to_json(), revision=r.revision_hash, saved_at=r.saved_at.isoformat())
        for r in app_state(request).archive.articles.revisions(article_id)
    ]


@router.get(
    "/{article_id}/capture",
    response_class=Response,
    responses={
        200: {"description": "存下的网页，原样", "content": {"text/html": {}, "text/plain": {}}},
        **_MISSING,
        **problems(s422="参数有误", s500="快照已损坏"),
    },
    summary="存下的网页",
)
def capture(
    request: Request,
    article_id: ArticleId,
    as_: Annotated[Literal["page", "text"], Query(alias="as", description="text：看源代码")] = "page",
) -> Response:
    """原样的字节，其中什么也不会运行：CSP sandbox，不载入任何东西。"""
    stored = stored_article(request, article_id)
    archive = app_state(request).archive
    found = archive.captures.get(stored.capture) if stored.capture else None
    if found is None:
        raise Problem(404, "这篇文章是导入的，没有网页快照。", kind="no-capture", title="没有快照")
    return served(archive, found, article_id, source=as_ == "text")
