"""Groups of links in similar positions, each a candidate for the page's list, with a weight.

Links are grouped by their path (tags and classes from the top of the page). Each group is weighed by how many titles it has, how long they are, how
many rows show a day, and what the addresses look like; menus and footers weigh little.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice, pairwise
from statistics import median

from lxml import html

from crawler.lists import headed_days, readmore_links, row_days, titles, url_shape
from crawler.lists.flat_page import FlatPage, Link
from crawler.lists.row_days import Row

_MENU = re.compile(
    r"(?:^|[^a-z])(?:nav\w*|(?:sub|side|top|left|main|tree)?menu\w*|foot\w*|copy(?:right)?\w*|friend\w*|f?links?|yqlj|youlian|crumbs?|bread\w*|position|location|weizhi|dqwz|"
    r"pager|paging|paginat\w*|fenye|login|search|searchb\w+|share\w*|bdshare\w*|toolbar|topbar|header|sitemap)(?:$|[^a-z])",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|[^a-z])(?:aside|sidebar|side|hot\w*|rank\w*|recommend\w*|tuijian|paihang|remen|related|xiangguan|slide\w*|swiper\w*|focus|banner|scroll\w*|marquee|gundong)(?:$|[^a-z])",
    re.IGNORECASE,
)
_WEIGHED = 12  # groups that are worth a closer look
PAGER = re.compile(r"[\[【<\s«‹]*(?:上一?页|下一?页|尾\s*页|末\s*页|最后一?页)[\]】>\s»›]*")


@dataclass(slots=True)
class Group:
    """Rows of one kind, and their weight; `dated`: share of rows that show a day."""

    rows: list[Row]
    weight: float = 0.0
    dated: float = 0.0
    shaped: float = 0.0
    source: str = ""


def groups(page: FlatPage, url: str, *, now: date | None = None) -> list[Group]:
    """The groups of links that could be the list of the page at `url`, heaviest first."""
    folder = url.partition("?")[0].rpartition("/")[0] + "/" if url.count("/") > 3 else ""
    by_shape: defaultdict[int, list[Link]] = defaultdict(list)
    for link in page.links:
        name = link.text or link.hint
        if name and not titles.is_more(name) and not (titles.is_number(name) and titles.is_number(link.hint or name)):
            by_shape[link.shape].append(link)
    by_shape |= readmore_links.titled(page)
    split = [part for links in _side_by_side(by_shape.values()) for part in _columns(links)]
    first = sorted(split, key=_first_look, reverse=True)[:_WEIGHED]
    home = f"{url.partition('://')[2].partition('/')[0]}/"
    found = [part for links in first for part in _parted(_weighed(links, page, now), page, now, home)]
    near = [_near_pager(group, pagers) for group in found] if (pagers := _around_pagers(page)) else [0] * len(found)
    for group, nearness in zip(found, near, strict=True):
        if nearness and nearness == max(near):
            group.weight *= 2.5  # the pager is this list's
        if folder:
            inside = sum(r.link.url is not None and r.link.url.startswith(folder) for r in group.rows)
            group.weight *= 1 + 0.5 * inside / len(group.rows)
    return sorted(found, key=lambda g: g.weight, reverse=True)


def _around_pagers(page: FlatPage) -> dict[html.HtmlElement, int]:
    """What lies around the links of pagers, and how deep in the page."""
    links = [x.element for x in page.links if PAGER.fullmatch(x.text)]
    around = {n for link in links for n in islice(link.iterancestors(), 4)}
    return {n: sum(1 for _ in n.iterancestors()) for n in around}


def _near_pager(group: Group, pagers: Mapping[html.HtmlElement, int]) -> int:
    """The depth of the smallest part of the page that has both the group and a pager; 0 where they are far apart."""
    first = group.rows[0]
    if PAGER.fullmatch(first.link.text):
        return 0
    return max((pagers.get(n, 0) for n in islice(first.element.iterancestors(), 4)), default=0)


def _side_by_side(groups: Iterable[list[Link]]) -> list[list[Link]]:
    """Groups that differ by a table's column alone, and are as good as each other, made one: two articles a row."""
    out: list[list[Link]] = []
    by_loose: defaultdict[int, list[list[Link]]] = defaultdict(list)
    for links in groups:
        by_loose[links[0].loose].append(links)
    for alike in by_loose.values():
        first = max(alike, key=_first_look)
        joined = list(first)
        for links in alike:
            if links is first:
                continue
            if _as_good(links, first):
                joined += links
            else:
                out.append(links)
        out.append(sorted(joined, key=lambda x: x.order))
    return out


def _as_good(links: list[Link], first: list[Link]) -> bool:
    if not len(first) - 1 <= len(links) * 1.3 or {x.url for x in links} & {x.url for x in first if x.url}:
        return False
    lengths = [median(titles.length(x.text or x.hint) for x in part) for part in (links, first)]
    shaped = [sum(url_shape.likeness(x.url) if x.url else 0.4 for x in part) / len(part) for part in (links, first)]
    return lengths[0] >= 0.6 * lengths[1] and abs(shaped[0] - shaped[1]) <= 0.15


