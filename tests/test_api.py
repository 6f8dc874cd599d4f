"""The HTTP API over a real archive and a real index: what it answers, and that nothing makes it crash."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from starlette.testclient import TestClient

from crawler.archive import Archive
from crawler.archive.models import Counts
from crawler.article import Article, Attachment, Block, Provenance, article_id
from crawler.configuration import Settings
from crawler.sources import load_registry
from indexer.engines.base import Health
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index
from indexer.insight.reading import Figure, Practice, Reading
from indexer.insight.vocabularies import find_region
from indexer.search.suggest import Suggestion
from indexer.search.why import Part
from search_api import commands, parameters
from search_api.api import schema
from search_api.application import create_application
from search_api.services.evidence import Sentence
from search_api.web.problem_document import Problem
from tests.sample_archive import COPY, HTML, IMPORTED, RICH, Sample, indexed, rich
from tests.web_fixtures import reader_here

pytest_plugins = ["tests.web_fixtures"]

PROBLEM = "application/problem+json"
WITH_WRONG_ANSWERS = ("/api/v1/search", "/export")  # elsewhere every string is a right one
CHECKED = ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]


def search(client: TestClient, **parameters: Any) -> dict[str, Any]:
    response = client.get("/api/v1/search", params=parameters)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    schema.SearchAnswer.model_validate(body, strict=False)
    return body


def test_a_search_finds_counts_and_marks(client: TestClient, sample: Sample) -> None:
    body = search(client, q="招商引资")
    assert body["total"] == sample.many
    assert len(body["hits"]) == 10
    for hit in body["hits"]:
        marked = [hit["snippet"][s:e] for s, e in hit["snippet_marks"]] + [
            hit["title"][s:e] for s, e in hit["title_marks"]
        ]
        assert marked
        # 招引 is an equivalent, and a text in traditional characters is found too
        assert all(set(word) <= set("招商引资資") for word in marked)
    assert sum(month["count"] for month in body["histogram"]) == sample.many
    assert sum(value["count"] for value in body["facets"]["year"]) == sample.many


def test_pages_hold_every_hit_once(client: TestClient, sample: Sample) -> None:
    seen, link = [], "/api/v1/search?q=招商引资&size=7"
    while link:
        body = client.get(link).json()
        assert body["total"] == sample.many
        seen += [hit["id"] for hit in body["hits"]]
        link = body["links"]["next"]
    assert len(seen) == len(set(seen)) == sample.many


@pytest.mark.parametrize(("sort", "descending"), [("newest", True), ("oldest", False)])
def test_the_order_by_date_is_one(client: TestClient, sort: str, descending: bool) -> None:
    dates = [hit["published"] for hit in search(client, q="招商引资", sort=sort, size=100)["hits"]]
    assert dates == sorted(dates, reverse=descending)


def test_a_facet_counts_what_its_filter_finds(client: TestClient) -> None:
    body = search(client, q="招商引资", facets=["year", "source", "kind", "origin"])
    assert set(body["facets"]) == {"year", "source", "kind", "origin"}
    for name, values in body["facets"].items():
        assert values, name
        for value in values[:4]:
            assert search(client, q="招商引资", **{name: value["value"]})["total"] == value["count"], (name, value)


def test_values_of_one_filter_add_and_filters_narrow(client: TestClient) -> None:
    first = search(client, q="招商引资", year=2010)["total"]
    second = search(client, q="招商引资", year=2011)["total"]
    assert search(client, q="招商引资", year=[2010, 2011])["total"] == first + second
    assert search(client, q="招商引资", year=2010, kind="forum", strict=1)["total"] == 0


def test_nothing_found_is_an_answer(client: TestClient) -> None:
    body = search(client, q='"决无此语"', strict=1)
    assert (body["total"], body["hits"], body["widened"]) == (0, [], None)


def test_widened_hits_follow_and_are_not_counted(client: TestClient) -> None:
    body = search(client, q="飞地 驻点招商 决无此语")
    assert body["total"] == 0
    assert body["widened"]
    assert body["hits"]
    assert all(hit["widened"] for hit in body["hits"])
    assert not search(client, q="飞地 驻点招商 决无此语", strict=1)["hits"]


def test_explain_tells_how_the_query_was_read(client: TestClient) -> None:
    assert search(client, q="飞地 税收")["explain"] is None
    assert "飞地" in str(search(client, q="飞地 税收", explain=1)["explain"])


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": 0},
        {"page": "x"},
        {"size": 101},
        {"sort": "best"},
        {"year": "去年"},
        {"facets": "everything"},
        {"q": "字" * 1001},
        {"figure": "火星"},
        {"value": "很多"},
        {"since": "昨天"},
        {"page": 2000, "size": 100},
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, parameters: dict[str, Any]) -> None:
    response = client.get("/api/v1/search", params=parameters)
    assert response.status_code == 422
    assert response.headers["content-type"] == PROBLEM
    problem = Problem.model_validate(response.json()).model_dump()
    assert problem["errors"][0]["name"] in parameters
    assert problem["instance"] == "/api/v1/search"


def test_figures_are_asked_for_by_words_and_by_filters(client: TestClient) -> None:
    """The rich article and its copy have sums of 46, 10, 12 and 20 亿元, all of them agreed investment."""
    asked = search(client, q="figure:投资额 value:>=20亿", explain=1)
    assert {hit["id"] for hit in asked["hits"]} == {RICH, COPY}
    assert asked["explain"]["reading"] == "数字：投资额，不少于 20 亿元"
    (hit,) = [hit for hit in asked["hits"] if hit["id"] == RICH]
    assert [f["exact"] for f in hit["figures"]] == ["4,600,000,000 元", "2,000,000,000 元"]
    assert "总投资46亿元" in hit["figures"][0]["quote"]
    assert search(client, q="飞地")["hits"][0]["figures"] is None
    assert search(client, figure="投资额", value=">=20亿")["total"] == asked["total"] == 2
    assert search(client, q="figure:投资额 value:21亿..45亿", strict=1)["total"] == 0
    assert search(client, q="figure:到位资金 value:>=20亿", strict=1)["total"] == 0
    assert search(client, figure="计划投资额")["total"] == 0
    assert search(client, figure=["到位资金", "invested/signed"], value=[">=1万亿", "<=10亿元"])["total"] == 2


def test_what_came_in_since_a_moment(client: TestClient, sample: Sample) -> None:
    assert search(client, q="招商引资", since="2024-03-13")["total"] == sample.many
    assert search(client, q="招商引资", since="2999-01-01T08:00", strict=1)["total"] == 0


def test_a_link_to_keep_shows_only_what_came_in_after(tmp_path: Path) -> None:
    own = indexed(tmp_path / "data", many=3)
    time.sleep(1)  # moments in addresses are whole seconds
    with reader_here(create_application(own.settings)) as client:
        link = client.get("/since", params={"q": "招商引资", "kind": "news"}, follow_redirects=False)
        assert link.status_code == 303
        address = link.headers["location"]
        assert "还没有新收录满足条件的文章" in client.get(address).text
        texts = {"news": "招商引资又有一篇。", "forum": "招商引资，论坛里的一篇。"}
        new = {
            kind: rich().with_(
                id=article_id(kind), external_id=kind, url="", title=f"新到 {kind}", kind=kind, text=text
            )
            for kind, text in texts.items()
        }
        with Archive.open(own.settings) as archive:
            for article in new.values():
                archive.articles.save(article, capture=None, topic=0.9)
            late = client.get("/since", params={"q": "招商引资"}, follow_redirects=False).headers["location"]
            engine = open_engine(own.settings, write=True)
            index(archive, engine, load_registry(own.settings))
            engine.close()
        query = address.partition("?")[2]
        assert [hit["title"] for hit in client.get(f"/api/v1/search?{query}").json()["hits"]] == ["新到 news"]
        assert "新到 news" in client.get(address).text
        assert client.get(f"/feed?{query}").text.count("<entry>") == 1
        assert len(client.get(f"/export?format=jsonl&{query}").content.splitlines()) == 1
        # a link that was made when the index did not have them yet shows them too
        assert client.get(f"/api/v1/search?{late.partition('?')[2]}").json()["total"] == 2


def test_explain_tells_why_each_hit_is_there(client: TestClient) -> None:
    for hit in search(client, q="飞地 税收", explain=1)["hits"]:
        assert hit["why"]["strict"] != hit["widened"]
        assert hit["why"]["total"] == pytest.approx(
            hit["why"]["passage"] + sum(p["score"] for p in hit["why"]["parts"])
        )
    assert search(client, q="飞地")["hits"][0]["why"] is None


@pytest.mark.parametrize("typed", ["feidi", "飞", "招商 feidi"])
def test_suggestions_go_on_from_what_was_typed(client: TestClient, typed: str) -> None:
    body = schema.Suggestions.model_validate(client.get("/api/v1/suggest", params={"q": typed}).json())
    assert "飞地" in [suggestion.text for suggestion in body.suggestions]
    for suggestion in body.suggestions:
        assert suggestion.query.startswith("招商 " if " " in typed else "")


def test_a_typing_error_is_put_right_only_where_nothing_was_found(client: TestClient) -> None:
    assert search(client, q="非地 揭牌")["did_you_mean"] == "飞地 揭牌"
    assert search(client, q="飞地")["did_you_mean"] is None


def test_an_article_has_its_fields(client: TestClient) -> None:
    body = client.get(f"/api/v1/articles/{RICH}").json()
    schema.StoredArticle.model_validate(body)
    assert body["origin"] == "临湖日报"
    assert body["author"] == "周一鸣 吴小满"
    assert body["published_at"] == "2024-03-12T09:30+08:00"
    assert body["provenance"]["origin"]["rule"] == "line:来源"
    assert body["revisions"] == 2
    revisions = [schema.Revision.model_validate(r) for r in client.get(body["links"]["revisions"]).json()]
    assert [r.revision == body["revision"] for r in revisions] == [False, True]
    assert len(body["cluster"]) == 2
    assert "周一鸣，吴小满. 临湖云山飞地园区揭牌" in body["citation"]


@pytest.mark.parametrize("path", ["0123456789abcdef", "../../etc/passwd", "x" * 3000, "%00", "ABCDEF0123456789"])
def test_an_unknown_article_is_a_problem(client: TestClient, path: str) -> None:
    response = client.get(f"/api/v1/articles/{path}")
    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM


def test_a_capture_is_served_as_it_was_and_cannot_run(client: TestClient) -> None:
    response = client.get(f"/api/v1/articles/{RICH}/capture")
    assert response.content == HTML.replace("昨天揭牌", "十二日揭牌").encode()
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-" not in policy
    assert "script-src" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    text = client.get(f"/api/v1/articles/{RICH}/capture?as=text")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "<script>" in text.text


def test_an_imported_article_has_no_capture(client: TestClient) -> None:
    assert client.get(f"/api/v1/articles/{IMPORTED}").json()["links"]["capture"] is None
    response = client.get(f"/api/v1/articles/{IMPORTED}/capture")
    assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)


def test_sources_and_status(client: TestClient) -> None:
    sources = schema.Sources.model_validate(client.get("/api/v1/sources").json()).sources
    linhu = next(s for s in sources if s.name == "linhu-swj")
    assert (linhu.enabled, linhu.nights[0].new, linhu.region_name) == (True, 12, "湖南长沙")
    assert schema.Source.model_validate(client.get("/api/v1/sources/linhu-swj").json()) == linhu
    assert client.get("/api/v1/sources/none").status_code == 404
    status = schema.Status.model_validate(client.get("/api/v1/status").json())
    assert status.engine.ok
    assert status.engine.documents == status.counts.articles
    assert client.get("/healthz").json() == {"status": "ok"}


def test_an_engine_that_is_away_is_said(tmp_path: Path) -> None:
    away = Settings(data=tmp_path / "data", engine="http://127.0.0.1:9")
    with reader_here(create_application(away)) as client:
        for path in ("/api/v1/search?q=飞地", "/healthz", "/export?q=飞地&format=csv", "/feed?q=飞地"):
            response = client.get(path)
            assert response.status_code == 503, path
            assert response.headers["content-type"] == PROBLEM
            assert int(response.headers["retry-after"]) > 0
        page = client.get("/?q=飞地")
        assert page.status_code == 503
        assert "检索暂时不可用" in page.text
        home = client.get("/")
        assert home.status_code == 200
        assert "检索引擎没有应答" in home.text
        assert client.get("/api/v1/status").json()["engine"]["ok"] is False
        assert client.get("/sources").status_code == 200


def test_practices_places_and_the_matrix_count_what_a_search_finds(client: TestClient) -> None:
    listed = [schema.Practice.model_validate(p) for p in client.get("/api/v1/practices").json()]
    assert len(listed) == 45
    counted = [practice for practice in listed if practice.count]
    assert len(counted) == 5
    for practice in counted:
        assert search(client, practice=practice.id)["total"] == practice.count
    one = schema.PracticePage.model_validate(client.get("/api/v1/practices/enclave").json())
    assert one.count == 2
    assert one.first
    assert "飞地" in one.sentences[0].text
    table = schema.Matrix.model_validate(client.get("/api/v1/matrix?place=浙江").json())
    row, column = table.rows[0].value, table.columns[-1].value
    assert table.counts[0][-1] == search(client, practice=row, year=column, place="330000")["total"]
    assert [len(line) for line in table.counts] == [len(table.columns)] * len(table.rows)
    places = {p["name"]: p["count"] for p in client.get("/api/v1/places?practice=enclave").json()}
    assert (places["湖南"], places["浙江"], places["北京"]) == (2, 2, 0)
    for path in ("matrix?place=无此地", "matrix?rows=place&columns=place", "practices/none"):
        assert client.get(f"/api/v1/{path}").headers["content-type"] == PROBLEM


def unknown_fields(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """Where a JSON value has fields that its schema does not name, or lacks some that it requires."""
    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "anyOf" in schema:
        schema = next((one for one in schema["anyOf"] if one.get("type") != "null"), {}) if value is not None else {}
        yield from unknown_fields(document, schema, value, at)
    elif isinstance(value, list):
        for item in value:
            yield from unknown_fields(document, schema.get("items", {}), item, f"{at}[]")
    elif isinstance(value, dict) and "properties" in schema:
        assert not schema.get("additionalProperties"), at
        yield from (f"{at}.{name}" for name in value.keys() - schema["properties"].keys())
        yield from (f"{at}.{name}" for name in schema.get("required", ()) if name not in value)
        for name in value.keys() & schema["properties"].keys():
            yield from unknown_fields(document, schema["properties"][name], value[name], f"{at}.{name}")
    elif isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        for item in value.values():
            yield from unknown_fields(document, schema["additionalProperties"], item, f"{at}{{}}")
    elif isinstance(value, dict):
        assert at.endswith(".tree"), f"{at} says nothing of its fields"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/v1/search", "?q=飞地 税收 figure:投资额&explain=1&facets=kind&facets=place"),
        ("/api/v1/search", "?q=飞地 驻点招商 决无此语"),
        ("/api/v1/suggest", "?q=feidi"),
        (f"/api/v1/articles/{RICH}", ""),
        (f"/api/v1/articles/{IMPORTED}", ""),
        (f"/api/v1/articles/{RICH}/revisions", ""),
        ("/api/v1/practices", ""),
        ("/api/v1/practices/enclave", ""),
        ("/api/v1/matrix", ""),
        ("/api/v1/places", ""),
        ("/api/v1/sources", ""),
        ("/api/v1/sources/linhu-swj", ""),
        ("/api/v1/status", ""),
        ("/healthz", ""),
        ("/api/v1/search", "?since=昨天"),
        ("/api/v1/articles/0123456789abcdef", ""),
    ],
)
def test_the_schema_names_every_field_that_comes(client: TestClient, path: str, asked: str) -> None:
    document = client.get("/api/v1/openapi.json").json()
    response = client.get(path + asked)
    route = next(
        p
        for p in sorted(document["paths"], key=lambda p: p.count("{"))
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", p), path)
    )
    content = document["paths"][route]["get"]["responses"][str(response.status_code)]["content"]
    told = content[response.headers["content-type"]]["schema"]
    assert list(unknown_fields(document, told, response.json())) == []


def test_nothing_that_is_stored_is_left_out_of_an_answer() -> None:
    for model, stored in (
        (schema.Article, Article),
        (schema.Block, Block),
        (schema.Attachment, Attachment),
        (schema.Provenance, Provenance),
        (schema.Reading, Reading),
        (schema.ReadPractice, Practice),
        (schema.ReadFigure, Figure),
        (schema.Counts, Counts),
        (schema.EngineHealth, Health),
        (schema.Suggestion, Suggestion),
        (schema.WhyPart, Part),
        (schema.Sentence, Sentence),
    ):
        assert set(model.model_fields) == {field.name for field in fields(stored)}, model


def test_unknown_paths_and_methods(client: TestClient) -> None:
    assert client.get("/api/v1/none").headers["content-type"] == PROBLEM
    response = client.post("/api/v1/search")
    assert (response.status_code, response.headers["content-type"]) == (405, PROBLEM)
    assert client.get("/none").headers["content-type"].startswith("text/html")


def test_head_is_get_without_a_body(client: TestClient) -> None:
    for path in ("/", "/healthz", "/api/v1/search?q=飞地"):
        response = client.head(path)
        assert (response.status_code, response.content) == (200, b"")
    assert client.head("/export?format=csv").status_code == 405


def test_equivalents_can_be_left_out_and_an_export_follows(client: TestClient) -> None:
    for expand in (0, 1):
        total = search(client, q="招引", expand=expand, strict=1)["total"]
        lines = client.get("/export", params={"q": "招引", "format": "jsonl", "expand": expand}).content.splitlines()
        assert len(lines) == total
    assert total > search(client, q="招引", expand=0, strict=1)["total"]


def test_no_query_makes_a_crash(client: TestClient) -> None:
    """`client` raises what the application raises."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=60) | st.text(alphabet='"“”()（）-:：* \\ORANDNOTtitle或与非招商', max_size=30))
    def ask(text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        for path in ("/api/v1/search", "/", "/feed", "/matrix", "/compare"):
            response = client.get(path, params={"q": text, "place": text, "year": text if path == "/" else []})
            programs = path in ("/api/v1/search", "/feed") and text.strip()  # they are told of a place that is none
            expected = 422 if programs and find_region(text) is None else 200
            assert response.status_code == expected, (path, text)

    ask()


def test_documented_examples_run(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    parameters = {p["name"]: p for p in document["paths"]["/api/v1/search"]["get"]["parameters"]}
    examples = [example["value"] for example in parameters["q"]["examples"].values()]
    assert len(examples) >= 3
    for example in examples:
        search(client, q=example)
    for path, operations in document["paths"].items():
        operation = operations["get"]
        assert operation["summary"], path
        assert "503" in operation["responses"], path
        assert PROBLEM in operation["responses"]["422"]["content"], (
            path
        )  # any route may be asked with a parameter that it does not know


def test_the_api_does_what_its_description_says(address: str) -> None:
    """Requests made from the description, right and wrong ones, are never answered by a server error, and answers are as described."""
    described = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
    checks = [schemathesis.checks.not_a_server_error, *schemathesis.checks.CHECKS.get_by_names(CHECKED)]
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:
            if mode is schemathesis.GenerationMode.NEGATIVE and operation.path not in WITH_WRONG_ANSWERS:
                continue

            @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                case.call_and_validate(checks=checks)

            ask()


@pytest.mark.parametrize(
    ("language", "command", "says"),
    [("python", sys.executable, ["4600000000"]), ("r", shutil.which("Rscript"), [])],
)
def test_the_examples_in_other_languages_run(
    sample: Sample, address: str, tmp_path: Path, language: str, command: str | None, says: list[str]
) -> None:
    if command is None:
        pytest.skip("Rscript is not installed: the example in R is untested here")
    tree = html.document_fromstring(httpx.get(f"{address}/help/api").content)
    program = tmp_path / f"example.{language}"
    program.write_text(tree.get_element_by_id(language).text_content(), encoding="utf-8")
    done = subprocess.run([command, str(program)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [said for said in (str(sample.many), *says) if said not in done.stdout] == []


def test_a_problem_never_shows_the_inside(client: TestClient) -> None:
    for path in ("/api/v1/articles/x", "/api/v1/search?size=0", "/none"):
        assert not re.search(r"Traceback|/site-packages/|File \"", client.get(path).text)


def test_the_command_shows_no_more_hits_than_may_be_paged_through() -> None:
    assert (
        commands.MOST_SHOWN == parameters.DEEPEST
    )  # written twice: the command must not load the search for its --help
