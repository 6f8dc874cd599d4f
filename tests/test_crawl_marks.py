"""The two marks of a list: whatever the budget of a night and however the list grows, every entry is found once, and rest is kept."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms import Entry, ListRequest
from crawler.spiders import marks
from crawler.spiders.marks import Cursor, Reading, Row

PAGE = 5


class Reader:
    """Reads a list as the spider does, without a network: `budget` pages a night."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.cursors: list[Cursor] = []
        self.visited = False

    def read(self, items: list[str], number: int) -> Reading:
        shown = items[(number - 1) * PAGE : number * PAGE]
        rows = tuple(Row(Entry(url, url), url, url in self.found) for url in shown)
        following = ListRequest("GET", f"http://h/{number + 1}") if number * PAGE < len(items) else None
        return Reading(rows, following, (), len(shown), len(shown), False, "generic")

    def night(self, items: list[str], budget: int, grow: Callable[[], None]) -> int:
        """The number of list pages asked for."""
        first = self.read(items, 1)
        self.cursors = marks.after_first(first, marks.load(marks.dump(self.cursors)), first_visit=not self.visited)
        self.visited = True
        self.found += [row.key for row in first.new]
        pages = 1
        while self.cursors and pages < budget:
            grow()
            cursor = self.cursors[0]
            reading = self.read(items, int(cursor.request.url.rpartition("/")[2]))
            self.cursors = marks.after_more(self.cursors, cursor, reading, repeated=False)
            self.found += [row.key for row in reading.new]
            pages += 1
        return pages


@given(
    start=st.integers(1, 60),
    nights=st.lists(st.tuples(st.integers(2, 8), st.integers(0, 14), st.integers(0, 2)), min_size=1, max_size=8),
)
def test_every_entry_is_found_however_the_nights_go(start: int, nights: list[tuple[int, int, int]]) -> None:
    reader = Reader()
    items = [f"http://h/a{n}" for n in range(start)]

    def add(count: int) -> None:
        for _ in range(count):
            items.insert(0, f"http://h/a{len(items)}")

    for budget, between, during in nights:
        left = during

        def grow() -> None:
            nonlocal left
            if left:
                left -= 1
                add(1)

        add(between)
        reader.night(items, budget, grow)
    for _ in range(60):
        if not reader.cursors:
            break
        reader.night(items, 8, lambda: None)
    reader.night(items, 10**6, lambda: None)
    assert not reader.cursors
    assert sorted(reader.found) == sorted(items)


def test_a_night_after_takes_two_list_pages_at_most() -> None:
    for new in range(PAGE + 1):
        reader = Reader()
        items = [f"http://h/a{n}" for n in range(40)]
        reader.night(items, 100, lambda: None)
        items[0:0] = [f"http://h/new{n}" for n in range(new)]
        assert reader.night(items, 100, lambda: None) <= 2
        assert set(items) == set(reader.found)


def test_pinned_entries_do_not_hide_what_is_below() -> None:
    rows = [Row(Entry("http://h/top", "", sticky=True), "http://h/top", True)]
    rows += [Row(Entry(f"http://h/{n}", ""), f"http://h/{n}", False) for n in range(3)]
    reading = Reading(tuple(rows), ListRequest("GET", "http://h/p2"), (), 4, 4, False, "discuz")
    assert not marks.caught_up(reading)


@given(st.lists(st.tuples(st.binary(max_size=20), st.booleans(), st.integers(0, 9)), max_size=4))
def test_cursors_survive_the_archive(parts: list[tuple[bytes, bool, int]]) -> None:
    cursors = [Cursor(ListRequest("POST", "http://h/列", body, {"X": "甲"}), gap, n, n, n) for body, gap, n in parts]
    assert marks.load(marks.dump(cursors)) == cursors
