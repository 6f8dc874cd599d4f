"""GET /api/v1/documents: laws, policies and notices that articles cite most, and whether the archive has them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from search_api.api.schema import DocumentCitations
from search_api.services.cited_documents import most_cited
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1", tags=["desk"])


@router.get(
    "/documents", responses=problems(s422="参数有误", s503="检索引擎或档案暂时读不到"), summary="引用最多的文件"
)
def documents(
    request: Request, held: Annotated[bool | None, Query(description="只要文库里有的，或没有的")] = None
) -> list[DocumentCitations]:
    """文章引用最多的 50 个文件，转载只算一次；各附一句引用它的原文。"""
    return [
        DocumentCitations(
            key=one.document.key,
            title=one.document.title,
            number=one.document.number,
            articles=one.articles,
            sentence=one.document.sentence,
            cited_in=one.cited_in,
            held=[hit.id for hit in one.document.held],
        )
        for one in most_cited(app_state(request), held=held)
    ]
