"""What changed from one text of an article to the next, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from markupsafe import Markup, escape

from crawler.article import Article, format_published

LONGEST = 4000  # characters of a line that is compared letter by letter


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that went, came or changed; `html` marks letters with <del> and <ins>."""

    kind: Literal["gone", "new", "changed"]
    html: Markup


def differences(before: Article, after: Article) -> list[Difference]:
    """Head lines first, then the text."""
    return list(_lines(_head(before) + before.text.split("\n"), _head(after) + after.text.split("\n")))


def _head(article: Article) -> list[str]:
    lines = [article.title, f"日期：{format_published(article) or '无'}"]
    lines += [f"{name}：{value}" for name, value in (("来源", article.origin), ("作者", article.author)) if value]
    return lines + [f"附件：{attachment.title}" for attachment in article.attachments]


def _lines(before: list[str], after: list[str]) -> Iterator[Difference]:
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old, new = before[i:j], after[k:m]
        if len(old) == len(new):
            yield from (Difference("changed", _letters(a, b)) for a, b in zip(old, new, strict=True))
            continue
        yield from (Difference("gone", Markup("<del>{}</del>").format(line)) for line in old)
        yield from (Difference("new", Markup("<ins>{}</ins>").format(line)) for line in new)


def _letters(before: str, after: str) -> Markup:
    if max(len(before), len(after)) > LONGEST:
        return Markup("<del>{}</del><ins>{}</ins>").format(before, after)
    pieces = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(escape(before[i:j]))
            continue
        if j > i:
            pieces.append(Markup("<del>{}</del>").format(before[i:j]))
        if m > k:
            pieces.append(Markup("<ins>{}</ins>").format(after[k:m]))
    return Markup("").join(pieces)
