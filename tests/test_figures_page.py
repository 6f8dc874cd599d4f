"""The figures page: by kind, state, place and year, republications once, each with its sentence; the API and the export alike."""

from __future__ import annotations

import csv
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from search_api.wording import period_name
from tests.test_pages import page, texts

pytest_plugins = ["tests.web_fixtures"]


def rows(client: TestClient, asked: str) -> list[dict[str, str]]:
    return list(csv.DictReader(client.get(f"/export/figures?once=1&{asked}").text.removeprefix("\ufeff").splitlines()))


@pytest.mark.parametrize("asked", ["", "figure=投资额", "value=>=1亿"])
def test_page_api_and_export_list_the_same_figures(client: TestClient, asked: str) -> None:
    tree = page(client, f"/figures?{asked}")
    shown = [a.get("href") for a in tree.cssselect(".figures a")]
    answer = client.get(f"/api/v1/figures?{asked}").json()
    listed = [(article["article"], figure) for article in answer["articles"] for figure in article["figures"]]
    assert [figure["page"] for _, figure in listed] == shown and shown
    exported = rows(client, asked)
    assert sorted(row["文库网址"].rpartition("/")[2] for row in exported) == sorted(id_ for id_, _ in listed)
    assert all(figure["quote"] for _, figure in listed)
    for address in shown[:3]:
        assert page(client, address.partition("#")[0]).get_element_by_id(urlsplit(address).fragment) is not None


def test_a_kind_is_counted_as_its_page_finds_it(client: TestClient) -> None:
    tree = page(client, "/figures")
    links = tree.cssselect(".kinds a")
    assert links
    for link in links[:4]:
        count = link.getparent().cssselect(".soft")[0].text_content()
        assert f"{texts(page(client, link.get('href')), '.above strong')[0]} 篇" == count


def test_the_form_is_written_as_one_condition(client: TestClient) -> None:
    asked = client.get("/figures?of=投资额&state=在谈&year=2012&q=", follow_redirects=False).headers["location"]
    kept = page(client, asked)
    assert texts(kept, "select[name=of] option[selected]") == ["投资额"]
    assert texts(kept, "select[name=state] option[selected]") == ["在谈"]
    assert texts(page(client, "/figures?q=决无此语"), ".empty a") == ["看全部"]


def test_a_republished_figure_stands_once(client: TestClient) -> None:
    every = list(csv.DictReader(client.get("/export/figures?q=").text.removeprefix("\ufeff").splitlines()))
    once = rows(client, "")
    assert {(row["种类"], row["数值"]) for row in once} == {(row["种类"], row["数值"]) for row in every}
    assert len({(row["文库网址"], row["种类"], row["数值"]) for row in once}) == len(once) < len(every)
    (copied,) = [article for article in client.get("/api/v1/figures").json()["articles"] if article["copies"]]
    assert copied["article"] in {row["文库网址"].rpartition("/")[2] for row in once}


def test_periods_are_told_in_words() -> None:
    told = [period_name(p) for p in ("2017H1", "2017Q3", "2017Q1-Q3", "2017-07", "2017", "十三五期间", "2017Q2-Q3", "")]
    assert told == [
        "2017 年上半年",
        "2017 年三季度",
        "2017 年前三季度",
        "2017 年 7 月",
        "2017 年",
        "十三五期间",
        "2017Q2-Q3",
        "",
    ]
