"""Many patterns as one regular expression that is fast to search: each alternative begins with a literal character.

Python's `re` skips along a text by the set of first characters where every alternative begins with one; a leading group, option or class hides
them. So leading groups are written out: (?:走访|深入).{0,9}企业 becomes two alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_SENTENCE_END = "。!?;\n"


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
    parts: dict[str, str] = {}
    for wording, pattern in wordings.items():
        for part in written_out(normal(pattern)):
            parts.setdefault(part, wording)
    ordered = sorted(parts, reverse=True)
    # an empty group at the end of an alternative tells which one matched, and leaves its first character plain
    together = re.compile(_together([f"{part}()" for part in ordered]))
    if together.groups != len(ordered):  # to compile each alone takes a quarter of the time again
        wrong = next(wording for wording, pattern in wordings.items() if re.compile(normal(pattern)).groups)
        raise ValueError(f"“{wrong}”里有捕获组")
    return together, tuple(parts[part] for part in ordered)


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
