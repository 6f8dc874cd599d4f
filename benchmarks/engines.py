"""Both engines side by side in one run, over the same documents: documents/s, disk, p50/p95/p99 of rare, common, phrase, filtered and faceted queries.

    python -m benchmarks.engines [--documents 100000] [--queries 200] [--version 9.5.3 | --url URL]

Documents are those of `benchmarks.search_speed`. Analysis is measured apart: it is the same for both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.search_speed import EVERYWHERE, documents, words
from indexer.analysis.fields import Prepared, prepare
from indexer.engines.base import Engine
from indexer.engines.tantivy import TantivyEngine
from indexer.frequencies import count
from indexer.ranking import FREQUENCY_FIELDS
from indexer.search import Searcher

ROW = "| {:<34} | {:>8} | {:>8} | {:>8} | {:>8} | {:>8} | {:>8} |"


def build(engine: Engine, prepared: Sequence[Prepared]) -> tuple[float, float]:
    """Documents/s of a rebuild, and megabytes on disk."""
    begun = time.perf_counter()
    engine.rebuild(prepared, len(prepared))
    taken = time.perf_counter() - begun
    engine.save_frequencies(count((p.streams for p in prepared[:20_000]), FREQUENCY_FIELDS, len(prepared)))
    return len(prepared) / taken, engine.health().size_bytes / 1e6


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
    return [taken[min(len(taken) - 1, int(len(taken) * share))] for share in (0.5, 0.95, 0.99)]


def kinds(number: int) -> dict[str, tuple[list[str], tuple[str, ...], bool]]:
    """What is asked: name → queries, facets, timeline."""
    one, two = words(number), words(number, 9)
    pairs = [f"{a} {b}" for a, b in zip(one, two, strict=True)]
    facets = ("year", "source", "kind", "origin")
    return {
        "one word, rare or not": (one, (), False),
        "two words": (pairs, (), False),
        f"in nearly all: {EVERYWHERE}": ([EVERYWHERE] * (number // 4), (), False),
        "phrase": ([f'"把{EVERYWHERE}作为头等"'] * (number // 8) + [f'"{a}"' for a in one[: number // 2]], (), False),
        "filtered: kind, region, years": (
            [f"{a} kind:news region:江苏 year:2012-2020" for a in one[: number // 2]],
            (),
            False,
        ),
        "faceted: two words, timeline": (pairs[: number // 2], facets, True),
        "faceted: nearly all, six facets": (
            [EVERYWHERE] * (number // 8),
            (*facets, "place", "practice"),
            True,
        ),
        "question, widened": ([f"{a}的{b}是什么" for a, b in zip(one, two, strict=True)][: number // 2], (), False),
    }


def run(other: Engine, folder: Path, number: int, queries: int) -> None:
    begun = time.perf_counter()
    prepared = [prepare(d) for d in documents(number)]
    print(f"{number:,} documents, analysed at {number / (time.perf_counter() - begun):,.0f}/s\n", flush=True)
    embedded = TantivyEngine.open(folder / "index", write=True)
    engines: list[tuple[str, Engine]] = [("tantivy", embedded), (other.health().engine, other)]
    for name, engine in engines:
        speed, size = build(engine, prepared)
        print(f"{name}: {speed:,.0f} documents/s, {size:,.0f} MB", flush=True)
    print("\n" + ROW.format("ms", *(f"{a[:8]}" for name, _ in engines for a in (name, "", ""))))
    print(ROW.format("", "p50", "p95", "p99", "p50", "p95", "p99"))
    for title, (asked, facets, timeline) in kinds(queries).items():
        figures: list[float] = []
        for _, engine in engines:
            searcher = Searcher(engine)

            def search(query: str, searcher: Searcher = searcher, title: str = title) -> object:
                strict = "widened" not in title
                return searcher.search(query, facets=facets, histogram=timeline, strict=strict, snippets=False)  # noqa: B023

            figures += percentiles(search, asked)
        print(ROW.format(title, *(f"{figure:.1f}" for figure in figures)), flush=True)
    for _, engine in engines:
        engine.close()


def main() -> int:
    from tests.elasticsearch.node import start
    from tests.elasticsearch.server import engine_at

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--version", default="9.5.3")
    parser.add_argument("--url")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        if options.url:
            run(engine_at(options.url, where, write=True), where, options.documents, options.queries)
            return 0
        node = start(options.version)
        try:
            node.wait()
            run(engine_at(node.url, where, write=True), where, options.documents, options.queries)
        finally:
            node.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
