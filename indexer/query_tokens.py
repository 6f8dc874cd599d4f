"""What was typed, cut into the tokens of the query language: marks of any width, operators, field names, quotes, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.normalisation import strip_pinyin_notes

FIELDS = {
    "title": "title", "标题": "title", "題名": "title", "题名": "title",
    "source": "source", "站点": "source", "网站": "source", "信源": "source",
    "origin": "origin", "来源": "origin", "出处": "origin",
    "author": "author", "作者": "author",
    "region": "region", "地区": "region", "地域": "region", "地方": "region",
    "kind": "kind", "类型": "kind", "类别": "kind",
    "practice": "practice", "举措": "practice", "做法": "practice",
    "figure": "figure", "数字": "figure", "数额": "figure",
    "value": "value", "金额": "value", "数值": "value",
    "year": "year", "年份": "year", "年": "year",
    "after": "after", "起始": "after", "自": "after",
    "before": "before", "截止": "before", "止": "before",
}  # fmt: skip

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
