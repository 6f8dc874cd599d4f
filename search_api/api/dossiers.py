"""GET /api/v1/dossiers and /api/v1/dossiers/{token}: one's own dossiers, and what stands in one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from crawler.archive import Dossier
from search_api.exports.citation import citation
from search_api.exports.records import recorder
from search_api.exports.registry import dossier_formats
from search_api.web.access import visitor
from search_api.web.error_handlers import Problem
from search_api.web.problem_document import problems
from search_api.web.request_context import app_state

router = APIRouter(prefix="/api/v1", tags=["desk"])

_AWAY = problems(s422="参数有误", s503="档案暂时读不到")


class DossierLine(BaseModel):
    token: str = Field(examples=["8Hj3dPLN_Vegl4gt6nv86A"])
    title: str
    articles: int
    created_at: datetime
    changed_at: datetime


class QuotedWords(BaseModel):
    """`start` and `end` count characters of the text as it was when it was quoted."""

    text: str
    start: int
    end: int


class DossierArticle(BaseModel):
    """An article that is no longer in the archive has neither title, address nor reference."""

    article: str
    title: str | None
    url: str | None
    reference: str | None = Field(description="GB/T 7714 引文")
    note: str
    quotations: list[QuotedWords]
    added_at: datetime


class DossierContents(DossierLine):
    note: str
    author: str | None
    items: list[DossierArticle]
    exports: dict[str, str] = Field(examples=[{"docx": "/dossiers/8Hj3dPLN_Vegl4gt6nv86A/export?format=docx"}])


@router.get("/dossiers", responses=_AWAY, summary="自己的卷宗")
def list_dossiers(request: Request, response: Response) -> list[DossierLine]:
    """用这个密钥、账号或浏览器建的卷宗，最近改动的在前；在本机问，是全部卷宗。"""
    asking, dossiers = visitor(request), app_state(request).archive.dossiers
    response.headers["Cache-Control"] = "private, no-store"
    found = (dossiers.get(token) for token in dossiers.tokens(None if asking.local else asking.owners))
    return [DossierLine(**_line(dossier)) for dossier in found if dossier]


@router.get("/dossiers/{token}", responses={**_AWAY, **problems(s404="没有这个卷宗")}, summary="一个卷宗")
def one_dossier(
    request: Request, response: Response, token: Annotated[str, Path(max_length=40, description="卷宗地址的最后一段")]
) -> DossierContents:
    """次序、按语、摘录和引文；知道地址的人都能读，和网页一样。带走的文件在 exports。"""
    archive, recording = app_state(request).archive, recorder(request)
    dossier = archive.dossiers.get(token)
    if dossier is None:
        raise Problem(404, "没有这个卷宗：地址要完整，一个字也不能少。", kind="no-such-dossier", title="没有这个卷宗")
    response.headers["Cache-Control"] = "private, no-store"
    stored = archive.articles.get_many(item.article for item in dossier.items)
    records = {id: recording.of_stored(one) for id, one in stored.items()}
    items = []
    for item in dossier.items:
        record = records.get(item.article)
        items.append(
            DossierArticle(
                article=item.article,
                title=record.title if record else None,
                url=record.url if record else None,
                reference=citation(record) if record else None,
                note=item.note,
                quotations=[QuotedWords(text=q.text, start=q.start, end=q.end) for q in item.quotations],
                added_at=item.added_at,
            )
        )
    return DossierContents(
        **_line(dossier),
        note=dossier.note,
        author=dossier.author or None,
        items=items,
        exports={name: f"/dossiers/{dossier.token}/export?format={name}" for name in dossier_formats()},
    )


def _line(dossier: Dossier) -> dict[str, object]:
    return {
        "token": dossier.token,
        "title": dossier.title,
        "articles": len(dossier.items),
        "created_at": dossier.created_at,
        "changed_at": dossier.changed_at,
    }
