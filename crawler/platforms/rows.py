"""The list on a page, whatever made it: links that stand in like places, one a row, with long titles, dates and addresses of articles.

Links are grouped by the way that leads to them (tags and classes from the top of the page). Each group is weighed by how many titles it
has, how long they are, how many rows show a day, and what the addresses look like; menus and footers weigh little. The heaviest group is
the list; rows of the same container that are marked up otherwise (sticky, bold, headline) join it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice, pairwise
from statistics import median

from lxml import html

from crawler.platforms import addresses, dates, row_days, titles
from crawler.platforms.outline import Link, Outline
from crawler.platforms.page import Entry
from crawler.platforms.row_days import Row

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
_LIGHTEST = 0.8  # menus and footers weigh about 0.3, one dated article 1.5, a page of them 10 to 50
_PAGER = re.compile(r"[\[【<\s«‹]*(?:上一?页|下一?页|尾\s*页|末\s*页|最后一?页)[\]】>\s»›]*")
_STICKY = re.compile(r"置顶|\[顶\]|【顶】|（顶）")


@dataclass(slots=True)
class Group:
    """Rows of one kind, and their weight; `dated`: share of rows that show a day."""

    rows: list[Row]
    weight: float = 0.0
    dated: float = 0.0
    shaped: float = 0.0
    source: str = ""


def groups(page: Outline, url: str, *, now: date | None = None) -> list[Group]:
    """The groups of links that could be the list of the page at `url`, heaviest first."""
    folder = url.partition("?")[0].rpartition("/")[0] + "/" if url.count("/") > 3 else ""
    by_shape: defaultdict[int, list[Link]] = defaultdict(list)
    for link in page.links:
        if (link.text or link.hint) and not titles.is_more(link.text or link.hint):
            by_shape[link.shape].append(link)
    split = [part for links in _side_by_side(by_shape.values()) for part in _columns(links)]
    first = sorted(split, key=_first_look, reverse=True)[:_WEIGHED]
    found = [_weighed(links, page, now) for links in first]
    pagers = {n for x in page.links if _PAGER.fullmatch(x.text) for n in islice(x.element.iterancestors(), 4)}
    for group in found:
        link = group.rows[0].link
        if not _PAGER.fullmatch(link.text) and not pagers.isdisjoint(islice(group.rows[0].element.iterancestors(), 4)):
            group.weight *= 1.5  # the pager is this list's
        if folder:
            inside = sum(r.link.url is not None and r.link.url.startswith(folder) for r in group.rows)
            group.weight *= 1 + 0.3 * inside / len(group.rows)
    return sorted(found, key=lambda g: g.weight, reverse=True)


def read(page: Outline, url: str, *, now: date | None = None) -> tuple[list[Entry], Group | None]:
    """The entries of the page's list in page order, each address once, and the group they are of; ([], None) where there is no list."""
    found = groups(page, url, now=now)
    if not found or found[0].weight < _LIGHTEST:
        return [], None
    best = found[0]
    rows = sorted([*best.rows, *_companions(best, page, now)], key=lambda r: r.link.order)
    return entries_of(rows, page, url), best


def entries_of(rows: Iterable[Row], page: Outline, url: str) -> list[Entry]:
    """Entries of rows; rows that lead nowhere, back to this page or to services are left out."""
    here = _bare(url)
    out: dict[str, Entry] = {}
    pictures: set[str] = set()
    for row in rows:
        link = row.link
        if link.url is None or addresses.is_service(link.url) or (_bare(link.url) == here and "#" not in link.url):
            continue
        shown = title_of(link, page)
        title = titles.fuller(row_days.without_day(shown) if row.in_title else shown, link.hint)
        if titles.is_cut(title):
            title = titles.fuller(title, row.element.get("title") or "")
        if not title or titles.is_more(title):
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
            whole = titles.fuller(titles.fuller(out[link.url].title, link.text), link.hint)
            out[link.url] = replace(out[link.url], title=whole)
    return list(out.values())


