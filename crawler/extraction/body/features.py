"""What the scorer sees of each line: numbers put into bins, one feature a bin. The trainer and the product share this file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.page.lines import LEAVES, Frame, Line, Node, is_prose
from crawler.extraction.page.vocabulary import BODY_CONTAINER, CLASS_BIT, CLASS_GROUPS, LINE_GROUPS, line_bits

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


def features(frame: Frame, title: int, date: int) -> tuple[list[list[int]], list[list[int]]]:
    """Feature numbers of each node, and of each line without those of its node. `title`, `date` are line numbers, or -1."""
    page = _Page(frame)
    used = {line.node for line in frame.lines}
    by_node = [page.of_node(node) if node.index in used else [] for node in frame.nodes]
    return by_node, page.of_lines(title, date)


class _Page:
    """What is computed once for each page."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.prose = max(1, frame.nodes[0].prose) if frame.nodes else 1
        self.containers: dict[int, tuple[Node, Node, Node]] = {}
        self.top = self._top()
        self.known = self._known()
        self.alike = Counter((n.parent, n.tag, n.words) for n in frame.nodes)
        self.order: list[int] = []
        seen: Counter[tuple[int, str, str]] = Counter()
        for n in frame.nodes:
            key = (n.parent, n.tag, n.words)
            self.order.append(seen[key])
            seen[key] += 1

    def _known(self) -> list[int]:
        """For each node: 0 in no known body container, 1 in the first of the page, 2 in one inside that, 3 in the second, 4 in a later one."""
        out: list[int] = []
        count = 0
        for node in self.frame.nodes:
            above = out[node.parent] if node.parent >= 0 else 0
            if (
                node.words
                and node.size - node.linked >= 10
                and node.tag not in ("body", "h1")
                and BODY_CONTAINER.search(node.words)
            ):
                if above == 1:
                    above = 2
                elif not above:
                    count += 1
                    above = (1, 3, 4)[min(count, 3) - 1]
            out.append(above)
        return out

    def _top(self) -> Node | None:
        """The container with the most prose right in it, as readability would choose."""
        direct: Counter[int] = Counter()
        for line in self.frame.lines:
            if is_prose(line):
                container = self.containers_of(self.frame.nodes[line.node])[0]
                if not container.hidden and not container.bits & _NOT_TOP:
                    direct[container.index] += len(line.text) - 2 * line.linked
        if not direct:
            return None
        return self.frame.nodes[max(direct, key=lambda n: (direct[n], -n))]

    def containers_of(self, node: Node) -> tuple[Node, Node, Node]:
        """The three innermost containers around a node; the outermost repeats."""
        found: list[Node] = []
        nodes = self.frame.nodes
        at = node
        while True:
            if at.tag not in LEAVES:
                found.append(at)
                if len(found) == 3:
                    break
            if at.parent < 0:
                break
            at = nodes[at.parent]
        while len(found) < 3:
            found.append(found[-1] if found else node)
        return found[0], found[1], found[2]

    def of_node(self, node: Node) -> list[int]:
        first, second, third = self.containers[node.index] = self.containers_of(node)
        nodes = self.frame.nodes
        base, prose = _BASE, self.prose
        out = [
            base["leaf_share"] + bisect_right(_PROSE_SHARES, node.prose / prose),
            base["first_share"] + bisect_right(_PROSE_SHARES, first.prose / prose),
            base["second_share"] + bisect_right(_PROSE_SHARES, second.prose / prose),
            base["third_share"] + bisect_right(_PROSE_SHARES, third.prose / prose),
            base["tag"] + (_TAGS.index(node.tag) if node.tag in _TAGS else len(_TAGS)),
            base["hidden"] + node.hidden,
        ]
        for name, at in (("first", first), ("second", second)):
            out.append(base[f"{name}_prose"] + bisect_right(_PROSE_SIZES, at.prose))
            out.append(base[f"{name}_linked"] + bisect_right(_SHARES, at.linked / (at.size or 1)))
            out.append(base[f"{name}_lines"] + bisect_right(_COUNTS, at.last - at.first + 1))
        top = self.top
        if top is None:
            out.append(base["top"])
        elif first.index == top.index:
            out.append(base["top"] + 1)
        elif self.frame.is_below(first.index, top.index):
            out.append(base["top"] + 2)
        else:
            out.append(base["top"] + (3 if second.index == top.parent or first.index == top.parent else 4))
        out.append(base["known"] + self.known[node.index])
        depth, alike, alike_at, any_bits = 0, 1, 0, 0
        at = node
        while True:
            depth += 1
            any_bits |= at.bits
            count = self.alike[at.parent, at.tag, at.words]
            if count > alike and at.tag not in (
                "p",
                "br",
                "td",
                "tr",
                "h2",
                "h3",
                "span",
                "strong",
                "section",
                "b",
                "font",
            ):
                alike, alike_at = count, self.order[at.index]
            if at.parent < 0:
                break
            at = nodes[at.parent]
        out.append(base["depth"] + min(5, depth // 4))
        out.append(base["alike"] + bisect_right(_COUNTS, alike))
        out.append(base["alike_at"] + bisect_right(_COUNTS, alike_at + 1))
        _add_bits(out, base["own_class"], node.bits)
        _add_bits(out, base["first_class"], first.bits)
        _add_bits(out, base["second_class"], second.bits)
        _add_bits(out, base["any_class"], any_bits)
        return out

    def of_lines(self, title: int, date: int) -> list[list[int]]:
        lines, base = self.frame.lines, _BASE
        n = len(lines)
        repeated = _repetitions(lines)
        says = [line_bits(line.text) for line in lines]
        kinds = [_kind(line) for line in lines]
        prose = [len(line.text) if is_prose(line) else 0 for line in lines]
        before = [0]
        for p in prose:
            before.append(before[-1] + p)
        total = before[-1] or 1
        outside = [len(_KINDS)] * 2
        padded = [*outside, *kinds, *outside]
        top = self.top
        out: list[list[int]] = []
        tail_at = -1
        for i, line in enumerate(lines):
            text = line.text
            size = len(text)
            if title >= 0 and i > title and _TAIL.match(text) and size < 60:
                tail_at = i
            first, second, _ = self.containers[line.node]
            f = [
                base["length"] + bisect_right(_LENGTHS, size),
                base["han"] + bisect_right(_SHARES, sum(map(len, _HAN.findall(text))) / size),
                base["punctuation"] + bisect_right(_PUNCTUATION, len(_MARKS.findall(text)) / size),
                base["ending"] + _ENDINGS.find(text[-1]) + 1,
                base["linked"] + bisect_right(_SHARES, line.linked / size),
                base["digits"] + bisect_right(_SHARES, len(_DIGITS.findall(text)) / size),
                base["bold"] + (0 if not line.bold else 2 if line.bold * 10 >= size * 9 else 1),
                base["indented"] + line.indented,
                base["repeated"] + repeated[i],
                base["tail"] + (tail_at == i),
                base["since_tail"] + (len(_SINCE_TAIL) + 1 if tail_at < 0 else bisect_right(_SINCE_TAIL, i - tail_at)),
                base["window"] + bisect_right(_PROSE_SIZES, before[min(n, i + 4)] - before[max(0, i - 3)] - prose[i]),
                base["from_title"] + (len(_OFFSETS) + 1 if title < 0 else bisect_right(_OFFSETS, i - title)),
                base["from_date"] + (len(_OFFSETS) + 1 if date < 0 else bisect_right(_OFFSETS, i - date)),
                base["position"] + min(9, i * 10 // n),
                base["mass"] + bisect_right(_TENTHS, before[i] / total),
                base["first_start"] + bisect_right(_COUNTS, i - first.first + 1),
                base["first_end"] + bisect_right(_COUNTS, first.last - i + 1),
                base["second_start"] + bisect_right(_COUNTS, i - second.first + 1),
                base["second_end"] + bisect_right(_COUNTS, second.last - i + 1),
                base["bracketed"] + (text[0] in "（(【[" and text[-1] in "）)】]"),
                base["neighbour-2"] + padded[i],
                base["neighbour-1"] + padded[i + 1],
                base["neighbour1"] + padded[i + 3],
                base["neighbour2"] + padded[i + 4],
            ]
            if top is not None and i < top.first:
                f.append(base["before_top"] + bisect_right(_COUNTS, top.first - i))
            elif top is not None and i > top.last:
                f.append(base["after_top"] + bisect_right(_COUNTS, i - top.last))
            if says[i]:
                _add_bits(f, base["says"], says[i])
            around = base["around_says"]
            if i and says[i - 1]:
                _add_bits(f, around, says[i - 1])
            if i + 1 < n and says[i + 1]:
                _add_bits(f, around + len(LINE_GROUPS), says[i + 1])
            out.append(f)
        return out


def _repetitions(lines: Sequence[Line]) -> list[int]:
    """0 for a line that stands once, or the first of a body that is served twice; 1 for a short one that returns, 2 for a long one that was there before."""
    count = Counter(line.text for line in lines)
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


def _kind(line: Line) -> int:
    """A neighbour in one number: how long, and whether it is mostly a link."""
    size = len(line.text)
    return bisect_right(_KIND_LENGTHS, size) + (6 if line.linked * 2 > size else 0)


def _add_bits(out: list[int], base: int, bits: int) -> None:
    while bits:
        low = bits & -bits
        out.append(base + low.bit_length() - 1)
        bits ^= low


def merged(by_node: Sequence[list[int]], by_line: Sequence[list[int]], frame: Frame) -> list[list[int]]:
    """All features of each line, for the trainer."""
    return [by_node[line.node] + own for line, own in zip(frame.lines, by_line, strict=True)]
