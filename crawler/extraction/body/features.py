"""What the scorer sees of each line: numbers put into bins, one feature a bin. The trainer and the product share this file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crawler.extraction.page.lines import LEAVES, Frame, Line, Node, is_prose
from crawler.extraction.page.vocabulary import CLASS_BIT, CLASS_GROUPS, LINE_GROUPS, is_body_container, line_bits

_LENGTHS = (2, 3, 5, 7, 10, 14, 19, 26, 36, 50, 70, 100, 150, 250)
_SHARES = (0.001, 0.1, 0.25, 0.5, 0.75, 0.95)
_PUNCTUATION = (0.001, 0.02, 0.04, 0.06, 0.09, 0.14)
_PROSE_SHARES = (0.0001, 0.02, 0.08, 0.2, 0.4, 0.6, 0.8, 0.93)
_PROSE_SIZES = (1, 40, 100, 200, 400, 800, 1600, 4000)
_COUNTS = (2, 3, 5, 9, 17, 40)
_OFFSETS = (-40, -12, -4, -1, 0, 1, 2, 3, 4, 6, 10, 20, 50, 120)  # lines after the title or date line
_TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_SINCE_TAIL = (1, 2, 4, 8, 20, 60)
_TAGS = (
    "p", "div", "td", "li", "h1", "h2", "h3", "span", "section", "article", "dd", "pre", "blockquote", "a", "th",
    "strong",
)  # fmt: skip
_MARKS = re.compile(r"[，。；：、！？,;!?“”]")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_DIGITS = re.compile(r"\d")
_TAIL = re.compile(
    r"^\W*(?:责任编辑|责编|编辑[:：]|相关|延伸阅读|推荐阅读|热门|更多|猜你|分享|版权|免责|声明|上一[篇条]|下一[篇条]|评论|网友|精彩|为您推荐|"
    r"最新|排行|附件|扫一扫|打印|关闭|返回|我要|全部评论|发表|转载|本文|文章来源|特别声明|阅读下一篇|热点|回复)"
)
_NOT_TOP = sum(CLASS_BIT[name] for name in ("comment", "statement", "foot", "related", "hidden"))
_ENDINGS = "。！？”；：…）"


@dataclass(frozen=True)
class Group:
    """A run of feature numbers, `size` of them from `base`."""

    base: int
    size: int


def _layout() -> tuple[dict[str, Group], int]:
    sizes: dict[str, int] = {
        "length": len(_LENGTHS) + 1,
        "han": len(_SHARES) + 1,
        "punctuation": len(_PUNCTUATION) + 1,
        "ending": len(_ENDINGS) + 2,
        "linked": len(_SHARES) + 1,
        "digits": len(_SHARES) + 1,
        "bold": 3,
        "indented": 2,
        "hidden": 2,
        "repeated": 3,
        "tail": 2,
        "since_tail": len(_SINCE_TAIL) + 2,
        "window": len(_PROSE_SIZES) + 1,
        "from_title": len(_OFFSETS) + 2,
        "from_date": len(_OFFSETS) + 2,
        "position": 10,
        "mass": 10,
        "tag": len(_TAGS) + 1,
        "depth": 6,
        "alike": len(_COUNTS) + 1,
        "alike_at": len(_COUNTS) + 1,
        "bracketed": 2,
        "top": 5,
        "known": 5,
        "before_top": len(_COUNTS) + 1,
        "after_top": len(_COUNTS) + 1,
    }
    for n in (-2, -1, 1, 2):
        sizes[f"neighbour{n}"] = 13
    for level in ("own", "first", "second", "any"):
        sizes[f"{level}_class"] = len(CLASS_GROUPS)
    sizes["says"] = len(LINE_GROUPS)
    sizes["around_says"] = 2 * len(LINE_GROUPS)
    for level in ("leaf", "first", "second", "third"):
        sizes[f"{level}_share"] = len(_PROSE_SHARES) + 1
    for level in ("first", "second"):
        sizes[f"{level}_prose"] = len(_PROSE_SIZES) + 1
        sizes[f"{level}_linked"] = len(_SHARES) + 1
        sizes[f"{level}_lines"] = len(_COUNTS) + 1
        sizes[f"{level}_start"] = len(_COUNTS) + 1
        sizes[f"{level}_end"] = len(_COUNTS) + 1
    groups, base = {}, 0
    for name, size in sizes.items():
        groups[name] = Group(base, size)
        base += size
    return groups, base


GROUPS, SIZE = _layout()
_BASE = {name: group.base for name, group in GROUPS.items()}
_NOT_ALIKE = frozenset(("p", "br", "td", "tr", "h2", "h3", "span", "strong", "section", "b", "font"))
_TAG = {name: _BASE["tag"] + n for n, name in enumerate(_TAGS)}


def _numbers(group: str, bounds: Sequence[int], least: int = 0) -> tuple[int, ...]:
    """The feature of each whole number from `least` to the last bound; those beyond have that of the nearest."""
    return tuple(_BASE[group] + bisect_right(bounds, n) for n in range(least, bounds[-1] + 1))


_NEAREST = _OFFSETS[0] - 1  # the first of the offsets that are told apart
_FROM_TITLE = _numbers("from_title", _OFFSETS, _NEAREST)
_FROM_DATE = _numbers("from_date", _OFFSETS, _NEAREST)
_EDGES = tuple(_numbers(name, _COUNTS) for name in ("first_start", "first_end", "second_start", "second_end"))
_FAR = _COUNTS[-1]
_LENGTH = _numbers("length", _LENGTHS)


def features(frame: Frame, title: int, date: int) -> tuple[list[list[int]], list[list[int]]]:
    """Feature numbers of each node, and of each line without those of its node. `title`, `date` are line numbers, or -1."""
    page = _Page(frame)
    used = {line.node for line in frame.lines}
    by_node = [page.of_node(node) if node.index in used else [] for node in frame.nodes]
    return by_node, page.of_lines(title, date)


class _Page:
    """What is computed once a page, the outer elements before the inner ones."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.prose = max(1, frame.nodes[0].prose) if frame.nodes else 1
        self.containers = _containers(frame)
        self.top = self._top()
        self.known = _known(frame)
        self.alike = _alike(frame)
        self.depth: list[int] = []
        self.bits: list[int] = []  # those of the node and of all that holds it
        for node in frame.nodes:
            above = node.parent
            self.depth.append(self.depth[above] + 1 if above >= 0 else 1)
            self.bits.append(self.bits[above] | node.bits if above >= 0 else node.bits)
        self.as_first: dict[int, list[int]] = {}
        self.as_second: dict[int, list[int]] = {}

    def _top(self) -> Node | None:
        """The container with the most prose right in it, as readability would choose."""
        direct: Counter[int] = Counter()
        for line in self.frame.lines:
            if is_prose(line):
                container = self.containers[line.node][0]
                if not container.hidden and not container.bits & _NOT_TOP:
                    direct[container.index] += len(line.text) - 2 * line.linked
        if not direct:
            return None
        return self.frame.nodes[max(direct, key=lambda n: (direct[n], -n))]

    def of_node(self, node: Node) -> list[int]:
        first, second, third = self.containers[node.index]
        base, prose = _BASE, self.prose
        if first.index not in self.as_first:
            self.as_first[first.index] = self._of_container("first", first)
        if second.index not in self.as_second:
            self.as_second[second.index] = self._of_container("second", second)
        alike, alike_at = self.alike[node.index]
        return [
            base["leaf_share"] + bisect_right(_PROSE_SHARES, node.prose / prose),
            base["third_share"] + bisect_right(_PROSE_SHARES, third.prose / prose),
            _TAG.get(node.tag, base["tag"] + len(_TAGS)),
            base["hidden"] + node.hidden,
            base["top"] + self._place_beside_top(first, second),
            base["known"] + self.known[node.index],
            base["depth"] + min(5, self.depth[node.index] // 4),
            base["alike"] + bisect_right(_COUNTS, alike),
            base["alike_at"] + bisect_right(_COUNTS, alike_at + 1),
            *self.as_first[first.index],
            *self.as_second[second.index],
            *_of_bits(base["own_class"], node.bits),
            *_of_bits(base["any_class"], self.bits[node.index]),
        ]

    def _of_container(self, name: str, node: Node) -> list[int]:
        """What a node's first or second container says of it."""
        base = _BASE
        return [
            base[f"{name}_share"] + bisect_right(_PROSE_SHARES, node.prose / self.prose),
            base[f"{name}_prose"] + bisect_right(_PROSE_SIZES, node.prose),
            base[f"{name}_linked"] + bisect_right(_SHARES, node.linked / (node.size or 1)),
            base[f"{name}_lines"] + bisect_right(_COUNTS, node.last - node.first + 1),
            *_of_bits(base[f"{name}_class"], node.bits),
        ]

    def _place_beside_top(self, first: Node, second: Node) -> int:
        top = self.top
        if top is None:
            return 0
        if first.index == top.index:
            return 1
        if self.frame.is_below(first.index, top.index):
            return 2
        return 3 if second.index == top.parent or first.index == top.parent else 4

    def of_lines(self, title: int, date: int) -> list[list[int]]:
        """A column for each feature that every line has, then those that only some have."""
        lines, base = self.frame.lines, _BASE
        n = len(lines)
        said = [_of_text(line.text) for line in lines]
        sizes = [len(line.text) for line in lines]
        shares = [line.linked / size if line.linked else 0.0 for line, size in zip(lines, sizes, strict=True)]
        kinds = [
            _KINDS_BY_SIZE[size if size < _LONGEST_KIND else _LONGEST_KIND] + (6 if share > 0.5 else 0)
            for size, share in zip(sizes, shares, strict=True)
        ]
        padded = [len(_KINDS)] * 2 + kinds + [len(_KINDS)] * 2
        before = [0]
        for line, size in zip(lines, sizes, strict=True):
            before.append(before[-1] + (size if is_prose(line) else 0))
        total = before[-1] or 1
        tail, since_tail = _tails(said, sizes, title)
        around = [self.containers[line.node] for line in lines]
        first_start, first_end, second_start, second_end = _EDGES
        columns = (
            [base["linked"] + bisect_right(_SHARES, share) for share in shares],
            [
                base["bold"] + (0 if not line.bold else 2 if line.bold * 10 >= size * 9 else 1)
                for line, size in zip(lines, sizes, strict=True)
            ],
            [base["indented"] + line.indented for line in lines],
            [base["repeated"] + repeated for repeated in _repetitions(lines)],
            tail,
            since_tail,
            [
                base["window"]
                + bisect_right(_PROSE_SIZES, before[min(n, i + 4)] - before[max(0, i - 3)] - before[i + 1] + before[i])
                for i in range(n)
            ],
            _offsets(_FROM_TITLE, title, n),
            _offsets(_FROM_DATE, date, n),
            [base["position"] + min(9, i * 10 // n) for i in range(n)],
            [base["mass"] + bisect_right(_TENTHS, before[i] / total) for i in range(n)],
            [first_start[min(_FAR, i - first.first + 1)] for i, (first, _, _) in enumerate(around)],
            [first_end[min(_FAR, first.last - i + 1)] for i, (first, _, _) in enumerate(around)],
            [second_start[min(_FAR, i - second.first + 1)] for i, (_, second, _) in enumerate(around)],
            [second_end[min(_FAR, second.last - i + 1)] for i, (_, second, _) in enumerate(around)],
            *([base[f"neighbour{at}"] + kind for kind in padded[at + 2 : at + 2 + n]] for at in (-2, -1, 1, 2)),
        )
        out = [[*own.numbers, *row] for own, row in zip(said, zip(*columns, strict=True), strict=True)]
        self._add_places_beside_top(out)
        for i, own in enumerate(said):
            if own.bits:
                if i:
                    out[i - 1] += _of_bits(base["around_says"] + len(LINE_GROUPS), own.bits)
                if i + 1 < n:
                    out[i + 1] += _of_bits(base["around_says"], own.bits)
        return out

    def _add_places_beside_top(self, out: list[list[int]]) -> None:
        """How far the lines outside of the top container are from it."""
        top = self.top
        if top is None:
            return
        for i in range(top.first):
            out[i].append(_BASE["before_top"] + bisect_right(_COUNTS, top.first - i))
        for i in range(top.last + 1, len(out)):
            out[i].append(_BASE["after_top"] + bisect_right(_COUNTS, i - top.last))


def _containers(frame: Frame) -> list[tuple[Node, Node, Node]]:
    """For each node the three innermost containers around it; the outermost repeats, and a node that is in none is its own."""
    out: list[tuple[Node, Node, Node]] = []
    is_inside: list[bool] = []
    for node in frame.nodes:
        above = node.parent
        has_above = above >= 0 and is_inside[above]
        is_inside.append(has_above or node.tag not in LEAVES)
        if not has_above:
            out.append((node, node, node))
        elif node.tag in LEAVES or (not node.words and _fills(node, frame.nodes[above])):
            out.append(out[above])
        else:
            out.append((node, *out[above][:2]))
    return out


def _fills(node: Node, above: Node) -> bool:
    """Whether an element holds the same lines as the one around it, which then says what it is."""
    return above.first == node.first < node.last == above.last and above.words != ""


def _known(frame: Frame) -> list[int]:
    """For each node: 0 in no known body container, 1 in the first of the page, 2 in one inside that, 3 in the second, 4 in a later one."""
    out: list[int] = []
    count = 0
    for node in frame.nodes:
        above = out[node.parent] if node.parent >= 0 else 0
        if (
            node.words
            and node.size - node.linked >= 10
            and node.tag not in ("body", "h1")
            and is_body_container(node.words)
        ):
            if above == 1:
                above = 2
            elif not above:
                count += 1
                above = (1, 3, 4)[min(count, 3) - 1]
        out.append(above)
    return out


def _alike(frame: Frame) -> list[tuple[int, int]]:
    """For each node how many siblings alike there are of it, or of what holds it if that has more, and which of them it is in."""
    groups: dict[tuple[int, str, str], int] = {}
    sizes: list[int] = []
    places: list[tuple[int, int]] = []  # (group, which of it)
    for node in frame.nodes:
        if node.tag in _NOT_ALIKE:
            places.append((-1, 0))
            continue
        group = groups.setdefault((node.parent, node.tag, node.words), len(sizes))
        if group == len(sizes):
            sizes.append(0)
        places.append((group, sizes[group]))
        sizes[group] += 1
    out: list[tuple[int, int]] = []
    for node, (group, place) in zip(frame.nodes, places, strict=True):
        own = (sizes[group], place) if group >= 0 and sizes[group] > 1 else (1, 0)
        above = out[node.parent] if node.parent >= 0 else (1, 0)
        out.append(above if above[0] > own[0] else own)
    return out


class _Said(NamedTuple):
    """What the words of a line say, wherever it stands."""

    numbers: tuple[int, ...]
    bits: int  # LINE_BIT
    is_tail: bool


@lru_cache(maxsize=4096)
def _of_text(text: str) -> _Said:
    """A site says the same on all of its pages."""
    base, size = _BASE, len(text)
    bits = line_bits(text)
    numbers = (
        _LENGTH[min(size, _LENGTHS[-1])],
        base["han"] + bisect_right(_SHARES, sum(map(len, _HAN.findall(text))) / size),
        base["punctuation"] + bisect_right(_PUNCTUATION, len(_MARKS.findall(text)) / size),
        base["ending"] + _ENDINGS.find(text[-1]) + 1,
        base["digits"] + bisect_right(_SHARES, len(_DIGITS.findall(text)) / size),
        base["bracketed"] + (text[0] in "（(【[" and text[-1] in "）)】]"),
        *_of_bits(base["says"], bits),
    )
    return _Said(numbers, bits, size < 60 and bool(_TAIL.match(text)))


def _tails(said: Sequence[_Said], sizes: Sequence[int], title: int) -> tuple[list[int], list[int]]:
    """Which lines below the title follow an article, and how far behind the last of those each line is."""
    tail, since = [_BASE["tail"]] * len(said), [_BASE["since_tail"] + len(_SINCE_TAIL) + 1] * len(said)
    at = -1
    for i in range(title + 1 if title >= 0 else len(said), len(said)):
        if said[i].is_tail:
            at = i
            tail[i] += 1
        if at >= 0:
            since[i] = _BASE["since_tail"] + bisect_right(_SINCE_TAIL, i - at)
    return tail, since


def _offsets(numbers: tuple[int, ...], line: int, n: int) -> list[int]:
    """The features of the offsets of n lines from a line, -1 for none, which is a feature of its own."""
    if line < 0:
        return [numbers[-1] + 1] * n
    start = -line - _NEAREST  # where the first line stands in `numbers`
    before = [numbers[0]] * min(n, max(0, -start))
    within = numbers[max(0, start) : max(0, start + n)]
    return [*before, *within, *[numbers[-1]] * (n - len(before) - len(within))]


def _repetitions(lines: Sequence[Line]) -> list[int]:
    """0 for a line that stands once, or the first of a body that is served twice; 1 for a short one that returns, 2 for a long one that was there before."""
    count = Counter([line.text for line in lines])
    seen: set[str] = set()
    out = []
    for line in lines:
        text = line.text
        if count[text] == 1:
            out.append(0)
        elif len(text) < 12:
            out.append(1)
        else:
            out.append(2 if text in seen else 0)
            seen.add(text)
    return out


_KINDS = range(12)
_KIND_LENGTHS = (5, 12, 25, 45, 90)
_LONGEST_KIND = _KIND_LENGTHS[-1]
# A neighbour in one number: how long (this), and whether it is mostly a link (6 more).
_KINDS_BY_SIZE = tuple(bisect_right(_KIND_LENGTHS, size) for size in range(_LONGEST_KIND + 1))


@lru_cache(maxsize=4096)
def _of_bits(base: int, bits: int) -> tuple[int, ...]:
    """A feature for each bit that is set."""
    return tuple(base + n for n in range(bits.bit_length()) if bits >> n & 1)


def merged(by_node: Sequence[list[int]], by_line: Sequence[list[int]], frame: Frame) -> list[list[int]]:
    """All features of each line, for the trainer."""
    return [by_node[line.node] + own for line, own in zip(frame.lines, by_line, strict=True)]
