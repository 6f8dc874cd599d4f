"""The rules of the archive that need no database: revisits, retries, the history of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Page, revisits
from crawler.archive.revision_history import Step, with_text, without_capture

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def page(date: datetime | None = None) -> Page:
    return Page("https://a.example/1", "https://a.example/1", "sample", date=date, added_at=NOW)


def visits_until_the_last(first: Page) -> list[timedelta]:
    """The ages, from NOW, at which a page is visited by a crawl that comes just when it is due."""
    now, seen = NOW, first
    ages: list[timedelta] = []
    for _ in range(100):
        seen = revisits.fetched(seen, now)
        if seen.next_visit is None:
            return ages
        now = seen.next_visit
        ages.append(now - NOW)
    raise AssertionError("revisited for ever")


def test_a_recent_article_is_revisited_on_a_widening_schedule() -> None:
    assert visits_until_the_last(page()) == [1 * DAY, 3 * DAY, 7 * DAY, 21 * DAY, 60 * DAY]
    assert visits_until_the_last(page(NOW - 5 * DAY)) == [2 * DAY, 16 * DAY, 55 * DAY]


def test_an_old_article_is_not_revisited() -> None:
    assert visits_until_the_last(page(NOW - 61 * DAY)) == []
    assert visits_until_the_last(replace(page(), history=True)) == []  # without a date, far down in a list


@given(st.timedeltas(timedelta(days=-100), timedelta(days=100)), st.timedeltas(timedelta(0), timedelta(days=70)))
def test_visits_lie_well_apart_and_end(published: timedelta, late: timedelta) -> None:
    next_visit = revisits.next_revisit(NOW + published, NOW, NOW + late)
    assert next_visit is None or next_visit >= NOW + late + revisits.GAP
    assert len(visits_until_the_last(page(NOW + published))) <= len(revisits.REVISITS)


def test_failures_are_retried_more_and_more_seldom_and_then_no_more() -> None:
    seen, waits = page(), []
    for _ in range(10):
        seen = revisits.failed(seen, NOW, "超时")
        if seen.next_visit is None:
            break
        waits.append(seen.next_visit - NOW)
    assert waits == list(revisits.RETRIES) == sorted(waits) and seen.state == "failed"
    back = revisits.fetched(seen, NOW)
    assert back.attempts == 0 and back.reason is None and back.next_visit == NOW + DAY
    again = revisits.failed(back, NOW + DAY, "超时")
    assert again.attempts == 1 and again.next_visit == NOW + DAY + revisits.RETRIES[0]


def test_gone_is_never_asked_again_and_304_keeps_validators_and_capture() -> None:
    seen = revisits.fetched(page(), NOW, capture=7, etag='"x"', last_modified="y")
    unchanged = revisits.fetched(seen, NOW + DAY, status=304)
    assert (unchanged.capture, unchanged.etag, unchanged.last_modified) == (7, '"x"', "y")
    gone = revisits.gone(unchanged, NOW + 2 * DAY, "HTTP 404", status=404)
    assert gone.state == "gone" and gone.next_visit is None and gone.capture == 7
    assert revisits.blocked(seen, NOW, "验证页", status=412).next_visit == NOW + revisits.BLOCKED_RETRIES[0]


def replay(texts: dict[int, str | None], order: list[int], steps: list[Step] | None = None) -> list[Step]:
    """What the history becomes when captures are extracted in this order; a text of None: no article. Rows get ids as a database gives them."""
    steps, ids = list(steps or []), count(1 + max((s.id or 0 for s in steps or []), default=0))
    for capture in order:
        text = texts[capture]
        after = without_capture(steps, capture) if text is None else with_text(steps, text, capture)
        rows = {s.id: s.revision_hash for s in steps}
        for step in after:  # a row keeps its text; a copy is of a row that has it; a new text is the one just extracted
            source = step.id or step.copy_of
            assert step.revision_hash == (rows[source] if source else text)
        steps = [replace(s, id=s.id or next(ids), copy_of=None) for s in after]
        assert len({s.id for s in steps}) == len(steps)
    return steps


def shown(steps: list[Step]) -> list[tuple[str, tuple[int, ...]]]:
    return [(s.revision_hash, s.captures) for s in steps]


captured = st.dictionaries(st.integers(1, 8), st.sampled_from(["a", "b", "c", None]), min_size=1)


@given(captured, captured)
def test_extracting_all_again_in_order_forgets_what_an_older_extractor_said(
    old: dict[int, str | None], new: dict[int, str | None]
) -> None:
    texts = {**old, **new}
    before = replay(old, sorted(old))
    after = replay(texts, sorted(texts), before)
    assert shown(after) == shown(replay(texts, sorted(texts)))
    assert shown(replay(texts, sorted(texts), after)) == shown(after)


@given(captured, st.randoms())
def test_the_order_of_extraction_does_not_change_the_texts(texts: dict[int, str | None], random: Random) -> None:
    order = sorted(texts)
    random.shuffle(order)
    assert shown(replay(texts, order)) == shown(replay(texts, sorted(texts)))


def test_an_import_adds_a_text_once() -> None:
    steps = with_text(with_text(with_text([], "a", None), "b", None), "a", None)
    assert shown(steps) == [("a", ()), ("b", ())]
    assert shown(with_text(with_text(steps, "c", 5), "b", None)) == [("a", ()), ("b", ()), ("c", (5,))]
