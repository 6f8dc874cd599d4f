"""Finds the list on a page of any publishing system: links in similar positions, one a row, with long titles, dates and URLs of articles.

The heaviest group of links (see `grouping`) is the list; rows of the same container that are marked up otherwise (sticky, bold, headline) join it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from statistics import median

from lxml import html

from crawler.lists import dates, row_days, titles, url_shape
from crawler.lists.flat_page import FlatPage, Link
from crawler.lists.grouping import PAGER, Group, groups
from crawler.lists.list_page import Entry
from crawler.lists.row_days import Row

_LIGHTEST = 0.8  # menus and footers weigh about 0.3, one dated article 1.5, a page of them 10 to 50
_BADGE = re.compile(
    r"[\[【]?(?:置顶|顶|NEW|new|New|HOT|hot|热门?|荐|推荐|精)[\]】!！]?|[(（\[]?(?:阅读|浏览|点击|访问)(?:量|数|次数)?[:：(（\s]*\d+\s*次?[)）\]]?"
)
# What a list says of an article behind its title: 时间：2024-03-20 浏览：33.
_ASIDE = re.compile(
    r"(?:(?:发布|发表|更新)?(?:时间|日期)\s*[:：]\s*)?(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
    r"(?:\s*(?:查看|阅读|浏览|点击|访问|人气)(?:量|数|次数)?[:：(（\s]*\d+\s*次?[)）]?)?"
)
_STICKY = re.compile(r"置顶|\[顶\]|【顶】|（顶）")
_HEADLINE_LEVELS = 3  # from a row up, in whose siblings a headline is looked for
_FEWEST = 5  # rows that tell what the addresses of a list look like
_HEADINGS = ("h1", "h2", "h3", "h4")
_DIGITS = re.compile(r"\d+")


def read(page: FlatPage, url: str, *, now: date | None = None) -> tuple[list[Entry], Group | None]:
    """The entries of the page's list in page order, each address once, and the group they are of; ([], None) where there is no list."""
    found = groups(page, url, now=now)
    if not found or found[0].weight < _LIGHTEST:
        return [], None
    best = found[0]
    rows = sorted(
        [*_headline_above(best.rows, page), *best.rows, *_companions(best, page, now)], key=lambda r: r.link.order
    )
    return entries_of(rows, page, url), best


def entries_of(rows: Iterable[Row], page: FlatPage, url: str) -> list[Entry]:
    """Entries of rows; rows that lead nowhere, back to this page or to services are left out."""
    here = _bare(url)
    out: dict[str, Entry] = {}
    pictures: set[str] = set()
    for row in rows:
        link = row.link
        if link.url is None or url_shape.is_service(link.url) or (_bare(link.url) == here and "#" not in link.url):
            continue
        shown = title_of(link, page)
        title = titles.fuller(row_days.without_day(shown) if row.in_title else shown, link.hint)
        if titles.is_cut(title):
            for around in _between(link, row):
                title = titles.fuller(title, around.get("title") or "")
        if not title or titles.is_more(title) or titles.is_number(title):
            continue
        entry = Entry(link.url, title, row.date or dates.in_url(link.url), bool(_STICKY.search(_around(row, page))))
        known = out.get(link.url)
        if known is None or (link.url in pictures and link.text):
            out[link.url] = entry
            if not link.text:  # the name is that of a picture
                pictures.add(link.url)
        elif len(titles.fuller(known.title, title)) > len(known.title):
            out[link.url] = replace(known, title=title)
    for link in page.links:  # a second link to the same article may have the whole title
        if link.url in out and titles.is_cut(out[link.url].title):
            whole = titles.fuller(titles.fuller(out[link.url].title, title_of(link, page)), link.hint)
            out[link.url] = replace(out[link.url], title=whole)
    return list(out.values())


def title_of(link: Link, page: FlatPage) -> str:
    """The title that the link shows: its heading where it has one, its text without the day otherwise."""
    for tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        for heading in link.element.iterdescendants(tag):
            if (text := page.text_of(heading)) and titles.length(text) >= 2:
                return text
    for part in link.element.iterdescendants("p", "div", "span", "strong", "b", "em", "i"):
        name = (part.get("class") or "").lower()
        if re.search(r"(?:^|[^a-z])(?:\w{0,6}tit(?:le)?|bt|biaoti|name|subject)\d*(?:$|[^a-z])", name):
            text = page.text_of(part)
            if titles.length(text) >= 3:
                return text
    blocks = [b for b in link.element.iterdescendants("p", "div", "dt", "dd", "li") if page.text_of(b)]
    if len(blocks) > 1:
        holders = {above for b in blocks for above in b.iterancestors("p", "div", "dt", "dd", "li")}
        texts = (page.text_of(b) for b in blocks if b not in holders)
        if best := next((t for t in texts if titles.length(t) >= 4 and not row_days.is_day(t)), ""):
            return best
    pieces = page.chunks[link.start : link.end]
    return " ".join(row_days.without_days(pieces)) if row_days.days_apart(pieces) else _bared(link.text, pieces)


