"""The cursors of a list: whatever the budget of a night and however the list grows, every entry is found once, and rest is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms import Entry, ListPage, ListRequest
from crawler.spiders import cursors
from crawler.spiders.cursors import Cursor, Reading, Row

PAGE = 5


class Reader:
    """Reads a list as the spider does, without a network: `budget` pages a night. `down`: page 2 has the number count - 1, the last one 1."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.found: list[str] = []
        self.tonight: set[str] = set()
        self.cursors: list[Cursor] = []
        self.visited = False

    def read(self, items: list[str], address: int) -> Reading:
        count = -(-len(items) // PAGE)
        number = count - address + 1 if self.down and address else max(address, 1)
        shown = items[(number - 1) * PAGE : number * PAGE]
        rows = tuple(Row(Entry(url, url), url, url in self.found, tonight=url in self.tonight) for url in shown)
        behind = count - number if self.down else number + 1
        following = ListRequest("GET", f"http://h/{behind}") if number < count else None
        return Reading(rows, following, lists=(), shown=len(shown), own=len(shown), old=False, platform="generic")

    def take(self, reading: Reading) -> None:
        self.found += [row.key for row in reading.new]
        self.tonight |= {row.key for row in reading.new}

    def night(self, items: list[str], budget: int, grow: Callable[[], None]) -> int:
        """The number of list pages asked for."""
        self.tonight = set()
        first = self.read(items, 0)
        kept = cursors.resumed(cursors.load(cursors.dump(self.cursors)))
        self.cursors = cursors.after_first(first, kept, first_visit=not self.visited)
        self.visited = True
        self.take(first)
        pages = 1
        while self.cursors and pages < budget:
            grow()
            cursor = next((c for c in self.cursors if c.gap or c.again), self.cursors[0])
            reading = self.read(items, int(cursor.request.url.rpartition("/")[2]))
            self.cursors = cursors.after_more(self.cursors, cursor, reading, repeated=False)
            self.take(reading)
            pages += 1
        return pages


@given(
    start=st.integers(1, 120),
    nights=st.lists(
        st.tuples(st.integers(3, 8), st.integers(0, 14), st.integers(0, 2), st.integers(1, 7)), min_size=1, max_size=9
    ),
)
def test_every_entry_is_found_however_the_nights_go(start: int, nights: list[tuple[int, int, int, int]]) -> None:
    reader = Reader()
    items = [f"http://h/a{n}" for n in range(start)]

    def add(count: int) -> None:
        for _ in range(count):
            items.insert(0, f"http://h/a{len(items)}")

    for budget, between, during, burst in nights:
        left = during

        def grow(size: int = burst) -> None:
            nonlocal left
            if left:
                left -= 1
                add(size)

        add(between)
        reader.night(items, budget, grow)
    for _ in range(60):
        if not reader.cursors:
            break
        reader.night(items, 8, lambda: None)
    reader.night(items, 10**6, lambda: None)
    assert not reader.cursors
    assert sorted(reader.found) == sorted(items)


@given(start=st.integers(11, 60), between=st.lists(st.integers(-5, 5), min_size=1, max_size=8), down=st.booleans())
def test_nothing_is_lost_where_a_list_moves_up_between_two_nights(start: int, between: list[int], down: bool) -> None:
    """Because entries are taken down, or because addresses count down and it grows."""
    reader = Reader(down=down)
    items = [f"http://h/a{n}" for n in range(start)]
    for night, count in enumerate([*between, *[0] * 20]):
        reader.night(items, 5, lambda: None)
        if count > 0:
            items[0:0] = [f"http://h/b{night}-{n}" for n in range(count)]
        elif not down:
            del items[:-count]
    assert not reader.cursors
    assert set(items) <= set(reader.found)


def test_a_night_after_takes_two_list_pages_at_most() -> None:
    for new in range(PAGE + 1):
        reader = Reader()
        items = [f"http://h/a{n}" for n in range(40)]
        reader.night(items, 100, lambda: None)
        items[0:0] = [f"http://h/new{n}" for n in range(new)]
        assert reader.night(items, 100, lambda: None) <= 2
        assert set(items) == set(reader.found)


@pytest.mark.parametrize(
    ("rows", "reaches"),
    [
        ("nkkk", True),
        ("knkk", False),
        ("kkkt", False),  # known since this visit only
        ("pnnn", False),  # what is pinned says nothing
        ("pnkkk", True),
        ("kkkp", True),
        ("kk", True),
        ("ppp", False),
        ("", False),
    ],
)
def test_a_page_reaches_what_was_known_where_its_last_three_entries_are(rows: str, reaches: bool) -> None:
    assert cursors.caught_up(reading(rows)) == reaches


requests = st.builds(
    ListRequest,
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["http://h/", "http://h/列"]),
    st.binary(max_size=20),
    st.just({"X": "甲"}),
)
any_cursor = st.builds(
    Cursor,
    requests,
    **{name: st.booleans() for name in ("gap", "again", "last")},
    **{name: st.integers(0, 9) for name in ("idle", "shift", "failures")},
    back=st.none() | requests,
    container=st.sampled_from(["", "ul.list"]),
)


