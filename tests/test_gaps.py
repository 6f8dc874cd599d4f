"""What the archive lacks is told with what to do, and not where chance explains it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive import SourceReport
from crawler.sources import Source
from crawler.sources.regions import regions
from search_api.services.upkeep.gaps import cities_with_gaps, empty_months, gaps, in_year_before, is_silent
from tests.watch_desk import NOW, article, desk
from zhaoshang.gaps_command import gaps as print_gaps

TODAY = date(2026, 3, 2)


def months(counts: dict[int, int]) -> list[tuple[str, str]]:
    return [(gap.told, gap.remedy) for gap in empty_months("a", "甲", sorted(counts.items()), TODAY)]


def steady(first: int, last: int, count: int) -> dict[int, int]:
    """That many articles in each month of some years."""
    return {year * 100 + month: count for year in range(first, last + 1) for month in range(1, 13)}


def test_months_that_stand_empty_between_full_ones_are_told_together() -> None:
    counts = steady(2019, 2023, 8)
    for month in (202103, 202104, 202207):
        del counts[month]
    assert months(counts) == [
        ("2021-03 至 2021-04", "zhaoshang crawl a --since 2021-03 --until 2021-04"),
        ("2022-07", "zhaoshang crawl a --since 2022-07 --until 2022-07"),
    ]


def test_a_year_that_is_missing_as_a_whole_is_one_gap() -> None:
    counts = steady(2018, 2023, 5)
    for month in [m for m in counts if m // 100 in (2020, 2021)]:
        del counts[month]
    assert [told for told, _ in months(counts)] == ["2020-01 至 2021-12"]


def test_chance_is_no_gap() -> None:
    assert months({m: 1 for m in steady(2019, 2023, 1) if m % 3}) == []  # one article in most months
    assert months({201901: 50, 202301: 50}) != []
    assert months({202001: 9, 202002: 9, 203001: 1}) == []  # a date that lies ahead is wrong
    assert months({}) == [] and months({202001: 1}) == []


def test_counties_of_cities_and_municipalities_are_looked_for_and_not_those_of_provinces() -> None:
    def of(*codes: str) -> list[str]:
        made: dict[str, Any] = {"kind": "government", "start_urls": ["http://a.example/"], "seen_in": "composed"}
        enabled = [Source(name=f"a{code}", title="甲", region=code, **made) for code in codes]
        return [city.code for city in cities_with_gaps(enabled, enabled)]

    assert of("310000", "430100") == ["310000", "430100"]
    assert of("420000", "430000", "430104") == []  # Hubei has counties of its own, and is no city


@settings(deadline=None)
@given(rate=st.integers(1, 30), seed=st.integers(0, 10**6))
def test_of_sources_that_publish_by_chance_hardly_one_month_is_named(rate: int, seed: int) -> None:
    chance = random.Random(seed)
    counts = {m: sum(chance.random() < rate / 300 for _ in range(300)) for m in steady(2016, 2025, 0)}
    assert len(months({m: n for m, n in counts.items() if n})) <= 4  # of 120


@pytest.mark.parametrize(
    ("a_year", "days", "silent"),
    [
        (365, 20, False),
        (365, 31, True),
        (12, 60, False),
        (12, 220, True),
        (5, 60, False),
        (5, 600, True),
        (0, 900, False),
    ],
)
def test_silence_is_weighed_by_how_often_a_source_spoke(a_year: int, days: int, silent: bool) -> None:
    assert is_silent(a_year, days) is silent


def test_the_year_before_ends_with_the_newest_month() -> None:
    assert in_year_before([(202401, 7), (202402, 1), (202412, 2), (202501, 3)], date(2025, 1, 5)) == 6


def test_sources_months_and_counties_are_found_in_an_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    (folder / "sources").mkdir(parents=True)
    for name, region in (("linhu", "430100"), ("yuelu", "430104"), ("mute", "430000"), ("kaifu", "430105")):
        (folder / "sources" / f"{name}.toml").write_text(
            f'name = "{name}"\ntitle = "{name}商务局"\nkind = "government"\nregion = "{region}"\n'
            f'start_urls = ["http://{name}.example/"]\nseen_in = "composed"\n',
            encoding="utf-8",
        )
    with desk(folder) as opened:
        made, day = [], date(2024, 1, 1)
        while day < date(2025, 11, 1):
            if (day.year, day.month) != (2024, 9):
                made.append(article(f"{day:%y%m%d}", "飞地。", day.isoformat()))
            day += timedelta(days=4)
        opened.night([replace(one, source="linhu") for one in made], read=False)
        for name in ("linhu", "yuelu", "mute"):
            opened.archive.frontier.set_source(name, enabled=True, last_visit=NOW)
        for _ in range(3):
            run = opened.archive.runs.start("nightly", NOW)
            opened.archive.runs.record_source(run, "mute", SourceReport(outcome="ok"))
        found = gaps(opened.state, TODAY)
        assert gaps(opened.state, TODAY) is found  # looked at once
        assert [(s.source, s.newest, s.outcome) for s in found.silent] == [
            ("linhu", date(2025, 10, 30), ""),
            ("mute", None, "ok"),
        ]
        assert [(m.source, m.told) for m in found.months] == [("linhu", "2024-09")]
        (city,) = found.cities
        counties = [region for region in regions() if region.parent == "430100"]
        assert city.code == "430100" and city.counties == len(counties) == len(city.lacking) + 1
        assert "430104" not in [county.code for county in city.lacking]
        assert "kaifu" in next(county.registered for county in city.lacking if county.code == "430105")
        assert "kaifu" in city.remedy.split()
        monkeypatch.setattr("crawler.configuration.settings", lambda: opened.settings)
        print_gaps(as_json=False)
        said = capsys.readouterr().out
        assert (
            "zhaoshang crawl linhu --since 2024-09 --until 2024-09" in said and "zhaoshang sources check mute" in said
        )


def test_nothing_is_found_where_nothing_is_enabled(tmp_path: Path) -> None:
    with desk(tmp_path / "data") as opened:
        assert gaps(opened.state).nothing
