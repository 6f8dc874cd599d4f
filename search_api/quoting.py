"""The words around a place in a text, cut where a reader would cut them."""

from __future__ import annotations

import re

_STOP = "。！？；!?;\n"
_PAUSE = _STOP + "，,、：:"
_BLANKS = re.compile(r"\s+")


def quoted(text: str, start: int, end: int, around: int) -> str:
    """[start, end) with about `around` characters of its sentence on either side, on one line, from and to a mark of punctuation where there is one."""
    first, last = max(0, start - around), min(len(text), end + around)
    stop = max((text.rfind(mark, first, start) for mark in _STOP), default=-1)
    if stop >= 0:
        first = stop + 1
    elif first:
        pause = next((at for at in range(first, start) if text[at] in _PAUSE and not _in_number(text, at)), None)
        first = first if pause is None else pause + 1
    stops = [at for mark in _STOP if (at := text.find(mark, end, last)) >= 0]
    if stops:
        last = min(stops) + 1
    elif last < len(text):
        pause = next(
            (at for at in range(last - 1, end - 1, -1) if text[at] in _PAUSE and not _in_number(text, at)), None
        )
        last = last if pause is None else pause
    return _BLANKS.sub(" ", text[first:last]).strip()


def _in_number(text: str, at: int) -> bool:
    """1,234 and 10:30."""
    return text[at] in ",:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
