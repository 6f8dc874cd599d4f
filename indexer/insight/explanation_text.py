"""An explanation of a reading in Chinese, a line for each thing, for an operator who wants to see at a glance what was read and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from indexer.analysis.facets import FACETS
from indexer.analysis.figure_names import KIND_LABELS, STAGE_LABELS, STATUS_LABELS, UNIT_LABELS
from indexer.insight.vocabularies import value_name

_PATTERN = re.compile(r"[\[\](){}<>|?*+~\\^$]")
LONGEST = 60  # characters of a quote
MOST = 5  # doubtful practices, words of the topic
_SUBJECTS = {"industries": "industry", "firms": "firm", "origins": "investor_origin", "events": "event"}


def explanation_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """`told`: what `explain` gives."""
    topic = told["topic"]
    words = "、".join(str(word) for word, _ in topic["words"][:MOST])
    yield f"切题：{'是' if topic['about'] else '否'}（{topic['value']:g} 分{'；' + words if words else ''}）"
    yield from _section("举措", [_practice(one) for one in told["practices"]])
    yield from _section("没有采信的举措", [_practice(one) for one in told["doubtful"][:MOST]])
    yield from _section("地方", told["regions"])
    yield from _section("数字", [_figure(one) for one in told["figures"]])
    for key, facet in _SUBJECTS.items():
        yield from _section(FACETS[facet].label, [_subject(facet, one) for one in told[key]])
    if told["genre"]:
        yield f"文体：{value_name(FACETS['genre'], str(told['genre']))}"
    yield from _section("引用的文件", [str(one["title"] or one["number"]) for one in told["cited"]])


def _section(name: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{name}："
        yield from (f"  {line}" for line in lines)


def _practice(one: Mapping[str, Any]) -> str:
    certain = "有把握" if one["sure"] else "可能"
    grounds = "，".join(_grounds(one["wordings"])) or "没有列出的写法，凭全句的用词"
    return f"{one['name']}（{certain}，{one['probability']:.0%}；依据：{grounds}）{_short(one['quote'])}"


def _grounds(wordings: Sequence[str]) -> Iterator[str]:
    """The words that were met; of patterns only how many: the JSON has them."""
    met = [wording.split(" ", 2)[-1] for wording in wordings]
    plain = dict.fromkeys(text for text in met if not _PATTERN.search(text))
    if plain:
        yield "、".join(plain)
    if patterns := sum(1 for text in met if _PATTERN.search(text)):
        yield f"{patterns} 条句式"


def _figure(one: Mapping[str, Any]) -> str:
    marks = [
        KIND_LABELS.get(str(one["kind"]), str(one["kind"])),
        STATUS_LABELS.get(str(one["status"]), ""),
        STAGE_LABELS.get(str(one["stage"]), ""),
        str(one["period"] or ""),
    ]
    amount = f"{int(one['value']):,} {UNIT_LABELS.get(str(one['unit']), '')}".strip()
    return f"{amount}（{'，'.join(mark for mark in marks if mark)}）{_short(one['quote'])}"


def _subject(facet: str, one: Mapping[str, Any]) -> str:
    name = str(one.get("name") or value_name(FACETS[facet], str(one.get("key") or one.get("id") or "")))
    return f"{name}（{'有把握' if one.get('sure') else '可能'}）{_short(one['quote'])}"


def _short(text: str) -> str:
    plain = " ".join(str(text).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
