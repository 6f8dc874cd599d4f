"""What trafilatura would take, asked only where the line scores are in doubt; it costs more than all other steps together."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from crawler.extraction.page.lines import Frame

_LEAST = 20  # characters of an answer
_COVERED = 0.7  # of our own lines, for the two to be about the same text
_LONGER = 4  # times as long as ours, at most: it takes comments and teasers for the article
_SHORT = 6


def trafilatura_fallback(frame: Frame, kept: Sequence[bool]) -> list[bool] | None:
    """Our lines and those that trafilatura adds, or only trafilatura's where we have next to none. None where its text is too short, or too unlike
    ours."""
    from trafilatura import bare_extraction

    root: Any = copy.deepcopy(frame.nodes[0].element.getroottree().getroot())
    answer = bare_extraction(root, fast=True, with_metadata=False, include_comments=False)
    text = "".join(((answer.text if answer is not None and not isinstance(answer, dict) else "") or "").split())
    if len(text) < _LEAST:
        return None
    theirs = [len(line.text) >= _SHORT and "".join(line.text.split()) in text for line in frame.lines]
    ours = sum(len(line.text) for line, k in zip(frame.lines, kept, strict=True) if k)
    both = sum(len(line.text) for line, a, b in zip(frame.lines, kept, theirs, strict=True) if a and b)
    if ours < _LEAST:
        return theirs
    if both < _COVERED * ours or len(text) > _LONGER * ours:
        return None
    return [a or b for a, b in zip(kept, theirs, strict=True)]
