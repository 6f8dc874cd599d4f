"""A body that a page serves twice, for screens of two sizes: one copy stays."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extraction.metadata.title import key
from crawler.extraction.page.lines import Frame

_LONG = 15  # characters of a line that does not return by chance
_MUCH = 60  # characters of a copy
_SHARE = 0.3  # of the text; a smaller part may return on purpose
_FIFTH = 0.2  # of the text; a copy of several lines as large as this may be short
_HEAD = 12  # lines above a copy, where its title and byline stand


def without_second_copy(frame: Frame, kept: Sequence[bool]) -> list[bool]:
    """`kept` without the second copy of a run of lines that occurs twice, word for word. A hidden copy is dropped, otherwise the later one.

    Of each line it is enough that it was kept in one of the copies.
    """
    lines = [i for i, k in enumerate(kept) if k]
    out = list(kept)
    if len({key(frame.lines[i].text) for i in lines}) == len(lines):
        return out
    said = [key(line.text) for line in frame.lines]
    whole = sum(len(said[i]) for i in lines)
    first: dict[str, int] = {}
    done = -1
    for i in lines:
        if i <= done or len(said[i]) < _LONG:
            continue
        earlier = first.setdefault(said[i], i)
        if earlier == i:
            continue
        size = 0
        while i + size < len(said) and earlier + size < i and said[i + size] == said[earlier + size]:
            size += 1
        before = 0  # short lines in front of the run that stand in front of the other one, too
        while before < earlier and before < i - earlier - 1 and said[i - before - 1] == said[earlier - before - 1]:
            before += 1
        length = sum(map(len, said[i : i + size]))
        hidden = [frame.nodes[frame.lines[at].node].hidden for at in (earlier, i)]
        apart = _home(frame, earlier) != _home(frame, i)
        if (length >= _MUCH and (hidden[0] != hidden[1] or (apart and length >= _SHARE * whole))) or (
            apart and size > 1 and length >= _FIFTH * whole
        ):
            other, stays = (earlier, i) if hidden[0] and not hidden[1] else (i, earlier)
            for n in range(-before, size):
                out[stays + n] = out[stays + n] or out[other + n]
                out[other + n] = False
            above = set(said[max(0, earlier - before - _HEAD) : earlier - before])
            for n in range(earlier + size, i - before):  # the title again
                out[n] = out[n] and said[n] not in above
        done = i + size - 1
    return out


def _home(frame: Frame, i: int) -> int:
    """The element that a line shares with its neighbours."""
    node = frame.nodes[frame.lines[i].node]
    return node.parent if node.first == node.last else node.index
