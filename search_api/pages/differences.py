"""What changed from one text of an article to the next, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from markupsafe import Markup, escape

from crawler.article import Article, format_published

LONGEST = 4000  # characters of a line that is compared letter by letter
MOST_STEPS = 5_000_000  # comparisons for one page, well under a second


@dataclass(slots=True)
class Work:
    """How many comparisons are left. Texts of the same few letters take cubic time: 1,400 letters took a minute, and whoever is crawled writes the texts."""

    left: int = MOST_STEPS


class _TooMuch(Exception):
    """No comparisons are left."""


class _Matcher(SequenceMatcher[Any]):
    def __init__(self, before: Sequence[Any], after: Sequence[Any], work: Work) -> None:
        super().__init__(None, before, after, autojunk=False)
        self._before, self._work = before, work

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Any:
        """Raises _TooMuch before it would do more than is left."""
        places: dict[Any, list[int]] = self.b2j  # type: ignore[attr-defined]
        self._work.left -= sum([1 + len(places.get(item, ())) for item in self._before[alo:ahi]])
        if self._work.left < 0:
            raise _TooMuch
        return super().find_longest_match(alo, ahi, blo, bhi)


def _steps(before: Sequence[Any], after: Sequence[Any], work: Work) -> list[tuple[str, int, int, int, int]]:
    """What to do to the one to have the other; where that takes more work than is left, the whole one goes and the whole other comes."""
    try:
        return list(_Matcher(before, after, work).get_opcodes())
    except _TooMuch:
        work.left = 0
        return [("replace", 0, len(before), 0, len(after))]


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that went, came or changed; `html` marks letters with <del> and <ins>."""

    kind: Literal["gone", "new", "changed"]
    html: Markup


def differences(before: Article, after: Article, work: Work) -> list[Difference]:
    """Head lines first, then the text. Where no work is left, whole lines instead of letters."""
    return list(_lines(_head(before) + before.text.split("\n"), _head(after) + after.text.split("\n"), work))


def _head(article: Article) -> list[str]:
    lines = [article.title, f"日期：{format_published(article) or '无'}"]
    lines += [f"{name}：{value}" for name, value in (("来源", article.origin), ("作者", article.author)) if value]
    return lines + [f"附件：{attachment.title}" for attachment in article.attachments]


def _lines(before: list[str], after: list[str], work: Work) -> Iterator[Difference]:
    for tag, i, j, k, m in _steps(before, after, work):
        if tag == "equal":
            continue
        old, new = before[i:j], after[k:m]
        if len(old) == len(new):
            yield from (Difference("changed", _letters(a, b, work)) for a, b in zip(old, new, strict=True))
            continue
        yield from (Difference("gone", Markup("<del>{}</del>").format(line)) for line in old)
        yield from (Difference("new", Markup("<ins>{}</ins>").format(line)) for line in new)


def _letters(before: str, after: str, work: Work) -> Markup:
    if max(len(before), len(after)) > LONGEST or not work.left:
        return Markup("<del>{}</del><ins>{}</ins>").format(before, after)
    pieces = []
    for tag, i, j, k, m in _steps(before, after, work):
        if tag == "equal":
            pieces.append(escape(before[i:j]))
            continue
        if j > i:
            pieces.append(Markup("<del>{}</del>").format(before[i:j]))
        if m > k:
            pieces.append(Markup("<ins>{}</ins>").format(after[k:m]))
    return Markup("").join(pieces)
