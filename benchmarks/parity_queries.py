"""What `benchmarks.parity` asks of: documents whose every particular may be asked for or left empty, queries as people type them, trees by hypothesis."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.retrieval import FOLDER, lines
from crawler.article import article_id
from indexer.analysis.document import Document
from indexer.analysis.figure_codes import KINDS, STAGES, STATUSES, codes
from indexer.query.parser import (
    AllOf,
    AnyOf,
    Begins,
    Chosen,
    Dated,
    Figure,
    MatchAll,
    Named,
    Node,
    Without,
    Word,
)

ORIGINS = ["新华社", "人民网", "本站", "苏州日报社", "经济观察", "Local Post"]
AUTHORS = ["张三", "李四 王五", "欧阳小明", "Anna Li", "记者甲"]
PRACTICES = ["enclave", "fund", "online", "chain"]
PLACES = ["320505", "330000", "330100", "440305", "510100"]
FIGURES = ["signed", "签约额", "总投资", "planned", "计划投资额", "fdi", "项目数", "完成", "other", "invested/signed"]
VALUES = [">=10亿", ">1000万", "<=5亿", "<100", "1亿..10亿", "1亿美元以上", ">=20个", "1万-1千万", ">=0"]


def stretches(number: int) -> list[str]:
    """Texts of the sets as they are, then neighbouring sentences of them, until there are so many."""
    texts = [
        line["text"]
        for name in ("cmrc2018", "drcd")
        if (FOLDER / name).is_dir()
        for line in lines(FOLDER / name / "docs.jsonl")
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
            "stage": dice.choice([None, None, *STAGES]),
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
        st.builds(
            lambda codes: Chosen("region", tuple(codes), "?"), st.lists(st.sampled_from(PLACES), min_size=1, max_size=2)
        ),
        st.builds(lambda kind: Chosen("kind", (kind,)), st.sampled_from(["government", "news", "forum", "none"])),
        st.builds(lambda ids: Chosen("practice", tuple(ids), "?"), st.lists(st.sampled_from(PRACTICES), max_size=2)),
        st.builds(
            Figure,
            st.lists(st.sampled_from(list(KINDS)), max_size=2, unique=True).map(tuple),
            st.lists(st.sampled_from(list(STATUSES)), max_size=2, unique=True).map(tuple),
            st.none() | st.sampled_from(["CNY", "USD", "count"]),
            st.none() | st.integers(0, 10**13),
            st.none() | st.integers(0, 10**13),
            st.booleans(),
            st.lists(st.sampled_from(list(STAGES)), max_size=1).map(tuple),
        ),
        st.builds(Dated, st.none() | day, st.none() | day),
        st.just(MatchAll()),
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
        deep = Without(AllOf((deep, Word("的")))) if n % 2 else AnyOf((deep, Chosen("kind", ("news",))))
    return [*found[: number - 1], deep]
