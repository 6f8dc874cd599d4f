"""Facets: one definition each, from which fields, parameters, conditions, counts, labels and columns come; and one name for each value, wherever it is shown."""

from __future__ import annotations

import csv
import inspect
from dataclasses import replace
from datetime import UTC, datetime

import anyio
import pytest
from starlette.testclient import TestClient

from crawler.archive.models import StoredArticle
from crawler.article import Article
from crawler.sources import regions
from crawler.sources.kinds import KIND_NAMES, find_kind
from indexer.analysis.document import document_of
from indexer.analysis.facets import CONDITIONS, COUNTED, FACETS
from indexer.analysis.fields import KEYWORDS, NUMBERS, POSITIONED
from indexer.query.explain import explain
from indexer.query.parser import parse
from indexer.search.suggest import entries
from search_api import commands
from search_api.exports.table import COLUMNS
from search_api.pages.search import SHOWN_FACETS
from search_api.parameters import FILTERS, label
from search_api.services.reading_view import shown_reading
from tests.sample_archive import Sample
from tests.test_pages import page, texts
from tests.whole_way import Desk

READ = {"industry": "电池", "investor_origin": "香港", "event": "签约", "genre": "新闻报道"}
pytest_plugins = ["tests.web_fixtures"]


@pytest.mark.parametrize("name", FACETS)
def test_everything_of_a_facet_comes_from_its_definition(client: TestClient, name: str) -> None:
    facet = FACETS[name]
    assert name in (NUMBERS if facet.number else KEYWORDS) and {name, f"not_{name}"} <= set(FILTERS)
    listed = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/search"]["get"]["parameters"]
    known = {parameter["name"]: parameter for parameter in listed}
    assert known[name]["description"] == facet.description
    assert name in known["facets"]["schema"]["items"]["enum"]
    assert (name in known["facets"]["schema"]["default"]) is facet.counted
    assert facet.column is None or COLUMNS[facet.column] == facet.label
    headings = texts(page(client, "/?q=招商引资"), ".facets h2")
    assert (facet.label in headings) is (facet.page is not None)
    answer = client.get("/api/v1/search", params={"facets": name}).json()
    for value in answer["facets"][name][:3]:
        found = client.get("/api/v1/search", params={name: value["value"], "size": 1}).json()["total"]
        assert found == value["count"] > 0
        rest = client.get("/api/v1/search", params={f"not_{name}": value["value"], "size": 1}).json()["total"]
        assert rest == answer["total"] - value["count"]


def test_authors_are_counted_one_by_one(client: TestClient) -> None:
    values = client.get("/api/v1/search", params={"facets": "author"}).json()["facets"]["author"]
    assert {"周一鸣", "吴小满"} <= {value["value"] for value in values}
    found = client.get("/api/v1/search", params={"author": "吴小满"}).json()
    assert {hit["author"] for hit in found["hits"]} == {"周一鸣 吴小满"}


def test_only_what_is_sure_is_counted_and_the_article_page_says_what_is_doubtful(client: TestClient) -> None:
    counted = client.get("/api/v1/search", params={"facets": "industry"}).json()["facets"]["industry"]
    assert [value["label"] for value in counted] == ["仪器仪表"]
    hit, *_ = client.get("/api/v1/search", params={"industry": "仪器仪表"}).json()["hits"]
    side = page(client, f"/articles/{hit['id']}")
    assert {"产业", "企业", "投资者来自", "进展"} <= set(texts(side, ".aside h2"))
    assert "可能 电池" in texts(side, ".aside dt") and "仪器仪表" in texts(side, ".aside dt")
    read = client.get(f"/api/v1/articles/{hit['id']}").json()["reading"]
    assert [(found["id"], found["sure"]) for found in read["industries"]] == [("instruments", True), ("battery", False)]


def test_the_search_page_and_the_api_say_which_facets_there_are(client: TestClient) -> None:
    assert (
        *("year", "practice", "place", "kind", "source", "origin"),
        *("industry", "firm", "investor_origin", "event", "genre"),
    ) == SHOWN_FACETS
    assert tuple(client.get("/api/v1/search").json()["facets"]) == COUNTED == ("year", "source", "kind", "origin")


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_read_by_all_its_names_and_told(client: TestClient, name: str) -> None:
    condition = CONDITIONS[name]
    value = {"year": "2023", "kind": "新闻媒体", "region": "湖南", "practice": "飞地", "possible": "飞地", **READ}.get(
        name, "临湖"
    )
    trees = [parse(f"{word}:{value}").root for word in (name, *condition.words)]
    assert len(set(trees)) == 1 and not parse(f"{name}:{value}").notes
    assert (f"{name}_grams" in POSITIONED) is bool(condition.text)
    assert f"{name}:" in (inspect.getdoc(commands.search) or "") and f"{name}:" in client.get("/help").text


