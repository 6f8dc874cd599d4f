"""Of what kind a text is: policy, report, speech, notice, analysis, forum, else news. Stands apart from the kind of its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args

from indexer.insight.pattern_union import normal
from indexer.insight.plain_text import Plain
from indexer.insight.subjects.found import Genre
from indexer.insight.subjects.wordings import load

LOOKED_AT = 6000  # characters of a text, from its beginning

GENRE_NAMES: Mapping[Genre, str] = {
    "policy": "政策文件",
    "report": "工作报告",
    "speech": "讲话",
    "news": "新闻报道",
    "notice": "公告通知",
    "analysis": "评论研究",
    "forum": "论坛帖子",
}


@dataclass(frozen=True, slots=True)
class _Signs:
    title: tuple[tuple[re.Pattern[str], float], ...]
    text: tuple[tuple[re.Pattern[str], float], ...]


@cache
def _rules() -> tuple[float, Mapping[Genre, _Signs]]:
    data = load("genre.toml")

    def signs(rows: list[tuple[str, float]]) -> tuple[tuple[re.Pattern[str], float], ...]:
        return tuple((re.compile(normal(pattern)), float(points)) for pattern, points in rows)

    known: dict[Genre, _Signs] = {
        genre: _Signs(signs(data[genre]["title"]), signs(data[genre]["text"]))
        for genre in get_args(Genre)
        if genre in data
    }
    return float(data["least"]), known


def genre_of(heading: Plain, body: Plain) -> Genre:
    """The kind of a text by its (normalised) title and the beginning of its text."""
    least, rules = _rules()
    text = body.text[:LOOKED_AT]
    points = {
        genre: sum(worth for sign, worth in signs.title if sign.search(heading.text))
        + sum(worth for sign, worth in signs.text if sign.search(text))
        for genre, signs in rules.items()
    }
    best = max(points, key=lambda genre: points[genre])
    return best if points[best] >= least else "news"
