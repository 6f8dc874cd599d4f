"""Errors as responses: RFC 9457 problem documents for programs, a short page for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from crawler.archive import ArchiveError, ForgottenError, UnreadableRecordError
from crawler.reasons import fault_reason
from indexer.engines.base import EngineError, IndexOutdated
from search_api.web import problem_document
from search_api.web.problem_document import Fault

log = logging.getLogger(__name__)

RETRY_AFTER = 30  # seconds; an engine that restarts is back by then
_TOLD = "原因在服务器的日志里，管理员也可运行 zhaoshang doctor。"
MACHINE_PATHS = ("/api/", "/export", "/feed", "/healthz", "/static/", "/mcp")

_TITLES = {
    400: "请求有误",
    401: "要访问密钥",
    403: "不允许",
    404: "没有这个地址",
    405: "不支持这种方法",
    409: "没有改动",
    410: "已撤下",
    413: "内容过大",
    415: "不认识这种内容",
    422: "参数有误",
    429: "请求太多",
    500: "服务器内部出错",
    503: "检索暂时不可用",
}


class Problem(Exception):
    """An answer that is an error: HTTP `status`, a `detail` for the reader in one sentence, and a `kind` that programs may test."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        title: str = "",
        headers: Mapping[str, str] | None = None,
        faults: Sequence[Fault] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind = status, detail, kind
        self.title = title or _TITLES.get(status) or HTTPStatus(status).phrase
        self.headers, self.faults = dict(headers or {}), list(faults)

    def document(self, instance: str) -> problem_document.Problem:
        """The problem document; `type` is a URN that stays, `instance` the path asked for."""
        kind = self.kind or HTTPStatus(self.status).phrase.lower().replace(" ", "-")
        document = problem_document.Problem(
            type=f"urn:zhaoshang:problem:{kind}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=instance,
        )
        return document.model_copy(update={"errors": self.faults}) if self.faults else document


def forgotten(day: str) -> Problem:
    """410 for what was taken down. The reason stays with the operator: it may name whom it protects."""
    return Problem(410, f"这篇已于 {day} 从文库撤下，不再提供。", kind="taken-down", title="已撤下")


def unavailable(error: ArchiveError | EngineError) -> Problem:
    """The problem for an engine or archive that cannot be reached. The reason goes to the log: it may name folders, files and servers."""
    if isinstance(error, ForgottenError):
        return forgotten(error.tombstone.day)
    log.warning("%s: %s", type(error).__name__, error)
    if isinstance(error, UnreadableRecordError):  # to ask again later is of no use
        # Its message is written for readers: a file's name, never its folder.
        detail = f"这份快照读不出来：{error}。文章的文字不受影响。"
        return Problem(500, detail, kind="capture-unreadable", title="快照已损坏")
    if isinstance(error, ArchiveError):
        return Problem(503, f"读不到文库的档案。{_TOLD}", kind="archive-unavailable", title="档案暂时读不到")
    if isinstance(error, IndexOutdated):
        detail = f"索引不能用，要重建（zhaoshang index --rebuild）。{_TOLD}"
        return Problem(503, detail, kind="index-outdated")
    return Problem(503, f"检索引擎没有应答。{_TOLD}", kind="engine-unavailable")


def install(app: FastAPI) -> None:
    """Every error of the application becomes a problem document or an error page."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return await answer(request, error)

    async def on_unavailable(request: Request, error: Exception) -> Response:
        assert isinstance(error, ArchiveError | EngineError)
        return await answer(request, unavailable(error))

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = [
            Fault(
                name=str(fault["loc"][min(1, len(fault["loc"]) - 1)]),
                where=str(fault["loc"][0]),
                reason=fault_reason(fault),
            )
            for fault in error.errors()
        ]
        detail = "；".join(f"{fault.name}：{fault.reason}" for fault in faults)
        return await answer(request, Problem(422, detail, kind="invalid-parameters", faults=faults))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        path = request.url.path
        detail = {404: f"这里没有 {path}。{_meant(path)}", 405: f"{path} 不支持 {request.method}。"}
        problem = Problem(error.status_code, detail.get(error.status_code, str(error.detail)), headers=error.headers)
        return await answer(request, problem)

    async def on_disconnect(request: Request, error: Exception) -> Response:
        # Nobody hears it; a traceback for each upload that is broken off would fill the disk.
        log.warning("%s %s: the client went away", request.method, request.url.path)
        return Response(status_code=400)

    async def on_crash(request: Request, error: Exception) -> Response:
        log.error("%s %s", request.method, request.url.path, exc_info=error)
        return await answer(request, Problem(500, "出了没有料到的错，已记入日志。"))

    app.add_exception_handler(Problem, on_problem)
    for kind in (EngineError, ArchiveError):
        app.add_exception_handler(kind, on_unavailable)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(ClientDisconnect, on_disconnect)
    app.add_exception_handler(Exception, on_crash)


async def answer(request: Request, problem: Problem) -> Response:
    """The problem as JSON for programs, or as a page for people."""
    headers = dict(problem.headers)
    if problem.status == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER))
    path = request.url.path
    if path.startswith(MACHINE_PATHS):
        body = problem.document(path).model_dump(by_alias=True, exclude_unset=True)
        return JSONResponse(body, problem.status, headers, media_type="application/problem+json")
    from search_api.web.rendering import render  # the page's own imports would close a circle

    return await run_in_threadpool(
        render, request, "error.html", {"problem": problem}, status=problem.status, headers=headers
    )


_NEAR = {
    "/article": "文章的网址是 /articles/ 加 16 位编号。",
    "/api": "接口的全部地址见 /help/api。",
    "/dossier": "卷宗的地址要完整，一个字也不能少。",
    "/search": "检索页是 /?q=检索词。",
}


def _meant(path: str) -> str:
    """What stands where somebody may have wanted to go; '' where nobody can tell."""
    return next((told for begin, told in _NEAR.items() if path.startswith(begin)), "")


def unreadable(name: str, text: str) -> Problem:
    """422 for a value of a parameter that cannot be read."""
    detail = f"{name} 的值“{text[:40]}”读不懂，写法见 /help。"
    return Problem(422, detail, kind="invalid-parameters", faults=[Fault(name=name, where="query", reason=detail)])
