"""A page flattened: its text in reading order, where each element's text begins and ends, and the links with their positions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree, html

from crawler.lists.parsed_document import MOST_LINKS, Document

_SILENT = {"script", "style", "noscript", "select", "textarea", "template", "svg", "iframe", "object"}
_DIGITS = re.compile(r"\d+")
_LITERAL = re.compile(r"""(?<=['"])[^'"<>]*[\u4e00-\u9fff][^'"<>]*(?=['"])""")
_INVISIBLE = re.compile("[\u200b\u200e\ufeff\u00ad]")
_ROW_TAGS = {"li", "tr", "dd", "dt", "a"}  # their classes tell odd from even, not lists apart
_CLICKED = {"li", "tr", "td", "div", "span", "p", "dl", "dd", "dt", "h2", "h3", "h4", "section", "article"}
_PAGING = re.compile(r"\d{1,4}|[^\s]{0,3}[上下首尾末]\s*一?\s*页[^\s]{0,3}")
_STATE = re.compile(
    r"^(?:odd|even|first|last|on|active|cur|current|hover|alt|selected|top|new|bg|clearfix|fl|fr|cl|line)$"
)


@dataclass(eq=False, slots=True)
class Link:
    """One `<a>`, or another element that a click opens: `url` is absolute or None, `text` what it shows, `hint` its title attribute, `start`–`end`
    its span in `FlatPage.chunks`."""

    element: html.HtmlElement
    url: str | None
    start: int
    shape: int  # which way leads to it, columns of tables told apart; `loose`: the same, columns not told apart
    loose: int
    end: int = 0
    text: str = ""
    hint: str = ""
    order: int = 0


@dataclass(slots=True)
class FlatPage:
    """`spans` gives each element's half-open range in `chunks`; `scripts` are (position, code); `shapes` the tags and classes that lead to each kind
    of place."""

    chunks: list[str] = field(default_factory=list)
    spans: dict[html.HtmlElement, tuple[int, int]] = field(default_factory=dict)
    scripts: list[tuple[int, str]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def between(self, start: int, end: int) -> str:
        """The text of a range, its pieces apart by one space."""
        return " ".join(self.chunks[start:end])

    def text_of(self, element: html.HtmlElement) -> str:
        """The text of an element; '' of what is not shown, such as a heading inside noscript."""
        return self.between(*self.spans.get(element, (0, 0)))


def flatten(document: Document, root: html.HtmlElement | None = None) -> FlatPage:
    """The flat form of a page, or of a part of it."""
    out = FlatPage()
    chunks = out.chunks
    shapes: dict[tuple[int, str, str], int] = {}
    stack: list[int] = [0]
    loose: list[int] = [0]
    cells: list[int] = [0]
    starts: list[int] = []
    opened: list[Link] = []
    leading: list[int] = []  # links that lead somewhere, before each open one
    leads = 0
    walker = etree.iterwalk(root if root is not None else document.tree, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if event == "start":
            tag = str(node.tag)
            starts.append(len(chunks))
            if tag in ("td", "th"):
                cells[-1] += 1
            key = (stack[-1], tag, class_of(node, tag, cells[-1]))
            stack.append(shapes.setdefault(key, len(shapes) + 1))
            wide = (-loose[-1] - 1, tag, "" if tag in ("td", "th") else key[2])
            loose.append(shapes.setdefault(wide, len(shapes) + 1))
            cells.append(0)
            if tag in _SILENT:
                if tag == "script" and node.text:
                    out.scripts.append((len(chunks), node.text))
                walker.skip_subtree()
                continue
            if tag == "a" or (node.get("onclick") and tag in _CLICKED and len(out.links) < MOST_LINKS):
                opened.append(
                    Link(
                        node, document.absolute(_target(node)), len(chunks), stack[-1], loose[-1], order=len(out.links)
                    )
                )
                out.links.append(opened[-1])
                leading.append(leads)
            if node.text and (text := squeezed(node.text)):
                chunks.append(text)
        elif event == "end":
            out.spans[node] = (starts.pop(), len(chunks))
            stack.pop()
            loose.pop()
            cells.pop()
            if opened and opened[-1].element is node:
                link, before = opened.pop(), leading.pop()
                link.end = len(chunks)
                if node.tag != "a" and before < leads:
                    link.url = None  # what has links of its own is none
                elif node.tag == "a" or link.url or _PAGING.fullmatch("".join(chunks[link.start : link.end][:3])):
                    link.text = squeezed(_shown(node))
                    link.hint = _hint(node, link.text)
                leads += link.url is not None
            if node.tail and (text := squeezed(node.tail)):
                chunks.append(text)
        elif node.tail and (text := squeezed(node.tail)):
            chunks.append(text)
    return out


def _shown(link: html.HtmlElement) -> str:
    """A link's text without what is not shown; where a script writes it, the longest Chinese string that the script has."""
    silent = list(link.iterdescendants(*_SILENT))
    if not silent:
        return str(link.text_content())
    hidden = {part for element in silent for part in element.iter()}
    pieces = [link.text or ""]
    for part in link.iterdescendants():
        pieces += [
            "" if part in hidden else part.text or "",
            "" if part in hidden and part not in silent else part.tail or "",
        ]
    if text := "".join(pieces).strip():
        return text
    written = (w for s in silent if s.tag == "script" for w in _LITERAL.findall(s.text or ""))
    return max(written, key=len, default="")


def squeezed(text: str) -> str:
    """Runs of white space, also of the invisible kind, as one space; none at the ends."""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def class_of(node: html.HtmlElement, tag: object, cell: int) -> str:
    """What of an element's classes tells lists apart: no numbers, no states such as odd and active; of a table's cell its column."""
    if tag in ("td", "th"):
        return str(cell)
    if tag in _ROW_TAGS:
        return ""
    classes = node.get("class")
    if not classes:
        return ""
    names = _DIGITS.sub("", classes).split()
    return " ".join(n for n in names if not _STATE.match(n))


def _target(link: html.HtmlElement) -> str | None:
    """The address of a link, also where a script opens it: onclick="open('…')"."""
    href = (link.get("href") or "").strip()
    if href and not href.startswith("#") and not href.lower().startswith("javascript:"):
        return href
    for code in (href, link.get("onclick") or ""):
        found = re.search(
            r"""\(\s*['"]((?:https?:/)?[./][^'"()\s]{3,}|[\w/-]+\.(?:s?html?|jsp|aspx?|php)\b[^'"()\s]*)['"]""", code
        )
        if found and "(" in code:
            return found[1]
        if found := re.search(r"""location(?:\.href)?\s*=\s*['"]([^'"\s]+)['"]""", code):
            return found[1]
    if len(href) > 1 and href.startswith("#"):
        return None
    return href or None


def _hint(link: html.HtmlElement, text: str) -> str:
    """What the link says about itself beyond its text: title attribute of the link or of what is in it, alternative text of its picture."""
    hint = link.get("title") or link.get("data-title") or ""
    if not hint:
        hint = next((t for t in (e.get("title") for e in link.iterdescendants()) if t), "")
    if not hint and not text:
        hint = next((t for t in (e.get("alt") for e in link.iterdescendants("img")) if t), "")
    return squeezed(hint)
