"""A document that a text cites."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cited:
    """`title` as cited, '' where only a number is; `number` in one form (国发〔2018〕44号), '' for none; `issuer` where it stands before the title.

    `key` is what all citations of the document share. [start, end) is the first citation in the article's text, [from_, to) the sentence around it; `times`: how often it is cited,
    by its short name too.
    """

    title: str
    number: str
    issuer: str
    key: str
    start: int
    end: int
    from_: int
    to: int
    times: int
