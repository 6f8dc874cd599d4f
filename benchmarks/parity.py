"""Whether two engines give the same answers: the embedded one and an Elasticsearch, over the same documents and queries.

    python -m benchmarks.parity [--documents 12000] [--queries 2000] [--trees 400] [--version 9.5.3 | --url URL] [--every 5]

Documents are stretches of ../shared/retrieval with made-up particulars. Compared are totals, hit sets, facets and timelines of queries of every operator
and of trees made by hypothesis, the first ten hits through the product's own search, nDCG@10 of the three sets; then, after a third of the documents
was rewritten or deleted, totals and hit sets again. Exit code 1 where engines differ.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.retrieval import FOLDER, judgements, lines, ndcg
from crawler.article import article_id
from indexer.analysis.fields import prepare
from indexer.document import Document
from indexer.engines.base import FACETS, Clause, Engine, Request, Scored
from indexer.engines.tantivy import TantivyEngine
from indexer.figure_codes import KINDS, STATUSES, codes
from indexer.frequencies import count
from indexer.plan import clause, together
from indexer.query import (
    AllOf,
    AnyOf,
    Begins,
    Dated,
    Everything,
    Figure,
    Kind,
    Named,
    Node,
    Place,
    Practice,
    Without,
    Word,
    parse,
)
from indexer.ranking import FREQUENCY_FIELDS
from indexer.search import Searcher

SETS = ("cmrc2018", "drcd", "drcd_cross")
ORIGINS = ["新华社", "人民网", "本站", "苏州日报社", "经济观察", "Local Post"]
AUTHORS = ["张三", "李四 王五", "欧阳小明", "Anna Li", "记者甲"]
PRACTICES = ["enclave", "fund", "online", "chain"]
PLACES = ["320505", "330000", "330100", "440305", "510100"]
FIGURES = ["signed", "签约额", "总投资", "planned", "计划投资额", "fdi", "项目数", "完成", "other", "invested/signed"]
VALUES = [">=10亿", ">1000万", "<=5亿", "<100", "1亿..10亿", "1亿美元以上", ">=20个", "1万-1千万", ">=0"]
FACES = tuple(name for name in FACETS)


def stretches(number: int) -> list[str]:
    """Texts of the sets as they are, then neighbouring sentences of them, until there are so many."""
    texts = [
        line["text"] for name in SETS[:2] if (FOLDER / name).is_dir() for line in lines(FOLDER / name / "docs.jsonl")
    ]
    random.Random(1).shuffle(texts)
    out = texts[: number // 3]
    cut = [[s for s in re.split(r"(?<=[。！？；])", text) if s] for text in texts]
    for size in (2, 3, 1, 4, 5, 6):
        for sentences in cut:
            out += ["".join(sentences[at : at + size]) for at in range(max(1, len(sentences) - size + 1))]
            if len(out) >= number:
                return out[:number]
    return out


def documents(number: int) -> list[Document]:
    """Documents whose every particular may be asked for or left empty."""
    dice, out = random.Random(2), []
    for n, text in enumerate(stretches(number)):
        published = date(2012, 1, 1) + timedelta(days=dice.randrange(4700)) if dice.random() > 0.1 else None
        out.append(
            Document(
                id=article_id(f"parity-{n}"),
                change=n + 1,
                url=f"http://a.example/{n}",
                canonical_url=f"http://a.example/{n}",
                title=text[: dice.randrange(4, 30)] if dice.random() > 0.05 else "",
                text=text,
                source=dice.choice(["gov-a", "news-b", "bbs"]),
                source_title=dice.choice(["甲市商务局", "乙省日报", "丙论坛"]),
                kind=dice.choice(["government", "news", "forum"]),
                region=dice.choice([*PLACES, "110000", None]),
                origin=dice.choice([*ORIGINS, None]),
                author=dice.choice([*AUTHORS, None]),
                published=published,
                minute=(published - date(1970, 1, 1)).days * 1440 + dice.randrange(1440) if published else 0,
                practices=tuple(dice.sample(PRACTICES, dice.randrange(3))),
                places=tuple(dice.sample(PLACES, dice.randrange(2))),
                figures=codes(figures(dice)),
                added=1_700_000_000 + n // 3,
            )
        )
    return out


def figures(dice: random.Random) -> list[dict[str, Any]]:
    """Some figures as a reading has them."""
    return [
        {
            "kind": kind,
            "status": dice.choice(list(STATUSES)),
            "unit": "count" if kind == "projects" else dice.choice(["CNY", "CNY", "USD"]),
            "value": round(10 ** dice.uniform(0, 12), -dice.randrange(5)),
        }
        for kind in dice.choices(list(KINDS), k=dice.choice([0, 0, 1, 2, 4]))
    ]


# --- queries


class Asked:
    """Makes queries as people type them, from the texts, so that most of them find something."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        self.texts, self.dice = texts, random.Random(seed)

    def part(self, least: int, most: int) -> str:
        text = self.dice.choice(self.texts)
        start = self.dice.randrange(max(1, len(text) - most))
        return re.sub(r'[\s"()（）“”「」『』:：*＊]', "", text[start : start + self.dice.randint(least, most)]) or "国"

    def atom(self) -> str:
        dice = self.dice
        makers: list[Callable[[], str]] = [
            lambda: self.part(1, 2),
            lambda: self.part(2, 3),
            lambda: self.part(2, 4),
            lambda: self.part(2, 8),
            lambda: f'"{self.part(2, 14)}"',
            lambda: f"title:{self.part(1, 3)}",
            lambda: f'title:"{self.part(2, 5)}"',
            lambda: dice.choice("abcdefghimnoprstw12") + dice.choice(["", "a", "e", "o", "9"]) + "*",
            lambda: f"{self.part(2, 3)}*",
            lambda: f"origin:{dice.choice(['新华', '人民网', '日报', 'local', '网', '社'])}",
            lambda: f"author:{dice.choice(['张三', '李', '小明', 'anna', '记者'])}",
            lambda: f"source:{dice.choice(['gov-a', '商务局', '论坛', 'news-b'])}",
            lambda: f"kind:{dice.choice(['news', '政府', '论坛'])}",
            lambda: f"region:{dice.choice(['浙江', '320500', '广东', '苏州', '杭州'])}",
            lambda: f"practice:{dice.choice(PRACTICES)}",
            lambda: f"figure:{dice.choice(FIGURES)}",
            lambda: f"value:{dice.choice(VALUES)}",
            lambda: f"figure:{dice.choice(FIGURES)} value:{dice.choice(VALUES)}",
            lambda: f"year:{dice.randint(2011, 2024)}",
            lambda: f"year:{dice.randint(2011, 2017)}-{dice.randint(2017, 2025)}",
            lambda: f"after:{dice.randint(2012, 2024)}-{dice.randint(1, 12):02d}",
            lambda: f"before:{dice.randint(2012, 2024)}-{dice.randint(1, 12)}-{dice.randint(1, 28)}",
            lambda: dice.choice(["*", "的", "？", "是什么", "ai", "3.5%", "2008年"]),
        ]
        return dice.choice(makers)()

    def query(self, depth: int = 2) -> str:
        dice = self.dice
        shape = dice.random()
        if depth == 0 or shape < 0.3:
            return self.atom()
        inner = [self.query(depth - 1) for _ in range(dice.randint(2, 3))]
        if shape < 0.55:
            return " ".join(inner)
        if shape < 0.7:
            return f"({dice.choice([' OR ', ' 或 ']).join(inner)})"
        if shape < 0.85:
            return f"{inner[0]} {dice.choice(['-', 'NOT ', '非 '])}{self.atom()}"
        return f"{inner[0]} AND ({inner[1]} OR {dice.choice(['-', ''])}({inner[-1]}))"


