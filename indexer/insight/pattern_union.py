"""Many patterns as one regular expression that is fast to search: each alternative begins with a literal character.

Python's `re` skips along a text by the set of first characters where every alternative begins with one; a leading group, option or class hides
them. So leading groups are written out: (?:走访|深入).{0,9}企业 becomes two alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import add

_SENTENCE_END = "。!?;\n"
_DIGITS = "0123456789"  # normalised text has no others


def normal(pattern: str) -> str:
    """A pattern for normalised text (half-width, lower case) whose wildcards stay within a sentence."""
    half = pattern.replace("，", ",").replace("；", ";").lower()
    return re.sub(r"(?<!\\)\.(?=\{)", f"[^{_SENTENCE_END}]", half)


def written_out(pattern: str) -> list[str]:
    """The pattern as alternatives without a group, an option or a small class at their head."""
    done, waiting = [], _alternatives(pattern)
    while waiting:
        head = waiting.pop(0)
        if head.startswith("(?:"):
            close = _closing(head, 0)
            rest = head[close + 1 :]
            if rest[:1] in ("*", "+", "{"):
                done.append(head)
                continue
            optional = rest.startswith("?")
            rest = rest[1:] if optional else rest
            waiting += [inner + rest for inner in _alternatives(head[3:close])] + ([rest] if optional else [])
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


_Ending = str | re.Pattern[str]
"""What must follow the head of an alternative: a plain text, or an expression."""
_Alternative = tuple[int, int, _Ending, str]
"""The set's number, the length of the head, what must follow it, the wording."""


class PatternSet:
    """Many sets of wordings searched for in one walk over a text: at each place only what may begin with its three characters is tried.

    What it finds of a set is what `re.finditer` finds with the expression of all its patterns. What must follow the first characters is compiled once
    for all alternatives that end alike: several times as fast as an expression a set.
    """

    def __init__(self, sets: Sequence[Mapping[str, str]]) -> None:
        """Each set: wording → pattern. ValueError where a pattern has a group; re.error where one is not well formed."""
        self._heads: dict[str, list[tuple[int, int, _Ending, str]]] = {}  # set, order of trial, what follows, wording
        self._tried: dict[str, tuple[dict[str, list[_Alternative]], list[_Alternative]]] = {}
        self._anywhere: list[tuple[int, re.Pattern[str], tuple[str, ...]]] = []
        endings: dict[str, _Ending] = {}
        for number, wordings in enumerate(sets):
            parts = _parts(wordings)
            heads = {part: _heads(part) for part in parts}
            if not all(heads.values()):
                self._anywhere.append((number, *told_apart(wordings)))
                continue
            for order, (part, wording) in enumerate(parts.items()):
                for head, rest in heads[part].items():
                    if (ending := endings.get(rest)) is None:
                        ending = endings[rest] = rest if _PLAIN.fullmatch(rest) else re.compile(rest)
                    if isinstance(ending, re.Pattern) and ending.groups:
                        raise ValueError(f"“{wording}”里有捕获组")
                    self._heads.setdefault(head, []).append((number, order, ending, wording))

    def _at(self, pair: str) -> tuple[dict[str, list[_Alternative]], list[_Alternative]]:
        """What may begin with two characters, by set and in the order of trial: by the third character, and for any other third."""
        if (known := self._tried.get(pair)) is None:
            by_third: dict[str, list[_Alternative]] = {}
            others: list[_Alternative] = []
            several = [
                (n, order, head, end, of) for head in (pair, pair[0]) for n, order, end, of in self._heads.get(head, ())
            ]
            for number, _, head, ending, wording in sorted(several, key=lambda one: one[:2]):
                one = (number, len(head), ending, wording)
                begins = ending if isinstance(ending, str) else ending.pattern
                third = _THIRD.match(begins) if len(head) == 2 else None
                if third is None:
                    others.append(one)
                    for alternatives in by_third.values():
                        alternatives.append(one)
                else:
                    by_third.setdefault(third[1], others.copy()).append(one)
            known = self._tried[pair] = by_third, others
        return known

    def find(self, text: str) -> dict[int, list[tuple[int, int, str]]]:
        """Start, end and wording of what each set has in a text, in order, by the number of the set."""
        found: dict[int, list[tuple[int, int, str]]] = {}
        for number, pattern, wordings in self._anywhere:
            for match in pattern.finditer(text):
                found.setdefault(number, []).append((*match.span(), wordings[(match.lastindex or 1) - 1]))
        heads, free = self._heads, dict[int, int]()
        for at, pair in enumerate(map(add, text, text[1:] + "\n")):
            if pair in heads or pair[0] in heads:
                by_third, others = self._at(pair)
                for number, length, ending, wording in by_third.get(text[at + 2 : at + 3], others):
                    if isinstance(ending, str):
                        if not text.startswith(ending, at + length):
                            continue
                        end = at + length + len(ending)
                    elif follows := ending.match(text, at + length):
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


def _outside_classes(text: str, at: int = 0) -> Iterator[tuple[int, str]]:
    """Place and character of whatever is neither escaped nor in a character class."""
    in_class, i = False, at
    while i < len(text):
        c = text[i]
        if c == "\\":
            i += 1
        elif in_class:
            in_class = c != "]"
        elif c == "[":
            in_class = True
        else:
            yield i, c
        i += 1


def _closing(text: str, at: int) -> int:
    depth = 0
    for i, c in _outside_classes(text, at):
        depth += (c == "(") - (c == ")")
        if c == ")" and depth == 0:
            return i
    raise re.error("unbalanced parenthesis", text)


def _alternatives(text: str) -> list[str]:
    parts, start, depth = [], 0, 0
    for i, c in _outside_classes(text):
        depth += (c == "(") - (c == ")")
        if c == "|" and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]