def _columns(links: list[Link]) -> list[list[Link]]:
    """One group a column where every row has the same small number of links side by side: [category] [title]."""
    if len(links) < 4:
        return [links]
    by_parent: defaultdict[html.HtmlElement, list[Link]] = defaultdict(list)
    for link in links:
        if (parent := link.element.getparent()) is not None:
            by_parent[parent].append(link)
    sizes = Counter(len(v) for v in by_parent.values())
    size, rows = sizes.most_common(1)[0]
    if not (2 <= size <= 4 and rows >= 3 and rows >= 0.8 * len(by_parent)):
        return [links]
    full = [v for v in by_parent.values() if len(v) == size]
    columns = [[v[i] for v in full] for i in range(size)]
    lengths = [median(titles.length(x.text) for x in c) for c in columns]
    if max(lengths) < 2 * min(lengths) + 2:
        return [links]
    return columns


def _parted(group: Group, page: FlatPage, now: date | None, home: str) -> list[Group]:
    """Two groups where menus or boxes are marked up as the list is: what lies in containers without a day, or leads to no articles, is another group."""
    if group.dated >= 0.8 and group.shaped >= 0.6:  # a home page or a column among them is none of the articles
        strange = {id(r) for r in group.rows if r.link.url and _is_strange(r, home)}
        if strange:
            return [
                _weighed([r.link for r in group.rows if (id(r) in strange) is odd], page, now) for odd in (False, True)
            ]
    places: defaultdict[html.HtmlElement | None, list[Row]] = defaultdict(list)
    for row in group.rows:
        places[row.element.getparent()].append(row)
    if len(places) < 2:
        return [group]
    kept = [row for rows in places.values() if _alike(rows, group) for row in rows]
    if len(kept) < 3 or len(kept) == len(group.rows):
        return [group]
    mine = {id(row) for row in kept}
    rest = [row.link for row in group.rows if id(row) not in mine]
    return [_weighed([row.link for row in kept], page, now), _weighed(rest, page, now)]


def _is_strange(row: Row, home: str) -> bool:
    """Whether a row leads to the site's home page, or without a day to a list."""
    url = row.link.url or ""
    return url.partition("://")[2] == home or (row.date is None and url_shape.likeness(url) < 0.1)


def _alike(rows: Sequence[Row], group: Group) -> bool:
    """Whether the rows of one container are of the kind that makes the group a list."""
    shaped = sum(url_shape.likeness(r.link.url) if r.link.url else 0.4 for r in rows) / len(rows)
    if group.dated < 0.1:
        return shaped > 0.3
    return sum(r.date is not None for r in rows) * 2 >= len(rows) or (
        group.dated > 0.9 and shaped >= group.shaped - 0.25
    )


def _first_look(links: list[Link]) -> float:
    known = {x.url or x.order for x in links}
    names = {x.text or x.hint for x in links}
    lengths = sorted(titles.length(x.hint if len(x.hint) > len(x.text) else x.text) for x in links)
    middle = min(lengths[len(lengths) // 2], 20.0)
    shaped = sum(url_shape.likeness(x.url) if x.url else 0.4 for x in links) / len(links)
    return float(min(len(known), 2 * len(names), 40) ** 0.7 * (0.2 + middle / 10) ** 1.2 * (0.3 + shaped))


def _weighed(links: list[Link], page: FlatPage, now: date | None) -> Group:
    rows = row_days.rows_of(links)
    source = row_days.date_rows(rows, page, now)
    known = sum(r.date is not None for r in rows)
    if known < 0.9 * len(rows):
        headed = headed_days.days(rows, page)
        if sum(day is not None for day in headed) > known:
            source = "heading"
            for row, day in zip(rows, headed, strict=True):
                row.date = day or row.date
    dated = sum(r.date is not None for r in rows) / len(rows)
    urls = [x.url for x in links if x.url]
    shaped = sum(map(url_shape.likeness, urls)) / len(urls) if urls else 0.3
    days = [r.date.date() if isinstance(r.date, datetime) else r.date for r in rows if r.date]
    falling = sum(a >= b for a, b in pairwise(days)) / (len(days) - 1) if len(days) > 2 else 0.5
    weight: float = _first_look(links) * (0.25 + dated) * (0.8 + 0.4 * falling) * _ground(rows)
    if len(set(urls)) < 2:
        weight *= 0.5 if dated and (shaped >= 0.8 or _named(links)) else 0.1
    if len(urls) > 3 and len(set(urls)) <= len(urls) / 3:
        weight *= 0.2  # one address again and again
    return Group(rows, weight, dated, shaped, source)


def _named(links: Sequence[Link]) -> bool:
    """Whether links have the title of an article rather than the name of a column."""
    return median(titles.length(x.text or x.hint) for x in links) >= 10


def _ground(rows: Sequence[Row]) -> float:
    """How good a place for a list this is, by the names of what is around it."""
    votes: list[float] = []
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        value, inside = 1.0, row.element is not row.link.element
        for depth, node in enumerate(row.link.element.iterancestors()):
            if node.tag in ("body", "html"):
                break
            name = f"{node.get('class') or ''} {node.get('id') or ''}"
            if inside:
                inside = node is not row.element
                if node.tag == "header" or "header" in name.lower():
                    continue  # an article's own, not the page's
            if node.tag in ("nav", "footer", "header"):
                value = min(value, 0.1)
            if depth < 6 and _MENU.search(name):
                value = min(value, 0.25 if depth < 3 else 0.5)
            elif _ASIDE.search(name):
                value = min(value, 0.6)
            if node.tag == "marquee":
                value = min(value, 0.1)
        votes.append(value)
    return float(sorted(votes)[1])
