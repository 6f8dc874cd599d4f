"""The desk on Elasticsearch answers as on the embedded engine: what is new in a saved search, typical words, shares, comparisons, questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace

import pytest

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing.articles import import_articles
from indexer.engines.base import Engine
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.indexing.stage import index
from indexer.insight.read_stage import read_due
from indexer.search.searcher import Searcher
from search_api.parameters import View
from search_api.services.comparison import compare
from search_api.services.shares import timeline_base
from search_api.services.typical_words import typical_words
from search_api.watches.news import news
from tests.elasticsearch.server import engine_at, server

pytestmark = pytest.mark.elasticsearch

PLACES = ("浙江省桐乡市", "浙江省嵊州市", "安徽省含山县", "安徽省无为市")
TOLD = (
    "与苏州市共建飞地园区，先有科创飞地，后有飞地经济，飞地的税收按六四分成，飞地满五年，落户新能源汽车零部件企业{n}家。",
    "建好标准厂房{n}万平方米，拎包入驻，引进半导体企业。",
    "召开招商引资考核通报会，{n}个项目未开工的被约谈。",
)


@dataclass(frozen=True, slots=True)
class Desk:
    archive: Archive
    searchers: tuple[Searcher, Searcher]  # embedded, Elasticsearch
    mark: int  # the last change before the later articles came


NOUNS = [
    "桥梁",
    "水库",
    "茶园",
    "老街",
    "码头",
    "学校",
    "车站",
    "集市",
    "竹林",
    "河堤",
    "书院",
    "果园",
    "灯会",
    "渔村",
    "古井",
    "剧场",
    "石坊",
    "窑口",
    "稻田",
    "晒场",
]


def _lines(years: range) -> str:
    dice = Random(years.start)  # else they would be republications of one text
    rows = [
        {
            "id": f"{year}-{place}-{n}",
            "title": f"{place}招商引资新做法{n}",
            "text": f"{place}招商局介绍，{place}" + text.format(n=year - 2000 + n) + "，".join(dice.sample(NOUNS, 16)),
            "published_at": f"{year}-0{n + 1}-05",
        }
        for year in years
        for place in PLACES
        for n, text in enumerate(TOLD)
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    file = folder / "in.jsonl"
    engines: list[Engine] = [
        TantivyEngine.open(folder / "index", write=True),
        engine_at(server("9.5.3"), folder, write=True),
    ]
    with Archive.open(load_settings(data=folder, database="")) as archive:
        marks = []
        for years in (range(2019, 2023), range(2023, 2025)):
            file.write_text(_lines(years), encoding="utf-8")
            import_articles(file, archive)
            read_due(archive, workers=1)
            for engine in engines:
                index(archive, engine, {})
            marks.append(archive.articles.last_change())
        one, two = (Searcher(engine, archive) for engine in engines)
        yield Desk(archive, (one, two), marks[0])
        for engine in engines:
            engine.close()


def test_what_is_new_in_a_saved_search(desk: Desk) -> None:
    watch = desk.archive.watches.create(
        "cli", "飞地", "q=飞地&place=330000", channel="none", state="on", mark=desk.mark, due_at=None
    )
    one, two = (news(searcher, desk.archive, watch, datetime.now(UTC)) for searcher in desk.searchers)
    assert one == two and one.total == len(one.listed) > 0 and one.total + one.again == 4  # some are alike enough


def test_words_typical_of_a_set(desk: Desk) -> None:
    one, two = (
        typical_words(SimpleNamespace(searcher=searcher, archive=desk.archive), "飞地", {})  # type: ignore[arg-type]
        for searcher in desk.searchers
    )
    assert one == two and {"飞地", "分成"} & {found.word for found in one.words}


def test_shares_and_comparisons(desk: Desk) -> None:
    one, two = (timeline_base(searcher, {"place": ("340000",)}, "飞地 -厂房") for searcher in desk.searchers)
    assert one == two and sum(one.months.values()) == 2 * 6 * 2
    here, there = (compare(searcher, View("招商"), ["330000", "340000"]) for searcher in desk.searchers)
    assert here.tables == there.tables and here.bases == there.bases
    assert [a.histogram for a in here.answers] == [a.histogram for a in there.answers]
    assert {"enclave", "factory"} <= {line.value for line in here.tables["practice"]}


@pytest.mark.parametrize(
    "query",
    [
        "飞地园区税收怎么分",
        "feidi yuanqu",
        "标准场房",
        "以商招伤",
        "签了约不来怎么办",
        "since:2020-01-01 飞地|厂房",
        "22万平方米 厂房",
    ],
)
def test_questions_are_answered_alike(desk: Desk, query: str) -> None:
    one, two = (searcher.search(query, top=20, facets=("practice", "place")) for searcher in desk.searchers)
    assert (one.total, one.corrected, one.about, one.facets) == (two.total, two.corrected, two.about, two.facets)
    assert [(h.id, h.snippet, h.proves) for h in one.hits] == [(h.id, h.snippet, h.proves) for h in two.hits]
    assert [hit for hit, _ in desk.searchers[0].run(query)] == [hit for hit, _ in desk.searchers[1].run(query)]
