"""What a reader gets: the strict set first, widened hits below and never counted, marks, facets, pages, batches, and an index that keeps up with the archive."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from crawler.archive import Archive
from crawler.article import Article, Block, article_id, parse_published
from crawler.configuration import load_settings
from indexer.analysis.document import document_of_article
from indexer.engines.base import Engine
from indexer.engines.registry import open_engine
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.indexing.analysis_pool import MANY, chunks
from indexer.indexing.stage import index
from indexer.query.explain import explain
from indexer.query.parser import parse
from indexer.search.searcher import Searcher
from tests.engine_contract import meets
from tests.test_query import typed

TEXTS = {
    "a": ("甲县飞地招商见效", "甲县与乙区共建飞地园区，按税收分享利益。", "2023-05-01", "320500"),
    "b": ("乙区推介会签约", "乙区举办招商推介会，集中签约十二个项目，协议投资三十亿元。", "2022-03-02", "330100"),
    "c": ("丙市經濟技術開發區", "丙市經濟技術開發區招商引資再上臺階，實際利用外資增長。", "2021-07-08", "110000"),
    "d": ("丁镇的集市", "丁镇的集市上卖瓜果，利益归农户，税收不多。", None, None),
    "e": ("利益联结机制", "飞地的税收与统计如何划分，各地做法不同；飞地之外另有合作。", "2023-06-01", "320500"),
    "f": ("经开区条例", "经开区的管理办法由省里制定。", "2020-01-01", "330100"),
    "g": ("园区建设", "园区建设要量力而行。", "2020-01-02", "330100"),
}


def article(key: str, text: str | None = None) -> Article:
    title, body, day, region = TEXTS[key]
    at, precision = parse_published(day)
    return Article(
        id=article_id(key), url=f"http://a.example/{key}", canonical_url=f"http://a.example/{key}", title=title, text=text or body,
        blocks=(Block("paragraph", text or body),), external_id=key, published_at=at, published_precision=precision, kind="news", region=region, origin="本报", source="sample",
    )  # fmt: skip


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    config = load_settings(data=tmp_path_factory.mktemp("data"), database="", engine="tantivy")
    with Archive.open(config) as archive:
        for key in TEXTS:
            archive.articles.save(article(key), capture=None)
        engine = open_engine(config, write=True)
        index(archive, engine, {})
        yield Searcher(engine, archive)
        engine.close()


def keys(searcher: Searcher, query: str, **options: object) -> list[tuple[str | None, bool]]:
    return [(hit.external_id, hit.widened) for hit in searcher.search(query, **options).hits]  # type: ignore[arg-type]


def test_strict_hits_come_first_and_alone_are_counted(searcher: Searcher) -> None:
    answer = searcher.search("飞地 税收 分享")
    assert answer.total == 1 and answer.widened is not None and "1 篇" in answer.widened
    assert [hit.widened for hit in answer.hits] == [False] + [True] * (len(answer.hits) - 1)
    assert (answer.hits[0].external_id, answer.hits[1].external_id) == ("a", "e")
    assert sum(facet.count for facet in answer.facets["year"]) == 1 and answer.histogram == ((202305, 1),)
    assert keys(searcher, "飞地 税收 分享", strict=True) == [("a", False)]


def test_no_single_character_widens_what_was_asked(searcher: Searcher) -> None:
    # 农村 and 卖场 stand nowhere, though 农 and 卖 stand in d; 园林 is not 园区
    answer = searcher.search("农村卖场 园林")
    assert (answer.total, answer.hits, answer.widened) == (0, (), None)
    assert {key for key, _ in keys(searcher, "农村卖场 集市")} == {"d"}


def test_widening_keeps_conditions_and_exclusions(searcher: Searcher) -> None:
    wide = keys(searcher, "飞地 火星 -共建 year:2023")
    assert wide == [("e", True)]
    assert searcher.search("kind:forum").widened is None and searcher.search("？？").hits == ()


def test_scripts_and_equivalents_meet(searcher: Searcher) -> None:
    assert ("c", False) in keys(searcher, "实际利用外资") and ("c", False) in keys(searcher, "實際利用外資")
    assert {"c", "f"} <= {key for key, widened in keys(searcher, "经开区") if not widened}
    assert {key for key, widened in keys(searcher, "经开区", expand=False) if not widened} == {"f"}
    assert searcher.search("经开区").explain["equivalents"] == {"经开区": ["经济技术开发区"]}


def test_marks_lie_on_the_original(searcher: Searcher) -> None:
    hit = searcher.search("经济技术开发区 外资").hits[0]
    assert [hit.title[a:b] for a, b in hit.title_marks] == ["經濟技術開發區"]
    assert "外資" in [hit.snippet[a:b] for a, b in hit.snippet_marks]


def test_nothing_asked_shows_the_latest_first(searcher: Searcher) -> None:
    answer = searcher.search("", top=3)
    assert answer.total == len(TEXTS) and [hit.external_id for hit in answer.hits] == ["e", "a", "b"]
    assert keys(searcher, "", sort="oldest", top=9)[0] == ("f", False) and keys(searcher, "", top=9)[-1] == ("d", False)


def test_filters_and_facets_agree(searcher: Searcher) -> None:
    answer = searcher.search("", facets=("region", "year", "kind", "source"))
    for name, counts in answer.facets.items():
        for facet in counts:
            assert searcher.search("", filters={name: [facet.value]}).total == facet.count
    labels = {facet.value: facet.label for facet in answer.facets["region"]}
    assert labels["320000"] == "江苏" and searcher.search("region:江苏").total == 2


def test_pages_join(searcher: Searcher) -> None:
    whole = keys(searcher, "飞地 税收", top=9)
    assert [keys(searcher, "飞地 税收", top=1, offset=at)[0] for at in range(len(whole))] == whole


def test_a_batch_fills_up_and_its_scores_never_rise(searcher: Searcher) -> None:
    run = searcher.run("飞地 税收 分享", 5)
    assert [key for key, _ in run][:2] == ["a", "e"] and all(x[1] >= y[1] for x, y in itertools.pairwise(run))
    assert [key for key, _ in searcher.run("飞地 税收 分享", 5, strict=True)] == ["a"]
    assert len(searcher.run("kind:news", 100)) == len(TEXTS)


def test_export_has_the_whole_strict_set(searcher: Searcher) -> None:
    assert set(searcher.ids("税收")) == {article_id(key) for key in "ade"}
    assert searcher.count("税收") == 3


def outcome(engine: Engine) -> list[tuple[str, float]]:
    return Searcher(engine).run("飞地 园区 税收 改过", 50)


def test_the_index_follows_the_archive_and_a_rebuild_equals_it(tmp_path: Path) -> None:
    config = load_settings(data=tmp_path, database="", engine="tantivy")
    with Archive.open(config) as archive:
        engine = open_engine(config, write=True)
        assert index(archive, engine, {}).written == 0
        for key in "abcd":
            archive.articles.save(article(key), capture=None)
        assert index(archive, engine, {}).written == 4
        assert index(archive, engine, {}).written == 0
        archive.articles.save(article("a", "改过的正文，没有那些词。"), capture=None)
        archive.articles.save(article("e"), capture=None)
        report = index(archive, engine, {})
        assert (report.written, report.cursor) == (2, archive.articles.last_change())
        assert Searcher(engine).search("共建", strict=True).total == 0
        assert Searcher(engine).search("改过的正文", strict=True).total == 1
        seen: list[tuple[int, int]] = []
        before = {key for key, _ in outcome(engine)}
        assert index(archive, engine, {}, rebuild=True, progress=lambda done, of: seen.append((done, of))).rebuilt
        assert (
            seen[-1] == (5, 5)
            and {key for key, _ in outcome(engine)} == before
            and engine.cursor() == archive.articles.last_change()
        )
        engine.close()


def test_worker_processes_index_alike(tmp_path: Path) -> None:
    engines = []
    with Archive.open(load_settings(data=tmp_path, database="", engine="tantivy")) as archive:
        with archive.transaction():
            for n in range(MANY + 60):
                named = article("ab"[n % 2]).with_(id=article_id(str(n)), external_id=str(n), canonical_url=f"n:{n}")
                archive.articles.save(named.with_(title=f"第{n}号通报"), capture=None)
        for workers in (1, 2):
            engine = TantivyEngine.open(tmp_path / f"index{workers}", write=True)
            assert index(archive, engine, {}, workers=workers).written == MANY + 60
            engines.append(engine)
        alone, together = engines
        assert alone.frequencies() == together.frequencies() and alone.cursor() == together.cursor()
        for query in ("飞地", "title:第7号通报", "利益 -签约"):
            runs = [Searcher(engine).run(query, 200, strict=True) for engine in engines]
            assert runs[0] == runs[1] and runs[0]
        assert index(archive, together, {}, workers=2, rebuild=True).written == MANY + 60
        assert alone.frequencies() == together.frequencies()
        for engine in engines:
            engine.close()


def test_books_go_to_a_worker_one_by_one() -> None:
    document = document_of_article(article("a"))
    book = replace(document, text="书" * 400_000)
    assert [len(chunk) for chunk in chunks([document] * 3 + [book] * 2 + [document] * 260)] == [4, 250, 11]
    assert list(chunks([])) == []


@settings(max_examples=150, deadline=None)
@given(typed)
@example("\U0003134b")
def test_whatever_is_typed_finds_what_its_tree_says_however_it_is_written(searcher: Searcher, text: str) -> None:
    answer = searcher.search(text, top=50)
    root = parse(text).root
    documents = searcher.engine.get(article_id(key) for key in TEXTS).values()
    expected = {document.id for document in documents if meets(root, document)}
    assert {hit.id for hit in answer.hits if not hit.widened} == set(searcher.ids(text)) == expected
    assert answer.explain["tree"] == explain(parse(text))["tree"] and answer.total == len(expected)
    wide = text.translate(str.maketrans('()-:"', "（）－：“"))  # a quote that is open to the end is no other tree
    if parse(wide).root == root:
        assert set(searcher.ids(wide)) == expected


@pytest.mark.parametrize("number", [2**31, 2**62, 10**18, 10**30])
def test_a_number_beyond_all_memory_ends_nothing(searcher: Searcher, number: int) -> None:
    """tantivy makes room for as many hits as are asked for before it looks: it panicked, or ended the process."""
    assert len(searcher.search("飞地", top=number).hits) == len(searcher.search("飞地", top=100).hits)
    for sort in ("relevance", "newest"):
        assert searcher.search("飞地", top=10, offset=number, sort=sort, strict=True).hits == ()  # type: ignore[arg-type]
    assert searcher.run("飞地", number)
