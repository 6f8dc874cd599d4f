"""Memory of a server while it sends a large export: rows, seconds, bytes and resident memory before, at most and after, for each format.

    python -m benchmarks.exports [--articles 100000] [--data FOLDER]

Articles are made up and indexed in the embedded engine (kept in FOLDER, and used again, where it is named); the server is a process of its own.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx
import openpyxl  # type: ignore[import-untyped]

from crawler.archive import Archive
from crawler.article import Article, article_id, parse_published
from crawler.configuration import Settings
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index

FORMATS = ("csv", "xlsx", "jsonl", "ris", "gbt7714")
QUERY = "招商引资"
PORT = 18577
_WORDS = [
    "飞地",
    "园区",
    "产业链",
    "基金",
    "签约",
    "项目",
    "投资",
    "企业",
    "服务",
    "土地",
    "税收",
    "分成",
    "专班",
    "论坛",
    "县城",
    "开发区",
    "储能",
    "光学",
    "镜片",
    "电池",
    "上门",
    "考察",
]


def fill(settings: Settings, number: int) -> None:
    """So many articles of some 400 characters, all of which say QUERY."""
    dice = random.Random(4)
    with Archive.open(settings) as archive:
        for n in range(archive.counts().articles, number):
            text = "\n".join(
                QUERY
                + "，".join(dice.choice(_WORDS) + dice.choice(_WORDS) for _ in range(28))
                + f"，总投资{n % 90}亿元。"
                for _ in range(3)
            )
            at, precision = parse_published((date(2010, 1, 1) + timedelta(days=n % 5000)).isoformat())
            url = f"http://made.example/{n}.html"
            article = Article(
                id=article_id(url), url=url, canonical_url=url, title=f"{QUERY}简报第{n}期", text=text,
                published_at=at, published_precision=precision, origin="某报", author="某人",
            )  # fmt: skip
            archive.articles.save(article, capture=None, topic=0.9)
        engine = open_engine(settings, write=True)
        index(archive, engine, {})
        engine.close()


@contextmanager
def served(data: Path) -> Iterator[int]:
    """The process id of a server over the folder."""
    command = [sys.executable, "-m", "zhaoshang", "serve", "--port", str(PORT)]
    server = subprocess.Popen(command, env={"ZHAOSHANG_DATA": str(data), "PATH": "/usr/bin:/bin"}, stdout=sys.stderr)
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{PORT}/api/v1/search", params={"q": QUERY}, timeout=60).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def resident(process: int) -> float:
    """Megabytes."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(process: int, format: str, file: Path) -> str:
    """One export, as a line of a table."""
    before, most, over = resident(process), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            most[0] = max(most[0], resident(process))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    address = f"http://127.0.0.1:{PORT}/export"
    with (
        file.open("wb") as out,
        httpx.stream("GET", address, params={"q": QUERY, "format": format}, timeout=900) as answer,
    ):
        for piece in answer.iter_raw():
            out.write(piece)
    seconds = time.perf_counter() - started
    over.set()
    watcher.join()
    return (
        f"{format:8} {rows(format, file):>8,} rows {seconds:7.1f} s {file.stat().st_size / 1e6:8.1f} MB"
        f"   resident {before:6.0f} → {most[0]:6.0f} → {resident(process):6.0f} MB"
    )


def rows(format: str, file: Path) -> int:
    """As a reader of the format counts them."""
    match format:
        case "xlsx":
            return sum(1 for _ in openpyxl.load_workbook(file, read_only=True).active.iter_rows(values_only=True)) - 1
        case "csv":
            import pandas  # type: ignore[import-untyped]

            return len(pandas.read_csv(file, usecols=[0]))
        case "ris":
            return file.read_text(encoding="utf-8").count("\nER  -")
    return sum(1 for line in file.open(encoding="utf-8") if line.strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--data", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = chosen.data or Path(folder) / "data"
        started = time.perf_counter()
        fill(Settings(data=data), chosen.articles)
        print(f"{chosen.articles:,} articles stored and indexed in {time.perf_counter() - started:.0f} s", flush=True)
        with served(data) as process:
            found = httpx.get(f"http://127.0.0.1:{PORT}/api/v1/search", params={"q": QUERY}, timeout=60).json()["total"]
            print(f"total shown: {found:,}")
            for format in FORMATS:
                print(measure(process, format, Path(folder) / f"export.{format}"), flush=True)


if __name__ == "__main__":
    main()
