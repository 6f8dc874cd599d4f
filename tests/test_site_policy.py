"""One policy for the crawl and for single pages: each situation over loopback, asked for by both, with the same verdict."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple

import brotli
import pytest
from scrapy import Request

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.middlewares.moved import TIMES, MovedMiddleware
from crawler.probing.fetch_list import fetch_list
from crawler.spiders.report import SiteReport
from crawler.stages.crawl import crawl
from crawler.stages.run_log import find_log
from crawler.web import fetcher as fetching
from crawler.web import robots
from crawler.web.fetcher import Fetcher
from crawler.web.site_policy import SitePolicy, site_policy
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
NAMED = frozenset({"127.0.0.1"})
TIMEOUT, CAP = 1.5, 0.4  # seconds, instead of 40 and 60
HTML = {"Content-Type": "text/html; charset=utf-8"}
ROWS = "".join(
    f'<li><a href="/a_{n}.html">样例县举行第{n}场招商引资项目集中签约仪式</a> 2026-02-0{n + 1}</li>' for n in range(6)
)
LIST = f"<html><body><ul>{ROWS}</ul></body></html>".encode()
PAGE = "<p>样例县举行招商引资项目集中签约仪式。</p>".encode()
WALL = b"<html><script>document.cookie='k=1';location.reload()</script></html>"


class Said(NamedTuple):
    """An answer; status 0: the site hangs up, -1: it never says anything."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class Asked(NamedTuple):
    at: float  # time.monotonic()
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Server:
    """A site of one list and three articles, with `pages` in their place; `say` may be a list: one answer after the other, the last for ever."""

    pages: dict[str, Said | list[Said]] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked(self, path: str = "") -> list[str]:
        return [
            asked.path
            for asked in self.log
            if not asked.path.startswith(("/robots.txt", "/rules")) and asked.path.startswith(path)
        ]

    def forget(self) -> None:
        self.log.clear()

    def answer(self, path: str) -> Said:
        said = self.pages.get(path)
        if isinstance(said, list):
            return said[min(sum(asked.path == path for asked in self.log), len(said)) - 1]
        if said is not None:
            return said
        if path == "/list/":
            return Said(LIST, 200, HTML)
        return Said(PAGE, 200, HTML) if path.startswith("/a_") else Said(b"", 404)

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.log.append(Asked(time.monotonic(), self.command, self.path, headers))
                said = server.answer(self.path)
                if said.status < 0:
                    time.sleep(3 * TIMEOUT)
                if said.status <= 0:
                    self.close_connection = True
                    return
                self.send_response(said.status)
                for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said.body)
                self.close_connection = "Content-Length" in said.headers

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@pytest.fixture(autouse=True)
def warm_crawls() -> None:
    """Instead of what all tests share: the crawls of this file are started with a policy of their own."""


