"""What was read wrong is put right from the article page, and the file that says so is written entry by entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crawler.archive.corrections_file import load, rendered, write_table
from indexer.analysis.corrected_reading import corrected_reading, without_effect
from search_api.application import create_application
from search_api.services.correcting import quoted_figures
from tests.sample_archive import RICH, indexed
from tests.web_fixtures import reader_here

TEXT = "县里说，总投资12亿元的项目还在谈。去年兑现资金8亿元。两地按六四分成，园区由两县同管。"
READING: dict[str, Any] = {
    "practices": [{"id": "enclave", "start": 0, "end": 4, "confidence": 0.9}],
    "figures": [
        {"start": 7, "end": 11, "value": 12 * 10**8, "unit": "CNY", "kind": "invested", "status": "signed"},
        {"start": 24, "end": 27, "value": 8 * 10**8, "unit": "CNY", "kind": "other", "status": "realised"},
    ],
}


def test_single_things_read_are_corrected_by_their_words() -> None:
    correction = {
        "figures": [
            {"quote": "总投资12亿元", "status": "planned", "stage": "talks"},
            {"quote": "兑现资金8亿元", "remove": True},
        ],
        "evidence": [
            {"id": "enclave", "quote": "园区由两县同管"},
            {"id": "benefit_sharing", "quote": "两地按六四分成"},
        ],
    }
    found = corrected_reading(READING, correction, TEXT)
    assert [(f["value"], f["status"], f["stage"]) for f in found["figures"]] == [(12 * 10**8, "planned", "talks")]
    assert [(p["id"], TEXT[p["start"] : p["end"]]) for p in found["practices"]] == [
        ("benefit_sharing", "两地按六四分成"),
        ("enclave", "园区由两县同管"),
    ]
    assert without_effect(READING, correction, TEXT) == []
    assert READING["figures"][0]["status"] == "signed"  # the reading itself is left as it is


def test_a_figure_that_was_not_read_is_put_in_and_what_has_no_effect_is_told() -> None:
    new = {"quote": "12亿元", "value": 12 * 10**8, "unit": "CNY", "kind": "invested", "status": "unstated"}
    (figure,) = corrected_reading(None, {"figures": [new]}, TEXT)["figures"]
    assert TEXT[figure["start"] : figure["end"]] == "12亿元" and "quote" not in figure
    lost = [{"quote": "不在文中"}, {"quote": TEXT, "status": "planned"}, {"quote": "分成", "kind": "tax"}]
    assert without_effect(READING, {"figures": lost}, TEXT) == ["不在文中", TEXT, "分成"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('figures = [{quote = "1亿元", kind = "weather"}]', "weather"),
        ('figures = [{kind = "tax"}]', "quote"),
        ('figures = [{quote = "1亿元", colour = "red"}]', "colour"),
        ('figures = [{quote = "1亿元", value = "many"}]', "value"),
        ('evidence = [{id = "none", quote = "话"}]', "none"),
        ("figures = [{quote = ", "读不懂"),
    ],
)
def test_one_wrong_entry_is_named_and_the_others_stand(tmp_path: Path, entry: str, told: str) -> None:
    file = tmp_path / "corrections.toml"
    file.write_text(f'[{"a" * 16}]\norigin = "某报"\n[{"b" * 16}]\n{entry}\n[{"c" * 16}]\nauthor = "某人"\n', "utf-8")
    loaded = load(file, {"figures.kind": {"tax"}, "evidence.id": {"enclave"}})
    assert set(loaded.good) == {"a" * 16, "c" * 16}
    assert list(loaded.bad) == ["b" * 16] and told in loaded.bad["b" * 16] and "b" * 16 in loaded.bad["b" * 16]


def test_an_articles_table_takes_the_place_of_its_own_and_of_no_other(tmp_path: Path) -> None:
    file = tmp_path / "corrections.toml"
    kept = f'# by hand\n["{"a" * 16}"]  # first\norigin = "某报"   # from paper\n'
    file.write_text(f'{kept}[{"b" * 16}]\nauthor = "x"', "utf-8")
    for author in ("甲", '乙\n"quoted" \\ \x7f'):
        write_table(file, "b" * 16, {"author": author, "figures": [{"quote": "1亿元", "remove": True}]})
    text = file.read_text("utf-8")
    assert text.startswith(kept) and text.count("b" * 16) == 1
    assert tomllib.loads(text)["b" * 16] == {"author": author, "figures": [{"quote": "1亿元", "remove": True}]}
    assert tomllib.loads(rendered("c" * 16, {"places": []})) == {"c" * 16: {"places": []}}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[TestClient, Path]]:
    sample = indexed(tmp_path / "data", many=1)
    with reader_here(create_application(sample.settings)) as client:
        yield client, sample.settings.data / "corrections.toml"


def test_the_page_makes_the_lines_and_writes_them(here: tuple[TestClient, Path]) -> None:
    client, file = here
    address = f"/articles/{RICH}/correct"
    before = client.get(f"/api/v1/articles/{RICH}").json()
    first = quoted_figures(before["reading"], before["text"])[0]
    said = {"figure": first.quote, "status": "planned", "stage": "refused"}
    page = client.get(address, params=said)
    assert "写入订正" in page.text and "refused" in page.text and not file.exists()
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    answer = client.post(address, data={**said, "csrf": csrf}, follow_redirects=False)
    assert answer.status_code == 303
    client.post(address, data={"origin": "临湖晚报", "csrf": csrf}).raise_for_status()
    after = client.get(f"/api/v1/articles/{RICH}").json()
    assert (after["reading"]["figures"][0]["status"], after["reading"]["figures"][0]["stage"]) == ("planned", "refused")
    assert after["origin"] == "临湖晚报"
    assert set(tomllib.loads(file.read_text("utf-8"))[RICH]) == {"figures", "origin"}
    refused = client.get(address, params={"evidence": "enclave", "quote": "文中没有的话"})
    assert (
        refused.status_code == 422 and ">文中没有的话</textarea>" in refused.text and "<details open>" in refused.text
    )
    assert client.post(address, data={"origin": "x"}).status_code == 403  # not from our page


def test_an_industry_is_put_in_and_taken_away(here: tuple[TestClient, Path]) -> None:
    client, file = here
    address = f"/articles/{RICH}/correct"
    before = client.get(f"/api/v1/articles/{RICH}").json()
    quote = before["text"][:12]
    known = {found["id"] for found in before["reading"]["industries"]}
    page = client.get(address, params={"industry": "半导体", "quote": quote})
    assert "semiconductor" in page.text and "semiconductor" not in known
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    client.post(address, data={"industry": "半导体", "quote": quote, "csrf": csrf}).raise_for_status()
    after = client.get(f"/api/v1/articles/{RICH}").json()["reading"]["industries"]
    (new,) = [found for found in after if found["id"] == "semiconductor"]
    assert (new["probability"], new["sure"]) == (1.0, True)
    client.post(address, data={"industry": "半导体", "quote": quote, "remove": "1", "csrf": csrf}).raise_for_status()
    again = client.get(f"/api/v1/articles/{RICH}").json()["reading"]["industries"]
    assert {found["id"] for found in again} == known
    assert tomllib.loads(file.read_text("utf-8"))[RICH]["industries"][0]["remove"] is True
    assert client.get(address, params={"event": "没有这种事", "quote": quote}).status_code == 422


def test_a_form_that_makes_no_correction_comes_back_as_it_was_filled_in(here: tuple[TestClient, Path]) -> None:
    client, _ = here
    address = f"/articles/{RICH}/correct"
    article = client.get(f"/api/v1/articles/{RICH}").json()
    page = client.get(address, params={"title": "改过的标题", "date": "昨天", "note": "据纸质版第三页"})
    assert page.status_code == 422
    assert all(f'value="{said}"' in page.text for said in ("改过的标题", "昨天", "据纸质版第三页", article["origin"]))
    first = quoted_figures(article["reading"], article["text"])[0]
    page = client.get(address, params={"figure": first.quote, "value": "许多"})
    opened = page.text.split("<details open>")[1].split("</details>")[0]
    assert page.status_code == 422 and 'value="许多"' in opened
    assert f'<option value="{first.figure["kind"]}" selected>' in opened  # what was not said is as it was read
