"""The web application: API, pages and exports assembled."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import Depends, FastAPI, Request
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from crawler.archive import ArchiveError
from crawler.configuration import Settings, own_version
from indexer.engines.base import EngineError
from indexer.search.spelling import did_you_mean
from indexer.search.suggest import entries as suggestion_entries
from search_api.api import (
    access,
    articles,
    captures,
    documents,
    dossiers,
    figures,
    metrics,
    nights,
    search,
    sources,
    statistics,
    status,
    words,
)
from search_api.exports import count_routes, routes
from search_api.exports.registry import all_formats
from search_api.pages import advanced as advanced_pages
from search_api.pages import articles as article_pages
from search_api.pages import correcting as correcting_pages
from search_api.pages import documents as document_pages
from search_api.pages import dossiers as dossier_pages
from search_api.pages import figures as figure_pages
from search_api.pages import help as help_pages
from search_api.pages import practices as practice_pages
from search_api.pages import quoting as quoting_pages
from search_api.pages import search as search_pages
from search_api.pages import selection as selection_pages
from search_api.pages import session as session_pages
from search_api.pages import statistics as desk_pages
from search_api.pages import watches as watch_pages
from search_api.pages import why as why_pages
from search_api.pages import words as word_pages
from search_api.pages.upkeep import gaps as gap_pages
from search_api.pages.upkeep import nights as night_pages
from search_api.pages.upkeep import review as review_pages
from search_api.pages.upkeep import sources as source_pages
from search_api.parameters import FILTERS
from search_api.services.upkeep.metrics import Metrics
from search_api.watches.clock import keep_sending
from search_api.web import error_handlers, problem_document
from search_api.web.access import Access
from search_api.web.addresses import Addresses
from search_api.web.app_state import AppState
from search_api.web.conditional import Conditional
from search_api.web.crawlers import robots as robots_txt
from search_api.web.headers import HeadAsGet, SecurityHeaders
from search_api.web.known_parameters import refuse_undeclared
from search_api.web.limits import Limits, read_rates
from search_api.web.rendering import STATIC, environment
from search_api.web.sessions import Sessions

NAVIGATION = (
    ("/", "检索"),
    ("/practices", "举措"),
    ("/places", "地方"),
    ("/matrix", "对照"),
    ("/figures", "数字"),
    ("/documents", "文件"),
    ("/dossiers", "卷宗"),
    ("/watches", "关注"),
    ("/sources", "网站"),
    ("/help", "帮助"),
)

_OPENSEARCH = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>招商文库</ShortName><Description>招商引资报道的文献库</Description><InputEncoding>UTF-8</InputEncoding>
<Url type="text/html" template="{base}/?q={{searchTerms}}"/>
</OpenSearchDescription>
"""

PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *(f.media_type for f in all_formats().values() if not f.is_text))
"""Media types that gzip makes no smaller."""

_AT_THE_GATE = problem_document.problems(
    s422="参数有误",
    s401="从别处来的，要访问密钥，或密钥无效",
    s403="不允许：密钥走了 HTTP，或只能读",
    s429="请求太多；Retry-After 说几秒后再来",
)


def _warm(app_state: AppState) -> None:
    """What the first reader would wait a second or two for. What is not there yet is asked for again when it is needed."""
    with suppress(EngineError, ArchiveError):
        did_you_mean(app_state.searcher.engine, "招商引资", app_state.searcher.search("招商引资", top=1).total)
    suggestion_entries()


def create_application(settings: Settings, processes: int = 1) -> FastAPI:
    """The application of these settings, one of so many processes. Archive and engine are opened when they are first asked for, and closed at the end.

    Raises ConfigurationError for settings of access that cannot be read.
    """
    app_state = AppState(settings)
    addresses, limits, sessions = Addresses(settings), Limits(processes), Sessions(settings.data)
    read_rates(settings.limits)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm, args=(app_state,), daemon=True).start()
        ended, here = threading.Event(), {"server": (settings.host, settings.port), "scheme": "http"}
        sending = threading.Thread(target=keep_sending, args=(app_state, addresses.base(here), ended), daemon=True)
        sending.start()
        yield
        ended.set()
        app_state.close()

    app = FastAPI(
        title="招商文库",
        summary="招商引资报道的文献库：检索、文章、来源、导出",
        version=own_version(),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # they load scripts from another host; /help/api tells the same
        redoc_url=None,
        redirect_slashes=False,  # it would tell the client's Host back
        lifespan=lifespan,
    )
    app.state.app_state, app.state.addresses = app_state, addresses
    app.state.limits, app.state.sessions = limits, sessions
    app.state.metrics = Metrics(lambda: app_state.archive, lambda: app_state.engine)
    environment().globals["NAVIGATION"] = NAVIGATION
    error_handlers.install(app)
    app.add_middleware(Conditional)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Access, app_state=app_state, addresses=addresses, limits=limits, sessions=sessions)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5, exclude_content_types=PACKED)
    app.add_middleware(SecurityHeaders)
    strictly = [Depends(refuse_undeclared)]
    for api in (
        search,
        articles,
        captures,
        statistics,
        figures,
        documents,
        dossiers,
        sources,
        nights,
        status,
        metrics,
        access,
    ):
        app.include_router(api.router, responses=_AT_THE_GATE, dependencies=strictly)
    for api in (
        routes,
        count_routes,
        words,
    ):  # they look themselves: a search has more parameters than its route declares
        app.include_router(api.router, responses=_AT_THE_GATE)
    for pages in (
        *(search_pages, advanced_pages, article_pages, correcting_pages, why_pages, practice_pages, document_pages),
        *(selection_pages, quoting_pages, word_pages, desk_pages, figure_pages, dossier_pages, watch_pages),
        *(
            source_pages,
            review_pages,
            night_pages,
            gap_pages,
            help_pages,
            session_pages,
        ),
    ):
        app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/opensearch.xml", include_in_schema=False)
    def opensearch(request: Request) -> Response:
        body = _OPENSEARCH.format(base=addresses.base(request.scope))
        return Response(body, media_type="application/opensearchdescription+xml")

    @app.get("/robots.txt", include_in_schema=False)
    def robots() -> Response:
        return Response(robots_txt(FILTERS), media_type="text/plain; charset=utf-8")

    return app
