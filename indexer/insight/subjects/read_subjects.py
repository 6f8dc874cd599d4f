"""The industries, firms, origins and events of a text on the subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer.insight.places import Mention
from indexer.insight.plain_text import Plain
from indexer.insight.subjects.events import event_candidates
from indexer.insight.subjects.firms import firm_candidates, key_of, role_of
from indexer.insight.subjects.found import Firm, Found, Genre, Subjects
from indexer.insight.subjects.industries import industry_candidates
from indexer.insight.subjects.learnt import Candidate, Kind, learnt
from indexer.insight.subjects.origins import origin_candidates
from indexer.insight.subjects.signs import Signs, passage

MOST_FIRMS = 60


def read_subjects(
    heading: Plain,
    body: Plain,
    text: str,
    genre: Genre,
    *,
    mentions: Sequence[Mention],
    titled: Sequence[Mention],
    regions: Sequence[str],
) -> Subjects:
    """`heading`, `body`: title and text as `plain` gives them, `text` the original; `mentions` of places in the text, `titled` in the title; `regions`: adcodes of the places that attract."""
    signs = Signs(body)
    named = firm_candidates(heading, body, signs, mentions, regions)
    origins = origin_candidates(body, signs, named, mentions=mentions, titled=titled, subject=regions)
    firms = [
        Firm(
            name := written(text, *body.span(one.start, one.end)),
            key_of(name),
            role_of(body, one.start, one.end),
            *body.span(one.start, one.end),
            probability=round(probability, 2),
            sure=probability >= learnt("firms").sure,
        )
        for one, probability in believed("firms", named)
    ]
    return Subjects(
        industries=_found("industries", body, industry_candidates(heading, body, signs)),
        firms=tuple(sorted(firms[:MOST_FIRMS], key=lambda firm: firm.start)),
        origins=_found("origins", body, origins),
        events=_found("events", body, event_candidates(heading, body, signs, genre)),
    )


def believed(kind: Kind, candidates: Iterable[Candidate]) -> list[tuple[Candidate, float]]:
    """The best candidate of each id that is told, with its probability, the most probable first."""
    known = learnt(kind)
    best: dict[str, tuple[float, Candidate]] = {}
    for candidate in candidates:
        total = known.total(candidate.features)
        if candidate.id not in best or total > best[candidate.id][0]:
            best[candidate.id] = (total, candidate)
    told = [(candidate, known.probability(total)) for total, candidate in best.values()]
    return sorted((pair for pair in told if pair[1] >= known.told), key=lambda pair: -pair[1])


def _found(kind: Kind, body: Plain, candidates: Iterable[Candidate]) -> tuple[Found, ...]:
    sure = learnt(kind).sure
    return tuple(
        Found(one.id, *passage(body, one.start, one.end), probability=round(probability, 2), sure=probability >= sure)
        for one, probability in believed(kind, candidates)
    )


def written(text: str, start: int, end: int) -> str:
    """A firm's name as the article writes it, without blanks and with full-width brackets."""
    return re.sub(r"\s", "", text[start:end]).replace("(", "（").replace(")", "）")
