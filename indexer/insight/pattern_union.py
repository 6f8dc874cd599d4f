"""Many patterns as one regular expression that is fast to search: each alternative begins with a literal character.

Python's `re` skips along a text by the set of first characters where every alternative begins with one; a leading group, option or class hides
them. So leading groups are written out: (?:走访|深入).{0,9}企业 becomes two alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add

from crawler.expressions.parts import alternatives, closing
from crawler.expressions.required import Required, Sought, held, may_match, of_alternatives, required

_SENTENCE_END = "。!?;\n"
_DIGITS = "0123456789"  # normalised text has no others


def normal(pattern: str) -> str:
    """A pattern for normalised text (half-width, lower case) whose wildcards stay within a sentence."""
    half = pattern.replace("，", ",").replace("；", ";").lower()
    return re.sub(r"(?<!\\)\.(?=\{)", f"[^{_SENTENCE_END}]", half)


def written_out(pattern: str) -> list[str]:
    """The pattern as alternatives without a group, an option or a small class at their head."""
    done, waiting = [], alternatives(pattern)
    while waiting:
        head = waiting.pop(0)
        if head.startswith("(?:"):
            close = closing(head, 0)
            rest = head[close + 1 :]
            if rest[:1] in ("*", "+", "{"):
                done.append(head)
                continue
            optional = rest.startswith("?")
            rest = rest[1:] if optional else rest
            waiting += [inner + rest for inner in alternatives(head[3:close])] + ([rest] if optional else [])
        elif (
            head.startswith("[")
            and "-" not in head[: head.index("]")]
            and head[1] != "^"
            and "\\" not in head[: head.index("]")]
        ):
            end = head.index("]")
            if head[end + 1 : end + 2] in ("*", "+", "{", "?"):
                done.append(head)
            else:
                waiting += [c + head[end + 1 :] for c in head[1:end]]
        elif len(head) > 1 and head[1] == "?" and head[0] not in "\\()[]":
            waiting += [head[0] + head[2:], head[2:]]
        else:
            done.append(head)
    return list(dict.fromkeys(done))


def searchable(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for all. re.error where one is not well formed."""
    parts = sorted({part for p in patterns for part in written_out(normal(p))}, reverse=True)
    return re.compile(_together(parts))


