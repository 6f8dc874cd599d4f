"""Tokens of the query language: operators, field names, quotes, words; punctuation of any width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.normalisation import strip_pinyin_notes
from indexer.analysis.facets import CONDITIONS

_CONDITIONS = {
    "title": ("标题", "題名", "题名"),
    **{name: condition.words for name, condition in CONDITIONS.items()},
    "figure": ("数字", "数额"),
    "value": ("金额", "数值"),
    "after": ("起始", "自"),
    "before": ("截止", "止"),
}
FIELDS = {word: name for name, words in _CONDITIONS.items() for word in (name, *words)}

LONGEST = 2_000  # characters of a query that are read

_FULL_WIDTH = {
    chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)
}  # ！ to ～: ＯＲ, ｒｅｇｉｏｎ：, ＞＝ are operators too
_MARKS = str.maketrans({
    **_FULL_WIDTH,
    "﹙": "(", "﹚": ")", "“": '"', "”": '"', "„": '"', "‟": '"', "「": '"', "」": '"', "『": '"', "』": '"', "〝": '"', "〞": '"',
    "﹕": ":", "﹣": "-", "−": "-", "﹡": "*", "\u3000": " ",
})  # fmt: skip
_TOKEN = re.compile(
    r'(?P<space>\s+)|(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<minus>(?<![^\s("])-(?=[^\s)\-]))|(?P<word>[^\s()"]+)|(?P<stray>")'
)
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not", "与": "and", "與": "and", "或": "or", "非": "not"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # open close quoted minus word and or not field end
    text: str  # as typed, after _MARKS
    glued: bool  # the next token follows without a space


def tokens(typed: str) -> list[Token]:
    """The tokens of the first `LONGEST` characters, without pinyin notes; a quotation mark that closes nothing is left out."""
    out: list[Token] = []
    text = strip_pinyin_notes(typed[:LONGEST]).translate(_MARKS)
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind in ("space", "stray"):
            continue
        value = match.group(kind)
        glued = match.end() < len(text) and not text[match.end()].isspace()
        if kind == "word":
            out.extend(_split_field(value, glued))
        else:
            out.append(Token(kind, value, glued))
    return out


def _split_field(word: str, glued: bool) -> Iterator[Token]:
    """A word may begin with a field and a colon; the value follows in it, or in the quotes or brackets that follow directly."""
    name, colon, value = word.partition(":")
    if colon and name.lower() in FIELDS and (value or glued):
        yield Token("field", name, True)
        if value:
            yield Token("word", value, glued)
        return
    yield Token(_OPERATORS.get(word, "word"), word, glued)