def _bared(text: str, pieces: list[str]) -> str:
    """A title without the badge before or behind it: 置顶, NEW, 阅读(12)."""
    if len(pieces) > 1 and _BADGE.fullmatch(pieces[0]):
        text = text.removeprefix(pieces[0]).strip()
    if len(pieces) > 1 and (_BADGE.fullmatch(pieces[-1]) or _ASIDE.fullmatch(pieces[-1])):
        text = text.removesuffix(pieces[-1]).strip()
    return text


def _between(link: Link, row: Row) -> Iterator[html.HtmlElement]:
    """The elements around a link, up to its row."""
    if link.element is row.element:
        return
    for node in link.element.iterancestors():
        yield node
        if node is row.element:
            return


# ── what else belongs to the list


def _companions(best: Group, page: FlatPage, now: date | None) -> list[Row]:
    """Rows beside the list's rows, of the same tag and in the same parent, whose link stands deeper or carries another class."""
    parents = {r.element.getparent(): r.element.tag for r in best.rows if r.element.tag != "a"}
    taken = {r.link.element for r in best.rows}
    mine = {r.element for r in best.rows}
    if not parents:
        return []
    found: dict[html.HtmlElement, list[Link]] = defaultdict(list)
    for link in page.links:
        if (
            link.element in taken
            or not link.url
            or PAGER.fullmatch(link.text)
            or titles.is_more(link.text or link.hint)
            or not (link.text or link.hint)
        ):
            continue
        for node in link.element.iterancestors():
            parent = node.getparent()
            if parent in parents and parents[parent] == node.tag:
                if node not in mine:
                    found[node].append(link)
                break
    rows: list[Row] = []
    typical = (
        median(url_shape.likeness(r.link.url) for r in best.rows if r.link.url)
        if any(r.link.url for r in best.rows)
        else 0
    )
    for element, links in found.items():
        link = max(links, key=lambda x: (titles.length(x.text or x.hint), -x.order))
        if (
            len(links) <= 3
            and url_shape.likeness(link.url or "") >= typical - 0.25
            and titles.length(link.text or link.hint) >= 4
        ):
            rows.append(Row(link, element))
    if len(rows) > max(3, len(best.rows)):
        return []
    row_days.date_rows(rows, page, now)
    if best.dated >= 0.8:
        rows = [r for r in rows if r.date]
    return rows


def _around(row: Row, page: FlatPage) -> str:
    start, end = page.spans[row.element]
    return page.between(start, min(end, start + 12)) if end > start else ""


def _bare(url: str) -> str:
    return re.sub(r"^https?://", "", url).partition("#")[0].rstrip("/")


def _headline_above(rows: list[Row], page: FlatPage) -> list[Row]:
    """The headline right above the rows, one article in large letters, if their addresses are built as its address is; [] where there is none."""
    shapes = Counter(_DIGITS.sub("0", r.link.url) for r in rows if r.link.url)
    if len(rows) < _FEWEST or not shapes:
        return []
    shape, count = shapes.most_common(1)[0]
    if count * 5 < len(rows) * 4 or "0" not in shape or url_shape.likeness(rows[0].link.url or "") < 0.8:
        return []
    known = {r.link.url for r in rows}
    links = {x.element: x for x in page.links if x.url and x.url not in known}
    for place in islice(rows[0].element.iterancestors(), _HEADLINE_LEVELS):
        if place.tag in ("body", "html", "table", "td"):
            return []
        block = place.getprevious()
        if block is None:
            continue
        return [Row(link, block) for link in _headline_in(block, links, shape)]
    return []


def _headline_in(block: html.HtmlElement, links: dict[html.HtmlElement, Link], shape: str) -> list[Link]:
    inside = [links[a] for a in islice(block.iter("a"), 6) if a in links]
    if not inside or len({x.url for x in inside}) > 1 or _DIGITS.sub("0", inside[0].url or "") != shape:
        return []
    named = [x for x in inside if titles.length(x.text) >= 6 and not titles.is_more(x.text)]
    large = [x for x in named if block.tag in _HEADINGS or any(n.tag in _HEADINGS for n in x.element.iterancestors())]
    return large[:1]