def title_of(link: Link, page: Outline) -> str:
    """The title that the link shows: its heading where it has one, its text without the day otherwise."""
    for tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        for heading in link.element.iterdescendants(tag):
            if (text := page.between(*page.spans[heading])) and titles.length(text) >= 2:
                return text
    for part in link.element.iterdescendants("p", "div", "span", "strong", "b", "em", "i"):
        name = (part.get("class") or "").lower()
        if re.search(r"(?:^|[^a-z])(?:\w{0,6}tit(?:le)?|bt|biaoti|name|subject)\d*(?:$|[^a-z])", name):
            text = page.between(*page.spans[part])
            if titles.length(text) >= 3:
                return text
    blocks = [
        b for b in link.element.iterdescendants("p", "div", "dt", "dd", "li") if page.spans[b][0] < page.spans[b][1]
    ]
    if len(blocks) > 1 and (
        best := next(
            (
                t
                for t in (page.between(*page.spans[b]) for b in blocks)
                if titles.length(t) >= 4 and not row_days.is_day(t)
            ),
            "",
        )
    ):
        return best
    pieces = page.chunks[link.start : link.end]
    return " ".join(row_days.without_days(pieces)) if row_days.days_apart(pieces) else link.text


# ── grouping


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
    shaped = [sum(addresses.likeness(x.url) if x.url else 0.4 for x in part) / len(part) for part in (links, first)]
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


def _first_look(links: list[Link]) -> float:
    known = {x.url or x.order for x in links}
    lengths = sorted(titles.length(x.hint if len(x.hint) > len(x.text) else x.text) for x in links)
    middle = min(lengths[len(lengths) // 2], 20.0)
    shaped = sum(addresses.likeness(x.url) if x.url else 0.4 for x in links) / len(links)
    return float(min(len(known), 40) ** 0.7 * (0.2 + middle / 10) ** 1.2 * (0.3 + shaped))


def _weighed(links: list[Link], page: Outline, now: date | None) -> Group:
    rows = row_days.rows_of(links)
    source = row_days.date_rows(rows, page, now)
    dated = sum(r.date is not None for r in rows) / len(rows)
    urls = [x.url for x in links if x.url]
    shaped = sum(map(addresses.likeness, urls)) / len(urls) if urls else 0.3
    days = [r.date.date() if isinstance(r.date, datetime) else r.date for r in rows if r.date]
    falling = sum(a >= b for a, b in pairwise(days)) / (len(days) - 1) if len(days) > 2 else 0.5
    weight: float = _first_look(links) * (0.35 + dated) * (0.8 + 0.4 * falling) * _ground(links)
    if len(set(urls)) < 2:
        weight *= 0.5 if dated and shaped >= 0.8 else 0.1
    if len(urls) > 3 and len(set(urls)) <= len(urls) / 3:
        weight *= 0.2  # one address again and again
    return Group(rows, weight, dated, shaped, source)


def _ground(links: Sequence[Link]) -> float:
    """How good a place for a list this is, by the names of what is around it."""
    value = 1.0
    sample = [links[0], links[len(links) // 2], links[-1]]
    votes: list[float] = []
    for link in sample:
        value = 1.0
        for depth, node in enumerate(link.element.iterancestors()):
            if node.tag in ("body", "html"):
                break
            if node.tag in ("nav", "footer", "header"):
                value = min(value, 0.1)
            name = f"{node.get('class') or ''} {node.get('id') or ''}"
            if depth < 6 and _MENU.search(name):
                value = min(value, 0.25 if depth < 3 else 0.5)
            elif _ASIDE.search(name):
                value = min(value, 0.6)
            if node.tag == "marquee":
                value = min(value, 0.1)
        votes.append(value)
    return float(sorted(votes)[1])


# ── what else belongs to the list


def _companions(best: Group, page: Outline, now: date | None) -> list[Row]:
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
            or _PAGER.fullmatch(link.text)
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
        median(addresses.likeness(r.link.url) for r in best.rows if r.link.url)
        if any(r.link.url for r in best.rows)
        else 0
    )
    for element, links in found.items():
        link = max(links, key=lambda x: (titles.length(x.text or x.hint), -x.order))
        if (
            len(links) <= 3
            and addresses.likeness(link.url or "") >= typical - 0.25
            and titles.length(link.text or link.hint) >= 4
        ):
            rows.append(Row(link, element))
    if len(rows) > max(3, len(best.rows)):
        return []
    row_days.date_rows(rows, page, now)
    if best.dated >= 0.8:
        rows = [r for r in rows if r.date]
    return rows


def _around(row: Row, page: Outline) -> str:
    start, end = page.spans[row.element]
    return page.between(start, min(end, start + 12)) if end > start else ""


def _bare(url: str) -> str:
    return re.sub(r"^https?://", "", url).partition("#")[0].rstrip("/")
