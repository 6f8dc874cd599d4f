"""Sections (栏目) of a portal's home page or site map that look like 招商动态, 投资促进, 商务动态 or news, by name and URL, before any is fetched."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

from crawler.lists import titles, url_shape
from crawler.lists.flat_page import FlatPage, Link, flatten
from crawler.lists.parsed_document import Document
from crawler.platforms.registry import categories

Kind = Literal["direct", "commerce", "news"]

_LONGEST_NAME = 16.0  # Han characters; what is longer is an article's title
_SURE_NAME = 8.0  # and no article is called as short as this
_OTHER_HOST = 0.6  # a column on a sibling's host counts less
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
        if column and column.score > (best[column.url].score if column.url in best else 0):
            best[column.url] = column
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
    """A link's text; for 更多 the heading before it."""
    text = titles.cleaned(link.text or link.hint)
    if not titles.is_more(text):
        return text
    if link.hint and not titles.is_more(link.hint):
        return titles.cleaned(link.hint)
    before = [c for c in page.chunks[max(link.start - 3, 0) : link.start] if not titles.is_more(c)]
    return before[-1] if before else ""


@cache
def _lexicon() -> _Lexicon:
    data = tomllib.loads(files(__package__).joinpath("site_sections.toml").read_text(encoding="utf-8"))
    kinds: tuple[Kind, ...] = ("direct", "commerce", "news")
    names = [(word, float(weight), kind) for kind in kinds for word, weight in data[kind].items()]
    if len({word for word, _, _ in names}) != len(names) or any(not word or weight <= 0 for word, weight, _ in names):
        raise ValueError("discover.toml: each name once, each weight above 0")
    names.sort(key=lambda n: (-n[1], -len(n[0])))
    return _Lexicon(tuple(names), {k: float(v) for k, v in data["address"].items()}, tuple(data["refused"]["words"]))