@given(st.lists(any_cursor, max_size=4))
def test_cursors_survive_the_archive(kept: list[Cursor]) -> None:
    text = cursors.dump(kept)
    assert cursors.load(text) == kept
    assert (text is None) == (not kept) and "\\u7532" not in (text or "")


def test_cursors_of_before_there_were_pages_to_read_again_are_read() -> None:
    old = '{"method": "GET", "url": "http://h/2", "body": "", "headers": {}, "gap": true, "idle": 1, "shift": 2, "failures": 3}'
    assert cursors.load(f"[{old}]") == [Cursor(P2, gap=True, idle=1, shift=2, failures=3)]
    assert cursors.load(None) == []


P2, P3, P4 = (ListRequest("GET", f"http://h/{n}") for n in (2, 3, 4))


def reading(rows: str, following: ListRequest | None = P3, **facts: Any) -> Reading:
    """A page whose rows are new (n), known (k), known since this visit only (t) or pinned and known (p)."""
    shown = tuple(
        Row(Entry(f"http://h/{n}", "", sticky=kind == "p"), f"http://h/{n}", kind in "ktp", tonight=kind == "t")
        for n, kind in enumerate(rows)
    )
    known = {"lists": (), "shown": len(shown), "own": len(shown), "old": False, "platform": "generic"}
    return Reading(shown, following, **{**known, **facts})


FIRST = Cursor(P3)  # what a first visit leaves behind
KEPT = [Cursor(P4, gap=True, shift=1), Cursor(P2, shift=4)]
PUSHED = [Cursor(P4, gap=True, shift=2), Cursor(P2, shift=5)]


@pytest.mark.parametrize(
    ("page", "first_visit", "before", "after"),
    [
        (reading("nnnn"), True, [], [FIRST]),
        (reading("nnnn", None), True, [], []),
        (
            reading("nnnn", old=True),
            True,
            [],
            [Cursor(P3, gap=True)],
        ),  # what is older than asked for is read no further
        (reading("kkkk"), False, KEPT, KEPT),
        (reading("nnnn", None), False, KEPT, KEPT),
        (reading("nkkk"), False, KEPT, PUSHED),
        (reading("tkkk"), False, KEPT, PUSHED),  # another list had them tonight
        (reading("nnkk"), False, KEPT, [Cursor(P3, gap=True), *PUSHED]),
        (reading("nktk"), False, KEPT, [Cursor(P3, gap=True), *PUSHED]),
        (reading("pppn"), False, KEPT, [Cursor(P3, gap=True), *PUSHED]),
    ],
)
def test_the_first_page_leaves_a_gap_where_it_does_not_reach_the_known(
    page: Reading, first_visit: bool, before: list[Cursor], after: list[Cursor]
) -> None:
    assert cursors.after_first(page, before, first_visit=first_visit) == after


def test_a_cursor_remembers_where_its_list_stands() -> None:
    first = cursors.after_first(reading("nn", container="ul.list"), [], first_visit=True)
    gap = cursors.after_first(reading("nnkk", container="ul.list"), [], first_visit=False)
    assert [c.container for c in (*first, *gap)] == ["ul.list", "ul.list"]
    assert "container" not in (cursors.dump([FIRST]) or "")  # as earlier versions wrote it


GAP, HISTORY = Cursor(P2, gap=True), Cursor(P2)


