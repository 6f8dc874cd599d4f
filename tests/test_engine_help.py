"""Help for the reader: suggestions, 您是不是要找, 相似文章, 为什么是这条."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.article import article_id
from indexer.analysis.document import Document
from indexer.analysis.fields import prepare
from indexer.analysis.frequencies import count
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.query.parser import parse
from indexer.search.query_reading import QueryReading
from indexer.search.ranking import FREQUENCY_FIELDS, weigh
from indexer.search.searcher import Searcher
from indexer.search.similar import similar
from indexer.search.spelling import did_you_mean
from indexer.search.suggest import suggest
from indexer.search.why import named, why

TEXTS = [
    ("甲县飞地招商见效", "甲县与乙区共建飞地园区，链主企业带来配套工厂，锂电池产线投产。", "c1"),
    ("甲县飞地招商见效（转载）", "甲县与乙区共建飞地园区，链主企业带来配套工厂，锂电池产线投产。", "c1"),
    ("锂电池产线再扩", "乙区的锂电池产线再扩，链主企业的配套工厂也在乙区开工。", None),
    ("乡镇集市", "集市上瓜果满筐，游人往来。", None),
    *((f"会议{n}", f"会议讨论了第{n}季度的安排，要求落实。", None) for n in range(12)),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyEngine]:
    made = TantivyEngine.open(tmp_path_factory.mktemp("index"), write=True)
    prepared = [
        prepare(
            Document(
                article_id(str(n)),
                n + 1,
                url=f"http://a.example/{n}",
                canonical_url=f"http://a.example/{n}",
                title=title,
                text=text,
                cluster=cluster,
            )
        )
        for n, (title, text, cluster) in enumerate(TEXTS)
    ]
    made.write(prepared, (), len(prepared))
    made.save_frequencies(count((p.streams for p in prepared), FREQUENCY_FIELDS, len(prepared)))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("feidi", "飞地"),
        ("fei di", "飞地"),
        ("飛地", "飞地"),
        ("jiangsu", "江苏"),
        ("江苏", "江苏"),
        ("suzhou", "江苏苏州"),
        ("cylz", "产业链招商"),
    ],
)
def test_suggestions_by_characters_and_by_sound(typed: str, text: str) -> None:
    assert text in [suggestion.text for suggestion in suggest(typed)]


def test_suggestions_keep_what_stands_before_and_lead_to_hits(engine: TantivyEngine) -> None:
    assert suggest("税收 feidi")[0].query == "税收 practice:飞地"
    titles = [suggestion for suggestion in suggest("锂电池", engine) if suggestion.kind == "title"]
    assert [(s.text, s.article) for s in titles] == [("锂电池产线再扩", article_id("2"))]
    assert Searcher(engine).search(titles[0].query, strict=True).hits[0].id == article_id("2")
    assert suggest("") == [] and suggest("(((") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("里电池", "锂电池"),
        ("配淘工厂", "配套工厂"),
        ("集事 游人", "集市 游人"),
        ("jishi", "集市"),
        ("链主起业 -会议", "链主企业 -会议"),
        ("毫不相干", None),
    ],
)
def test_typing_errors(engine: TantivyEngine, typed: str, meant: str | None) -> None:
    assert did_you_mean(engine, typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("飞地圆区 锂电池", "飞地园区 锂电池"), ("飞地园区", None), ("飞地的园区", None), ("锂电池 产线", None)],
)
def test_typing_errors_that_find_something(engine: TantivyEngine, typed: str, meant: str | None) -> None:
    assert did_you_mean(engine, typed, 3) == meant


def test_similar_articles_are_no_copies(engine: TantivyEngine) -> None:
    documents = engine.get([article_id("0"), article_id("3")])
    assert [hit.document.id for hit in similar(engine, documents[article_id("0")])] == [article_id("2")]
    assert similar(engine, documents[article_id("3")]) == []


def test_copies_of_a_similar_article_are_shown_once(engine: TantivyEngine) -> None:
    document = engine.get([article_id("2")])[article_id("2")]
    assert [hit.document.cluster for hit in similar(engine, document)] == ["c1"]


def test_why_adds_up_to_the_score(engine: TantivyEngine) -> None:
    for query in ("锂电池 配套", "锂电池 火星 配套", "锂电池"):
        hit = next(h for h in Searcher(engine).search(query).hits if h.id == article_id("2"))
        found = why(Searcher(engine), query, hit.id)
        assert found is not None and found.strict is not hit.widened
        assert found.total == pytest.approx(hit.score, rel=1e-4)
        assert found.parts[0].field and found.parts[0].text
    assert why(Searcher(engine), "锂电池", "f" * 16) is None


def test_a_word_of_the_same_meaning_is_told_as_one(engine: TantivyEngine) -> None:
    searcher = Searcher(engine)
    words = searcher.search("经开区").explain["equivalents"]["经开区"]
    weighed = weigh(parse("经开区"), engine.frequencies())
    assert {named(scored, weighed) for scored in weighed.alike} == {("同义词", word) for word in words}
    of_texts = weigh(parse("税收怎么分"), engine.frequencies(), about=QueryReading(words=("利益分享",)))
    assert [named(scored, of_texts) for scored in of_texts.of_texts] == [("文章里的说法", "利益分享")]


def test_articles_of_the_same_place_and_industry_are_similar(tmp_path: Path) -> None:
    texts = [
        "储能电池产线投产，工厂扩建。",
        "电芯工厂在此开工，产线两条。",
        "电芯工厂在别处开工，产线两条。",
        *(f"会议{n}讨论了安排。" for n in range(9)),
    ]
    tags = {0: ("430100", "battery"), 1: ("430100", "battery"), 2: ("330100", "tourism")}
    engine = TantivyEngine.open(tmp_path, write=True)
    prepared = [
        prepare(
            Document(
                article_id(f"tagged {n}"),
                n + 1,
                url=f"http://a.example/{n}",
                canonical_url=f"http://a.example/{n}",
                title="",
                text=text,
                places=tags[n][:1] if n in tags else (),
                industries=tags[n][1:] if n in tags else (),
            )
        )
        for n, text in enumerate(texts)
    ]
    engine.write(prepared, (), len(prepared))
    engine.save_frequencies(count((p.streams for p in prepared), FREQUENCY_FIELDS, len(prepared)))
    found = [hit.document.id for hit in similar(engine, prepared[0].document)]
    engine.close()
    assert found == [article_id("tagged 1")]
