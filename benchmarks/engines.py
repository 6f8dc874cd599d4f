"""Both engines side by side in one run, over the same documents: documents/s, disk, p50/p95/p99 of rare, common, phrase, filtered and faceted queries.

    python -m benchmarks.engines [--documents 100000] [--queries 200] [--workers 2] [--heap 1g] [--version 9.5.3 | --url URL] [--results FILE]

Documents are those of `benchmarks.search_speed`. Their analysis is measured apart, as it is the same for both: it is kept on disk, and each engine is
filled from there, one after the other, until its merges are done. FILE (.cache/benchmarks/engines-DOCUMENTS.json) is written after each step.
"""

from __future__ import annotations

import argparse
import json
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.search_speed import EVERYWHERE, documents, words
from crawler.article import article_id
from indexer.analysis.fields import Prepared
from indexer.analysis.frequencies import Counting, Frequencies
from indexer.engines.base import Engine
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.indexing.analysis_pool import AnalysisPool
from indexer.insight.practices import rules
from indexer.search.ranking import FREQUENCY_FIELDS
from indexer.search.searcher import Searcher

CHUNK = 500  # documents that are read from disk at a time
SAMPLE = 20_000  # documents that the table of frequencies is made of
ROOM = 40_000  # bytes of disk a document: analysed, and in both engines while they merge
STEP = 50_000  # documents between two lines of progress
RARE, COMMON = 0.001, 0.02  # shares of documents: words below, words above
ROW = "| {:<34} | {:>8} | {:>8} | {:>8} | {:>8} | {:>8} | {:>8} |"


@dataclass
class Results:
    """What was measured; milliseconds, megabytes, documents a second."""

    documents: int
    began: str = field(default_factory=lambda: time.strftime("%Y-%m-%d %H:%M:%S"))
    analysed_per_second: float = 0.0
    engines: dict[str, dict[str, Any]] = field(default_factory=dict)
    minutes: float = 0.0


