"""Many small sites on loopback, several of them behind one server, and a log of when each request was under way."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

PAGE = 10
OFF_TOPIC = 4  # every such article is about something else
SHARED_PORTS = 2  # sites of a group behind its first server; the others have one of their own, and name the group


@dataclass
class Request:
    group: str
    path: str
    began: float
    ended: float = 0.0


@dataclass(frozen=True)
class Site:
    name: str
    group: str
    url: str  # of its list


@dataclass
class ClusterWeb:
    """`sites` sites with `articles` articles each, on `groups` groups: a group is a server with several sites, or several servers whose sources name it."""

    sites: int
    groups: int
    articles: int = 12
    seconds: float = 0.004  # that an answer takes
    log: list[Request] = field(default_factory=list)
    served: list[Site] = field(default_factory=list)
    _servers: list[ThreadingHTTPServer] = field(default_factory=list)

    def __enter__(self) -> ClusterWeb:
        first: dict[str, str] = {}
        count: dict[str, int] = defaultdict(int)
        for number in range(self.sites):
            group = f"g{number % self.groups:03d}"
            if group not in first or count[group] >= SHARED_PORTS:
                server = _Server(("127.0.0.1", 0), self._handler(group))
                threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
                self._servers.append(server)
                first.setdefault(group, f"http://127.0.0.1:{server.server_address[1]}")
            base = first[group] if count[group] < SHARED_PORTS else f"http://127.0.0.1:{server.server_address[1]}"
            count[group] += 1
            self.served.append(Site(f"s{number:03d}", group, f"{base}/s{number:03d}/index.html"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def sources(self, folder: Path) -> None:
        """Writes the source files."""
        folder.mkdir(parents=True, exist_ok=True)
        for site in self.served:
            facts = {
                "name": site.name,
                "title": f"样例{site.name}",
                "kind": "news",
                "region": "340000",
                "seen_in": "测试",
                "group": site.group,
            }
            lines = [f'{key} = "{value}"' for key, value in facts.items()]
            (folder / f"{site.name}.toml").write_text("\n".join([*lines, f'start_urls = ["{site.url}"]']) + "\n")

    def overlaps(self) -> list[tuple[Request, Request]]:
        """Pairs of requests of one group that were under way at the same time."""
        found = []
        by_group: dict[str, list[Request]] = defaultdict(list)
        for request in list(self.log):
            by_group[request.group].append(request)
        for requests in by_group.values():
            requests.sort(key=lambda r: r.began)
            latest: Request | None = None
            for request in requests:
                if latest is not None and request.began < (latest.ended or latest.began):
                    found.append((latest, request))
                if latest is None or request.ended > latest.ended:
                    latest = request
        return found

    def asked(self) -> dict[str, int]:
        """How often each article was asked for."""
        counts: dict[str, int] = defaultdict(int)
        for request in list(self.log):
            if "/a_" in request.path:
                counts[request.path] += 1
        return counts

    def page(self, path: str) -> str | None:
        site, _, name = path.strip("/").partition("/")
        kind, _, number = name.removesuffix(".html").partition("_")
        if kind == "index":
            return self._list(site, int(number or 1))
        if kind == "a" and number.isdecimal() and int(number) < self.articles:
            return article(site, int(number))
        return None

    def _list(self, site: str, page: int) -> str | None:
        order = range(self.articles)[::-1][(page - 1) * PAGE : page * PAGE]
        rows = "".join(
            f'<li><a href="/{site}/a_{n}.html">{title(site, n)}</a><span>2026-02-{n % 28 + 1:02d}</span></li>'
            for n in order
        )
        more = f'<a href="/{site}/index_{page + 1}.html">下一页</a>' if page * PAGE < self.articles else ""
        head = "<html><head><title>招商动态</title></head>"
        return (
            f'{head}<body><ul class="list">{rows}</ul><div class="page">{more}</div></body></html>' if order else None
        )

    def _handler(web, group: str) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                request = Request(group, self.path, time.monotonic())
                web.log.append(request)
                time.sleep(web.seconds)
                made = web.page(self.path)
                body = (made or "无此页").encode()
                request.ended = time.monotonic()  # before the answer leaves: who has it may ask again at once
                self.send_response(200 if made else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A crawler that was killed is no error of the site."""


def title(site: str, number: int) -> str:
    if number % OFF_TOPIC == OFF_TOPIC - 1:
        return f"{site}举行第{number}届群众长跑比赛"
    return f"{site}县举行第{number}场招商引资项目集中签约仪式"


def article(site: str, number: int) -> str:
    if number % OFF_TOPIC == OFF_TOPIC - 1:
        text = f"{number}月，{site}的两千名市民参加了群众长跑比赛，沿河绿道上掌声不断，最年长的选手已经七十岁。" * 3
    else:
        text = (
            f"近日，{site}县举行第{number}场招商引资项目集中签约仪式，围绕产业链招商、以商招商，"
            f"现场签约项目{number + 2}个，总投资{number * 3 + 10}亿元，涉及新能源、装备制造等领域。"
        ) * 2
    return f"<html><head><title>{title(site, number)}</title></head><body><h1>{title(site, number)}</h1><p>2026-02-{number % 28 + 1:02d} 来源：样例报</p><p>{text}</p></body></html>"