def test_a_value_has_one_name(client: TestClient) -> None:
    """In the API, on the page, in the reading of a query, among suggestions and in tables."""
    answer = client.get("/api/v1/search", params={"facets": list(FACETS), "size": 1}).json()
    for name, values in answer["facets"].items():
        shown = [value["label"] for value in values]
        if name != "source":  # the registry names them
            assert shown == [label(name, value["value"]) for value in values]
    named = {name: {v["value"]: v["label"] for v in values} for name, values in answer["facets"].items()}
    assert named["kind"]["news"] == KIND_NAMES["news"] == "新闻媒体" and named["place"]["430100"] == "湖南长沙"
    assert explain(parse("kind:新闻媒体 region:长沙市 source:局"))["reading"] == (
        "类别：新闻媒体；地区：湖南长沙；网站含“局”"
    )
    assert "湖南长沙" in [entry.suggestion.text for entry in entries()]
    rows = list(csv.DictReader(client.get("/export?format=csv&kind=news").text.removeprefix("\ufeff").splitlines()))
    assert rows and {row["类别"] for row in rows} == {"新闻媒体"}


def test_names_of_kinds_and_places_are_read_back() -> None:
    assert [find_kind(name) for name in KIND_NAMES.values()] == list(KIND_NAMES)
    names = {regions.region_name(region.adcode): region.adcode for region in regions.regions()}
    assert len(names) == len(list(regions.regions()))  # 伊宁市 and 伊宁县 are told apart
    del names[regions.EVERYWHERE]
    assert [name for name, code in names.items() if regions.find(name)[0].adcode != code] == []


def test_assistants_are_offered_the_facets_that_say_so(sample: Sample) -> None:
    pytest.importorskip("mcp.server.mcpserver", reason="the mcp package (2.0 or newer) is not installed")
    from search_api.mcp_server import create_server
    from search_api.web.app_state import AppState

    server = create_server(AppState(sample.settings), "http://a.example")
    (tool,) = [tool for tool in anyio.run(server.list_tools) if tool.name == "search"]
    offered = {name for name, facet in FACETS.items() if facet.tool is not None}
    excluded = {f"not_{name}" for name in offered}
    assert set(tool.input_schema["properties"]) == {"query", "sort", "page", "after", "before", *offered, *excluded}
    assert all(f"{name} {FACETS[name].tool}" in (tool.description or "") for name in offered if FACETS[name].tool)


def test_the_terminal_calls_kinds_and_places_as_the_pages_do(sample: Sample) -> None:
    told = Desk(sample.settings.data).run("sources", "list", *("--kind", "新闻媒体"), *("--region", "湖南")).stdout
    rows = [line for line in told.splitlines() if line.startswith(("●", "○"))]
    assert rows and all("新闻媒体" in row and "湖南" in row for row in rows)


def test_what_is_only_possible_counts_where_it_is_asked_for_and_is_told_so() -> None:
    text = "设立基金。两市共建园区。"
    article = Article(id="1" * 16, url="http://a.example/", canonical_url="", title="", text=text)
    moment = datetime(2024, 3, 13, tzinfo=UTC)
    stored = StoredArticle(article, change=1, revision_hash="", capture=None, first_seen=moment, last_changed=moment)
    sure = {"id": "fund", "start": 0, "end": 5, "confidence": 0.95, "sure": True}
    possible = {"id": "enclave", "start": 5, "end": 12, "confidence": 0.5, "sure": False}
    reading = {"practices": [possible, sure]}
    document = document_of(stored, None, reading)
    assert FACETS["practice"].values(document) == ("fund",)
    assert FACETS["possible"].values(document) == ("fund", "enclave")
    shown = shown_reading(reading, text)
    assert shown and [(p.name, p.probability) for p in shown.practices] == [("基金招商", None), ("飞地", 0.5)]
    corrected = document_of(replace(stored, correction={"practices": ["fund"]}), None, reading)
    assert FACETS["possible"].values(corrected) == ("fund",)
