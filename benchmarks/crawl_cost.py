"""Processor time a page of the crawl alone, against a bare Scrapy spider that saves the body: the same pages, the same concurrency, in one run.

    python -m benchmarks.crawl_cost [--pages 640] [--rounds 3] [--profile FOLDER]

One and then 16 sites on loopback are asked, one request at a time each. Both programs are run over a few pages and over many; what the difference cost is the
cost of a page, and what is left of the first the cost of the start. `--profile` writes what cProfile says of the crawl's process instead, and prints its parts.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import multiprocessing
import os
import pstats
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

FEW = 64  # articles in all sites of the small run
ROWS = 20  # entries of a list page
PHRASES = [
    "招商引资",
    "项目签约",
    "产业链",
    "园区",
    "新能源",
    "先进制造",
    "营商环境",
    "总投资",
    "驻点招商",
    "县委常委",
    "一行",
    "赴",
    "考察",
    "座谈",
    "企业",
    "负责人",
    "表示",
    "将",
    "进一步",
    "优化",
    "服务",
    "推动",
    "落地",
    "建设",
    "投产",
    "达效",
]


def address(number: int) -> str:
    return f"/t202602{number % 28 + 1:02d}_{number:06d}.html"


def article(site: int, number: int) -> bytes:
    """A page of some 30 KB, as large as those of real offices: menus, styles, a text of a dozen paragraphs, a sidebar, an attachment on one in ten."""
    chance = random.Random(site * 100_003 + number)
    menu = "".join(
        f'<li class="nav-item"><a href="/col{n}/index.html" title="栏目{n}">栏目{n}</a></li>' for n in range(120)
    )
    text = "".join(f"<p>{''.join(chance.choices(PHRASES, k=60))}。</p>" for _ in range(12))
    side = "".join(
        f'<li><a href="{address(n)}">样例县举行第{n}场集中签约仪式</a><span>2026-02-0{n % 9 + 1}</span></li>'
        for n in range(1, 40)
    )
    style = "".join(f".c{n}{{margin:0 {n}px;padding:{n}px;color:#333;font-size:14px}}\n" for n in range(80))
    file = f'<p><a href="/files/{site}_{number}.pdf">附件：项目清单.pdf</a></p>' if number % 10 == 0 else ""
    head = f"<meta charset='utf-8'><title>样例县举行第{number}场招商引资项目集中签约仪式</title><style>{style}</style>"
    body = f"<div class='nav'><ul>{menu}</ul></div><h1>样例县举行第{number}场招商引资项目集中签约仪式</h1><div class='info'>发布时间：2026-02-{number % 28 + 1:02d} 来源：样例日报</div>"
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}<div class='content'>{text}{file}</div><div class='side'><ul>{side}</ul></div></body></html>".encode()


def list_page(number: int, articles: int) -> bytes:
    """The list's page `number`, from 1; page after page it names all articles."""
    shown = range((number - 1) * ROWS + 1, min(number * ROWS, articles) + 1)
    rows = "".join(
        f'<li><a href="{address(n)}">样例县举行第{n}场招商引资项目集中签约仪式</a><span>2026-02-{n % 28 + 1:02d}</span></li>'
        for n in shown
    )
    more = f'<a href="/index_{number + 1}.html">下一页</a>' if number * ROWS < articles else ""
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>招商动态</title></head><body><ul class='list'>{rows}</ul><div class='page'>{more}</div></body></html>".encode()