def trees(texts: Sequence[str], number: int) -> list[Node]:
    """Trees made by hypothesis, also such as nobody can type."""
    dice = Asked(texts, 9)
    words = st.sampled_from(sorted({dice.part(1, 6) for _ in range(300)}))
    day = st.dates(date(2011, 1, 1), date(2026, 1, 1))
    leaf = st.one_of(
        st.builds(Word, words, st.tuples() | st.tuples(words), st.booleans()),
        st.builds(Begins, st.sampled_from(["a", "th", "19", "2", "zz"]), st.booleans()),
        st.builds(
            Named, st.sampled_from(["source", "origin", "author"]), st.sampled_from(["新华", "网", "gov", "甲市", "李"])
        ),
        st.builds(lambda codes: Place(tuple(codes), "?"), st.lists(st.sampled_from(PLACES), min_size=1, max_size=2)),
        st.builds(Kind, st.sampled_from(["government", "news", "forum", "none"])),
        st.builds(lambda ids: Practice("?", tuple(ids)), st.lists(st.sampled_from(PRACTICES), max_size=2)),
        st.builds(
            Figure,
            st.lists(st.sampled_from(list(KINDS)), max_size=2, unique=True).map(tuple),
            st.lists(st.sampled_from(list(STATUSES)), max_size=2, unique=True).map(tuple),
            st.none() | st.sampled_from(["CNY", "USD", "count"]),
            st.none() | st.integers(0, 10**13),
            st.none() | st.integers(0, 10**13),
            st.booleans(),
        ),
        st.builds(Dated, st.none() | day, st.none() | day),
        st.just(Everything()),
    )
    tree = st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, min_size=1, max_size=4)),
            st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=4)),
            st.builds(Without, inner),
        ),
        max_leaves=14,
    )
    found: list[Node] = []

    @settings(
        max_examples=number, database=None, derandomize=True, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(tree)
    def collect(node: Node) -> None:
        found.append(node)

    collect()
    # as deep as the query language lets brackets be, and deeper than a server parses
    deep: Node = Word("中国")
    for n in range(60):
        deep = Without(AllOf((deep, Word("的")))) if n % 2 else AnyOf((deep, Kind("news")))
    return [*found[: number - 1], deep]


# --- comparison


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
        _compare_sets(one, two, clause(parse(query).root, one.frequent()), (), query, found)
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
        _compare_sets(one, two, clause(node), scored, repr(node), found)
    return found


def _compare_sets(
    one: Engine, two: Engine, match: Clause, scored: tuple[Scored, ...], query: str, found: Found
) -> None:
    found.queries += 1
    request = Request(match, scored, top=10, facets=FACES, histogram=True)
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
            faults += len(found.different) + (mean(found.untied) < 0.98)
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