@pytest.fixture(scope="module", autouse=True)
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The policy with its seconds shortened, in this process and in the crawl's."""
    script = tmp_path_factory.mktemp("bin") / "python"
    script.write_text(
        f"#!{sys.executable}\n"
        "import dataclasses, crawler.web.site_policy as module\n"
        "real = module.site_policy\n"
        f"module.site_policy = lambda s: dataclasses.replace(real(s), timeout={TIMEOUT}, most_crawl_delay={CAP})\n"
        "from crawler.stages.crawl_process import main\n"
        "main()\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(script))
        patch.setattr(fetching, "site_policy", lambda s: replace(site_policy(s), timeout=TIMEOUT, most_crawl_delay=CAP))
        yield


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(data=tmp_path_factory.mktemp("data"), delay=0.0)


ROBOTS: dict[str, tuple[Said | list[Said] | None, str, str]] = {
    # what comes for robots.txt (None: a closed port) → what becomes of the list, and what is told
    "rules": (Said(b"User-agent: *\nDisallow: /a_1\n"), "verified", ""),
    "rules against the list": (Said(b"User-agent: *\nDisallow: /list/\n"), "forbidden", "robots.txt 不允许"),
    "rules against us by name": (Said(b"User-agent: Zhaoshang/2\nDisallow: /\n\nUser-agent: *\nAllow: /\n"), "forbidden", "robots.txt 不允许"),
    "rules after a byte-order mark": (Said(b"\xef\xbb\xbfUser-agent: *\nDisallow: /list/\n"), "forbidden", "robots.txt 不允许"),
    "rules for others": (Said(b"User-agent: baiduspider\nUser-agent: bing\nDisallow: /\n"), "verified", ""),
    "404": (Said(b"", 404), "verified", ""),
    "401": (Said(b"", 401), "verified", ""),
    "403": (Said(b"<h1>403 Forbidden</h1>", 403), "verified", ""),
    "a web page": (Said(LIST, 200, HTML), "verified", ""),
    "500": (Said(b"", 500), "forbidden", "读不到（HTTP 500），规则不明"),
    "503": (Said(b"User-agent: *\nAllow: /\n", 503), "forbidden", "读不到（HTTP 503），规则不明"),
    "503 once": ([Said(b"", 503), Said(b"", 404)], "verified", ""),
    "rules before 21 MB": (Said(b"User-agent: *\nDisallow: /list/\n" + b"# long\n" * 3_000_000), "forbidden", "robots.txt 不允许"),
    "rules before a bomb": (
        Said(gzip.compress(b"User-agent: *\nDisallow: /list/\n" + bytes(21_000_000), 1), 200, {"Content-Encoding": "gzip"}), "forbidden", "robots.txt 不允许"
    ),
    "rules before a bomb of brotli": (
        Said(brotli.compress(b"User-agent: *\nAllow: /list/\n" + bytes(21_000_000), quality=1), 200, {"Content-Encoding": "br"}), "verified", ""
    ),
    "rules that cannot be decompressed": (Said(b"User-agent: *\nAllow: /\n", 200, {"Content-Encoding": "gzip"}), "unreachable", "压缩的内容已损坏"),
    "202": (Said(b"", 202), "forbidden", "读不到（HTTP 202），规则不明"),
    "412": (Said(b"", 412), "challenge", "验证"),
    "a challenge": (Said(WALL, 200, HTML), "challenge", "验证"),
    "hanging up": (Said(b"", 0), "unreachable", "规则不明"),
    "a closed port": (None, "unreachable", "拒绝连接"),
    "silence": (Said(b"", -1), "unreachable", "超时"),
    "a redirect for ever": (Said(b"", 302, {"Location": "/robots.txt"}), "unreachable", "转向次数过多"),
    "a redirect to rules": (Said(b"", 308, {"Location": "/rules"}), "forbidden", "robots.txt 不允许"),
    "a redirect to another host": (Said(b"", 301, {"Location": "ELSEWHERE/rules"}), "forbidden", "robots.txt 不允许"),
    "a redirect to another host, which has none": (Said(b"", 301, {"Location": "ELSEWHERE/robots.txt"}), "verified", ""),
}  # fmt: skip


class Crawled(NamedTuple):
    sites: dict[str, Server]
    reports: dict[str, SiteReport]


def _closed_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(scope="module")
def crawled(settings: Settings) -> Iterator[Crawled]:
    """A night over all situations at once."""
    with ExitStack() as stack, Archive.open(settings) as archive:
        other = stack.enter_context(Server({"/rules": Said(b"User-agent: *\nDisallow: /list/\n")}))
        sites: dict[str, Server] = {}
        names = {f"s{n}": case for n, case in enumerate(ROBOTS)}
        for name, case in names.items():
            said = ROBOTS[case][0]
            if isinstance(said, Said) and "Location" in said.headers:
                said = said._replace(headers={"Location": said.headers["Location"].replace("ELSEWHERE", other.url)})
            site = sites[case] = stack.enter_context(Server({"/rules": Said(b"User-agent: *\nDisallow: /list/\n")}))
            if said is None:
                site.url = _closed_port()
            else:
                site.pages["/robots.txt"] = said
            write_source(settings, f"{site.url}/list/", name=name)
        reports = {site.source: site for site in crawl(list(names), archive, settings, now=NOW).sites}
        yield Crawled(sites, {case: reports[name] for name, case in names.items()})


@pytest.mark.parametrize("case", ROBOTS)
def test_robots_txt_gives_both_the_same_verdict(crawled: Crawled, settings: Settings, case: str) -> None:
    _, status, told = ROBOTS[case]
    site, report = crawled.sites[case], crawled.reports[case]
    articles = [] if status != "verified" else [0, 2, 3, 4, 5] if case == "rules" else range(6)
    assert (report.status, report.outcome) == (status, {"verified": "ok", "challenge": "blocked"}.get(status, "failed"))
    assert told in report.note
    expected = [f"/a_{n}.html" for n in articles]
    assert (site.asked("/list/"), sorted(site.asked("/a_"))) == (["/list/"] if articles else [], expected)
    site.forget()
    found = fetch_list(Fetcher(settings, 20, named=NAMED), f"{site.url}/list/")
    assert found.status == status and (told in found.said or not told)
    assert site.asked() == (["/list/"] if articles else [])


def test_pages_wait_for_another_night_where_the_rules_are_unknown(settings: Settings) -> None:
    with Server() as site, Archive.open(settings) as archive:
        write_source(settings, f"{site.url}/list/", name="later", budget="{ pages = 2 }")
        crawl(["later"], archive, settings, now=NOW, force=True)
        site.pages["/robots.txt"] = Said(b"", 503)
        crawl(["later"], archive, settings, now=NOW, force=True)
        pages = [page for n in range(6) if (page := archive.frontier.page(f"{site.url}/a_{n}.html"))]
        assert {page.state for page in pages} == {"fetched", "queued", "failed"}
        assert all("规则不明" in (p.reason or "") and p.next_visit for p in pages if p.state == "failed")


def waited(site: Server) -> float:
    """Seconds between two requests, on average: one by one they would tell how fast the server's threads wake up."""
    return (site.log[-1].at - site.log[0].at) / (len(site.log) - 1)


@pytest.mark.parametrize(("asked", "waits"), [("0.3", 0.3), ("5", CAP)])
def test_both_wait_as_long_as_robots_txt_asks_for_up_to_the_cap(settings: Settings, asked: str, waits: float) -> None:
    pages: dict[str, Said | list[Said]] = {"/robots.txt": Said(f"User-agent: *\nCrawl-delay: {asked}\n".encode())}
    with Server(pages) as site, Archive.open(settings) as archive:
        name = f"slow{waits:g}".replace(".", "-")
        write_source(settings, f"{site.url}/list/", name=name)
        report = crawl([name], archive, settings, now=NOW, force=True)
        assert report.sites[0].outcome == "ok" and len(site.asked()) == 7
        assert waited(site) >= 0.9 * waits
        log = find_log(settings.data, report.run)
        assert log and f"要求间隔 {waits:g} 秒" in log.read_text(encoding="utf-8")
        site.forget()
        noted: list[str] = []
        fetcher = Fetcher(settings, 9, noted.append, NAMED)
        for path in ("/list/", "/a_0.html", "/a_1.html"):
            fetcher.get(site.url + path)
        assert len(site.log) == 4 and waited(site) >= 0.9 * waits
        assert all(f"要求间隔 {waits:g} 秒" in text for text in noted[1:])


@pytest.mark.parametrize(("asked", "seconds"), [("0.3", 0.3), ("86400", 60.0), ("-1", 0.0), ("nan", 0.0), ("", 0.0)])
def test_crawl_delay_has_a_cap(asked: str, seconds: float) -> None:
    policy = site_policy(load_settings())
    rules = robots.read(200, f"User-agent: *\nCrawl-delay: {asked}\n".encode(), {}, policy)
    assert rules.crawl_delay == seconds


ANSWERS: dict[str, tuple[dict[str, Said | list[Said]], bool]] = {
    # pages in the place of the list's → whether the list is read
    "8 redirects": ({f"/r{n}": Said(b"", 301, {"Location": f"/r{n + 1}" if n < 7 else "/list/"}) for n in range(8)}, True),
    "9 redirects": ({f"/r{n}": Said(b"", 302, {"Location": f"/r{n + 1}" if n < 8 else "/list/"}) for n in range(9)}, False),
    "308": ({"/r0": Said(b"", 308, {"Location": "/list/"})}, True),
    "303": ({"/r0": Said(b"", 303, {"Location": "/list/"})}, True),
    "300 is no redirect": ({"/r0": Said(b"", 300, {"Location": "/list/"})}, False),
    "a redirect into a file": ({"/r0": Said(b"", 302, {"Location": "file:///etc/hostname"})}, False),
    "a redirect where robots.txt forbids": ({"/r0": Said(b"", 302, {"Location": "FORBIDDING/list/"})}, False),
    "a redirect of bytes": ({"/r0": Said(b"", 302, {"Location": "/\xd5\xd0/"}), "/%D5%D0/": Said(LIST, 200, HTML)}, True),
    "a redirect to a long address": ({"/r0": Said(b"", 302, {"Location": "/list/?" + 2000 * "x"})}, False),
    "500 once": ({"/r0": [Said(b"", 500), Said(LIST, 200, HTML)]}, True),
    "503 once, and later": ({"/r0": [Said(b"", 503, {"Retry-After": "9"}), Said(LIST, 200, HTML)]}, False),
    "hanging up once": ({"/r0": [Said(b"", 0), Said(LIST, 200, HTML)]}, True),
    "429 once": ({"/r0": [Said(b"", 429), Said(LIST, 200, HTML)]}, False),
    "half a page once": ({"/r0": [Said(LIST[:99], 200, {"Content-Length": str(len(LIST))}), Said(LIST, 200, HTML)]}, True),
    "half a page, then less": (
        {"/r0": [Said(LIST[:99], 200, {"Content-Length": str(len(LIST))}), Said(LIST[:50], 200, {"Content-Length": str(len(LIST))})]},
        False,
    ),
    "a miscounted page": ({"/r0": Said(LIST, 200, {"Content-Length": str(len(LIST) + 9)})}, True),
    "gzip": ({"/r0": Said(gzip.compress(LIST), 200, HTML | {"Content-Encoding": "gzip"})}, True),
    "gzip without its end": ({"/r0": Said(gzip.compress(LIST)[:-6], 200, HTML | {"Content-Encoding": "gzip"})}, True),
    "deflate": ({"/r0": Said(zlib.compress(LIST), 200, HTML | {"Content-Encoding": "deflate"})}, True),
    "bare deflate": ({"/r0": Said(zlib.compress(LIST)[2:-4], 200, HTML | {"Content-Encoding": "deflate"})}, True),
    "brotli": ({"/r0": Said(brotli.compress(LIST), 200, HTML | {"Content-Encoding": "br"})}, True),
    "brotli, then gzip": ({"/r0": Said(gzip.compress(brotli.compress(LIST)), 200, HTML | {"Content-Encoding": "br, gzip"})}, True),
    "20 MB of text": ({"/r0": Said(gzip.compress(LIST + bytes(20_000_000), 1), 200, HTML | {"Content-Encoding": "gzip"})}, False),
    "20 MB of brotli": ({"/r0": Said(brotli.compress(LIST + bytes(20_000_000), quality=1), 200, HTML | {"Content-Encoding": "br"})}, False),
    "silence": ({"/r0": Said(b"", -1)}, False),
}  # fmt: skip


@pytest.fixture(scope="module")
def answered(settings: Settings) -> Iterator[Crawled]:
    with ExitStack() as stack, Archive.open(settings) as archive:
        forbidding = stack.enter_context(Server({"/robots.txt": Said(b"User-agent: *\nDisallow: /")}))
        sites: dict[str, Server] = {}
        names = {f"n{n}": case for n, case in enumerate(ANSWERS)}
        for name, case in names.items():
            pages = dict(ANSWERS[case][0])
            for path, said in pages.items():
                if isinstance(said, Said) and "Location" in said.headers:
                    to = said.headers["Location"].replace("FORBIDDING", forbidding.url)
                    pages[path] = said._replace(headers={"Location": to})
            sites[case] = stack.enter_context(Server(pages))
            write_source(settings, f"{sites[case].url}/r0", name=name, allowed_hosts=f'["{forbidding.host}"]')
        reports = {site.source: site for site in crawl(list(names), archive, settings, now=NOW).sites}
        assert forbidding.asked() == []
        yield Crawled(sites, {case: reports[name] for name, case in names.items()})
        assert forbidding.asked() == []


@pytest.mark.parametrize("case", ANSWERS)
def test_both_read_the_same_answers(answered: Crawled, settings: Settings, case: str) -> None:
    site, report, is_read = answered.sites[case], answered.reports[case], ANSWERS[case][1]
    assert (report.lists > 0, report.entries == 6) == (is_read, is_read), report.note
    by_crawl = site.asked("/r") + site.asked("/l")
    site.forget()
    found = fetch_list(Fetcher(settings, 20, named=NAMED), f"{site.url}/r0")
    assert (found.status == "verified") == is_read, found.said
    assert site.asked("/r") + site.asked("/l") == by_crawl


def test_both_say_the_same_of_themselves(answered: Crawled, settings: Settings) -> None:
    site = answered.sites["308"]
    site.forget()
    fetch_list(Fetcher(settings, 9, named=NAMED), f"{site.url}/r0")
    by_page = site.log[-1].headers
    site.forget()
    with Archive.open(settings) as archive:
        crawl([answered.reports["308"].source], archive, settings, now=NOW, force=True)
    by_crawl = next(asked.headers for asked in site.log if asked.path == "/r0")
    for name in ("user-agent", "accept", "accept-language", "accept-encoding"):
        assert by_page[name] == by_crawl[name]
    contact = SitePolicy(contact="a@example.org", delay=1.0, version="1.2").user_agent
    assert contact == "zhaoshang/1.2 (+a@example.org)"


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_form_is_sent_on_only_where_the_status_says_so(settings: Settings, status: int, method: str) -> None:
    with Server({"/form": Said(b"", status, {"Location": "/list/"})}) as site:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        Fetcher(settings, 9, named=NAMED).get(f"{site.url}/form", method="POST", body=b"page=2", headers=kind)
        assert site.log[-1].method == method
        assert ("content-type" in site.log[-1].headers) == (method == "POST")


def test_matching_has_a_bound() -> None:
    policy = site_policy(load_settings())
    others = "".join(f"User-agent: a{n}\n" for n in range(20_000)) + "Disallow: /*x*y\n" * 100
    ours = "User-agent: *\nDisallow: /list/\n"
    rules = robots.read(200, (ours + others).encode(), {}, policy)
    assert rules.state == "read" and not rules.allows("http://a.cn/list/") and rules.allows("http://a.cn/zs/")
    many = "User-agent: *\n" + "".join(f"Disallow: /*a*{n}\n" for n in range(300_000))
    rules = robots.read(200, many.encode(), {}, policy)
    assert rules.state == "unknown" and "规则" in (rules.refusal("http://a.cn/") or "")
    longest = "User-agent: *\n#" + "x" * policy.most_robots_bytes + "\nDisallow: /\n"
    assert robots.read(200, longest.encode(), {}, policy).allows("http://a.cn/")


Redirected = Callable[[str, str], "Request | None"]


@pytest.fixture
def redirected() -> Redirected:
    """Tells the middleware of one redirect, and what it makes of the next page there."""
    middleware = MovedMiddleware()

    def tell(asked: str, to: str) -> Request | None:
        middleware.process_request(Request(to, meta={"role": "article", "redirect_urls": [asked]}))
        return middleware.process_request(Request("http://old.example/a_9.html", meta={"role": "article"}))

    return tell


def test_a_site_has_moved_only_where_pages_are_redirected_to_themselves(redirected: Redirected) -> None:
    for n in range(2 * TIMES):  # all to one page: the site is gone, or wants a login
        assert redirected(f"http://old.example/a_{n}.html", "http://new.example/index.html") is None
    for n in range(TIMES - 1):
        assert redirected(f"http://old.example/a_{n}.html", f"http://new.example/a_{n}.html") is None
    moved = redirected("http://old.example/a_8.html", "http://new.example/a_8.html")
    assert moved and moved.url == "http://new.example/a_9.html"
