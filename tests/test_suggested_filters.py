"""A query's names of places and practices, offered as conditions."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from search_api.parameters import View
from search_api.services.suggested_filters import as_conditions
from tests.sample_archive import Sample
from tests.test_pages import page, texts
from tests.whole_way import Desk

pytest_plugins = ["tests.web_fixtures"]

READ = {
    "湖南飞地招商": ("", ["430000"], ["enclave"]),
    "湖南省 飛地經濟 after:2022": ("after:2022", ["430000"], ["enclave"]),
    "湖南、湖北，江西 税收": ("税收", ["430000", "420000", "360000"], []),
    "长沙县 招商引资 -证券": ("招商引资 -证券", ["430121"], []),
    "湖南长沙飞地经济": ("", ["430100"], ["enclave"]),
    "上门招商": ("", [], ["door_knocking"]),
    "湖南路": None,
    "和平发展": None,
    "税收分成": None,
    "飞地招商 基金招商": None,
    "湖南 OR 飞地": None,
    '"湖南" 飞地': None,
    "title:湖南": None,
    "": None,
    "😀 \x00": None,
}


@pytest.mark.parametrize("q", READ)
def test_names_become_conditions(q: str) -> None:
    found, expected = as_conditions(View(q, {"year": ("2023",)})), READ[q]
    if expected is None:
        assert found is None
        return
    words, places, chosen = expected
    assert found is not None and found.q == words and found.filters["year"] == ("2023",)
    assert [list(found.filters.get(name, ())) for name in ("place", "practice")] == [places, chosen]


def test_the_terminal_offers_a_query(sample: Sample) -> None:
    desk = Desk(sample.settings.data)
    said = desk.run("search", "长沙飞地招商").stderr.replace("\n", "")
    assert "region:湖南长沙 practice:飞地" in said
    total = desk.json("search", "region:湖南长沙 practice:飞地")["total"]
    assert total and f"{total} 篇" in said
    assert "当作条件来找" not in desk.run("search", "决无此语").stderr


def test_what_the_reader_chose_himself_is_left_alone() -> None:
    assert as_conditions(View("湖南飞地", {"place": ("430100",)})) is None


def test_the_page_says_that_several_of_a_kind_are_either(client: TestClient) -> None:
    one, two = (page(client, f"/?practice=enclave{more}") for more in ("", "&practice=fund"))
    assert int(texts(two, ".above strong")[0]) > int(texts(one, ".above strong")[0])
    told = ["或" in texts(tree, ".chosen .of-one")[0] for tree in (one, two)]
    assert told == [False, True]


def test_the_page_offers_them_where_they_find_more(client: TestClient) -> None:
    [link] = [a for a in page(client, "/?q=长沙飞地招商").cssselect(".reading a") if "举措" in a.text_content()]
    assert link.text_content() == "地方：湖南长沙；举措：飞地"
    assert "税收；举措：飞地" in " ".join(texts(page(client, "/?q=飞地招商 税收"), ".reading a"))
    found = page(client, link.attrib["href"])
    assert texts(found, "title")[0] == "湖南长沙，飞地 · 招商文库"
    assert "飞地园区" in texts(found, ".hits .passage")[0]
    anchor = found.cssselect(".hits .passage a")[0].attrib["href"]
    assert page(client, anchor).xpath(f"//*[@id='{anchor.rpartition('#')[2]}']")
    assert int(texts(found, ".above strong")[0]) > 0
    assert not [line for line in texts(found, ".reading") if "当作条件来找" in line]
    assert not [line for line in texts(page(client, "/?q=决无此语"), ".reading") if "当作条件来找" in line]


def test_filters_are_read_as_people_write_them(client: TestClient) -> None:
    def total(path: str, **params: str) -> int:
        return int(client.get(path, params=params).json()["total"])

    by_code = total("/api/v1/search", place="430000", practice="enclave", kind="government")
    assert by_code == total("/api/v1/search", place="湖南", practice="飞地", kind="政府") > 0
    tree = page(client, "/?place=湖南&practice=飞地&kind=政府")
    assert int(texts(tree, ".above strong")[0]) == by_code
    lines = client.get("/export", params={"format": "jsonl", "place": "hunan", "practice": "飞地", "kind": "政府"}).text
    assert len(lines.splitlines()) == by_code
    name = client.get("/export", params={"format": "csv", "place": "湖南", "practice": "飞地"}).headers
    assert quote("湖南_飞地.csv") in name["content-disposition"]


@pytest.mark.parametrize("wrong", ["place=火星", "practice=none", "kind=blog", "region=火星"])
def test_a_filter_that_cannot_be_read_is_told(client: TestClient, wrong: str) -> None:
    for path in ("/api/v1/search?", "/export?format=csv&", "/export/figures?", "/feed?"):
        answer = client.get(f"{path}q=飞地&{wrong}")
        assert answer.status_code == 422 and wrong.partition("=")[2] in answer.json()["detail"], path
    assert "没有用上" in texts(page(client, f"/?q=飞地&{wrong}"), ".reading")[0]
