"""Speed of the embedded engine: documents/s of indexing, p50 and p95 of searches, memory, and what raw tantivy needs for the same.

    python -m benchmarks.search_speed [--documents 100000] [--data FOLDER] [--queries 300]

Documents are recombined sentences of ../shared/retrieval: about 400 characters, a third with a lexicon word that stands in nearly all of them. An
index that FOLDER already has is used again.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from crawler.article import article_id
from indexer.analysis.fields import prepare
from indexer.document import Document
from indexer.engines.base import Every, Request, Term
from indexer.engines.tantivy import TantivyEngine
from indexer.engines.tantivy_folder import Folder, read_pointer, schema
from indexer.engines.tantivy_query import compile_match
from indexer.frequencies import count
from indexer.ranking import FREQUENCY_FIELDS
from indexer.search import Searcher

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


def measure(name: str, what: Callable[[str], object], queries: Sequence[str]) -> None:
    """A row of the table: time on the wall, and time of the processor, which a busy machine does not falsify."""
    for query in queries[:10]:
        what(query)
    wall, processor = [], []
    for query in queries:
        start, started = time.perf_counter(), time.process_time()
        what(query)
        wall.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - started) * 1000)
    columns = [
        sorted(taken)[min(len(taken) - 1, int(len(taken) * share))]
        for taken in (wall, processor)
        for share in (0.5, 0.95)
    ]
    print(f"| {name} | {' | '.join(f'{c:.1f}' for c in columns)} |", flush=True)


def build(engine: TantivyEngine, number: int) -> None:
    start = time.perf_counter()
    engine.rebuild((prepare(d) for d in documents(number)), number)
    taken = time.perf_counter() - start
    sample = (prepare(d).streams for d in documents(min(number, 20_000)))
    engine.save_frequencies(count(sample, FREQUENCY_FIELDS, number))
    print(f"indexed {number:,} documents at {number / taken:,.0f}/s, with their analysis", flush=True)


def anonymous_megabytes() -> float:
    found = re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=Path("data/search_speed"))
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    if not (options.data / "current").exists():
        writer = TantivyEngine.open(options.data, write=True)
        build(writer, options.documents)
        writer.close()
    engine = TantivyEngine.open(options.data)
    health = engine.health()
    print(
        f"{health.documents:,} documents, {health.size_bytes / 1e6:,.0f} MB\n\n| query | p50 ms | p95 ms | p50 ms of processor | p95 |\n|---|---|---|---|---|"
    )
    searcher = Searcher(engine)
    n = options.queries
    one, two = words(n), words(n, 9)
    pairs = [f"{a} {b}" for a, b in zip(one, two, strict=True)]

    def bare(query: str, **more: object) -> object:
        return searcher.search(query, facets=(), histogram=False, strict=True, **more)  # type: ignore[arg-type]

    measure("one word, top 10", bare, one)
    measure("two words, top 10", bare, pairs)
    measure("two words, widened where few", lambda q: searcher.search(q, facets=(), histogram=False), pairs)
    measure(f"{EVERYWHERE} (its own token)", bare, [EVERYWHERE] * 40)
    measure("a word of four in nearly all, as a phrase", bare, ["头等大事"] * 20)
    measure("a phrase of seven in nearly all", bare, ['"当地把招商引资"'] * 20)
    measure("a phrase of two words", bare, [f'"{a}"' for a in words(n, 12)])
    measure("two words, facets year source kind origin, timeline", lambda q: searcher.search(q, strict=True), pairs)
    small, large = ("year", "source", "kind", "origin"), ("year", "source", "kind", "origin", "place", "practice")
    measure(
        f"{EVERYWHERE}, facets year source kind origin",
        lambda q: searcher.search(q, facets=small, histogram=False),
        [EVERYWHERE] * 30,
    )
    measure(
        f"{EVERYWHERE}, also place practice",
        lambda q: searcher.search(q, facets=large, histogram=False),
        [EVERYWHERE] * 20,
    )
    match = Term("frequent", EVERYWHERE)
    measure(
        "facets alone: year source kind origin",
        lambda q: engine.execute(Request(match, top=0, facets=small)),
        [""] * 30,
    )
    measure(
        "facets alone, with place practice", lambda q: engine.execute(Request(match, top=0, facets=large)), [""] * 20
    )
    measure(
        "question of three words, widened",
        lambda q: searcher.run(q, 10),
        [f"{a}的{b}是什么" for a, b in zip(one, two, strict=True)],
    )
    folder = Folder(options.data / (read_pointer(options.data) or ""))
    raw, fields = folder.refresh(), schema()
    measure("raw tantivy: every document, counted", lambda q: raw.search(compile_match(fields, Every()), 10), [""] * 30)
    measure(
        "raw tantivy: 招商引资 as a token, scored by nothing",
        lambda q: raw.search(compile_match(fields, match), 10),
        [""] * 30,
    )
    measure(
        "raw tantivy: 商引 as a token, scored",
        lambda q: raw.search(compile_match(fields, Term("grams", "商引")), 10),
        [""] * 30,
    )
    print(f"\nanonymous memory {anonymous_megabytes():,.0f} MB")
    engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
