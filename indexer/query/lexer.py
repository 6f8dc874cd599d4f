"""Tokens of the query language: operators, field names, quotes, words; punctuation of any width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
    "since": ("收录",),
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
    r'(?P<space>\s+)|(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<bar>\|+)|(?P<minus>(?<![^\s("|])-(?=[^\s)\-|]))|(?P<word>[^\s()"|]+)|(?P<stray>")'
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
            out.append(Token("or" if kind == "bar" else kind, value, glued))
    return _grouped(out)


def _grouped(found: Sequence[Token]) -> list[Token]:
    """What bars without spaces hold together is in brackets: 税收 飞地|园区 is 税收 (飞地 OR 园区), region:湖南|湖北 is region:(湖南 湖北)."""
    levels: list[list[list[Token]]] = [
        []
    ]  # of each open bracket the parts in it: a token, or brackets with all they hold
    for token in found:
        if token.kind == "open":
            levels.append([[token]])
        elif token.kind == "close" and len(levels) > 1:
            (bracket, *inner) = levels.pop()
            levels[-1].append([*bracket, *_joined(inner), token])
        else:
            levels[-1].append([token])
    while len(levels) > 1:  # never closed
        (bracket, *inner) = levels.pop()
        levels[-1].append([*bracket, *_joined(inner)])
    return _joined(levels[0])


def _joined(parts: Sequence[list[Token]]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(parts):
        starts, end = [at], _item_end(parts, at)
        while at < end < len(parts) and _is_bar(parts[end][0]) and parts[end][0].glued and parts[end - 1][-1].glued:
            after = _item_end(parts, end + 1)
            if after == end + 1:
                break
            starts.append(end + 1)
            end = after
        if len(starts) < 2:
            out += parts[at]
            at += 1
            continue
        named = parts[at][0].kind == "field" and all(parts[start][0].kind != "field" for start in starts[1:])
        inner = [token for part in parts[at + named : end] for token in part]
        out += [*(parts[at] if named else ()), Token("open", "(", True), *inner, Token("close", ")", False)]
        at = end
    return out


def _item_end(parts: Sequence[list[Token]], at: int) -> int:
    """Where the word, the text in quotes, the brackets or the field with its value that begin here end; `at` where none does."""
    first = at
    if at < len(parts) and parts[at][0].kind == "field":
        at += 1
    return at + 1 if at < len(parts) and parts[at][0].kind in ("word", "quoted", "open") else first


def _is_bar(token: Token) -> bool:
    return token.kind == "or" and token.text.startswith("|")


def _split_field(word: str, glued: bool) -> Iterator[Token]:
    """A word may begin with a field and a colon; the value follows in it, or in the quotes or brackets that follow directly."""
    name, colon, value = word.partition(":")
    if colon and name.lower() in FIELDS and (value or glued):
        yield Token("field", name, True)
        if value:
            yield Token("word", value, glued)
        return
    yield Token(_OPERATORS.get(word, "word"), word, glued)
