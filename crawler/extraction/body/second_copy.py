"""A body that a page serves twice, for screens of two sizes: one copy stays."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extraction.metadata.title import key
from crawler.extraction.page.lines import Frame

_LONG = 15  # characters of a line that does not return by chance
_MUCH = 60  # characters of a copy
_SHARE = 0.3  # of the text; a smaller part may return on purpose


def without_second_copy(frame: Frame, kept: Sequence[bool]) -> list[bool]:
    """`kept` without the second copy of a run of lines that occurs twice, word for word. A hidden copy is dropped, otherwise the later one."""
    lines = [i for i, k in enumerate(kept) if k]
    out = list(kept)
    said = [key(frame.lines[i].text) for i in lines]
    if len(set(said)) == len(said):
        return out
    first: dict[str, int] = {}
    whole = sum(map(len, said))
    n = 0
    while n < len(lines):
        earlier = first.get(said[n]) if len(said[n]) >= _LONG else None
        if earlier is None:
            first.setdefault(said[n], n)
            n += 1
            continue
        size = 0
        while n + size < len(lines) and earlier + size < n and said[n + size] == said[earlier + size]:
            size += 1
        before = 0  # short lines in front of the run that stand in front of the other one, too
        while before < earlier and before < n - earlier - 1 and said[n - before - 1] == said[earlier - before - 1]:
            before += 1
        length = sum(map(len, said[n : n + size]))
        hidden = [frame.nodes[frame.lines[lines[at]].node].hidden for at in (earlier, n)]
        apart = _home(frame, lines[earlier]) != _home(frame, lines[n])
        if length >= _MUCH and (hidden[0] != hidden[1] or (apart and length >= _SHARE * whole)):
            start = earlier if hidden[0] and not hidden[1] else n
            for at in range(start - before, start + size):
                out[lines[at]] = False
        n += size
    return out


def _home(frame: Frame, i: int) -> int:
    """The element that a line shares with its neighbours."""
    node = frame.nodes[frame.lines[i].node]
    return node.parent if node.first == node.last else node.index
