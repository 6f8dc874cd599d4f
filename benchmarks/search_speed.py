"""Speed of the embedded engine: p50 and p95 of searches beside what is allowed and what raw tantivy needs for the same, memory, documents/s of indexing.

    python -m benchmarks.search_speed [--documents 1000000] [--data FOLDER] [--queries 300]

Documents are recombined sentences of ../shared/retrieval: about 400 characters, nine in ten with a lexicon word. An index that FOLDER already has is
used again. Exit code 1 where a p95 or the memory is over what is allowed: on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import nsmallest
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from crawler.article import article_id
from indexer.analysis.document import Document
from indexer.analysis.frequencies import Counting
from indexer.engines.base import Among, And, Phrase, Request, Scored, Term
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.engines.tantivy.folder import Folder, read_pointer, schema
from indexer.engines.tantivy.query import compile_match, compile_scored
from indexer.indexing.analysis_pool import AnalysisPool
from indexer.indexing.stage import SAMPLE
from indexer.search.planner import together
from indexer.search.ranking import FREQUENCY_FIELDS
from indexer.search.searcher import Searcher
from indexer.search.similar import similar
from indexer.search.spelling import did_you_mean
from indexer.search.suggest import suggest

FOLDER = Path(__file__).parents[2] / "shared" / "retrieval"
EVERYWHERE = "招商引资"  # in 9 of 10 documents
SOURCES = [f"source-{n}" for n in range(80)]


def sentences() -> list[str]:
    found: list[str] = []
    for name in ("cmrc2018", "drcd"):
        with (FOLDER / name / "docs.jsonl").open(encoding="utf-8") as file:
            for line in file:
                found += [s for s in re.split(r"(?<=[。！？])", json.loads(line)["text"]) if 8 <= len(s) <= 120]
    return found


def documents(number: int, seed: int = 5) -> Iterator[Document]:
    pool, dice = sentences(), random.Random(seed)
    origins = [f"来源{n}" for n in range(300)]
    for n in range(number):
        parts = dice.choices(pool, k=9)
        if dice.random() < 0.9:
            parts.insert(dice.randrange(9), f"当地把{EVERYWHERE}作为头等大事。")
        published = date(2010, 1, 1) + timedelta(days=dice.randrange(5400))
        yield Document(
            id=article_id(str(n)),
            change=n + 1,
            url=f"http://a.example/{n}",
            canonical_url=f"http://a.example/{n}",
            title=parts[0][:24],
            text="".join(parts),
            source=dice.choice(SOURCES),
            kind=dice.choice(["government", "news", "forum"]),
            region=dice.choice(["320500", "330100", "110000", "440300", "510100"]),
            origin=dice.choice(origins),
            published=published,
            minute=(published - date(1970, 1, 1)).days * 1440,
            practices=tuple(dice.sample(PRACTICES, dice.randrange(4))),
            places=tuple(dice.sample(PLACES, dice.randrange(3))),
        )


PRACTICES = [f"practice-{n}" for n in range(45)]
PLACES = [f"{province}{city:02d}00" for province in range(11, 66) for city in range(1, 10)]


def words(number: int, seed: int = 6) -> list[str]:
    """Words of two to four characters as they stand in the sentences, of all frequencies."""
    from indexer.analysis.segmentation import segmenter

    pool, dice = sentences(), random.Random(seed)
    found: list[str] = []
    while len(found) < number:
        cut = [w for w in segmenter().cut(dice.choice(pool)) if re.fullmatch("[\u4e00-\u9fd5]{2,4}", w)]
        if cut:
            found.append(dice.choice(cut))
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of query: what is asked and how, the p95 that is allowed (ms; 0: none), and raw tantivy's way to the same hits or counts."""

    name: str
    allowed: float
    what: Callable[[str], object]
    queries: Sequence[str]
    raw: Callable[[str], object] | None = None


