"""The query language: one grammar, from what was typed to a tree. Every input parses; what cannot be read as syntax is read as words.

    query    = or                                  words that stand side by side must all occur
    or       = and (("OR" | "或" | "|") and)*      a bar without spaces holds its sides together: 税收 飞地|园区 is 税收 (飞地 OR 园区)
    and      = (["AND" | "与"] not)*
    not      = ("NOT" | "非" | "-") not | "(" or ")" | field ":" value | '"' text '"' | word | word "*"
    value    = word | '"' text '"' | "(" or ")"
    field    = title source origin author region kind practice figure value year after before since, or the Chinese names in `lexer.FIELDS`

Several values of region, kind, practice or year with 、 or , between them ask for any of them.
`figure:` and `value:` that stand in the same bracket ask for one and the same figure, as far as one figure can be all of it.
与, 或 and 非 are operators where they stand alone (between spaces, brackets or quotes). Full-width and Chinese marks stand for the ASCII ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.normalisation import normalise
from indexer.analysis.lexicon import Lexicon, lexicon
from indexer.analysis.segmentation import segmenter
from indexer.analysis.tokens import Run, runs
from indexer.query.conditions import read_condition
from indexer.query.figure_conditions import is_comparison, joined
from indexer.query.lexer import FIELDS, LONGEST, Token, tokens
from indexer.query.tree import (
    AllOf,
    AnyOf,
    Begins,
    Chosen,
    Dated,
    Figure,
    MatchAll,
    MatchNone,
    Named,
    Node,
    Without,
    Word,
    join,
    without_words,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "Begins",
    "Chosen",
    "Dated",
    "Figure",
    "MatchAll",
    "MatchNone",
    "Named",
    "Node",
    "Query",
    "Without",
    "Word",
    "parse",
]  # the tree belongs to what a parser offers


@dataclass(frozen=True, slots=True)
class Query:
    """`typed` as it came; `root` the tree; `text`: the normalised words that are asked for (not the excluded ones, not the conditions), a line each stretch;
    `dropped`: function words that need not occur; `notes`: what could not be read as syntax, in Chinese."""

    typed: str
    root: Node
    text: str = ""
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_DEEPEST = 30  # brackets in brackets
_MOST = 256  # words of a query that are read
_PARTS = 9  # words that may make up one with equivalents


class _Parser:
    def __init__(self, typed: str, lexicon: Lexicon, expand: bool) -> None:
        self.tokens = tokens(typed)
        self.position = 0
        self.depth = 0
        self.words = 0
        self.lexicon = lexicon
        self.expand = expand
        self.negated = 0
        self.stretches: list[str] = []
        self.dropped: list[str] = []
        self.notes: list[str] = []
        if len(typed) > LONGEST:
            self.notes.append(f"检索式过长，只读了前 {LONGEST} 字")

    def peek(self) -> Token:
        return self.tokens[self.position] if self.position < len(self.tokens) else Token("end", "", False)

    def next(self) -> Token:
        token = self.peek()
        self.position += 1
        return token

    def parse_or(self, title: bool) -> Node | None:
        parts = [self.parse_and(title)]
        while self.peek().kind == "or":
            operator = self.next()
            if parts[-1] is None or self.peek().kind in ("end", "close"):  # nothing on one side: not an operator
                parts[-1] = join(AllOf, [parts[-1], self.plain(operator.text, title), self.parse_and(title)])
            else:
                parts.append(self.parse_and(title))
        return join(AnyOf, parts)

    def parse_and(self, title: bool) -> Node | None:
        parts: list[Node | None] = []
        figures: list[Node] = []
        while self.peek().kind not in ("end", "or", "close"):
            token = self.peek()
            if token.kind == "and":
                self.next()
                if not parts or self.peek().kind in ("end", "close", "or", "and"):
                    parts.append(self.plain(token.text, title))
                continue
            part = self.parse_not(title)
            if part is not None and token.kind == "field" and FIELDS[token.text.lower()] in ("figure", "value"):
                figures.append(part)
            else:
                parts.append(part)
        return join(AllOf, [*parts, *joined(figures)])

    def parse_not(self, title: bool) -> Node | None:
        token = self.next()
        if token.kind in ("not", "minus"):
            negated = 1
            while self.peek().kind in ("not", "minus"):
                self.next()
                negated += 1
            if self.peek().kind in ("end", "close", "or", "and"):
                return self.plain(token.text, title) if token.kind == "not" else None
            self.negated += negated
            part = self.parse_not(title)
            self.negated -= negated
            if part is None or negated % 2 == 0:
                return part
            return Without(part)
        if token.kind == "open":
            return self.group(title)
        if token.kind == "field":
            return self.field(token, title)
        if token.kind == "quoted":
            return self.quoted(token.text, title)
        return self.plain(token.text, title)

    def group(self, title: bool) -> Node | None:
        if self.depth >= _DEEPEST:
            return None  # deeper brackets are read past
        self.depth += 1
        part = self.parse_or(title)
        self.depth -= 1
        if self.peek().kind == "close":
            self.next()
        return part

    def field(self, token: Token, title: bool) -> Node | None:
        name = FIELDS[token.text.lower()]
        following = self.peek()
        if following.kind not in ("word", "quoted", "open", "and", "or", "not"):
            return self.plain(token.text, title)
        self.next()
        if (
            name == "value"
            and following.kind == "word"
            and is_comparison(following.text)
            and self.peek().kind == "word"
        ):
            following = Token("word", following.text + self.next().text, False)  # value:>= 10亿
        if name == "title":
            if following.kind == "open":
                return self.group(True)
            return self.quoted(following.text, True) if following.kind == "quoted" else self.plain(following.text, True)
        if following.kind == "open":
            values, depth = [], 1
            while self.peek().kind != "end":
                inner = self.next()
                depth += {"open": 1, "close": -1}.get(inner.kind, 0)
                if depth == 0:
                    break
                if inner.kind in ("word", "quoted"):
                    values.append(inner)
            return join(AnyOf, [self.value(name, value, title) for value in values])
        return self.value(name, following, title)

    def value(self, name: str, token: Token, title: bool) -> Node | None:
        node = read_condition(name, token.text)
        if node is not None:
            return node
        if normalise(token.text).strip():
            self.notes.append(f"“{name}:{token.text}”不能当作条件来读，按词语查找")
        return self.plain(token.text, title)

    def quoted(self, text: str, title: bool) -> Node | None:
        plain = normalise(text)
        found = runs(plain)
        if not found or not self.count():
            return None
        self.wanted(plain)
        return Word(plain[found[0].start : found[-1].end], (), title, exact=True)

    def plain(self, text: str, title: bool) -> Node | None:
        """A stretch without spaces: its words, all of them; a `*` at its end asks for what begins so."""
        if text == "*":
            return MatchAll()
        plain = normalise(text)
        parts: list[Node | None] = []
        self.wanted(plain)
        open_end = len(plain.rstrip("*")) if plain.endswith("*") else -1
        words: list[tuple[int, int]] = []
        for start, end, cjk in _pieces(plain, runs(plain)):
            piece = plain[start:end]
            if end == open_end:  # what begins with Han characters has them together, whatever follows
                node = Word(piece, (), title, exact=True) if cjk else Begins(piece, title)
                parts.append(node if self.count() else None)
                continue
            for word in segmenter().cut(piece) if cjk else [piece]:
                words.append((start, start + len(word)))
                start += len(word)
        if self.expand:
            words = _whole(plain, words, self.lexicon)
        amounts = {match.span() for match in _AMOUNT.finditer(plain)}
        for start, end in amounts:
            words = _with_amount(words, start, end)
        parts[:0] = [
            self.amount(plain[start:end], title) if (start, end) in amounts else self.word(plain[start:end], title)
            for start, end in words
        ]
        return join(AllOf, parts)

    def word(self, text: str, title: bool) -> Node | None:
        if not self.count():
            return None
        if text in self.lexicon.function:
            self.dropped.append(text)
        return Word(text, self.lexicon.equivalents.get(text, ()) if self.expand else (), title)

    def amount(self, text: str, title: bool) -> Node | None:
        """A number and its unit: they stand together, however the unit is written."""
        if not self.count():
            return None
        unit = next((u for u in _ALIKE if self.expand and text.endswith(u)), None)
        others = tuple(text.removesuffix(unit) + other for other in _ALIKE[unit]) if unit else ()
        return Word(text, others, title)

    def wanted(self, plain: str) -> None:
        if self.negated % 2 == 0 and self.words <= _MOST:
            self.stretches.append(plain)

    def count(self) -> bool:
        self.words += 1
        if self.words == _MOST + 1:
            self.notes.append(f"词语过多，只读了前 {_MOST} 个")
        return self.words <= _MOST


_AMOUNT = re.compile(
    r"\d+(?:[.,]\d+)*(?:[十百千万亿]+(?:元|美元|港元|欧元|日元|人民币|平方米|平米|平方公里|公里|亩|公顷|吨|千瓦时|千瓦|m2|家|个|项|人|名|户|次|台|套|辆)?"
    r"|元|美元|港元|欧元|日元|平方米|平米|平方公里|公里|亩|公顷|吨|千瓦时|千瓦|m2|家|个|项|人|名|户|次|台|套|辆)"
)
# units that are written in several ways, the longest first; ㎡ and m² are m2 in a normalised text
_ALIKE = {
    "平方米": ("m2", "平米"),
    "平米": ("平方米", "m2"),
    "m2": ("平方米", "平米"),
    "千瓦时": ("kwh", "度电"),
    "平方公里": ("km2",),
}


def _with_amount(words: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """The words with [start, end) as one of them; what they have before and behind it stays."""
    out = [(a, min(b, start)) for a, b in words if a < start]
    return [*out, (start, end), *((max(a, end), b) for a, b in words if b > end)]


def _whole(text: str, words: list[tuple[int, int]], lexicon: Lexicon) -> list[tuple[int, int]]:
    """Words that stand together and make one that has equivalents (世界 500 强, 发展 和 改革 委员会) become that one, the longest first."""
    out: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        last = at
        for end in range(min(len(words), at + _PARTS) - 1, at, -1):
            together = all(words[n][1] == words[n + 1][0] for n in range(at, end))
            if together and text[words[at][0] : words[end][1]] in lexicon.equivalents:
                last = end
                break
        out.append((words[at][0], words[last][1]))
        at = last + 1
    return out


_CONNECTORS = frozenset(".,-_/:@&'+%#=?~")


def _pieces(text: str, found: list[Run]) -> list[tuple[int, int, bool]]:
    """Runs; other units that hang together by one ASCII mark (3.5, 2024-03-13, a.example/b) are one piece."""
    out: list[tuple[int, int, bool]] = []
    for run in found:
        if (
            out
            and not run.cjk
            and not out[-1][2]
            and 0 < run.start - out[-1][1] <= 3
            and set(text[out[-1][1] : run.start]) <= _CONNECTORS
        ):
            out[-1] = (out[-1][0], run.end, False)
        else:
            out.append((run.start, run.end, run.cjk))
    return out


def parse(typed: str, *, lexicon_: Lexicon | None = None, expand: bool = True) -> Query:
    """The tree of what was typed. Never raises. `expand` False leaves equivalents out."""
    known = lexicon_ or lexicon()
    parser = _Parser(typed, known, expand)
    parts = [parser.parse_or(False)]
    while parser.peek().kind != "end":  # a bracket that closes nothing
        parser.next()
        parts.append(parser.parse_or(False))
    root = join(AllOf, parts)
    if root is None:
        return Query(typed, MatchAll() if not typed.strip() else MatchNone(), notes=tuple(parser.notes))
    lean = without_words(root, known.function)
    text = "\n".join(parser.stretches)
    if lean is None:
        return Query(typed, root, text, (), tuple(parser.notes))  # nothing but function words: they are meant
    return Query(typed, lean, text, tuple(dict.fromkeys(parser.dropped)), tuple(parser.notes))