class Run:
    """The lines that are shown, and the file that is written after each step."""

    def __init__(self, number: int, file: Path) -> None:
        self.results, self.file, self.begun = Results(number), file, time.monotonic()
        file.parent.mkdir(parents=True, exist_ok=True)

    def say(self, line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
        self.save()

    def save(self) -> None:
        self.results.minutes = round((time.monotonic() - self.begun) / 60, 1)
        self.file.write_text(json.dumps(asdict(self.results), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def counted(self, what: str, items: Iterable[Any]) -> Iterator[Any]:
        """The items, with a line now and then."""
        begun = time.perf_counter()
        for done, item in enumerate(items, 1):
            yield item
            if done % STEP == 0:
                self.say(f"  {what} {done:,} ({done / (time.perf_counter() - begun):,.0f}/s)")


def analyse(run: Run, file: Path, workers: int) -> Frequencies:
    """Analyses all documents into the file, and counts the table of frequencies."""
    number = run.results.documents
    counting = Counting(FREQUENCY_FIELDS, {article_id(str(n)) for n in range(min(number, SAMPLE))})
    begun = time.perf_counter()
    with file.open("wb") as out, AnalysisPool(counting, workers) as preparing:
        prepared = run.counted("analysed", preparing.prepared(documents(number), number))
        while chunk := list(islice(prepared, CHUNK)):
            pickle.dump(chunk, out, pickle.HIGHEST_PROTOCOL)
    run.results.analysed_per_second = round(number / (time.perf_counter() - begun))
    run.say(f"{number:,} documents, analysed at {run.results.analysed_per_second:,}/s by {workers} processes")
    return counting.table(number)


def analysed(file: Path) -> Iterator[Prepared]:
    with file.open("rb") as source:
        while True:
            try:
                yield from pickle.load(source)
            except EOFError:
                return


def fill(run: Run, name: str, engine: Engine, file: Path, table: Frequencies) -> None:
    """A rebuild, until merges are done."""
    number, begun = run.results.documents, time.perf_counter()
    engine.rebuild(run.counted(name, analysed(file)), number)
    if isinstance(engine, ElasticsearchEngine):
        while _merging(engine):
            time.sleep(0.5)
    taken = time.perf_counter() - begun
    engine.save_frequencies(table)
    health = engine.health()
    if health.documents != number:
        raise SystemExit(f"{name} has {health.documents:,} documents: {health.problem}")
    run.results.engines[name] = {
        "documents_per_second": round(number / taken),
        "seconds": round(taken, 1),
        "megabytes": round(health.size_bytes / 1e6),
        "queries": {},
    }
    run.say(f"{name}: {number / taken:,.0f} documents/s ({taken:,.0f} s), {health.size_bytes / 1e6:,.0f} MB")


def _merging(engine: ElasticsearchEngine) -> bool:
    stats = engine.client.indices.stats(index=engine.alias, metric=["merge"])["_all"]["total"]["merges"]
    return int(stats["current"]) > 0


def percentiles(search: Callable[[str], object], queries: Iterable[str]) -> list[float]:
    """p50, p95, p99 in milliseconds, after ten to warm up."""
    queries, taken = list(queries), []
    for query in queries[:10]:
        search(query)
    for query in queries:
        begun = time.perf_counter()
        search(query)
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return [round(taken[min(len(taken) - 1, int(len(taken) * share))], 2) for share in (0.5, 0.95, 0.99)]


def kinds(number: int, table: Frequencies) -> dict[str, tuple[list[str], tuple[str, ...], bool]]:
    """What is asked: name → queries, facets, timeline."""
    many = list(dict.fromkeys(words(number * 20)))
    rare = [word for word in many if table.share("words", word) < RARE][:number]
    common = [word for word in many if table.share("words", word) > COMMON][:number]
    one, two = words(number), words(number, 9)
    pairs = [f"{a} {b}" for a, b in zip(one, two, strict=True)]
    half, facets = number // 2, ("year", "source", "kind", "origin")
    return {
        f"rare word, below {RARE:.1%}": (rare, (), False),
        f"common word, above {COMMON:.0%}": (common, (), False),
        "two words": (pairs, (), False),
        f"in nearly all: {EVERYWHERE}": ([EVERYWHERE] * (number // 4), (), False),
        "phrase": ([f'"把{EVERYWHERE}作为头等"'] * (number // 8) + [f'"{a}"' for a in one[:half]], (), False),
        "filtered: kind, region, years": ([f"{a} kind:news region:江苏 year:2012-2020" for a in one[:half]], (), False),
        "faceted: two words, timeline": (pairs[:half], facets, True),
        "faceted: nearly all, six facets": ([EVERYWHERE] * (number // 8), (*facets, "place", "practice"), True),
        "question, widened": ([f"{a}的{b}是什么" for a, b in zip(one, two, strict=True)][:half], (), False),
    }


def ask(run: Run, engines: Sequence[tuple[str, Engine]], queries: int, table: Frequencies) -> None:
    """The table of times, one kind of query after the other, on both engines."""
    print("\n" + ROW.format("ms", *(f"{a[:8]}" for name, _ in engines for a in (name, "", ""))))
    print(ROW.format("", "p50", "p95", "p99", "p50", "p95", "p99"))
    for title, (asked, facets, timeline) in kinds(queries, table).items():
        figures: list[float] = []
        for name, engine in engines:
            searcher = Searcher(engine)

            def search(query: str, searcher: Searcher = searcher, title: str = title) -> object:
                strict = "widened" not in title
                return searcher.search(query, facets=facets, histogram=timeline, strict=strict, snippets=False)  # noqa: B023

            found = percentiles(search, asked)
            run.results.engines[name]["queries"][title] = [*found, len(asked)]
            figures += found
        print(ROW.format(title, *(f"{figure:.1f}" for figure in figures)), flush=True)
        run.save()


def measure(other: Engine, folder: Path, options: argparse.Namespace) -> None:
    number = options.documents
    rules()  # what names the facets: read now, so that a fault in it shows before and not after half an hour
    free = shutil.disk_usage(folder).free
    if free < number * ROOM:
        raise SystemExit(f"{folder} has {free / 1e9:.0f} GB left, and this needs up to {number * ROOM / 1e9:.0f}")
    run = Run(number, options.results or Path(f".cache/benchmarks/engines-{number}.json"))
    file = folder / "analysed"
    table = analyse(run, file, options.workers)
    embedded = TantivyEngine.open(folder / "index", write=True)
    engines: list[tuple[str, Engine]] = [("tantivy", embedded), (other.health().engine, other)]
    for name, engine in engines:
        fill(run, name, engine, file, table)
    file.unlink()
    ask(run, engines, options.queries, table)
    for _, engine in engines:
        engine.close()
    run.say(f"done; {run.file}")


def main() -> int:
    from tests.elasticsearch.node import start
    from tests.elasticsearch.server import engine_at

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2, help="processes that analyse")
    parser.add_argument("--heap", default="1g", help="of the node that is started")
    parser.add_argument("--version", default="9.5.3")
    parser.add_argument("--url")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhaoshang-engines-") as folder:
        where = Path(folder)
        if options.url:
            measure(engine_at(options.url, where, write=True), where, options)
            return 0
        node = start(options.version, heap=options.heap)
        try:
            node.wait()
            measure(engine_at(node.url, where, write=True), where, options)
        finally:
            node.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