def told_apart(wordings: Mapping[str, str]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One expression for all patterns (by wording); the wording of a match is the tuple's at `match.lastindex - 1`. ValueError where one has a group."""
    parts = _parts(wordings)
    # an empty group at the end of an alternative tells which one matched, and leaves its first character plain
    together = re.compile(_together([f"{part}()" for part in parts]))
    if together.groups != len(parts):  # to compile each alone takes a quarter of the time again
        raise ValueError(f"“{next(w for w, p in wordings.items() if re.compile(normal(p)).groups)}”里有捕获组")
    return together, tuple(parts.values())


def _parts(wordings: Mapping[str, str]) -> dict[str, str]:
    """The alternatives that all patterns are written out to, each with its wording, in the order in which they are tried."""
    parts: dict[str, str] = {}
    for wording, pattern in wordings.items():
        for part in written_out(normal(pattern)):
            parts.setdefault(part, wording)
    return {part: parts[part] for part in sorted(parts, reverse=True)}


_LITERAL = r"[^\\\[\](){}|.?*+^$]"
_PAIR = re.compile(rf"({_LITERAL}{_LITERAL})(?![?*+{{])")
_THIRD = re.compile(rf"({_LITERAL})(?![?*{{])")
_PLAIN = re.compile(rf"{_LITERAL}*")
_FIRST = re.compile(rf"({_LITERAL}|\\d|\[(?:[^\\\]^-]|\\d)+\])(\+?)(?![?*{{])")


def _heads(part: str) -> dict[str, str]:
    """The one or two characters that a match of an alternative begins with, each with what must follow; none where its first may be any of many."""
    if pair := _PAIR.match(part):
        return {pair[1]: part[2:]}
    if not (first := _FIRST.match(part)):
        return {}
    rest = (f"{first[1]}*" if first[2] else "") + part[first.end() :]
    return dict.fromkeys(first[1].strip("[]").replace("\\d", _DIGITS), rest)


@dataclass(frozen=True, slots=True)
class _Ending:
    """What must follow the head of an alternative: an expression, or (`follows` is None) a plain text."""

    plain: str
    follows: re.Pattern[str] | None
    third: str | None  # the character that it begins with, where that is one
    required: Required
    number: int


def _ending(rest: str, number: int) -> _Ending:
    third = match[1] if (match := _THIRD.match(rest)) else None
    if _PLAIN.fullmatch(rest):
        return _Ending(rest, None, third, (), number)
    return _Ending("", re.compile(rest), third, required(rest), number)


_Alternative = tuple[int, int, _Ending, str]
"""The set's number, the length of the head, what must follow it, the wording."""


class PatternSet:
    """Many sets of wordings searched for in one walk over a text: at each place only what may begin with its three characters is tried, and only what the text has all the parts of.

    What it finds of a set is what `re.finditer` finds with the expression of all its patterns. What must follow the first characters is compiled once
    for all alternatives that end alike: several times as fast as an expression a set.
    """

    def __init__(self, sets: Sequence[Mapping[str, str]]) -> None:
        """Each set: wording → pattern. ValueError where a pattern has a group; re.error where one is not well formed."""
        self._heads: dict[str, list[tuple[int, int, _Ending, str]]] = {}  # set, order of trial, what follows, wording
        self._tried: dict[str, tuple[dict[str, list[_Alternative]], list[_Alternative]]] = {}
        self._anywhere: list[tuple[int, Sought, tuple[str, ...]]] = []
        endings: dict[str, _Ending] = {}
        for number, wordings in enumerate(sets):
            parts = _parts(wordings)
            heads = {part: _heads(part) for part in parts}
            if not all(heads.values()):
                pattern, written = told_apart(wordings)
                self._anywhere.append((number, of_alternatives(pattern, parts), written))
                continue
            for order, (part, wording) in enumerate(parts.items()):
                for head, rest in heads[part].items():
                    if (ending := endings.get(rest)) is None:
                        ending = endings[rest] = _ending(rest, len(endings))
                    if ending.follows and ending.follows.groups:
                        raise ValueError(f"“{wording}”里有捕获组")
                    self._heads.setdefault(head, []).append((number, order, ending, wording))
        self._by_required: dict[str, list[int]] = {}
        for ending in endings.values():
            for one in ending.required[0] if ending.required else ():
                self._by_required.setdefault(one, []).append(ending.number)

    def _at(self, head: str) -> tuple[dict[str, list[_Alternative]], list[_Alternative]]:
        """What may begin with one or two characters, by set and in the order of trial: by the third character, and for any other third."""
        if (known := self._tried.get(head)) is None:
            by_third: dict[str, list[_Alternative]] = {}
            others: list[_Alternative] = []
            several = [
                (n, order, begins, end, of)
                for begins in dict.fromkeys((head, head[0]))
                for n, order, end, of in self._heads.get(begins, ())
            ]
            for number, _, begins, ending, wording in sorted(several, key=lambda one: one[:2]):
                one = (number, len(begins), ending, wording)
                if ending.third is None or len(begins) == 1:
                    others.append(one)
                    for together in by_third.values():
                        together.append(one)
                else:
                    by_third.setdefault(ending.third, others.copy()).append(one)
            known = self._tried[head] = by_third, others
        return known

    def _alive(self, holds: Collection[str]) -> set[int]:
        """The endings of which a text has what they require first."""
        alive: set[int] = set()
        for one in self._by_required.keys() & holds:
            alive.update(self._by_required[one])
        return alive

    def find(self, text: str) -> dict[int, list[tuple[int, int, str]]]:
        """Start, end and wording of what each set has in a text, in order, by the number of the set."""
        found: dict[int, list[tuple[int, int, str]]] = {}
        holds = held(text)
        for number, of_set, wordings in self._anywhere:
            if of_set.may(holds):
                for match in of_set.pattern.finditer(text):
                    found.setdefault(number, []).append((*match.span(), wordings[(match.lastindex or 1) - 1]))
        alive = self._alive(holds)
        heads, ready, free = self._heads, self._tried, dict[int, int]()
        tried: dict[str, list[_Alternative]] = {}  # by the characters before: what of them the text may have
        for at, pair in enumerate(map(add, text, text[1:] + "\n")):
            if pair in heads:
                head = pair
            elif pair[0] in heads:
                head = pair[0]
            else:
                continue
            by_third, others = ready.get(head) or self._at(head)
            if by_third and (third := text[at + 2 : at + 3]) in by_third:
                head, others = head + third, by_third[third]
            if (several := tried.get(head)) is None:
                several = tried[head] = [
                    one
                    for one in others
                    if not one[2].required or (one[2].number in alive and may_match(one[2].required, holds))
                ]
            for number, length, ending, wording in several:
                if ending.follows is None:
                    if not text.startswith(ending.plain, at + length):
                        continue
                    end = at + length + len(ending.plain)
                elif follows := ending.follows.match(text, at + length):
                    end = follows.end()
                else:
                    continue
                if at >= free.get(number, 0):
                    free[number] = end
                    found.setdefault(number, []).append((at, end, wording))
        return found


def _together(parts: Sequence[str], depth: int = 2) -> str:
    """Alternatives with those of one first character under it: fewer are tried at each place of the text."""
    groups: list[tuple[str, list[str]]] = []
    for part in parts:
        head = part[:1] if re.match("[\u4e00-\u9fff]", part) and part[1:2] not in ("*", "+", "?", "{") else ""
        if groups and head and groups[-1][0] == head:
            groups[-1][1].append(part[1:])
        else:
            groups.append((head, [part[1:] if head else part]))
    written = []
    for head, rest in groups:
        inner = _together(rest, depth - 1) if depth > 1 and len(rest) > 1 else "|".join(rest)
        written.append(f"{head}(?:{inner})" if head else inner)
    return "|".join(written)
