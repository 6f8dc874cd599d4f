"""Parts of markup that begin and end, found in one pass: a lazy regular expression looks for the end of each beginning anew, to the end of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_COMMENT_ENDS = re.compile("-->")


@cache
def _ends(names: tuple[str, ...], comments: bool) -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    """What begins one of the parts, and by its name ('' of a comment) what ends it."""
    ends = {name: re.compile(rf"</{name}\s*>", re.I) for name in names} | ({"": _COMMENT_ENDS} if comments else {})
    return re.compile(rf"<(?:({'|'.join(names)})\b{'|!--' if comments else ''})", re.I), ends


def closed_parts(text: str, *names: str, comments: bool = True) -> Iterator[tuple[int, int]]:
    """Where the elements of these names (lower case), and comments, stand that are closed: from the first character to behind the last. What is never closed is no part."""
    opening, ends = _ends(names, comments)
    ends = dict(ends)
    at = 0
    while ends and (found := opening.search(text, at)):
        at = found.end()
        name = (found[1] or "").lower()
        if name not in ends:
            continue
        end = ends[name].search(text, at)
        if end is None:
            del ends[name]  # none of those behind it is closed either
        else:
            yield found.start(), end.end()
            at = end.end()


def without_parts(text: str, *names: str, comments: bool = True) -> str:
    """The text without its closed elements of these names, and without comments."""
    out, at = [], 0
    for start, end in closed_parts(text, *names, comments=comments):
        out.append(text[at:start])
        at = end
    return "".join((*out, text[at:]))


def sub_tags(pattern: str, replacement: str, text: str) -> str:
    """The text with what a pattern finds replaced, case ignored; what it finds ends with >, and has none before."""
    last = text.rfind(">") + 1  # behind it no tag ends: else each < would be looked at to the end
    return re.sub(pattern, replacement, text[:last], flags=re.I) + text[last:]


def is_torn(text: str) -> bool:
    """Whether far more tags begin than end: html.parser looks for the end of each anew, which takes seconds for 60 KB."""
    return text.count("<") > 3 * text.count(">") + 300
