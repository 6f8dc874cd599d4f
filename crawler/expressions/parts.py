"""How a regular expression is made up: its alternatives, where a group closes."""

from __future__ import annotations

import re
from collections.abc import Iterator


def outside_classes(text: str, at: int = 0) -> Iterator[tuple[int, str]]:
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


def closing(text: str, at: int) -> int:
    """Where the group that opens at `at` closes. re.error where it does not."""
    depth = 0
    for i, c in outside_classes(text, at):
        depth += (c == "(") - (c == ")")
        if c == ")" and depth == 0:
            return i
    raise re.error("unbalanced parenthesis", text)


def alternatives(text: str) -> list[str]:
    """The alternatives of an expression, outside its groups; one where there is no choice."""
    parts, start, depth = [], 0, 0
    for i, c in outside_classes(text):
        depth += (c == "(") - (c == ")")
        if c == "|" and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]
