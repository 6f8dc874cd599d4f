"""The cursors of a list: whatever the budget of a night and however the list grows, every entry is found once, and rest is kept."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms import Entry, ListRequest
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


def test_pinned_entries_do_not_hide_what_is_below() -> None:
    rows = [Row(Entry("http://h/top", "", sticky=True), "http://h/top", True)]
    rows += [Row(Entry(f"http://h/{n}", ""), f"http://h/{n}", False) for n in range(3)]
    reading = Reading(
        tuple(rows), ListRequest("GET", "http://h/p2"), lists=(), shown=4, own=4, old=False, platform="discuz"
    )
    assert not cursors.caught_up(reading)


def test_a_page_reaches_what_was_known_where_its_last_three_entries_are() -> None:
    def reaches(*known: bool) -> bool:
        rows = [Row(Entry(f"http://h/{n}", ""), f"http://h/{n}", seen) for n, seen in enumerate(known)]
        reading = Reading(
            tuple(rows),
            ListRequest("GET", "http://h/p2"),
            lists=(),
            shown=len(rows),
            own=len(rows),
            old=False,
            platform="generic",
        )
        return cursors.caught_up(reading)

    assert reaches(False, True, True, True)
    assert not reaches(True, False, True, True)


@given(st.lists(st.tuples(st.binary(max_size=20), st.booleans(), st.integers(0, 9)), max_size=4))
def test_cursors_survive_the_archive(parts: list[tuple[bytes, bool, int]]) -> None:
    stored = [Cursor(ListRequest("POST", "http://h/列", body, {"X": "甲"}), gap, n, n, n) for body, gap, n in parts]
    assert cursors.load(cursors.dump(stored)) == stored


def test_a_list_does_not_start_over_at_its_end() -> None:
    def after(here: str, there: str) -> list[str]:
        row = Row(Entry("http://h/a", ""), "http://h/a", False)
        reading = Reading((row,), ListRequest("GET", there), lists=(), shown=1, own=1, old=False, platform="generic")
        cursor = Cursor(ListRequest("GET", here))
        return [c.request.url for c in cursors.after_more([cursor], cursor, reading, repeated=False)]

    assert after("http://h/?page=19", "http://h/?page=2") == []
    for here, there in (("?page=19", "?page=20"), ("9.htm", "8.htm"), ("202401.htm", "202312.htm"), ("3.htm", "2.htm")):
        assert after(f"http://h/{here}", f"http://h/{there}") == [f"http://h/{there}"]
