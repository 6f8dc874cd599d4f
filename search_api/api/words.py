"""GET /api/v1/words: words typical of the articles that a query finds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from search_api.parameters import Asked
from search_api.services.strict_view import strict_view
from search_api.services.typical_words import typical_words
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1", tags=["desk"])


class Word(BaseModel):
    """`per_thousand`, `in_archive`: of a thousand words in the set and in the archive; `log_likelihood`: 15.13 is p < 0.0001; `log_ratio`: log₂ of one by the other."""

    word: str = Field(examples=["飞地"])
    count: int = Field(examples=[120])
    articles: int = Field(examples=[31])
    per_thousand: float = Field(examples=[4.1])
    in_archive: float = Field(examples=[0.3])
    log_likelihood: float = Field(examples=[512.3])
    log_ratio: float = Field(examples=[3.8])


class Words(BaseModel):
    """`sampled` of the `total` articles were read, `reference` of the archive; of republications one."""

    total: int = Field(examples=[812])
    sampled: int = Field(examples=[500])
    reference: int = Field(examples=[1500])
    words: list[Word]


@router.get("/words", responses=problems(s422="参数有误", s503="检索引擎暂时连不上"), summary="特有的词")
def words(
    request: Request, q: Annotated[Asked, Query(description="检索式；筛选条件与 /api/v1/search 相同")] = ""
) -> Words:
    """命中的文章比全库多用的词，按对数似然排列；文章多的抽样，抽了几篇写在 sampled。"""
    view = strict_view(request)
    found = typical_words(app_state(request), view.q, view.filters, expand=view.expand)
    return Words(
        total=found.total,
        sampled=found.sampled,
        reference=found.reference,
        words=[
            Word(
                word=one.word,
                count=one.count,
                articles=one.articles,
                per_thousand=round(one.here, 3),
                in_archive=round(one.there, 3),
                log_likelihood=round(one.log_likelihood, 2),
                log_ratio=round(one.ratio, 2),
            )
            for one in found.words
        ],
    )
