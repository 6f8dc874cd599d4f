"""Republications are shown as one, under the first publisher, and counted one by one."""

from __future__ import annotations

from dataclasses import replace

from starlette.testclient import TestClient

from indexer.search.searcher import Hit
from search_api.api import schema
from search_api.services.republications import folded
from tests.sample_archive import COPY, RICH

pytest_plugins = ["tests.web_fixtures"]

HIT = Hit(
    "a", None, "http://a.example/", "题", title_marks=(), snippet="", snippet_marks=(), score=3.0, widened=False, source=None, source_title=None, kind=None, region=None, publisher=None, origin=None, author=None, published=None, published_text="2024-03-02", practices=(), places=(), cluster="c", has_capture=False
)  # fmt: skip


def test_the_first_publisher_stands_where_the_best_stood() -> None:
    hits = [
        HIT,
        replace(HIT, id="b", cluster=None),
        replace(HIT, id="c", published_text="2024-03-01T08:00+08:00"),
        replace(HIT, id="d", published_text=None),
        replace(HIT, id="e", published_text="2020-01-01", widened=True),
    ]
    assert [hit.id for hit in folded(hits)] == ["c", "b"]


def test_the_api_folds_when_asked_and_counts_articles(client: TestClient) -> None:
    plain = client.get("/api/v1/search", params={"q": "飞地", "strict": "1"}).json()
    one = client.get("/api/v1/search", params={"q": "飞地", "strict": "1", "fold": "1"}).json()
    schema.SearchAnswer.model_validate(one)
    assert {hit["id"] for hit in plain["hits"]} == {RICH, COPY}
    assert [hit["id"] for hit in one["hits"]] == [RICH]
    assert [copy["id"] for copy in one["hits"][0]["copies"]] == [COPY]
    assert one["total"] == plain["total"] == 2 and one["facets"] == plain["facets"]
    assert "fold=1" in one["links"]["self"]
