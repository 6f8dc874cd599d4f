"""Who may ask what, and how often: the one gate before API, pages, exports and the server for assistants.

A reader at this machine, where the server listens there alone, may do everything. Anybody else is known by a key, by a session that carries one, or
by a user name that a trusted proxy sends. Whoever is not known may read pages and search, if the settings allow it.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from crawler.archive import AccessKey, ArchiveError
from crawler.configuration import ConfigurationError
from indexer.engines.base import EngineError
from search_api.web import error_handlers
from search_api.web.addresses import Addresses, Client
from search_api.web.app_state import AppState
from search_api.web.error_handlers import Problem
from search_api.web.limits import OF_A_KEY, Bucket, Limits, Rates, read_rates
from search_api.web.sessions import COOKIE, Session, Sessions

CAPTURES_AT_ONCE = (
    4  # of all clients, in one process: a capture may be large, and none may keep those waiting who search
)
_FREE = frozenset(
    ("/robots.txt", "/opensearch.xml", "/healthz", "/api/v1/limits", "/api/v1/openapi.json", "/favicon.ico")
)
_OF_CAPTURES = re.compile(r"/(?:api/v1/captures/.*|(?:api/v1/)?articles/[^/]*/(?:capture|revisions|why)|compare)")
_EXPORTS = re.compile(r"/(?:export|feed)(?:/.*)?")
_DOSSIER_EXPORT = re.compile(r"/dossiers/[^/]*/export")
# What a recipient answers, by a secret that it was sent: whoever got the mail need not be who has a key.
_ANSWERS = re.compile(r"/watches/(?:confirm|stop)/[A-Za-z0-9_-]{20,40}")
_USER = re.compile(r"[\w.@+ -]{1,100}")
_ENTRANCE = "/session"
ASSISTANTS = "/mcp"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `local`: at this machine, free to do everything. `bearer`: by a key in a header, which no browser sends by itself."""

    kind: Literal["local", "anonymous", "key", "user"]
    name: str
    client: Client
    key: AccessKey | None = None
    session: Session | None = None
    bearer: bool = False

    @property
    def local(self) -> bool:
        return self.kind == "local"

    @property
    def counted_as(self) -> str:
        """Whose limits these are."""
        return f"key:{self.key.id}" if self.key else f"user:{self.name}" if self.kind == "user" else self.client.address

    @property
    def known_as(self) -> str:
        """In the audit log."""
        if self.kind in ("key", "user"):
            return f"{self.kind}:{self.name}"
        return self.session.owner[:16] if self.session else f"{self.kind}:{self.client.address}"

    @property
    def owner(self) -> str | None:
        """As whom it makes a dossier."""
        if self.key:
            return f"key:{self.key.id}"
        if self.kind == "user":
            return f"user:{self.name}"[:64]
        return self.session.owner if self.session else None

    @property
    def owners(self) -> frozenset[str]:
        """As whom it may have made something: its key or user, and the session of its browser."""
        return frozenset({self.owner, self.session.owner if self.session else None} - {None})  # type: ignore[arg-type]

    @property
    def may_write(self) -> bool:
        """Whether it is trusted to change what others made."""
        return self.local or self.kind == "user" or (self.key is not None and self.key.scope == "write")

    def owns(self, owner: str | None) -> bool:
        """Whether it made what this owner made, or may change all."""
        return self.may_write or owner in self.owners


def visitor(request: Request) -> Visitor:
    """Who asks, as the gate found out."""
    found = request.state.visitor
    assert isinstance(found, Visitor)
    return found


def bucket_of(method: str, path: str) -> Bucket | None:
    """Which limits a request counts against; None for what costs nothing."""
    if path in _FREE or path.startswith("/static/"):
        return None
    if method not in ("GET", "HEAD", "OPTIONS") and path != ASSISTANTS:
        return "write"
    if _EXPORTS.fullmatch(path) or _DOSSIER_EXPORT.fullmatch(path):
        return "export"
    return "captures" if _OF_CAPTURES.fullmatch(path) else "search"


