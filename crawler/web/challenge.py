"""Challenges: answers by which a site bars the way. They are recorded as blocked, never extracted and never evaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

from crawler.web.markup import closed_parts, sub_tags, without_parts
from crawler.web.page import WebPage

_UNSEEN = ("script", "style", "noscript", "head")
_SCRIPTED_MOST = 200_000  # bytes; challenge scripts are long, pages with so little text are not


class _Marks(NamedTuple):
    statuses: frozenset[int]
    small: int
    spoken: int
    words: re.Pattern[str]
    scripts: re.Pattern[str]


@cache
def _marks() -> _Marks:
    data = tomllib.loads(files(__package__).joinpath("challenge.toml").read_text(encoding="utf-8"))
    words = re.compile("|".join(map(re.escape, data["words"])))
    return _Marks(
        frozenset(data["statuses"]), data["small"], data["spoken"], words, re.compile("|".join(data["scripts"]))
    )


def challenge(status: int, content: bytes, headers: Mapping[str, str] | None = None) -> str | None:
    """Why a response bars the way instead of answering, in a few words; None where it does not."""
    return challenge_on(WebPage(content, "", headers), status)


def challenge_on(page: WebPage, status: int) -> str | None:
    """The same as `challenge`, for a page that is opened already."""
    marks, content = _marks(), page.content
    if status in marks.statuses:
        return f"HTTP {status}"
    if len(content) > _SCRIPTED_MOST or not re.match(rb"(?:\xef\xbb\xbf)?\s*<", content):
        return None
    text = page.text
    if len(content) <= marks.small and (word := marks.words.search(text)):
        return f"页面写着“{word[0]}”"
    if _says_more(text, marks.spoken):
        return None
    shown = without_parts(text, *_UNSEEN)
    spoken = "".join(sub_tags("<[^>]*>", "", shown).split())
    if len(spoken) > marks.spoken:
        return None
    if word := marks.words.search(spoken):
        return f"页面写着“{word[0]}”"
    scripts = (text[start:end].partition(">")[2] for start, end in closed_parts(text, "script", comments=False))
    if any(marks.scripts.search(script) for script in scripts):
        return "只有设置 Cookie 或重新载入的脚本"
    return None


def _says_more(text: str, most: int) -> bool:
    """Whether a page's source shows more than so many characters; looked at no further than to where that is known, which in most pages is near the top."""
    size = at = 0
    for start, end in chain(closed_parts(text, *_UNSEEN), [(len(text), len(text))]):
        while at < start:
            tag = text.find("<", at, start)
            size += len("".join(text[at : tag if tag >= 0 else start].split()))
            if size > most:
                return True
            closed = text.find(">", tag, start) if tag >= 0 else -1
            at = closed + 1 if closed >= 0 else start
        at = end
    return False
