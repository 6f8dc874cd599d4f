"""Sections (栏目) of a portal's home page or site map that look like 招商动态, 投资促进, 商务动态 or news, by name and URL, before any is fetched."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit

from lxml import html

from crawler.lists import titles, url_shape
from crawler.lists.flat_page import FlatPage, Link, flatten
from crawler.lists.parsed_document import Document
from crawler.platforms.registry import categories
from crawler.sources.lint import list_key

Kind = Literal["direct", "commerce", "news"]

_LONGEST_NAME = 16.0  # Han characters; what is longer is an article's title
_SURE_NAME = 8.0  # and no article is called as short as this
_OTHER_HOST = 0.6  # a column on a sibling's host counts less
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "dt")
_BLOCKS = ("span", "div", "p", "strong", "b", "em", "i", "li", "a")
_MOST_TABS = 12
_MOST_LEVELS = 5  # from 更多 up to what has its heading
WAY_ON = re.compile(
    r"(?i)[\[【(（<《\s]*(?:(?:查看|浏览|阅读|点击|进入)?更多(?:信息|内容|动态|新闻)?|more|全部|查看全部)\s*[\]】)）>》»›+.…→]*|[+＋>»›→]+|\.{3,}|…+"
)
_MORE_MARKUP = re.compile(r"(?i)(?:^|[^a-z])(?:more|gd|gengduo|btn_?more)\w*")
_HEADING = re.compile(
    r"(?i)(?:^|[^a-z])(?:tit|title|hd|head|heading|caption|name|bt|biaoti|lm|lanmu|tab|on|cur|active)(?:[^a-z]|$)"
)
_PAGE_NAMES = re.compile(r"(?:index|default|list)\w*\.\w+$")


@dataclass(frozen=True, slots=True)
class Section:
    """A column worth a look: `score` from about 1 (general news) to 12 (招商引资 by name and address), `why` for the operator."""

    url: str
    title: str
    kind: Kind
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class _Lexicon:
    names: tuple[tuple[str, float, Kind], ...]  # longest first
    paths: Mapping[str, float]
    refused: tuple[str, ...]


def find_sections(
    content: bytes, url: str, *, headers: Mapping[str, str] | None = None, most: int = 20
) -> list[Section]:
    """The columns that the page at `url` links, or that its directory's tree names, best first, each address once. Raises ListError as `read_list` does."""
    document = Document.open(content, url, headers)
    page = flatten(document)
    named = [(_name(link, page), link.url) for link in page.links if link.url]
    best: dict[str, Section] = {}
    named += [(category.name, category.url) for category in categories(document)]
    for name, address in named:
        column = _section(name, address, url)
        if column is None:
            continue
        known = best.get(key := list_key(column.url))
        if known is None or column.score > known.score:
            best[key] = column
    return sorted(best.values(), key=lambda c: -c.score)[:most]


def _section(name: str, address: str, home: str) -> Section | None:
    if not name or titles.length(name) > _LONGEST_NAME:
        return None
    lexicon = _lexicon()
    if any(word in name for word in lexicon.refused) or url_shape.is_service(address) or url_shape.is_file(address):
        return None
    if address.partition("#")[0].rstrip("/") == home.partition("#")[0].rstrip("/"):
        return None
    found = next(((word, weight, kind) for word, weight, kind in lexicon.names if word in name), None)
    if found is None:
        return None
    word, weight, kind = found
    why = [f"名称含“{word}”"]
    score = weight + max(0.0, 1.5 - 0.25 * max(titles.length(name) - len(word), 0))  # nothing but the word is best
    parts = urlsplit(address)
    tokens = [t for t in re.split(r"[/_.-]", _PAGE_NAMES.sub("", parts.path).lower()) if t]
    if path := max((t for t in tokens if t in lexicon.paths), key=lambda t: lexicon.paths[t], default=None):
        score += lexicon.paths[path]
        why.append(f"地址含 {path}")
    if url_shape.likeness(address) >= 0.8:  # an article, or a column whose address is like one's
        if titles.length(name) > _SURE_NAME:
            return None
        score *= 0.3
        why.append("地址像文章")
    if parts.hostname != urlsplit(home).hostname:
        score *= _OTHER_HOST
        why.append("在别的主机上")
    return Section(address, name, kind, round(score, 2), "，".join(why))