class Access:
    """ASGI middleware. Raises ConfigurationError for settings that it cannot read."""

    def __init__(
        self, app: ASGIApp, *, app_state: AppState, addresses: Addresses, limits: Limits, sessions: Sessions
    ) -> None:
        self.app = app
        self._state, self._addresses, self._limits, self._sessions = app_state, addresses, limits, sessions
        self._anonymous = app_state.settings.anonymous
        self._of_anybody = read_rates(app_state.settings.limits)
        self._captures = asyncio.Semaphore(CAPTURES_AT_ONCE)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._addresses.answers_to(hosts[0]):
            told = "这里不用这个主机名。管理员可在设置 ADDRESS 里写明网址。\n"
            await PlainTextResponse(told, 421)(scope, receive, send)
            return
        async with AsyncExitStack() as stack:
            try:
                known = await self._identify(scope, headers)
                scope.setdefault("state", {})["visitor"] = known
                bucket = bucket_of(scope["method"], scope["path"])
                self._admit(known, bucket, scope["method"], scope["path"], headers)
                if bucket and not known.local:
                    self._limits.take(bucket, known.counted_as, rates_of(known, self._of_anybody))
                    stack.enter_context(self._limits.running(bucket, known.counted_as))
                if bucket == "captures":
                    await stack.enter_async_context(self._captures)
            except Problem as problem:
                answer = await error_handlers.answer(Request(scope), problem)
                await answer(scope, receive, send)
                return
            except (ArchiveError, EngineError) as error:
                answer = await error_handlers.answer(Request(scope), error_handlers.unavailable(error))
                await answer(scope, receive, send)
                return
            await self.app(scope, receive, send)

    def _admit(self, known: Visitor, bucket: Bucket | None, method: str, path: str, headers: Headers) -> None:
        """Raises Problem 401 or 403 for what this visitor may not ask."""
        origin = headers.get("origin", "")
        changes = method not in ("GET", "HEAD", "OPTIONS")
        if changes and origin and not self._addresses.is_own_origin(origin, headers["host"]):
            raise foreign_form()
        if known.local or bucket is None or path == _ENTRANCE or _ANSWERS.fullmatch(path):
            return
        if known.kind == "anonymous":
            if not self._anonymous:
                raise needs_a_key("这个文库要访问密钥才能用")
            if path == ASSISTANTS or (bucket == "export" and not _DOSSIER_EXPORT.fullmatch(path)):
                raise needs_a_key("导出、订阅和智能助手的接口要访问密钥")
        elif bucket == "write" and not known.may_write:
            raise Problem(403, "这个密钥只能读，不能改动。", kind="read-only-key", title="只读")

    async def _identify(self, scope: AsgiScope, headers: Headers) -> Visitor:
        """Raises Problem 401 for a key that is none, 403 for one that came over plain HTTP."""
        client = self._addresses.client(scope)
        session = self._sessions.read(_cookie(headers, COOKIE)) if "cookie" in headers else None
        safe = client.local or client.tls
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if not safe:
                raise over_plain_http()
            key = await run_in_threadpool(self._key, secret.strip())
            if key is None:
                self._limits.take("search", f"wrong:{client.address}", self._of_anybody)
                raise needs_a_key("这个访问密钥无效，或已撤销", error='Bearer error="invalid_token"')
            return Visitor("key", key.name, client, key, session, bearer=True)
        if self._addresses.only_local and client.local:
            return Visitor("local", "", client, session=session)
        if client.proxied and (user := headers.get(self._state.settings.user_header or "-", "").strip()):
            if not _USER.fullmatch(user):
                raise Problem(403, "代理送来的用户名读不懂。", kind="unknown-user")
            return Visitor("user", user, client, session=session)
        if session and session.key and safe:
            key = await run_in_threadpool(self._key, session.key)
            if key is not None:
                return Visitor("key", key.name, client, key, session)
        return Visitor("anonymous", "", client, session=session)

    def _key(self, secret: str | int) -> AccessKey | None:
        keys = self._state.archive.keys
        key = keys.get(secret) if isinstance(secret, int) else keys.find(secret)
        if key is not None:
            keys.used(key, datetime.now(UTC))
        return key


def rates_of(known: Visitor, of_anybody: Rates) -> Rates:
    """The limits that hold for a visitor."""
    if known.kind == "anonymous":
        return of_anybody
    return _rates_of_key(known.key.limits if known.key else "")


@lru_cache(256)
def _rates_of_key(text: str) -> Rates:
    usual = read_rates(OF_A_KEY)
    try:
        return read_rates(text, usual)
    except ConfigurationError as error:
        raise Problem(500, "这个密钥的限额读不懂，请管理员重新发一个。", kind="unreadable-limits") from error


def foreign_form() -> Problem:
    """403 for what was not sent by a page of ours."""
    detail = "表单不是从本站的页面发出的，或页面放得太久：请退回去刷新一下再试。"
    return Problem(403, detail, kind="foreign-form", title="没有改动")


def over_plain_http() -> Problem:
    """403 for a key that anybody on the way could read."""
    detail = "密钥只能经 HTTPS 送来；经过代理的，要在设置 PROXIES 里写明代理。这个密钥在路上可能已被人看到，请换一个。"
    return Problem(403, detail, kind="key-over-plain-http", title="没有接受密钥")


def needs_a_key(why: str, error: str = "Bearer") -> Problem:
    """401 for what is not for everybody."""
    detail = f"{why}：程序在 Authorization: Bearer 里写密钥，浏览器在 {_ENTRANCE} 输入。密钥由管理员发放。"
    return Problem(401, detail, kind="key-needed", title="要访问密钥", headers={"WWW-Authenticate": error})


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie("; ".join(headers.getlist("cookie"))[:8192]).get(name)
    except CookieError:
        return ""
    return found.value if found else ""
