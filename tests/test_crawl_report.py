"""What a visit came to, in words and numbers, and when its source is due again."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from crawler.spiders.report import REASONS, CrawlReport, Outcome, SiteReport, due_after, note_of, outcome_of

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
COUNTS = [f.name for f in fields(SiteReport) if f.type in ("int", "int | None", "float")]


def site(name: str = "a", outcome: Outcome = "ok", note: str = "", **counts: int) -> SiteReport:
    numbers = {name: counts.get(name, n) for n, name in enumerate(COUNTS, 1)}  # no two are the same
    return SiteReport.from_json(
        {**numbers, "source": name, "outcome": outcome, "finish": "finished", "status": "verified", "note": note}
    )


def test_a_report_is_read_back_and_its_numbers_reach_the_archive() -> None:
    report = site("甲", "short", "少", requests=70)
    assert SiteReport.from_json(json.loads(json.dumps(report.to_json()))) == report
    kept = asdict(report.to_archive())
    assert kept.pop("rejected") == 0  # is for the extract stage to say
    assert kept.pop("expected") is None  # is for the night to say
    assert kept == {name: getattr(report, name) for name in kept}


def test_the_line_for_all_sources_adds_them_up() -> None:
    few = {"requests": 1, "new": 2, "changed": 3, "blocked": 4, "failed": 5}
    many = {name: 10 * number for name, number in few.items()}
    report = CrawlReport(1, (site("a", **many), site("b", **few)), 6.04)
    assert report.lines() == ["2 个来源，11 次请求，22 页新，33 页有变，44 次被拦，55 次失败，6.0 秒"]
    assert report.captures == 2 * site().captures and not report.failed


def test_only_what_did_not_simply_go_well_has_a_line() -> None:
    sites = (
        site("好", requests=5, new=4),
        site("有话", note="用完了页数预算", requests=5, new=4),
        *(site(outcome, outcome, requests=5, new=0) for outcome in get_args(Outcome)),
    )
    report = CrawlReport(1, sites, 6.04, interrupted=True, not_due=("x", "y", "z"), unvisited=("w",))
    assert report.lines()[:-1] == [
        "有话：正常，请求 5，新 4，用完了页数预算",
        "short：不足，请求 5，新 0",
        "blocked：被拦，请求 5，新 0",
        "failed：失败，请求 5，新 0",
        "interrupted：中断，请求 5，新 0",
        "3 个来源还没到期",
        "1 个来源没有轮到，下次优先",
    ]
    assert report.lines()[-1].endswith("秒；已中断")
    assert [s.source for s in report.below_expectation] == ["short", "blocked", "failed"] and report.failed
    assert json.loads(json.dumps(report.to_json()))["not_due"] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("finish", "lists", "entries", "outcome"),
    [
        ("finished", 1, 10, "ok"),
        ("finished", 1, 9, "short"),
        ("finished", 1, 0, "short"),
        ("finished", 1, None, "ok"),  # the list has not changed
        ("finished", 0, 0, "failed"),
        ("pages", 1, 10, "ok"),
        ("minutes", 2, 3, "short"),
        ("night", 0, 0, "interrupted"),
        ("night", 1, 10, "ok"),
        ("silent", 0, None, "failed"),
        ("blocked", 1, 10, "blocked"),
        ("no_contact", 1, 10, "failed"),
        ("archive", 1, 10, "failed"),
        ("error", 1, 10, "failed"),
        ("shutdown", 1, 10, "interrupted"),
    ],
)
def test_the_outcome_follows_from_what_was_seen(finish: str, lists: int, entries: int | None, outcome: Outcome) -> None:
    assert outcome_of(finish, lists=lists, entries=entries, expected=10) == outcome


@pytest.mark.parametrize(
    ("outcome", "finish", "reasons", "note"),
    [
        ("ok", "finished", [], ""),
        ("ok", "pages", [], "用完了页数预算"),
        ("ok", "new word", [], "new word"),
        ("short", "finished", [], "列表只有 3 条，预期至少 10 条"),
        ("short", "night", ["一"], "夜间时间已到；列表只有 3 条，预期至少 10 条；一"),
        ("failed", "finished", ["一", "二", "三"], "一个列表也没有读到；一；二"),
        ("failed", "silent", ["一"], "网站没有回答；一"),
        ("blocked", "blocked", ["HTTP 403"], "网站拦住了访问；HTTP 403"),
    ],
)
def test_the_note_says_why_in_one_line(outcome: Outcome, finish: str, reasons: list[str], note: str) -> None:
    assert note_of(outcome, finish, 3, 10, reasons) == note


def test_every_reason_has_words() -> None:
    assert all(note_of("ok", finish, 9, 1, []) == words for finish, words in REASONS.items() if finish != "finished")


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_a_source_that_fails_again_and_again_is_asked_more_and_more_seldom(outcome: Outcome) -> None:
    waits = [due_after(outcome, in_a_row, NOW) - NOW for in_a_row in range(7)]
    if outcome in ("blocked", "failed"):
        assert waits == [timedelta(days=days) for days in (1, 2, 4, 8, 16, 16, 16)]
    else:
        assert set(waits) == {timedelta(hours=20)}
