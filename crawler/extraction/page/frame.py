"""Fills the Frame of a parsed page in one walk over its tree."""

from __future__ import annotations

import re

from lxml import etree

from crawler.article import ExtractionError
from crawler.extraction.page.lines import Anchor, Frame, Line, Node, Picture, Time, is_prose
from crawler.extraction.page.vocabulary import CLASS_BIT, class_bits
from crawler.web.resolve_url import resolve

MAXIMUM_LINES = 60_000
_LONGEST_PARTED = 200  # characters; longer lines are no bylines
_SKIPPED = frozenset((
    "script", "style", "noscript", "iframe", "object", "embed", "svg", "math", "template", "textarea", "select",
    "option", "button", "applet", "canvas", "map", "audio", "video", "datalist", "rt", "rp", "frameset", "noframes",
    "dialog",
))  # fmt: skip
_IN_LINES = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "nobr", "q", "ruby", "rb", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
))  # fmt: skip
_BOLDED = frozenset(("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"))
_WRAPPERS = frozenset(("div", "section"))
_DIGITS = re.compile(r"\d+")
# What an element is by its class that is no paragraph of an article.
_OTHERS = sum(
    CLASS_BIT[name]
    for name in (
        "title",
        "byline",
        "nav",
        "head",
        "foot",
        "side",
        "related",
        "comment",
        "share",
        "advert",
        "account",
        "statement",
        "pages",
        "tags",
        "hidden",
        "person",
    )
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_SOURCES = ("data-src", "data-original", "file", "zoomfile", "data-url", "data-lazy-src", "data-echo", "_src", "src")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\xad\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INDENT = re.compile(r"\s*(?:\u3000|\xa0\s*\xa0)")
_PARTS = re.compile("[?#]")
_HEAD = frozenset(("head", "meta", "link", "title", "base"))
# What an element is to the lines, as bits; an element without any is a block.
_UNREAD, _INLINE, _LINK, _BOLD, _PREFORMATTED = 1, 2, 4, 8, 16
_KINDS = (
    dict.fromkeys(_IN_LINES, _INLINE)
    | {tag: _BOLD | (_INLINE if tag in _IN_LINES else 0) for tag in _BOLDED}
    | {"a": _INLINE | _LINK, "pre": _PREFORMATTED}
    | dict.fromkeys((*_SKIPPED, *_HEAD, "br", "img"), _UNREAD)
)
_PART_LINK = re.compile(r"^\W*(?:下一?[页頁]|后一?页|next(?: page)?|\d{1,3})\W*$", re.I)
_EXTENSIONS = frozenset((
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "rar", "zip", "7z", "ofd", "ceb", "txt", "csv",
))  # fmt: skip


def walk(root: etree._Element, url: str) -> Frame:
    """The frame of a parsed page. Raises ExtractionError where it has too many lines to be judged."""
    walk = _Walk(Frame(base=url))
    walk.read(root)
    walk.flush()
    _sum_up(walk.frame)
    return walk.frame


class _Walk:
    """State of one walk: the open elements and the pieces of the line that is being read."""

    __slots__ = (
        *("frame", "nodes", "lines", "current", "links", "bolds", "preformatted", "pieces", "has_text"),
        *("linked", "bold", "holder", "edge", "ended", "began", "seams"),
    )

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.nodes = frame.nodes
        self.lines = frame.lines
        self.current = -1  # innermost open node
        self.links = self.bolds = self.preformatted = 0  # open elements of the kind
        self.pieces: list[str] = []
        self.has_text = False  # whether a piece is more than white space
        self.linked = self.bold = 0  # characters of the pieces
        self.holder = -1  # innermost node that holds all pieces
        self.edge = self.ended = self.began = (
            False  # an element began or ended since the last piece; `began`: after another had ended
        )
        self.seams: list[int] = []  # numbers of the pieces that touch the one before only by the markup

    def read(self, root: etree._Element) -> None:
        """Read all elements. One loop, since a call for each beginning and end is a tenth of the walk."""
        pieces = self.pieces
        kinds: list[int] = []  # of the open elements
        outer: list[int] = []  # for each open element the node that is the innermost after it
        kind_of = _KINDS.get
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                tag = str(element.tag)
                kind = kind_of(tag)
                if kind is None:
                    kind = _INLINE if ":" in tag else 0
                kinds.append(kind)
                outer.append(self.current)
                if kind & _UNREAD:
                    if self._note(element, tag):
                        walker.skip_subtree()
                    continue
                words, bits = "", 0
                if element.attrib:
                    get = element.get
                    words = get("class") or ""
                    if extra := get("id"):
                        words = f"{words} {extra}"
                    if extra := get("itemprop"):
                        words = f"{words} {extra}"
                    if words:
                        words = words[:400].lower()
                        bits = class_bits(words)
                if kind:
                    if kind & _LINK:
                        self.links += 1
                    elif kind & _BOLD:
                        self.bolds += 1
                    elif kind & _PREFORMATTED:
                        self.preformatted += 1
                    elif tag == "time" and (moment := element.get("datetime")):
                        self.frame.times.append(Time(moment, len(self.lines), words))
                if not kind & _INLINE:
                    if self.has_text:
                        self.flush()
                    else:
                        pieces.clear()
                    self._open(element, tag, words, bits)
                elif bits:
                    self._open(element, tag, words, bits)
                self.edge = True
                self.began = self.ended
                text = element.text
            else:
                kind = kinds.pop()
                current = outer.pop()
                if not kind & _UNREAD:
                    if kind:
                        if kind & _LINK:
                            self.links -= 1
                            self._note_anchor(element)
                        elif kind & _BOLD:
                            self.bolds -= 1
                        elif kind & _PREFORMATTED:
                            self.preformatted -= 1
                    if not kind & _INLINE:
                        if self.has_text:
                            self.flush()
                        else:
                            pieces.clear()
                    self.current = current
                    self.edge = self.ended = True
                    self.began = False
                if current < 0:
                    continue
                text = element.tail
            if text:
                if text.isspace() and not self.preformatted:
                    pieces.append(text)
                else:
                    self.add(text)

    def _open(self, element: etree._Element, tag: str, words: str, bits: int) -> None:
        parent = self.current
        style = element.get("style")
        hidden = (parent >= 0 and self.nodes[parent].hidden) or bool(style and _HIDDEN_STYLE.search(style))
        self.current = len(self.nodes)
        self.nodes.append(Node(self.current, parent, tag=tag, words=words, bits=bits, hidden=hidden, element=element))

    def add(self, text: str) -> None:
        """Add text to the line."""
        if self.preformatted and "\n" in text:
            *rows, text = text.split("\n")
            for row in rows:
                self.add(row)
                self.flush()
        size = len(text.strip())
        if not size:
            if text:
                self.pieces.append(text)
            return
        self.has_text = True
        if self.edge:
            if self.pieces and (self.began or ":" in text[:8] or "：" in text[:8] or self._joins_digits(text)):
                self.seams.append(len(self.pieces))
            self.edge = self.began = self.ended = False
        self.pieces.append(text)
        if self.links:
            self.linked += size
        if self.bolds:
            self.bold += size
        if self.holder < 0:
            self.holder = self.current
        elif self.holder != self.current:
            a, b = self.holder, self.current
            while a != b:
                if a > b:
                    a = self.nodes[a].parent
                else:
                    b = self.nodes[b].parent
            self.holder = a

    def _joins_digits(self, text: str) -> bool:
        """Whether a number would go on in another element: <span>2024-03-12</span>0 comments."""
        return text[0].isdecimal() and self.pieces[-1][-1:].isdecimal()

    def flush(self) -> None:
        """End the line."""
        pieces = self.pieces
        if not self.has_text:
            pieces.clear()
            return
        raw = "".join(pieces)
        text = " ".join(raw.split())
        if not text.isprintable():
            text = " ".join(_INVISIBLE.sub("", text).split())
        if text:
            size = len(text)
            indented = raw[0].isspace() and bool(_INDENT.match(raw))
            parted = _parted(pieces, self.seams) if self.seams and size <= _LONGEST_PARTED else ""
            self.lines.append(
                Line(
                    text,
                    max(self.holder, 0),
                    min(self.linked, size),
                    min(self.bold, size),
                    indented=indented,
                    parted=parted,
                )
            )
            if len(self.lines) > MAXIMUM_LINES:
                raise ExtractionError(f"页面超过 {MAXIMUM_LINES:,} 行，不作提取")
        pieces.clear()
        self.seams.clear()
        self.has_text = False
        self.linked = self.bold = 0
        self.holder = -1

    def _note(self, element: etree._Element, tag: str) -> bool:
        """Note an element that is not read for lines; True where what it holds is to be passed over."""
        if tag == "br":
            self.flush()
        elif tag == "img":
            self._note_picture(element)
        elif tag == "script":
            self._note_script(element)
        elif tag in _HEAD:
            self._note_head(element)
            return tag != "head"
        return True

    def _note_head(self, element: etree._Element) -> None:
        frame, get = self.frame, element.get
        if element.tag == "title":
            frame.title = frame.title or " ".join("".join(element.itertext()).split())
        elif element.tag == "base":
            frame.base = absolute(frame.base, get("href")) or frame.base
        elif element.tag == "link":
            if (get("rel") or "").lower() == "canonical":
                frame.canonical = get("href") or ""
        elif element.tag == "meta":
            name = get("name") or get("property") or get("itemprop")
            content = get("content")
            if name and content and content.strip():
                frame.metas.setdefault(name.strip().lower(), " ".join(content.split()))

    def _note_script(self, element: etree._Element) -> None:
        text = element.text
        if not text:
            return
        if "ld+json" in (element.get("type") or ""):
            self.frame.json_ld.append(text)
        else:
            self.frame.scripts.append(text)

    def _note_picture(self, element: etree._Element) -> None:
        get = element.get
        src = next((v for a in _SOURCES if (v := get(a)) and not v.startswith("data:")), None)
        if src and self.current >= 0 and (src := absolute(self.frame.base, src)):
            before = len(self.lines) + self.has_text
            self.frame.pictures.append(Picture(src, self.current, before))

    def _note_anchor(self, element: etree._Element) -> None:
        href = element.get("href")
        if not href or len(href) > 2000:
            return
        text = "".join(element.itertext()) if len(element) else element.text or ""
        if _PART_LINK.match(text[:40]) or _names_document(href):
            text = " ".join(text.split()) or element.get("title") or ""
            url = absolute(self.frame.base, href)
            if url:
                self.frame.anchors.append(Anchor(url, text, self.current, len(self.lines)))


def _names_document(href: str) -> bool:
    """Whether the path of an address, or what a script is asked for, ends as a document's name does."""
    for part in _PARTS.split(href) if "?" in href or "#" in href else (href,):
        _, dot, extension = part.rpartition(".")
        if dot and extension.lower() in _EXTENSIONS:
            return True
    return False


def _parted(pieces: list[str], seams: list[int]) -> str:
    """The pieces, with a space at each seam."""
    out: list[str] = []
    for n, piece in enumerate(pieces):
        if n in seams:
            out.append(" ")
        out.append(piece)
    return " ".join(_INVISIBLE.sub("", "".join(out)).split())


def absolute(base: str, href: str | None) -> str | None:
    """The absolute http(s) address, None where there is none."""
    if not href or href.startswith(("#", "javascript:", "mailto:", "data:")):
        return None
    try:
        url = resolve(base, href.strip())
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None


def _sum_up(frame: Frame) -> None:
    """Fill in what each node holds."""
    nodes = frame.nodes
    if not nodes:
        return
    for index, line in enumerate(frame.lines):
        node = nodes[line.node]
        size = len(line.text)
        node.size += size
        node.linked += line.linked
        if is_prose(line):
            node.prose += size
        if node.first < 0:
            node.first = index
        node.last = index
    for node in reversed(nodes):
        if node.parent < 0:
            continue
        above = nodes[node.parent]
        above.size += node.size
        above.linked += node.linked
        above.prose += node.prose
        if node.first >= 0:
            above.first = node.first if above.first < 0 else min(above.first, node.first)
            above.last = max(above.last, node.last)
    _paragraphs_of_divs(frame)


def _paragraphs_of_divs(frame: Frame) -> None:
    """Make a paragraph of each of several alike elements that hold one line and no more, however deep the line is nested in them: editors lay out paragraphs so."""
    nodes = frame.nodes
    alike: dict[tuple[int, str, str], list[Node]] = {}
    for node in nodes:
        if node.first == node.last >= 0 and _wraps(node) and node.parent >= 0:
            above = nodes[node.parent]
            if above.first < above.last and node.linked * 2 <= node.size:
                words = _DIGITS.sub("", node.words) if node.words else ""
                alike.setdefault((node.parent, node.tag, words), []).append(node)
    for wrappers in alike.values():
        if len(wrappers) > 1 and any(is_prose(frame.lines[node.first]) for node in wrappers):
            for node in wrappers:
                line = frame.lines[node.first]
                inner = line.node
                while inner > node.index and _is_layout(nodes[inner]):
                    inner = nodes[inner].parent
                if inner == node.index:
                    node.tag, line.node = "p", inner


def _wraps(node: Node) -> bool:
    """Whether the element may hold one paragraph and lay it out: a <div>, a <section>, or an element of a site's own."""
    return node.tag in _WRAPPERS or "-" in node.tag


def _is_layout(node: Node) -> bool:
    """Whether an element around a line says no more of it than that it is a paragraph."""
    return (_wraps(node) or node.tag == "p") and not node.bits & _OTHERS
