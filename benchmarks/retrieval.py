"""Retrieval quality, through the product's own import, index and search: nDCG@10, MRR@10, recall.

    python -m benchmarks.retrieval [SET…] [--every N] [--folder ../shared/retrieval] [--engine URL]

A set is a folder with docs.jsonl (id, text, perhaps title), queries.jsonl (id, text) and qrels.tsv (query, document, 1). Falls under a floor of
retrieval_floors.toml: exit code 1.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing.articles import import_articles
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index
from indexer.search.searcher import Searcher

ROOT = Path(__file__).parents[1]
FOLDER = ROOT.parent / "shared" / "retrieval"
FLOORS = Path(__file__).with_name("retrieval_floors.toml")


@dataclass(frozen=True, slots=True)
class Score:
    queries: int
    ndcg10: float
    mrr10: float
    recall10: float
    recall100: float
    seconds: float


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], depth: int = 10) -> float:
    """nDCG with gains 2^rel − 1."""
    gained = sum((2 ** relevant.get(id_, 0.0) - 1) / math.log2(n + 2) for n, id_ in enumerate(ranked[:depth]))
    ideal = sum(
        (2**rel - 1) / math.log2(n + 2) for n, rel in enumerate(sorted(relevant.values(), reverse=True)[:depth])
    )
    return gained / ideal if ideal else 0.0


def judgements(path: Path) -> dict[str, dict[str, float]]:
    """query → document → relevance, of those above 0."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, document, relevance = line.split()[:3]
        if float(relevance) > 0:
            found[query][document] = float(relevance)
    return dict(found)


def lines(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def score_set(folder: Path, data: Path, every: int = 1, engine_url: str = "tantivy") -> Score:
    """Import and index the set's documents in `data`, run every `every`th query, and score the runs."""
    config = load_settings(data=data, database="", engine=engine_url, engine_index=f"retrieval-{data.name.lower()}")
    with Archive.open(config) as archive:
        import_articles(folder / "docs.jsonl", archive)
        engine = open_engine(config, write=True)
        index(archive, engine, {})
        searcher = Searcher(engine, archive)
        relevant = judgements(folder / "qrels.tsv")
        asked = [query for query in lines(folder / "queries.jsonl") if query["id"] in relevant][::every]
        started = time.perf_counter()
        runs = {query["id"]: [key for key, _ in searcher.run(query["text"], 100)] for query in asked}
        seconds = time.perf_counter() - started
        engine.close()
    first = {
        query: next((n for n, key in enumerate(run[:10], 1) if key in relevant[query]), 0)
        for query, run in runs.items()
    }

    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(runs)

    return Score(
        len(runs),
        mean(ndcg(run, relevant[query]) for query, run in runs.items()),
        mrr10=mean(1 / n if n else 0.0 for n in first.values()),
        recall10=mean(
            len(relevant[query].keys() & set(run[:10])) / len(relevant[query]) for query, run in runs.items()
        ),
        recall100=mean(len(relevant[query].keys() & set(run)) / len(relevant[query]) for query, run in runs.items()),
        seconds=seconds,
    )


def floors(part: bool) -> dict[str, float]:
    return dict(tomllib.loads(FLOORS.read_text(encoding="utf-8"))["part" if part else "whole"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--engine", default="tantivy", help="tantivy, or the address of an Elasticsearch")
    options = parser.parse_args()
    least = floors(options.every > 1)
    low = 0
    print("| set | queries | nDCG@10 | MRR@10 | R@10 | R@100 | queries/s |\n|---|---|---|---|---|---|---|")
    for name in options.sets or sorted(path.name for path in options.folder.iterdir() if path.is_dir()):
        with tempfile.TemporaryDirectory() as data:
            score = score_set(options.folder / name, Path(data), options.every, options.engine)
        fallen = score.ndcg10 < least.get(name, 0.0)
        low += fallen
        print(
            f"| {name} | {score.queries} | {score.ndcg10:.4f}{' (floor ' + str(least[name]) + ')' if fallen else ''} | {score.mrr10:.4f} "
            f"| {score.recall10:.4f} | {score.recall100:.4f} | {score.queries / score.seconds:.0f} |",
            flush=True,
        )
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
