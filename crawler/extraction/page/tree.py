"""Decoded HTML to one lxml tree that holds all of the page's text."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from crawler.article import ExtractionError
from crawler.web.markup import is_torn, sub_tags, without_parts

MAXIMUM_CHARACTERS = 30_000_000
MAXIMUM_TAGS = 600_000
_LONGEST_TAG = 50_000  # characters
MAXIMUM_DEPTH = 1_500  # the parser drops what lies deeper than some 2,000 levels without a word
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONGEST_TAG},}}")
_MARKS = re.compile(r"<(?:(?P<name>/?(?:script|style|title)|!--)|/(?i:body|html)\s*>)")
_DO_NOT_NEST = frozenset(
    (
        "a",
        "area",
        "base",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "option",
        "tr",
        "td",
        "th",
    )
)
# Elements that are read up to their end tag: without one, they swallow the rest of the page.
_SWALLOWERS = ("title", "textarea", "script", "style", "noscript", "iframe", "xmp", "select")
_CODE = ("script", "style")
_LEAST_RUN = 14  # characters from the first Han character of a run to its last mark
_RUN = re.compile(rf"[\u4e00-\u9fff][^<>{{}}]{{{_LEAST_RUN - 1},}}")


def parse(html: str) -> etree._Element:
    """The root element. Raises ExtractionError where the page is too large or nested too deep to be read whole."""
    tags = html.count("<")
    if len(html) > MAXIMUM_CHARACTERS or tags > MAXIMUM_TAGS:
        raise ExtractionError(f"页面过大（{len(html):,} 个字符、{tags:,} 个标签），不作提取")
    if tags > 20_000 and _depth(html) > MAXIMUM_DEPTH:
        raise ExtractionError("标签嵌套过深，不作提取")
    if _has_gap(html) and any(t.count("=") > 5_000 for t in _LONG_TAG.findall(html)):
        raise ExtractionError("标签的属性过多，不作提取")
    html, is_unbalanced = _without_ends(html)
    root = _lxml_tree(html)
    if root is not None and not (is_unbalanced and _loses_prose(root, html)):
        return root
    return reparse(html)


def _has_gap(html: str) -> bool:
    """Whether no tag ends anywhere in more than _LONGEST_TAG characters in a row."""
    at = 0
    while len(html) - at > _LONGEST_TAG:
        end = html.rfind(">", at, at + _LONGEST_TAG + 1)
        if end < 0:
            return True
        at = end + 1
    return False


def reparse(html: str) -> etree._Element:
    """The tree of a page whose text the first parse lost: unclosed elements and comments are opened, then another parser is tried."""
    root: etree._Element | None = None
    for read in (_lxml_tree, _soup_tree):
        root = found if (found := read(_unswallowed(html))) is not None else root
        if root is not None and not _loses_prose(root, html):
            return root
    if root is None:
        raise ExtractionError("无法解析的页面：没有任何标签或文字")
    if _depth(html) > MAXIMUM_DEPTH:
        raise ExtractionError("标签嵌套过深，不作提取")
    return root


def hides_text(root: etree._Element, html: str) -> bool:
    """Whether `reparse` may find more than the first parse `root` did: something is not shown or never closed, or prose was lost."""
    return _unswallowed(html) != without_parts(html, *_CODE) or _loses_prose(root, html)


def _lxml_tree(html: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root: etree._Element | None = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return root


def _soup_tree(html: str) -> etree._Element | None:
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    if is_torn(html):
        return None
    try:
        return _lxml_tree(str(BeautifulSoup(html, "html.parser")))
    except ParserRejectedMarkup:  # <![x and the like: then the page is what lxml made of it
        return None


def _without_ends(html: str) -> tuple[str, bool]:
    """The source without </body> and </html>, behind which pages go on, and whether something is opened more often than closed
    that would take the rest of the page: both in one pass."""
    out: list[str] = []
    count: Counter[str] = Counter()
    done = closed = unclosed = 0
    for mark in _MARKS.finditer(html):
        name = mark["name"]
        if name is None:
            out.append(html[done : mark.start()])
            done = mark.end()
        elif name == "!--":
            end = html.find("-->", max(mark.start() + 2, closed)) if not unclosed else -1
            closed, unclosed = end + 3, unclosed + (end < 0)
        else:
            count[name] += 1
    is_unbalanced = bool(unclosed) or any(count[tag] > count[f"/{tag}"] for tag in ("script", "style", "title"))
    return "".join([*out, html[done:]]) if out else html, is_unbalanced


def _loses_prose(root: etree._Element, html: str) -> bool:
    """Whether less than half of the prose of the source can be seen in the tree."""
    prose = _prose(without_parts(html, *_CODE))
    if prose < 60:
        return False
    hidden = {"script", "style", "textarea", "title", "noscript", "iframe"}
    seen = sum(len((e.text or "").strip()) * (e.tag not in hidden) + len((e.tail or "").strip()) for e in root.iter())
    return seen < 0.5 * prose


def _prose(html: str) -> int:
    """Characters of the source that read like Chinese sentences; in one pass, however long a run without a mark is."""
    size = 0
    for run in _RUN.findall(html):
        last = max(map(run.rfind, "，。；、"))
        if last + 1 >= _LEAST_RUN:
            size += last + 1
    return size


def _unswallowed(html: str) -> str:
    html = without_parts(html, *_CODE).replace("<!--", "").replace("-->", "")
    html = sub_tags(r"<(/?)(?:noscript|textarea|template|xmp)\b[^>]*>", r"<\1div>", html)
    for tag in _SWALLOWERS:
        if len(re.findall(rf"<{tag}\b", html, re.I)) != len(re.findall(rf"</{tag}\s*>", html, re.I)):
            html = sub_tags(rf"</?{tag}\b[^>]*>", "<br>", html)
    return html


def _depth(html: str) -> int:
    """About how deep the elements of the source are nested at most."""
    depth = deepest = 0
    for end, tag in _TAG.findall(html):
        if tag.lower() not in _DO_NOT_NEST:
            depth += -1 if end else 1
            deepest = max(deepest, depth)
    return deepest
