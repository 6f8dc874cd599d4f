"""What a text must hold for a regular expression to match in it: a cheap test before an expensive search.

Of most texts a set of their characters and pairs of characters tells that a pattern has no match: 基金…返投 needs 基金 and 返投.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import add

from crawler.expressions.parts import alternatives, closing

Required = tuple[frozenset[str], ...]
"""Sets of characters and pairs: of each set a text must hold one. Nothing is required by ()."""

_MOST = 80  # of a set with more, a text nearly always holds one
_QUANTIFIER = re.compile(r"[?*+]\??|\{\d*(?:,\d*)?\}\??")
_NOT_LITERAL = frozenset("\\[](){}|.?*+^$")
_DIGITS = "0123456789"


def held(text: str) -> set[str]:
    """The characters and the pairs of characters of a text."""
    return {*text, *map(add, text, text[1:])}


def may_match(required: Required, holds: Collection[str]) -> bool:
    """Whether a text that holds these characters and pairs may have a match."""
    for of in required:  # noqa: SIM110 all() over a generator takes twice as long
        if of.isdisjoint(holds):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Sought:
    """A pattern with what it requires, searched for only where a text holds that: of `any_of` one (None: that tells nothing), and all that one of the alternatives requires."""

    pattern: re.Pattern[str]
    any_of: frozenset[str] | None
    alternatives: tuple[Required, ...]

    def may(self, holds: Collection[str]) -> bool:
        """Whether a text that holds these characters and pairs may have a match."""
        if self.any_of is not None and self.any_of.isdisjoint(holds):
            return False
        return any(may_match(one, holds) for one in self.alternatives)


def sought(pattern: re.Pattern[str]) -> Sought:
    """A pattern without flags, with what it requires."""
    return of_alternatives(pattern, alternatives(pattern.pattern))


def of_alternatives(pattern: re.Pattern[str], several: Iterable[str]) -> Sought:
    """A pattern that matches what one of several matches."""
    sets = tuple(dict.fromkeys(map(required, several)))
    together = frozenset().union(*(one[0] for one in sets)) if all(sets) else None
    return Sought(pattern, together, sets)


def required(pattern: str) -> Required:
    """What every match of a pattern holds. The pattern has no flags, and neither back references nor conditions; what is not understood requires nothing."""
    several = alternatives(pattern)
    return _of_sequence(several[0]) if len(several) == 1 else _of_any(several)


def _of_any(several: Iterable[str]) -> Required:
    """What is required where one of several is met: of each the set that says most, together."""
    together: set[str] = set()
    for one in several:
        if not (sets := required(one)):
            return ()
        together |= min(sets, key=_chance)
    return (frozenset(together),) if len(together) <= _MOST else ()


def _chance(one_of: Collection[str]) -> float:
    """How easily a text holds one of these: a character is met more often than a pair."""
    return sum(8 if len(one) == 1 else 1 for one in one_of)


def _of_sequence(text: str) -> Required:
    found: list[frozenset[str]] = []
    run, i = "", 0

    def end_run() -> None:
        nonlocal run
        found.extend(frozenset({pair}) for pair in (map(add, run, run[1:]) if len(run) > 1 else run))
        run = ""

    while i < len(text):
        c = text[i]
        sets: Required = ()
        literal = ""
        if c == "(":
            end = closing(text, i)
            inner = text[i + 1 : end]
            if not inner.startswith("?"):
                sets = required(inner)
            elif inner.startswith("?:"):
                sets = required(inner[2:])
            i = end + 1
        elif c == "[":
            end = i + 2  # ] as the first of a class is a character
            while text[end] != "]":
                end += 2 if text[end] == "\\" else 1
            sets = _of_class(text[i + 1 : end])
            i = end + 1
        elif c == "\\":
            sets = (frozenset(_DIGITS),) if text[i + 1] == "d" else ()
            literal = text[i + 1] if not text[i + 1].isalnum() else ""
            i += 2
        else:
            literal = c if c not in _NOT_LITERAL else ""
            i += 1
        if quantifier := _QUANTIFIER.match(text, i):
            i = quantifier.end()
            end_run()
            if quantifier[0][0] in "?*" or re.match(r"\{0?[,}]|\{0+,", quantifier[0]):
                continue
            found.extend(sets or ((frozenset({literal}),) if literal else ()))
        elif literal:
            run += literal
        else:
            end_run()
            found.extend(sets)
    end_run()
    return tuple(sorted(set(found), key=_chance))


def _of_class(inside: str) -> Required:
    plain = inside.replace("\\d", _DIGITS)
    if plain.startswith("^") or "\\" in plain or "-" in plain:
        return ()
    return (frozenset(plain),)
