"""The passage of a text in which the terms of a query stand closest together, by weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_LONGEST = 8_000  # characters of a text that are looked at
_MOST = 400  # places of one token that are looked at


class Passage(NamedTuple):
    """[start, end) in the text from the first to the last token counted; `score` is the sum of the weights of the different tokens in it."""

    start: int
    end: int
    score: float


def best_passage(text: str, weights: Mapping[str, float], length: int) -> Passage:
    """The best stretch of at most `length` characters of a normalised text; the first of equals; (0, 0, 0) where no token occurs."""
    places: list[tuple[int, int, str]] = []
    for token in weights:
        size, at, n = len(token), text.find(token, 0, _LONGEST), 0
        while at >= 0 and n < _MOST:
            places.append((at, at + size, token))
            at = text.find(token, at + 1, _LONGEST)
            n += 1
    places.sort()
    inside: dict[str, int] = {}
    score, low = 0.0, 0
    best = Passage(0, 0, 0.0)
    for _, end, token in places:
        held = inside.get(token, 0)
        if not held:
            score += weights[token]
        inside[token] = held + 1
        while places[low][0] < end - length:
            gone = places[low][2]
            low += 1
            inside[gone] -= 1
            if not inside[gone]:
                score -= weights[gone]
        if score > best.score + 1e-9:
            best = Passage(places[low][0], end, score)
    return best
