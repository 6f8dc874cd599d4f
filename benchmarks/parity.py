"""Whether two engines give the same answers: the embedded one and an Elasticsearch, over the same documents and queries.

    python -m benchmarks.parity [--documents 12000] [--queries 2000] [--trees 400] [--version 9.5.3 | --url URL] [--every 5]

Documents are stretches of ../shared/retrieval with made-up particulars. Compared are totals, hit sets, facets and timelines of queries of every operator
and of trees made by hypothesis, the first ten hits through the product's own search, nDCG@10 of the three sets; then, after a third of the documents
was rewritten or deleted, totals and hit sets again. Exit code 1 where engines differ.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.parity_queries import Asked, documents, trees
from benchmarks.retrieval import FOLDER, judgements, lines, ndcg
from crawler.article import article_id
from indexer.analysis.document import Document
from indexer.analysis.facets import FACETS
from indexer.analysis.fields import prepare
from indexer.analysis.frequencies import count
from indexer.engines.base import Clause, Engine, Request, Scored
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.query.parser import AllOf, AnyOf, Node, Word, parse
from indexer.search.planner import clause, together
from indexer.search.ranking import FREQUENCY_FIELDS
from indexer.search.searcher import Searcher

SETS = ("cmrc2018", "drcd", "drcd_cross")


@dataclass
class Found:
    """What was compared, and how alike it was. `different`: (what, query)."""

    queries: int = 0
    hits: int = 0
    different: list[tuple[str, str]] = field(default_factory=list)
    overlaps: list[float] = field(default_factory=list)  # of the first ten hits, as they stand
    untied: list[float] = field(default_factory=list)  # the same up to ties


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0


def load(engine: Engine, given: Iterable[Document]) -> None:
    prepared = [prepare(d) for d in given]
    engine.rebuild(prepared, len(prepared))
    engine.save_frequencies(count((p.streams for p in prepared), FREQUENCY_FIELDS, len(prepared)))


def compare(one: Engine, two: Engine, queries: Iterable[str], nodes: Iterable[Node], *, fresh: bool) -> Found:
    """Runs all on both. Order is compared only where `fresh`: after updates, document frequencies hang on merges."""
    found = Found()
    searchers = Searcher(one), Searcher(two)
    for query in queries:
        _compare_sets(one, two, clause(parse(query).root, one.frequent()), scored=(), query=query, found=found)
        if fresh:
            first, second = (
                [(h.id, h.score) for h in s.search(query, facets=(), histogram=False, snippets=False).hits]
                for s in searchers
            )
            _overlap(first, second, found)
    for node in nodes:
        words = list(_words(node))[:6]
        scored = tuple(Scored(c, 1.0) for w in words if (c := together(w))) if fresh else ()
        scored = tuple(s for s in scored if type(s.clause).__name__ in ("Term", "Phrase"))
        _compare_sets(one, two, clause(node), scored=scored, query=repr(node), found=found)
    return found


def _compare_sets(
    one: Engine, two: Engine, match: Clause, scored: tuple[Scored, ...], query: str, found: Found
) -> None:
    found.queries += 1
    request = Request(match, scored, top=10, facets=tuple(FACETS), histogram=True)
    a, b = one.execute(request), two.execute(request)
    ids = list(one.scan(match))
    found.hits += len(ids)
    for what, same in (
        ("total", a.total == b.total == len(ids)),
        ("set", ids == list(two.scan(match))),
        ("facets", a.facets == b.facets),
        ("timeline", a.histogram == b.histogram),
    ):
        if not same:
            found.different.append((what, query))
    if scored:
        first, second = ([(h.document.id, h.score) for h in answer.hits] for answer in (a, b))
        _overlap(first, second, found)


def _overlap(first: Sequence[tuple[str, float]], second: Sequence[tuple[str, float]], found: Found) -> None:
    """How many of the first ten are the same, as they stand and up to ties: of equals at the end of the list, any will do."""
    if not first and not second:
        return
    ids = [{id_ for id_, _ in hits} for hits in (first, second)]
    both, longest = ids[0] & ids[1], max(len(first), len(second))
    found.overlaps.append(len(both) / longest)
    tied = [
        sum(id_ not in both and abs(score - hits[-1][1]) <= 1e-5 * max(1.0, score) for id_, score in hits)
        for hits in (first, second)
    ]
    found.untied.append((len(both) + min(tied)) / longest)


def _words(node: Node) -> Iterator[str]:
    match node:
        case Word(text):
            yield text
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _words(part)


def rewritten(given: Sequence[Document]) -> tuple[list[Document], list[str], int]:
    """A third of the documents: some with another's text, some to be deleted; and the change number that this makes."""
    dice, change = random.Random(4), max(d.change for d in given)
    some = dice.sample(list(given), len(given) // 3)
    half = len(some) // 2
    new = [
        replace(d, text=dice.choice(given).text, kind="news", change=change + n) for n, d in enumerate(some[:half], 1)
    ]
    return new, [d.id for d in some[half:]], change + half + 1


def quality(name: str, engine: Engine, every: int) -> float:
    """nDCG@10 of one of the sets through `Searcher.run`; its documents must be in the engine."""
    relevant = judgements(FOLDER / name / "qrels.tsv")
    asked = [q for q in lines(FOLDER / name / "queries.jsonl") if q["id"] in relevant][::every]
    searcher = Searcher(engine)
    scores = [ndcg([key for key, _ in searcher.run(q["text"], 10)], relevant[q["id"]]) for q in asked]
    return sum(scores) / len(scores)


def documents_of_set(name: str) -> list[Document]:
    return [
        Document(
            id=article_id(line["id"]), change=n, url=line["id"], canonical_url=line["id"], title=line.get("title", ""),
            text=line["text"], external_id=line["id"],
        )
        for n, line in enumerate(lines(FOLDER / name / "docs.jsonl"), 1)
    ]  # fmt: skip


def run(open_other: Callable[[Path], Engine], options: argparse.Namespace) -> int:
    faults = 0

    def say(text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        one, two = TantivyEngine.open(where / "index", write=True), open_other(where)
        given = documents(options.documents)
        for engine in (one, two):
            load(engine, given)
        texts = [d.text for d in given]
        maker = Asked(texts, 8)
        queries = [maker.query() for _ in range(options.queries)]
        nodes = trees(texts, options.trees)
        say(f"{len(given):,} documents, {len(queries):,} queries, {len(nodes):,} trees")
        new, gone, change = rewritten(given)
        for title in ("fresh", "a third rewritten or deleted"):
            if title != "fresh":
                for engine in (one, two):
                    engine.write((prepare(d) for d in new), gone, change)
            found = compare(one, two, queries, nodes, fresh=title == "fresh")
            faults += len(found.different) + (mean(found.overlaps) < 0.98)
            order = (
                f", first ten alike {mean(found.untied):.4f} up to ties, {mean(found.overlaps):.4f} as they stand"
                if title == "fresh"
                else ""
            )
            say(f"{title}: {found.queries:,} asked, {found.hits:,} hits, {len(found.different)} different{order}")
            for what, query in found.different[:20]:
                print(f"  {what}: {query[:300]}")
        for name in SETS if options.every else ():
            for engine in (one, two):
                load(engine, documents_of_set(name))
            a, b = (quality(name, engine, options.every) for engine in (one, two))
            faults += abs(a - b) > 0.005
            say(f"{name}: nDCG@10 {a:.4f} and {b:.4f}")
        one.close()
        two.close()
    return 1 if faults else 0


def main() -> int:
    from tests.elasticsearch.node import start
    from tests.elasticsearch.server import engine_at

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=12_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--trees", type=int, default=400)
    parser.add_argument("--every", type=int, default=5, help="each so manieth query of the sets; 0: none")
    parser.add_argument("--version", default="9.5.3")
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.url:
        return run(lambda where: engine_at(options.url, where, write=True), options)
    node = start(options.version)
    try:
        node.wait()
        return run(lambda where: engine_at(node.url, where, write=True), options)
    finally:
        node.stop()


if __name__ == "__main__":
    sys.exit(main())
