"""What stands around a wording and says how it is meant: signs of its sentence, before it in its clause, just after it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import cache

from crawler.expressions.required import Sought, sought
from indexer.insight.pattern_union import normal, searchable
from indexer.insight.plain_text import Plain
from indexer.insight.subjects.wordings import load

BEFORE = 12  # characters before a wording that are looked at, within its clause
AFTER = 14
LONGEST = 160  # characters of evidence: of a longer sentence the clauses round the wording
_ENDS = re.compile("[,:。;!?\n]")


@cache
def _sentence_signs() -> Mapping[str, Sought]:
    return {name: sought(searchable(patterns)) for name, patterns in load("signs.toml")["sentence"].items()}


@cache
def _before() -> Mapping[str, re.Pattern[str]]:
    return {name: searchable(patterns) for name, patterns in load("signs.toml")["before"].items()}


@cache
def _after() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile("|".join(map(normal, patterns))) for name, patterns in load("signs.toml")["after"].items()}


@cache
def _clause_signs() -> Mapping[str, re.Pattern[str]]:
    return {name: searchable(patterns) for name, patterns in load("signs.toml")["clause"].items()}


class Signs:
    """The signs in one text; those of a sentence are looked for once."""

    def __init__(self, plain: Plain) -> None:
        self._plain = plain
        self._known: dict[int, tuple[str, ...]] = {}
        self._clauses: dict[int, tuple[str, ...]] = {}
        self._marks = [0, *(match.end() for match in _ENDS.finditer(plain.text))]  # where clauses begin

    def of_sentence(self, number: int) -> tuple[str, ...]:
        """Names of the signs in a sentence."""
        if number not in self._known:
            sentence = self._plain.sentences[number]
            text = self._plain.text[sentence.start : sentence.end]
            holds = self._plain.sentence_holds(number)
            found = [
                f"in {name}"
                for name, sign in _sentence_signs().items()
                if (sign.any_of is None or not sign.any_of.isdisjoint(holds)) and sign.pattern.search(text)
            ]
            if len(text) > 160:
                found.append("in long")
            elif len(text) < 30:
                found.append("in short")
            if text.count("、") > 5:
                found.append("in list")
            self._known[number] = tuple(found)
        return self._known[number]

    def around(self, start: int, end: int) -> list[str]:
        """Names of the signs just before and just after [start, end)."""
        text = self._plain.text
        clause = max(self.clause(start, end)[0], start - BEFORE)
        found = [f"before {name}" for name, sign in _before().items() if sign.search(text, clause, start)]
        if text[start - 1 : start] == "、":
            found.append("listed before")
        tail = text[end : end + AFTER]
        found += [f"after {name}" for name, sign in _after().items() if sign.match(tail)]
        return found

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause that holds [start, end): from comma to comma, however many items it lists."""
        marks = self._marks
        number = bisect_right(marks, start)
        first = max(marks[number - 1], start - 120, 0)
        number = bisect_left(marks, end + 1, number)
        last = min(marks[number] - 1 if number < len(marks) else len(self._plain.text), end + 120)
        return first, last

    def of_clause(self, start: int, end: int) -> tuple[str, ...]:
        """Names of the signs in that clause."""
        first, last = self.clause(start, end)
        if first not in self._clauses:
            text = self._plain.text
            self._clauses[first] = tuple(
                f"clause {name}" for name, sign in _clause_signs().items() if sign.search(text, first, last)
            )
        return self._clauses[first]


def passage(plain: Plain, start: int, end: int) -> tuple[int, int]:
    """Where the proof of a wording at [start, end) stands in the original text: its sentence, or the clauses round it in a long one."""
    sentence = plain.sentences[plain.sentence_at(start)]
    first, last = sentence.start, sentence.end
    if last - first > LONGEST:
        text = plain.text
        left = max(first, start - LONGEST // 2)
        cut = max((text.rfind(mark, left, start) for mark in ",:;"), default=-1)
        first = cut + 1 if cut >= 0 else left
        right = min(last, first + LONGEST)
        cut = min((at for mark in ",:;" if (at := text.find(mark, end, right)) >= 0), default=-1)
        last = cut if cut >= 0 else right
    return plain.span(first, max(last, end))
