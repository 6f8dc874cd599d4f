"""Shares beside counts: of what the same year or place holds, alike on pages, in the API and in exports."""

from __future__ import annotations

import csv

import pytest
from starlette.testclient import TestClient

from search_api.services.shares import Base, Share
from search_api.services.timeline import timeline
from tests.test_pages import page, texts

pytest_plugins = ["tests.web_fixtures"]


def test_a_share_says_how_small_its_base_is() -> None:
    told = [Share(count, base).text for count, base in ((3, 88), (12, 100), (1, 5000), (2, 4), (0, 0))]
    assert told == ["3.4%", "12%", "<0.1%", "50%*", ""]


def test_bars_of_shares_are_as_high_as_the_share() -> None:
    counts, bases = [(202001, 10), (202105, 20)], Base({202001: 100, 202105: 400, 202203: 50})
    by_count, by_share = timeline(counts, bases), timeline(counts, bases, by="share")
    assert by_count and by_share and by_share.base == "全库同年的文章"
    assert [bar.height for bar in by_count.bars] == [22.0, 44.0]
    assert [bar.height for bar in by_share.bars] == [44.0, 22.0]
    assert [bar.share and bar.share.text for bar in by_share.bars] == ["10%", "5%"]
    mixed = timeline([(202001, 1), (202105, 20)], Base({202001: 2, 202105: 400}), by="share")
    assert mixed and [bar.height for bar in mixed.bars] == [44.0, 44.0]  # one of two does not set the scale
    months = timeline([(202001, 1)], bases, by="share")
    assert months and months.bars[0].label == "2020 年 1 月" and months.bars[0].tick == "2020年1月"


def test_page_api_and_export_tell_the_same_share(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "招商引资", "bases": "1"}).json()
    every = client.get("/api/v1/search", params={"bases": "1"}).json()["histogram"]
    assert all(month["count"] == month["base"] for month in every)
    years: dict[str, tuple[int, int]] = {}
    for month in answer["histogram"]:
        year = month["month"][:4]
        base = sum(other["count"] for other in every if other["month"].startswith(year))
        years[year] = (years.get(year, (0, 0))[0] + month["count"], base)
    rows = list(csv.DictReader(client.get("/export/timeline?q=招商引资").text.removeprefix("\ufeff").splitlines()))
    assert {row["年份"]: (int(row["篇数"]), int(row["基数"])) for row in rows} == years
    tree = page(client, "/?q=招商引资&by=share")
    shown = dict(
        zip(texts(tree, ".timeline tbody td:nth-child(1)"), texts(tree, ".timeline tbody td:nth-child(3)"), strict=True)
    )
    assert shown == {year: Share(*pair).text for year, pair in years.items() if pair[0]}
    (now,) = tree.cssselect(".switch [aria-current]")
    assert now.text_content() == "占比" and "by=share" in str(
        tree.cssselect(".hits .under a[href*='why']")[0].get("href")
    )


@pytest.mark.parametrize("asked", [{"q": "招商", "kind": "news"}, {"q": "招商 kind:news"}])
def test_the_base_of_a_timeline_keeps_the_conditions(client: TestClient, asked: dict[str, str]) -> None:
    answer = client.get("/api/v1/search", params={**asked, "bases": "1"}).json()
    alone = client.get("/api/v1/search", params={"kind": "news", "bases": "1"}).json()
    of_kind = {month["month"]: month["count"] for month in alone["histogram"]}
    assert answer["histogram"] and all(month["base"] == of_kind[month["month"]] for month in answer["histogram"])
    assert sum(month["base"] for month in alone["histogram"]) > sum(of_kind.values())  # without words: the archive
    rows = list(csv.DictReader(client.get("/export/timeline", params=asked).text.removeprefix("\ufeff").splitlines()))
    assert sum(int(row["基数"]) for row in rows) == sum(of_kind.values())
    assert "合乎所选条件的同年文章" in client.get("/", params=asked).text


@pytest.mark.parametrize(
    ("asked", "base", "opened"),
    [
        ({}, "全库同年的文章", {"year": "{column}"}),
        ({"columns": "place"}, "讲到该省的全部文章", {"place": "{column}"}),
        ({"rows": "place", "q": "飞地"}, "同一省同年的文章", {"year": "{column}", "place": "{row}"}),
        ({"place": "浙江"}, "该地同年的文章", {"year": "{column}", "place": "330000"}),
    ],
)
def test_the_base_of_a_cell_is_what_its_year_or_place_holds(
    client: TestClient, asked: dict[str, str], base: str, opened: dict[str, str]
) -> None:
    found = client.get("/api/v1/matrix", params=asked).json()
    assert found["base"] == base and found["counts"]
    for row, counts, bases in zip(found["rows"], found["counts"], found["bases"], strict=True):
        assert all(count <= of for count, of in zip(counts, bases, strict=True))
        for column, of in list(zip(found["columns"], bases, strict=True))[:2]:
            params = {name: text.format(row=row["value"], column=column["value"]) for name, text in opened.items()}
            assert client.get("/api/v1/search", params=params).json()["total"] == of
        break
    rows = list(csv.DictReader(client.get("/export/matrix", params=asked).text.removeprefix("\ufeff").splitlines()))
    cells = [count for line in found["counts"] for count in line]
    assert [int(row["篇数"]) for row in rows] == cells
    assert [int(row["基数"]) for row in rows] == [of for line in found["bases"] for of in line]


def test_a_comparison_is_taken_away_as_it_is_shown(client: TestClient) -> None:
    tree = page(client, "/compare?place=浙江&place=安徽")
    (away,) = tree.cssselect(".switch a[download]")
    rows = list(csv.DictReader(client.get(str(away.get("href"))).text.removeprefix("\ufeff").splitlines()))
    assert {row["地方"] for row in rows} == {"浙江", "安徽"} and "举措" in {row["项"] for row in rows}
    names = [row["值"] for row in rows if row["项"] == "举措"][::2]
    assert texts(tree, "table.listing")[0] and texts(tree, "table.listing th[scope=row]")[: len(names)] == names
    assert (
        client.get("/export/compare").status_code == 422 and client.get("/export/compare?place=火星").status_code == 422
    )
