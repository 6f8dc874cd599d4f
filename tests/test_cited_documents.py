"""What an article cites, what cites it, and the documents cited most: pages, API and export."""

from __future__ import annotations

import csv

from starlette.testclient import TestClient

from tests.sample_archive import RICH
from tests.test_pages import page, texts

pytest_plugins = ["tests.web_fixtures"]


def test_an_article_names_what_it_cites_and_which_of_it_is_held(client: TestClient) -> None:
    shown = page(client, f"/articles/{RICH}")
    assert "引用的文件" in texts(shown, "h2")
    text = shown.text_content()
    assert "云山市飞地办法" in text and "文库里没有，找到后 zhaoshang add 网址" in text
    read = client.get(f"/api/v1/articles/{RICH}").json()["reading"]["cited"]
    assert [one["key"] for one in read] == ["云山市飞地办法", "外商投资法"]


def test_the_documents_cited_most_count_republications_once(client: TestClient) -> None:
    found = {one["key"]: one for one in client.get("/api/v1/documents").json()}
    assert found["云山市飞地办法"]["held"] and not found["外商投资法"]["held"]
    listed = client.get("/api/v1/search", params={"cites": "外商投资法"}).json()
    texts_that_cite = {hit["cluster"] or hit["id"] for hit in listed["hits"]}
    assert found["外商投资法"]["articles"] == len(texts_that_cite) < listed["total"]
    assert {one["key"] for one in client.get("/api/v1/documents?held=false").json()} == {"外商投资法"}
    held = found["云山市飞地办法"]["held"][0]
    assert "引用本文的文章" in texts(page(client, f"/articles/{held}"), "h2")


def test_they_are_taken_away_as_a_table(client: TestClient) -> None:
    rows = list(csv.DictReader(client.get("/export/documents").text.removeprefix("\ufeff").splitlines()))
    assert {row["文件"] for row in rows} == {"云山市飞地办法", "外商投资法"}
    assert "zhaoshang add" in client.get("/documents").text
