"""The lead story above a list: one article in large letters, marked up unlike the rows below it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from lxml import html

from crawler.lists import titles, url_shape
from crawler.lists.flat_page import FlatPage, Link
from crawler.lists.row_days import Row

_LEVELS = 3  # from a row up, in whose siblings a headline is looked for
_FEWEST = 5  # rows that tell what the addresses of a list look like
_HEADINGS = ("h1", "h2", "h3", "h4")
_DIGITS = re.compile(r"\d+")


def above(rows: list[Row], page: FlatPage) -> list[Row]:
    """The headline right above the rows, if their addresses are built as its address is; [] where there is none."""
    shapes = Counter(_DIGITS.sub("0", r.link.url) for r in rows if r.link.url)
    if len(rows) < _FEWEST or not shapes:
        return []
    shape, count = shapes.most_common(1)[0]
    if count * 5 < len(rows) * 4 or "0" not in shape or url_shape.likeness(rows[0].link.url or "") < 0.8:
        return []
    known = {r.link.url for r in rows}
    links = {x.element: x for x in page.links if x.url and x.url not in known}
    for place in islice(rows[0].element.iterancestors(), _LEVELS):
        if place.tag in ("body", "html", "table", "td"):
            return []
        block = place.getprevious()
        if block is None:
            continue
        return [Row(link, block) for link in _headline(block, links, shape)]
    return []


def _headline(block: html.HtmlElement, links: dict[html.HtmlElement, Link], shape: str) -> list[Link]:
    inside = [links[a] for a in islice(block.iter("a"), 6) if a in links]
    if not inside or len({x.url for x in inside}) > 1 or _DIGITS.sub("0", inside[0].url or "") != shape:
        return []
    named = [x for x in inside if titles.length(x.text) >= 6 and not titles.is_more(x.text)]
    large = [x for x in named if block.tag in _HEADINGS or any(n.tag in _HEADINGS for n in x.element.iterancestors())]
    return large[:1]