def _name(link: Link, page: FlatPage) -> str:
    """A link's text; for 更多, in words or as a picture, the heading of what it stands in."""
    text = titles.cleaned(link.text or link.hint)
    if text and not _leads_on(text):
        return text
    if not text and not _MORE_MARKUP.search(_marked(link.element)):
        return ""
    if link.hint and not _leads_on(link.hint):
        return titles.cleaned(link.hint)
    return _heading_of(link, page)


def _leads_on(text: str) -> bool:
    return titles.is_more(text) or WAY_ON.fullmatch(text) is not None


def _marked(element: html.HtmlElement) -> str:
    """What classes and pictures call a link that has no words."""
    inside = [
        f"{e.get('class') or ''} {e.get('src') or ''} {e.get('alt') or ''}"
        for e in element.iter()
        if isinstance(e.tag, str)
    ]
    return " ".join(inside)


def _heading_of(link: Link, page: FlatPage) -> str:
    """The heading of the smallest part of the page that holds the link and has one before it, in whatever element it stands."""
    ways_on = [x.end for x in page.links if x.end <= link.start and _leads_on(x.text or x.hint)]
    for around in islice(link.element.iterancestors(), _MOST_LEVELS):
        start, _ = page.spans.get(around, (link.start, link.start))
        start = max([start, *ways_on])  # what stands before the last 更多 belongs to that
        headings = [
            text
            for node in around.iter(*_HEADINGS, *_BLOCKS)
            if (node.tag in _HEADINGS or _HEADING.search(f"{node.get('class') or ''} {node.get('id') or ''}"))
            and start <= page.spans.get(node, (-1, -1))[0] < link.start
            and 2 <= titles.length(text := titles.cleaned(page.text_of(node))) <= _LONGEST_NAME
        ]
        if headings:
            return str(headings[0])
        if tab := _tab_of(around, page):
            return tab
        before = [c for c in page.chunks[start : link.start] if not _leads_on(c) and not titles.is_number(c)]
        short = [c for c in before if 2 <= titles.length(c) <= _SURE_NAME]
        if short and (len(before) <= 3 or before[0] == short[0]):
            return short[-1] if len(before) <= 3 else short[0]
    return ""


def _tab_of(pane: html.HtmlElement, page: FlatPage) -> str:
    """Where panes stand one after the other and as many tabs before them: the tab of this one."""
    parent = pane.getparent()
    if parent is None:
        return ""
    panes = [
        node
        for node in parent
        if node.tag == pane.tag and node.get("class", "").split()[:1] == pane.get("class", "").split()[:1]
    ]
    if not 2 <= len(panes) <= _MOST_TABS:
        return ""
    for row in (*pane.itersiblings(preceding=True), *parent.itersiblings(preceding=True)):
        for holder in (row, *row.iter("ul", "div", "dl", "p", "h2", "h3")):
            names = [titles.cleaned(page.text_of(tab)) for tab in holder if isinstance(tab.tag, str)]
            if len(names) == len(panes) and all(2 <= titles.length(name) <= _SURE_NAME for name in names):
                return names[panes.index(pane)]
    return ""


@cache
def _lexicon() -> _Lexicon:
    data = tomllib.loads(files(__package__).joinpath("site_sections.toml").read_text(encoding="utf-8"))
    kinds: tuple[Kind, ...] = ("direct", "commerce", "news")
    names = [(word, float(weight), kind) for kind in kinds for word, weight in data[kind].items()]
    if len({word for word, _, _ in names}) != len(names) or any(not word or weight <= 0 for word, weight, _ in names):
        raise ValueError("discover.toml: each name once, each weight above 0")
    names.sort(key=lambda n: (-n[1], -len(n[0])))
    return _Lexicon(tuple(names), {k: float(v) for k, v in data["address"].items()}, tuple(data["refused"]["words"]))