@pytest.mark.parametrize(
    ("cursor", "page", "after"),
    [
        # the history goes on while it brings something new, then for four pages, and one more for each page that it was pushed down by
        (replace(HISTORY, idle=3), reading("knkk"), replace(HISTORY, request=P3, back=P2)),
        (replace(HISTORY, idle=3, shift=2), reading("kkkk"), replace(HISTORY, request=P3, back=P2, idle=4, shift=2)),
        (replace(HISTORY, idle=3), reading("kkkk"), replace(HISTORY, request=P3, back=P2, idle=4)),
        (replace(HISTORY, idle=4), reading("kkkk"), None),
        (replace(HISTORY, idle=5, shift=2), reading("kkkk"), replace(HISTORY, request=P3, back=P2, idle=6, shift=2)),
        (replace(HISTORY, idle=6, shift=2), reading("kkkk"), None),
        (HISTORY, reading("nkkk"), replace(HISTORY, request=P3, back=P2)),
        # a gap ends where a page reaches the known
        (GAP, reading("nnnn"), replace(GAP, request=P3, back=P2)),
        (GAP, reading("nnkk"), replace(GAP, request=P3, back=P2)),
        (GAP, reading("nkkk"), None),
        (GAP, reading("kkkk"), None),
        (replace(GAP, shift=1), reading("kkkk"), replace(GAP, request=P3, back=P2, shift=1, idle=1)),
        (replace(GAP, shift=1, idle=1), reading("nkkk"), replace(GAP, request=P3, back=P2, shift=1, idle=2)),
        (replace(GAP, shift=1, idle=2), reading("kkkk"), None),
        (replace(GAP, idle=3), reading("kktk"), replace(GAP, request=P3, back=P2, idle=4)),  # it grew meanwhile
        (replace(GAP, idle=4), reading("kktk"), None),
        # nothing lies behind
        (HISTORY, reading("nnnn", None), None),
        (HISTORY, reading("nnnn", old=True), None),
        (HISTORY, reading(""), None),
        (HISTORY, reading("", shown=1), replace(HISTORY, request=P3, back=P2, idle=1)),  # entries of other hosts only
        # a list that shows its oldest first ends on the page that every visit reads
        (
            replace(HISTORY, idle=2, failures=1, back=P4, again=True),
            reading("nnnn", None, newer=True),
            replace(HISTORY, last=True),
        ),
        (replace(HISTORY, last=True), reading("nnnn", newer=True), replace(HISTORY, request=P3, back=P2)),
        # a page that is read again says nothing of the pages behind, whose failures stay counted
        (replace(HISTORY, idle=9, failures=2, again=True), reading("kkkk"), replace(HISTORY, request=P3, back=P2, idle=9, failures=2)),
        (replace(HISTORY, idle=9, failures=2), reading("nnnn"), replace(HISTORY, request=P3, back=P2)),
    ],
)  # fmt: skip
def test_where_reading_goes_on_behind_a_page(cursor: Cursor, page: Reading, after: Cursor | None) -> None:
    newer, deeper = Cursor(P4, gap=True), Cursor(P4, shift=3)
    pushed = replace(deeper, shift=4) if cursor.gap and page.new else deeper
    expected = [newer, *([after] if after else []), pushed]
    assert cursors.after_more([newer, cursor, deeper], cursor, page, repeated=False) == expected
    assert cursors.after_more([newer, cursor, deeper], cursor, page, repeated=True) == [newer, pushed]


def test_a_cursor_is_found_where_it_was_pushed_to() -> None:
    assert cursors.place_of(HISTORY, [GAP, replace(HISTORY, shift=3)]) == 1
    with pytest.raises(ValueError):
        cursors.place_of(HISTORY, [GAP])


def test_another_visit_reads_the_page_before_first_unless_the_page_itself_failed() -> None:
    kept = [replace(HISTORY, back=P4), replace(HISTORY, back=P4, failures=1), HISTORY]
    assert cursors.resumed(kept) == [replace(HISTORY, request=P4, again=True), *kept[1:]]


def test_the_next_page_is_a_request_or_an_address() -> None:
    form = ListRequest("POST", "http://h/", b"page=2")
    assert cursors.next_request(ListPage((), "http://h/2", form)) == form
    assert cursors.next_request(ListPage((), "http://h/2")) == P2
    assert cursors.next_request(ListPage(())) is None


def test_requests_for_the_same_page_have_one_key() -> None:
    assert cursors.request_key(P2) == cursors.request_key(ListRequest("GET", "HTTP://H:80/2#top"))
    others = [P3, ListRequest("POST", P2.url), ListRequest("GET", P2.url, b"x")]
    assert cursors.request_key(P2) not in map(cursors.request_key, others)


@pytest.mark.parametrize(
    ("when", "before"),
    [(date(2024, 3, 1), False), (date(2024, 2, 29), True), (datetime(2024, 3, 1), False), (datetime(2024, 2, 29, 23), True), (None, False)],
)  # fmt: skip
def test_a_day_lies_before_the_first_that_is_asked_for(when: date | None, before: bool) -> None:
    assert cursors.is_before(when, date(2024, 3, 1)) == before
    assert not cursors.is_before(when, None)


def test_a_list_does_not_start_over_at_its_end() -> None:
    def after(here: str, there: str) -> list[str]:
        row = Row(Entry("http://h/a", ""), "http://h/a", False)
        reading = Reading((row,), ListRequest("GET", there), lists=(), shown=1, own=1, old=False, platform="generic")
        cursor = Cursor(ListRequest("GET", here))
        return [c.request.url for c in cursors.after_more([cursor], cursor, reading, repeated=False)]

    for here, there in (("?page=19", "?page=2"), ("4.htm", "2.htm"), ("4.htm", "1.htm")):
        assert after(f"http://h/{here}", f"http://h/{there}") == []
    for here, there in (
        ("?page=19", "?page=20"),
        ("9.htm", "8.htm"),
        ("202401.htm", "202312.htm"),
        ("3.htm", "2.htm"),
        ("9.htm", "3.htm"),
        ("a_9.htm", "b_2.htm"),
        ("a_9.htm", "a_2.html"),
        ("", "?page=2"),
        ("9.htm", "next"),
    ):
        assert after(f"http://h/{here}", f"http://h/{there}") == [f"http://h/{there}"]
