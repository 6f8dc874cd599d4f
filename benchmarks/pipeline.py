"""Pages a second through crawl, extract and index, peak memory, and how fast the search answers, over the sample web.

    python -m benchmarks.pipeline

Runs the product's own commands, each in a process of its own, in a fresh folder. The sample web answers from this machine without delay, so
the crawl's figure is what the program costs, not what politeness costs.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from indexer.engines.registry import open_engine
from indexer.search.searcher import Searcher
from zhaoshang.demo.web import KINDS, DemoWeb

QUERIES = (
    "飞地招商",
    "基金招商 利益共享",
    '"一企一策"',
    "招商",
    "产业链招商 after:2020",
    "title:签约",
    "总投资 -旅游",
    "專班",
)
TIMES = 40


def run(data: Path, *arguments: str) -> tuple[float, int]:
    """Seconds and peak memory (MB, the largest process) of a command."""
    environment = os.environ | {"ZHAOSHANG_DATA": str(data), "ZHAOSHANG_DELAY": "0"}
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "zhaoshang", *arguments],
        env=environment,
        check=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, DemoWeb(ports=[0] * len(KINDS)) as web:
        data = Path(folder) / "data"
        web.sources(data / "sources")
        rows = {}
        for stage, arguments in (
            ("crawl", ["crawl", *(site.name for site in web.sites)]),
            ("extract", ["extract"]),
            ("index", ["index"]),
        ):
            seconds, memory = run(data, *arguments)
            settings = load_settings(data=data)
            with Archive.open(settings) as archive:
                counts = archive.counts()
            pages = {"crawl": counts.captures, "extract": counts.articles + counts.rejected, "index": counts.articles}[
                stage
            ]
            rows[stage] = {
                "pages": pages,
                "seconds": round(seconds, 2),
                "pages_per_second": round(pages / seconds, 1),
                "peak_mb": memory,
            }
        with Archive.open(settings) as archive:
            searcher = Searcher(open_engine(settings), archive)
            times = []
            for _ in range(TIMES):
                for query in QUERIES:
                    started = time.perf_counter()
                    searcher.search(query)
                    times.append(1000 * (time.perf_counter() - started))
        steps = statistics.quantiles(times[len(QUERIES) :], n=20)
        rows["search"] = {"queries": len(times), "p50_ms": round(steps[9], 2), "p95_ms": round(steps[18], 2)}
    print(json.dumps(rows, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