def paths(articles: int) -> list[str]:
    """All that one site holds."""
    lists = -(-articles // ROWS)
    files = [f"/files/{n}.pdf" for n in range(10, articles + 1, 10)]
    return [
        "/index.html",
        *(f"/index_{n}.html" for n in range(2, lists + 1)),
        *map(address, range(1, articles + 1)),
        *files,
    ]


def answer(path: str, site: int, articles: int) -> tuple[int, str, bytes]:
    name = path.removesuffix(".html").removesuffix(".pdf").rpartition("/")[2]
    kind, _, number = name.partition("_")
    if kind == "index":
        return 200, "text/html; charset=utf-8", list_page(int(number or 1), articles)
    if kind.startswith("t2026"):
        return 200, "text/html; charset=utf-8", article(site, int(number))
    if path.startswith("/files/"):
        return 200, "application/pdf", b"%PDF-1.4\n" + random.Random(path).randbytes(20_000)
    return 404, "text/plain", b"none"


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """What is asked next on a connection; nothing where it has ended."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def serve(sites: int, articles: int, ready: Connection) -> None:
    """Serves the sites in this process until it is ended; sends their ports."""

    async def run() -> None:
        servers = []
        for site in range(sites):
            known = {
                path: answer(path, site, articles)
                for path in [*paths(articles), *(f"/files/{site}_{n}.pdf" for n in range(10, articles + 1, 10))]
            }

            async def talk(
                reader: asyncio.StreamReader,
                writer: asyncio.StreamWriter,
                known: dict[str, tuple[int, str, bytes]] = known,
            ) -> None:
                while head := await read_head(reader):
                    status, kind, body = known.get(head.split(b" ", 2)[1].decode(), (404, "text/plain", b"none"))
                    writer.write(
                        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                        + body
                    )

            servers.append(await asyncio.start_server(talk, "127.0.0.1", 0))
        ready.send([server.sockets[0].getsockname()[1] for server in servers])
        await asyncio.Event().wait()

    asyncio.run(run())


BARE = """
import asyncio, json, sys
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

order = json.loads(sys.stdin.readline())


class Bare(Spider):
    name = "bare"

    async def start(self):
        for url in self.urls:
            yield Request(url)

    def parse(self, response):
        with open(f"{order['folder']}/{self.number}_{response.url.rpartition('/')[2]}", "wb") as file:
            file.write(response.body)


process = AsyncCrawlerProcess({"CONCURRENT_REQUESTS": 1, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "TELNETCONSOLE_ENABLED": False, "DOWNLOAD_DELAY": 0,
    "LOG_LEVEL": "INFO", "LOG_FILE": f"{order['folder']}/log", "ROBOTSTXT_OBEY": False})
for number, urls in enumerate(order["urls"]):
    process.crawl(Bare, urls=urls, number=number)
process.start()
"""


def spent(command: list[str], order: object, environment: dict[str, str]) -> float:
    """Seconds of processor time of a command and of what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, input=json.dumps(order) + "\n", text=True, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Web:
    """So many sites with so many articles in all, served by a process of their own."""

    def __init__(self, sites: int, articles: int) -> None:
        self.sites, self.each = sites, articles // sites
        here, there = multiprocessing.Pipe()
        self._server = multiprocessing.get_context("spawn").Process(
            target=serve, args=(sites, self.each, there), daemon=True
        )
        self._server.start()
        self.ports: list[int] = here.recv()

    @property
    def pages(self) -> int:
        return self.sites * len(paths(self.each))

    def urls(self) -> list[list[str]]:
        own = [[p.replace("/files/", f"/files/{site}_") for p in paths(self.each)] for site in range(self.sites)]
        return [[f"http://127.0.0.1:{port}{path}" for path in ways] for port, ways in zip(self.ports, own, strict=True)]

    def sources(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for number, port in enumerate(self.ports):
            facts = {"name": f"s{number}", "title": f"样例{number}", "kind": "government", "region": "340100"}
            lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items()]
            lines += [
                f'start_urls = ["http://127.0.0.1:{port}/index.html"]',
                'seen_in = "测量"',
                "[budget]",
                "pages = 100000",
            ]
            (folder / f"s{number}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def stop(self) -> None:
        self._server.kill()
        self._server.join()


def crawl(web: Web) -> float:
    """What the product's crawl of all sites costs, with the verb's own process. Raises SystemExit where it did not take in every page."""
    with tempfile.TemporaryDirectory() as folder:
        data, environment = settings(web, Path(folder))
        names = [f"s{n}" for n in range(web.sites)]
        seconds = spent([sys.executable, "-m", "zhaoshang", "crawl", *names], None, environment)
        check(data, web)
    return seconds


def settings(web: Web, folder: Path) -> tuple[Path, dict[str, str]]:
    data = folder / "data"
    web.sources(data / "sources")
    own = {"ZHAOSHANG_DATA": str(data), "ZHAOSHANG_DELAY": "0", "ZHAOSHANG_DATABASE": ""}
    return data, os.environ | own


def check(data: Path, web: Web) -> None:
    from crawler.archive import Archive
    from crawler.configuration import load_settings

    with Archive.open(load_settings(data=data)) as archive:
        kept = archive.counts().captures
    if kept < web.pages:
        raise SystemExit(f"only {kept} of {web.pages} pages were kept")


def bare(web: Web) -> float:
    with tempfile.TemporaryDirectory() as folder:
        seconds = spent([sys.executable, "-c", BARE], {"folder": folder, "urls": web.urls()}, dict(os.environ))
        if len(list(Path(folder).iterdir())) < web.pages:
            raise SystemExit("the bare spider did not save every page")
    return seconds


def measure(sites: int, articles: int, rounds: int) -> None:
    few, many = Web(sites, max(FEW, sites * ROWS)), Web(sites, articles)
    try:
        times: dict[str, list[tuple[float, float]]] = {"crawl": [], "bare": []}
        for _ in range(rounds):
            for name, program in (("crawl", crawl), ("bare", bare)):
                times[name].append((program(few), program(many)))
        more = many.pages - few.pages
        page = {name: statistics.median((b - a) / more for a, b in runs) * 1000 for name, runs in times.items()}
        whole = {name: statistics.median(b for _, b in runs) for name, runs in times.items()}
        print(
            f"| {sites} | {many.pages} | {page['crawl']:.2f} | {page['bare']:.2f} | {page['crawl'] / page['bare']:.2f} | "
            f"{1000 * whole['crawl'] / many.pages:.2f} | {1000 * whole['bare'] / many.pages:.2f} | {whole['crawl'] / whole['bare']:.2f} |",
            flush=True,
        )
    finally:
        few.stop()
        many.stop()


# what a function belongs to, by a part of its file's path or of a built-in's name; the first that fits
PARTS = (
    ("SQL", ("sqlalchemy", "sqlite3", "psycopg")),
    ("compression", ("zlib", "gzip.py", "isal")),
    ("digests", ("sha1", "hashlib", "base64")),
    ("WARC records", ("warcio", "archive/records", "uuid.py", "fdatasync")),
    ("archive, our own", ("crawler/archive",)),
    ("parsing pages", ("lxml", "decoding.py", "extraction/", "spiders/links", "web/page.py", "documents/")),
    (
        "reading lists",
        (
            "crawler/lists",
            "crawler/platforms",
            "spiders/list_reader",
            "spiders/pagination",
            "spiders/cursors",
            "canonical.py",
            "bs4",
        ),
    ),
    ("our middlewares", ("crawler/middlewares", "crawler/extensions", "crawler/web")),
    ("our spider", ("crawler/spiders", "crawler/sources")),
    ("reactor and HTTP", ("twisted", "asyncio", "selectors.py", "epoll", "socket", "zope")),
    ("logging", ("logging",)),
    ("Scrapy", ("scrapy", "itemadapter", "queuelib", "w3lib", "pydispatch")),
)


def part_of(name: str) -> str:
    return next((part for part, words in PARTS if any(word in name for word in words)), "the rest")


def profile(sites: int, articles: int, folder: Path) -> None:
    """Runs the crawl's process under cProfile and prints how its time divides; the profiles go to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    few, many = Web(sites, max(FEW, sites * ROWS)), Web(sites, articles)
    spread: list[Counter[str]] = []
    try:
        for web in (few, many):
            target = folder / f"{sites}_{web.pages}.prof"
            with tempfile.TemporaryDirectory() as scratch:
                data, environment = settings(web, Path(scratch))
                names = [f"s{n}" for n in range(web.sites)]
                inside = environment | {"CRAWL_PROFILE": str(target), "CRAWL_SOURCES": json.dumps(names)}
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.crawl_cost", "--inside"],
                    env=inside,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                check(data, web)
            spread.append(divided(target))
    finally:
        few.stop()
        many.stop()
    more = many.pages - few.pages
    costs = {part: 1000 * (spread[1][part] - spread[0][part]) / more for part in spread[1]}
    print(
        f"\n{sites} sites: {sum(costs.values()):.2f} ms a page under the profiler\n\n| part | ms a page | share |\n|---|---|---|"
    )
    for part, cost in sorted(costs.items(), key=lambda item: -item[1]):
        print(f"| {part} | {cost:.2f} | {cost / sum(costs.values()):.0%} |")


def divided(file: Path) -> Counter[str]:
    """Seconds by part; what a built-in took that names no part goes to whoever called it."""
    out: Counter[str] = Counter()
    for (path, _, name), (_, _, own, _, callers) in pstats.Stats(str(file)).stats.items():  # type: ignore[attr-defined]
        if path != "~":
            out[part_of(path)] += own
        elif (part := part_of(name)) != "the rest" or not callers:
            out[part] += own
        else:
            for (caller, _, called), facts in callers.items():
                out[part_of(caller if caller != "~" else called)] += facts[2]
    return out


def inside() -> None:
    """The crawl's process under the profiler."""
    from crawler.archive import Archive
    from crawler.configuration import settings as own
    from crawler.stages import crawl_process

    with Archive.open(own()) as archive:
        run = archive.runs.start("crawl")
    order = {
        "run": run,
        "sources": json.loads(os.environ["CRAWL_SOURCES"]),
        "now": None,
        "minutes": 60.0,
        "side_by_side": 16,
    }
    read, write = os.pipe()
    os.write(write, (json.dumps(order) + "\n").encode())  # and stays open: its end would end the crawl
    os.dup2(read, 0)
    profiler = cProfile.Profile(timer=time.process_time)
    leave = os._exit

    def ended(code: int) -> None:
        profiler.dump_stats(os.environ["CRAWL_PROFILE"])
        leave(code)

    os._exit = ended  # type: ignore[assignment]
    profiler.runcall(crawl_process.main)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=640, help="articles in all sites")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sites", type=int, action="append", help="1 and 16, unless given")
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside()
        return 0
    if not options.profile:
        print(
            "| sites | pages | ms a page: crawl | bare | ratio | with the start: crawl | bare | ratio |\n|---|---|---|---|---|---|---|---|",
            flush=True,
        )
    for sites in options.sites or (1, 16):
        if options.profile:
            profile(sites, options.pages, options.profile)
        else:
            measure(sites, options.pages, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
