"""A site on 127.0.0.1: articles, a start page, and answers; each publishing system is a subclass in a file of its own.

    with TrsSite(articles=37) as site:
        site.start_url        # the list that a source would name
        site.article_urls     # every article's address, newest first, as the list links it
        site.publish(3)       # three new articles on top
        site.requests         # what was asked for, in order: "GET /xw/index.html"

`after(n, f)` calls f once, before the answer to the n-th request for a list: something happens in mid-crawl.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from tests.sites.articles import Piece, compose


@dataclass
class Answer:
    """What goes back: HTML in UTF-8 unless it says otherwise."""

    body: str | bytes = ""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request: path without query, query and form fields with their last values, both as text."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    number: int


class Site:
    """Subclasses say `start`, `address(piece)` and `page(asked)`; the rest is here."""

    start: ClassVar[str] = "/"
    per_page = 10

    def __init__(self, articles: int = 37, newest: date = date(2024, 3, 29)) -> None:
        self.pieces: list[Piece] = [
            compose(n, newest - timedelta(days=articles - n)) for n in range(articles, 0, -1)
        ]  # newest first
        self.requests: list[str] = []
        self.list_requests = 0
        self._hooks: list[tuple[int, Callable[[], None]]] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    # ── what a subclass says

    def address(self, piece: Piece) -> str:
        """The path of an article."""
        raise NotImplementedError

    def page(self, asked: Asked) -> Answer | None:
        """The answer to a request for a list; None where the path is none."""
        raise NotImplementedError

    def home(self) -> str:
        """The home page, which links the list as 招商动态."""
        return shell(f"<div class='box'><h3><a href='{self.start}'>招商动态</a></h3></div>", title="首页")

    def article(self, piece: Piece) -> str:
        """An article's page."""
        paragraphs = "".join(f"<p>　　{p}</p>" for p in piece.paragraphs)
        return (
            f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{piece.title}_示例</title>"
            f'<meta name="ArticleTitle" content="{piece.title}"><meta name="PubDate" content="{piece.day} 09:00"><meta name="ContentSource" content="示例日报"></head>'
            f"<body><div class='nav'><a href='/'>首页</a></div><div class='article'><h1>{piece.title}</h1><p class='info'>发布时间：{piece.day} 来源：示例日报</p>"
            f"<div class='TRS_Editor' id='zoom'>{paragraphs}</div></div><div class='footer'>版权所有 示例网站</div></body></html>"
        )

    # ── what a test uses

    @property
    def url(self) -> str:
        assert self._server is not None, "the site is not up"
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def start_url(self) -> str:
        return self.url + self.start

    @property
    def article_urls(self) -> list[str]:
        return [self.url + self.address(p) for p in self.pieces]

    def publish(self, count: int = 1) -> None:
        """New articles on top of the list, a day apart."""
        with self._lock:
            for _ in range(count):
                top = self.pieces[0]
                self.pieces.insert(0, compose(top.number + 1, top.day + timedelta(days=1)))

    def after(self, requests: int, happening: Callable[[], None]) -> None:
        """Something that happens before the answer to the n-th request (from 1) for a list."""
        self._hooks.append((requests, happening))

    def part(self, number: int) -> list[Piece]:
        """The pieces of page `number`, counted from 1."""
        return self.pieces[(number - 1) * self.per_page : number * self.per_page]

    @property
    def count(self) -> int:
        """How many pages the list has."""
        return max(1, -(-len(self.pieces) // self.per_page))

    # ── the server

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer("User-agent: *\nDisallow:\n", type="text/plain")
        for piece in self.pieces:
            if self.is_article(asked, piece):
                return Answer(self.article(piece))
        self.list_requests += 1
        for hook in [h for h in self._hooks if h[0] <= self.list_requests]:
            self._hooks.remove(hook)
            hook[1]()
        if answer := self.page(asked):
            return answer
        return Answer(self.home()) if asked.path == "/" else Answer("<h1>404 Not Found</h1>", 404)

    def is_article(self, asked: Asked, piece: Piece) -> bool:
        path, _, query = self.address(piece).partition("?")
        return asked.path == path and (
            not query or all(asked.query.get(k) == v[-1] for k, v in parse_qs(query).items())
        )

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply("")

            def do_POST(self) -> None:
                self._reply(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

            def _reply(self, body: str) -> None:
                parts = urlsplit(self.path)
                with site._lock_requests:
                    site.requests.append(f"{self.command} {self.path}")
                    number = len(site.requests)
                query = {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
                form = {k: v[-1] for k, v in parse_qs(body, keep_blank_values=True).items()}
                answer = site.answer(Asked(self.command, parts.path, query, form, number))
                content = answer.body.encode() if isinstance(answer.body, str) else answer.body
                etag = '"' + hashlib.sha1(content).hexdigest()[:16] + '"'
                if answer.status == 200 and self.headers.get("If-None-Match") == etag:
                    self.send_response(304)
                    self.end_headers()
                    return
                self.send_response(answer.status)
                for name, value in {
                    "Content-Type": answer.type,
                    "Content-Length": str(len(content)),
                    "ETag": etag,
                    **answer.headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._lock_requests = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


def shell(body: str, *, title: str = "招商动态", head: str = "") -> str:
    """A page with a menu above and a footer below, so that the list is not all there is."""
    menu = "".join(
        f'<li><a href="/{path}/">{name}</a></li>'
        for path, name in (("", "首页"), ("gk", "政务公开"), ("fw", "办事服务"), ("hd", "互动交流"), ("tz", "投资指南"))
    )
    links = "".join(f'<a href="http://link{n}.example.cn/">友情链接{n}</a>' for n in range(4))
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - 示例市投资促进局</title>{head}</head><body><div class='nav'><ul>{menu}</ul></div>"
        f"<div class='position'>当前位置：<a href='/'>首页</a> &gt; {title}</div>{body}<div class='footer'>{links}<p>主办：示例市投资促进局</p></div></body></html>"
    )