def times(what: Callable[[str], object], queries: Sequence[str]) -> tuple[float, float, float]:
    """p50 and p95 on the wall, and the mean of the processor, which a busy machine does not falsify; ms."""
    for query in queries[:10]:
        what(query)
    wall = []
    processor = time.process_time()
    for query in queries:
        start = time.perf_counter()
        what(query)
        wall.append((time.perf_counter() - start) * 1000)
    mean = (time.process_time() - processor) * 1000 / len(queries)
    wall.sort()
    return wall[len(wall) // 2], wall[min(len(wall) - 1, int(len(wall) * 0.95))], mean


def measure(row: Row) -> bool:
    """A line of the table; whether its p95 is over what is allowed."""
    p50, p95, processor = times(row.what, row.queries)
    raw, ratio = "", ""
    if row.raw is not None:
        _, _, bare = times(row.raw, row.queries)
        raw, ratio = f"{bare:.2f}", f"{processor / bare:.1f}" if bare else ""
    over = bool(row.allowed) and p95 > row.allowed
    allowed = f"{row.allowed:g}{' OVER' if over else ''}" if row.allowed else ""
    print(f"| {row.name} | {p50:.1f} | {p95:.1f} | {allowed} | {processor:.2f} | {raw} | {ratio} |", flush=True)
    return over


def build(data: Path, number: int) -> None:
    """Documents as the index stage prepares them, in worker processes."""
    start = time.perf_counter()
    engine = TantivyEngine.open(data, write=True)
    counting = Counting(FREQUENCY_FIELDS, nsmallest(SAMPLE, (article_id(str(n)) for n in range(number))))
    with AnalysisPool(counting, os.cpu_count() or 1) as preparing:
        engine.rebuild(preparing.prepared(documents(number), number), number)
    engine.save_frequencies(counting.table(number))
    engine.close()
    taken = time.perf_counter() - start
    print(f"indexed {number:,} documents at {number / taken:,.0f}/s, with their making and analysis", flush=True)


def anonymous_megabytes() -> float:
    found = re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


SMALL = ("year", "source", "kind", "origin")
LARGE = (*SMALL, "place", "practice")
SUGGESTED = ("feidi", "fei", "招商", "产业", "jiangsu", "飛地", "suzhou", "税收 feidi", "园区", "hefei")


def rows(engine: TantivyEngine, data: Path, n: int) -> Iterator[Row]:
    searcher = Searcher(engine)
    raw, fields = Folder(data / (read_pointer(data) or "")).refresh(), schema()
    one, two = words(n), words(n, 9)
    pairs = [f"{a} {b}" for a, b in zip(one, two, strict=True)]

    def bare(query: str) -> object:
        return searcher.search(query, facets=(), histogram=False, strict=True)

    def top(query: str) -> object:
        """The same words, together, scored, counted: what an engine alone does for them."""
        parts = [together(word) for word in query.replace('"', "").split()]
        scored = tuple(Scored(part, 1.0) for part in parts if isinstance(part, Term | Phrase))
        return raw.search(compile_scored(fields, Request(And(tuple(parts)), scored)), 10)

    def counts(facets: Sequence[str]) -> Callable[[str], object]:
        asked = {name: {"terms": {"field": name, "size": 65_000, "segment_size": 65_000}} for name in facets}
        return lambda query: raw.aggregate(compile_match(fields, Term("frequent", query)), asked)

    yield Row("two words, top 10", 10, bare, pairs, top)
    yield Row("one word, top 10", 0, bare, one, top)
    yield Row("two words, widened where few", 0, lambda q: searcher.search(q, facets=(), histogram=False), pairs, top)
    yield Row("two words, all of the search page", 0, lambda q: searcher.search(q, top=20, facets=LARGE), pairs, top)
    frequent = Scored(Term("words", EVERYWHERE), 1.0)
    yield Row(
        f"{EVERYWHERE}, a lexicon word in nine of ten",
        40,
        bare,
        [EVERYWHERE] * 40,
        lambda q: raw.search(compile_scored(fields, Request(Term("frequent", q), (frequent,))), 10),
    )
    yield Row("头等大事, another word in nine of ten", 120, bare, ["头等大事"] * 30, top)
    yield Row("a phrase of seven in nine of ten", 0, bare, ['"当地把招商引资"'] * 20, top)
    yield Row(
        "facets of nine of ten: year source kind origin",
        30,
        lambda q: engine.execute(Request(Term("frequent", q), top=0, facets=SMALL)),
        [EVERYWHERE] * 30,
        counts(SMALL),
    )
    yield Row(
        "the same, with places and practices",
        120,
        lambda q: engine.execute(Request(Term("frequent", q), top=0, facets=LARGE)),
        [EVERYWHERE] * 20,
        counts(LARGE),
    )
    yield Row(
        f"{EVERYWHERE}, top 10 and year source kind origin",
        0,
        lambda q: searcher.search(q, facets=SMALL, histogram=False),
        [EVERYWHERE] * 30,
    )
    yield Row(
        "question of three words, batch",
        0,
        lambda q: searcher.run(q, 10),
        [f"{a}的{b}是什么" for a, b in zip(one, two, strict=True)],
    )
    yield Row("suggestion", 15, lambda q: suggest(q, engine), SUGGESTED * 10)
    yield Row("typing error", 0, lambda q: did_you_mean(searcher.engine, q, 1), pairs)
    some = list(islice(engine.get(engine.scan(Among("source", (SOURCES[0],)))).values(), 100))
    known = {document.id: document for document in some}
    yield Row("similar articles", 0, lambda id_: similar(engine, known[id_]), list(known))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=Path("data/search_speed/index"))
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    if not (options.data / "current").exists():
        builder = get_context("spawn").Process(target=build, args=(options.data, options.documents))
        builder.start()  # a process of its own, so that its memory does not count as the server's
        builder.join()
    engine = TantivyEngine.open(options.data)
    health = engine.health()
    print(f"{health.documents:,} documents, {health.size_bytes / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}\n")
    print(
        "| query | p50 ms | p95 ms | allowed | ms of the processor | raw tantivy | ratio |\n|---|---|---|---|---|---|---|"
    )
    over = sum([measure(row) for row in rows(engine, options.data, options.queries)])
    memory = anonymous_megabytes()
    print(f"\nanonymous memory {memory:,.0f} MB of 300, suggestions and corrections loaded")
    engine.close()
    return 1 if over or memory > 300 else 0


if __name__ == "__main__":
    sys.exit(main())
