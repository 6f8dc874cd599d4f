"""Repeated units of a page: posts, comments, teasers. Of posts the first is the article; what is repeated below an article is not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from crawler.extraction.page.lines import Frame, Node, is_prose
from crawler.extraction.page.vocabulary import CLASS_BIT, LINE_BIT, line_bits

_UNITS = frozenset(("div", "li", "article", "section", "dl", "table", "dd"))
_FEWEST = 3
_DIGITS = re.compile(r"\d+")
_APART = 12  # lines between two units, at most
_MOST = 0.7  # share of the units that must look like it
_MUCH = 120  # characters of prose
_LITTLE = 15  # characters of an article above the units
_TIME = re.compile(
    r"\d{1,2}:\d{2}|\d{4}\s*[-年/.]\s*\d{1,2}|\d{1,2}[-月]\d{1,2}|(?:刚刚|昨天|前天|\d+\s*(?:秒|分钟|小时|天|周|个月|年)前)"
)
_ANSWER = re.compile(r"回复|点赞|^\W*赞|举报|#\s*\d+|\d+\s*[楼#]|发表于|沙发|板凳|引用")
_CHROME = sum(
    LINE_BIT[n]
    for n in (
        "source",
        "editor",
        "date",
        "counter",
        "copyright",
        "share",
        "related",
        "nav",
        "login",
        "comment",
        "client",
        "index",
    )
)
_PEOPLE = CLASS_BIT["comment"] | CLASS_BIT["account"] | CLASS_BIT["person"] | CLASS_BIT["post"]


def without_repeated_blocks(frame: Frame, groups: Sequence[Sequence[Node]], kept: list[bool]) -> list[bool]:
    """`kept` without repeated units below the article, and with the first only where the units are posts."""
    for group in groups:
        touched = [unit for unit in group if any(kept[unit.first : unit.last + 1])]
        if len(touched) < 2:
            continue
        start, stop = group[0].first, group[-1].last
        above = sum(
            len(line.text)
            for line, k in zip(frame.lines[:start], kept, strict=False)
            if k and not _is_link(line.linked, line.text)
        )
        if above >= _LITTLE:
            kept = [k and not start <= i <= stop for i, k in enumerate(kept)]
        elif any(kept[start : group[0].last + 1]) and _share(frame, group, _is_post) >= _MOST:
            kept = [k and not (group[1].first <= i <= stop) for i, k in enumerate(kept)]
    return kept


def penalties(frame: Frame, groups: Sequence[Sequence[Node]], title: int) -> list[tuple[int, int]]:
    """Stretches of lines (first, last) that are hardly the article, for a title at line `title`: units below text of their own, posts after the first."""
    out = []
    for group in groups:
        start, stop = group[0].first, group[-1].last
        if not -1 < title < start + 3:
            continue
        between = frame.lines[title + 1 : start]
        text = sum(len(x.text) for x in between if not _is_link(x.linked, x.text) and not line_bits(x.text) & _CHROME)
        if text >= _LITTLE and not _goes_on(frame, title, start, stop):
            out.append((start, stop))
        elif _share(frame, group, _is_post) >= _MOST:
            out.append((group[1].first, stop))
    return out


def _goes_on(frame: Frame, title: int, start: int, stop: int) -> bool:
    """Whether prose goes on below the units where it stood above them: then they are part of the article."""
    lines, nodes = frame.lines, frame.nodes
    homes = {nodes[line.node].parent for line in lines[title + 1 : start] if is_prose(line)}
    return any(nodes[line.node].parent in homes for line in lines[stop + 1 :] if is_prose(line))


def repeated_blocks(frame: Frame) -> list[list[Node]]:
    """Siblings that are alike, of several lines each, and look like teasers, comments or posts; in order of the page."""
    alike: dict[tuple[int, str, str], list[Node]] = defaultdict(list)
    for node in frame.nodes:
        if node.tag in _UNITS and node.last > node.first >= 0:
            alike[node.parent, node.tag, _DIGITS.sub("", node.words)].append(node)
    runs: list[list[Node]] = []
    for group in alike.values():
        run: list[Node] = []
        for unit in group:
            if run and unit.first - run[-1].last > _APART:
                runs.append(run)
                run = []
            run.append(unit)
        runs.append(run)
    return [
        run
        for run in runs
        if len(run) >= _FEWEST and _share(frame, run, _is_unit) >= _MOST and not _hold_article(frame, run)
    ]


def _hold_article(frame: Frame, run: Sequence[Node]) -> bool:
    """Whether more prose stands between the units than in them (boxes in an article), or in one that is no opening post than in all others (columns)."""
    prose = [sum(len(line.text) for line in frame.lines[unit.first : unit.last + 1] if is_prose(line)) for unit in run]
    whole = sum(len(line.text) for line in frame.lines[run[0].first : run[-1].last + 1] if is_prose(line))
    if whole > 2 * sum(prose):
        return True
    most = max(prose)
    return most >= _MUCH and most > 2 * (sum(prose) - most) and _share(frame, run, _is_post) < _MOST


def _share(frame: Frame, group: Sequence[Node], test: object) -> float:
    assert callable(test)
    return sum(bool(test(frame, unit)) for unit in group) / len(group)


def _is_unit(frame: Frame, unit: Node) -> bool:
    """A teaser, comment or post: text, and a short line that is a link, a time or an answer button."""
    lines = frame.lines[unit.first : unit.last + 1]
    return unit.last - unit.first < 40 and any(
        len(line.text) <= 40
        and (_is_link(line.linked, line.text) or _TIME.search(line.text) or _ANSWER.search(line.text))
        for line in lines
    )


def _is_post(frame: Frame, unit: Node) -> bool:
    """Somebody's contribution: a time, and somebody or an answer button."""
    lines = frame.lines[unit.first : unit.last + 1]
    signed = len(lines[0].text) <= 30 and any(_TIME.search(line.text) and len(line.text) <= 30 for line in lines[:3])
    timed = any(len(line.text) <= 60 and _TIME.search(line.text) for line in lines)
    below = [node for node in frame.nodes[unit.index : unit.index + 40] if frame.is_below(node.index, unit.index)]
    answered = any(len(line.text) <= 60 and _ANSWER.search(line.text) for line in lines)
    return signed or (timed and (answered or any(node.bits & _PEOPLE for node in below)))


def _is_link(linked: int, text: str) -> bool:
    return linked * 2 > len(text)
