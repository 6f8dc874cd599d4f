"""Challenges: answers by which a site bars the way. They are recorded as blocked, never extracted and never evaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from crawler.web.page import WebPage

_UNSEEN = re.compile(r"(?is)<(script|style|noscript|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>")
_SCRIPT = re.compile(r"(?is)<script\b[^>]*>(.*?)</script\s*>")
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
    """`challenge`, of a page that others read too."""
    marks, content = _marks(), page.content
    if status in marks.statuses:
        return f"HTTP {status}"
    if len(content) > _SCRIPTED_MOST or not re.match(rb"(?:\xef\xbb\xbf)?\s*<", content):
        return None
    text = page.text
    if len(content) <= marks.small and (word := marks.words.search(text)):
        return f"页面写着“{word[0]}”"
    spoken = "".join(_UNSEEN.sub("", text).split())
    if len(spoken) > marks.spoken:
        return None
    if word := marks.words.search(spoken):
        return f"页面写着“{word[0]}”"
    if any(marks.scripts.search(script) for script in _SCRIPT.findall(text)):
        return "只有设置 Cookie 或重新载入的脚本"
    return None
