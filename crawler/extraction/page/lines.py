"""Types of a parsed page: its lines of text, the elements that hold them, and what else later steps read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

# Elements that lay out one paragraph, cell or item: what holds them is a container.
LEAVES = frozenset(
    (
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "td",
        "th",
        "tr",
        "tbody",
        "thead",
        "pre",
        "blockquote",
        "dd",
        "dt",
        "span",
        "a",
        "font",
        "strong",
        "b",
        "em",
        "center",
        "i",
        "u",
        "label",
    )
)


@dataclass(slots=True)
class Node:
    """An element that can hold lines. Numbers count characters of the lines below it."""

    index: int
    parent: int  # -1 at the root
    tag: str
    words: str  # class and id, lower case
    bits: int  # CLASS_BIT of words
    hidden: bool
    element: etree._Element
    size: int = 0
    linked: int = 0
    prose: int = 0
    first: int = -1  # first and last line below it
    last: int = -1


@dataclass(slots=True)
class Line:
    """Text between block boundaries or line breaks, white space collapsed."""

    text: str
    node: int
    linked: int  # characters inside links
    bold: int
    indented: bool  # begins with full-width or no-break spaces, as Chinese paragraphs do
    parted: str = (
        ""  # the text with a space where elements touch (<span>来源：某报</span><span>时间：…); '' where none do
    )

    @property
    def fields(self) -> str:
        """The text as bylines are read: what stands in elements of its own stays apart."""
        return self.parted or self.text


@dataclass(slots=True)
class Picture:
    src: str
    node: int
    before: int  # index of the line that follows it


@dataclass(slots=True)
class Anchor:
    href: str
    text: str
    node: int
    line: int


@dataclass(slots=True)
class Time:
    """A <time> with a machine's date."""

    value: str
    line: int  # it stands before or in this line
    words: str  # class, id and itemprop, lower case


@dataclass(slots=True)
class Frame:
    """What one walk over the page found."""

    base: str
    nodes: list[Node] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)  # documents and links to other parts
    metas: dict[str, str] = field(
        default_factory=dict
    )  # lower-case name, property or itemprop → first content that is not empty
    title: str = ""
    json_ld: list[str] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    canonical: str = ""
    scripts: list[str] = field(default_factory=list)  # inline scripts that may carry data

    def ancestors(self, node: int) -> Iterator[Node]:
        """The node itself and what holds it, inside out."""
        while node >= 0:
            found = self.nodes[node]
            yield found
            node = found.parent

    def is_below(self, node: int, ancestor: int) -> bool:
        while node > ancestor:
            node = self.nodes[node].parent
        return node == ancestor


def is_prose(line: Line) -> bool:
    """Whether the line reads like a sentence: punctuated, not short, not mostly links."""
    text = line.text
    return (
        len(text) >= 15
        and line.linked * 2 < len(text)
        and ("，" in text or "。" in text or "、" in text or "：" in text or ", " in text or "," in text)
    )
