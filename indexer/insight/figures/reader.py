"""Figures of investment promotion: which numbers in a text are amounts of attracted investment, of what kind and state, where and when."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from crawler.sources.regions import is_within
from indexer.insight.figures.kinds import count_kind, money_kind
from indexer.insight.figures.numbers import Number, find_numbers
from indexer.insight.figures.periods import read_period
from indexer.insight.figures.projects import read_project
from indexer.insight.figures.scope import in_scope_of_rule
from indexer.insight.figures.status import Around, read_status
from indexer.insight.places import Mention
from indexer.insight.plain_text import Plain
from indexer.insight.reading import Figure

REACH = 70  # characters before a number in which a word may say what it counts
AFTER = 30  # characters behind it in which a word may say what it counts
BEHIND = 60  # characters behind it in which a word may say how far it has come
_FULL_STOP = re.compile("[。!?\n]")


def _before(text: str, position: int) -> str:
    """The sentence in front of a number; where it goes on with 其中, the one before it too."""
    sentences = _FULL_STOP.split(text[max(0, position - 200) : position])
    return (
        "".join(sentences[-2:]) if len(sentences) > 1 and sentences[-1].lstrip().startswith("其中") else sentences[-1]
    )


def _region(number: Number, sentence_start: int, inside: Sequence[Mention], subject: str | None) -> str | None:
    """The place of `inside` named last before the number in its sentence, else the subject."""
    before = bisect_left(inside, number.start, key=lambda mention: mention.start)
    return inside[before - 1].code if before and inside[before - 1].start >= sentence_start else subject


def read_figures(
    plain: Plain, mentions: Sequence[Mention], subject: str | None, published: str | None = None
) -> list[Figure]:
    """The figures of a text on the subject, in order; offsets in the original text."""
    found = []
    # places in the subject, and its neighbours of the same province: those of other provinces are where investors come from
    near = [m for m in mentions if m.role == "plain" and subject and m.code[:2] == subject[:2]]
    inside = [m for m in near if subject and not (m.code != subject and is_within(subject, m.code))]
    for number in find_numbers(plain.text):
        index = plain.sentence_at(number.start)
        sentence = plain.sentences[index] if plain.sentences else None
        start, end = (sentence.start, sentence.end) if sentence else (0, len(plain.text))
        head = plain.text[max(start, number.start - REACH) : number.start]
        tail = plain.text[number.end : min(end, number.end + BEHIND)]
        whole = _before(plain.text, number.start)
        counts = number.unit == "count"
        if counts and plain.text[number.start : number.end] in ("一个", "一家", "一户", "一项"):
            continue  # an article rather than a number
        if in_scope_of_rule(head, tail):
            continue
        kind = count_kind(head, tail[:AFTER], number.measure) if counts else money_kind(head, tail[:AFTER], whole)
        if kind is None:
            continue
        status, stage = read_status(kind, Around(head, tail, whole))
        project, firm = (None, None) if counts else read_project(head, tail)
        first, last = plain.span(number.start, number.end)
        found.append(
            Figure(
                first,
                last,
                value=number.value,
                unit=number.unit,
                kind=kind,
                status=status,
                region=_region(number, start, inside, subject),
                period=read_period(plain.text[max(start, number.start - 160) : number.start], published),
                high=number.high,
                about=number.about,
                stage=stage,
                project=project,
                firm=firm,
            )
        )
    return found
