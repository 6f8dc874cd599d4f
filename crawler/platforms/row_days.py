"""Rows: the ground around each link of a list, and the day that stands there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from lxml import html

from crawler.platforms import dates
from crawler.platforms.outline import Link, Outline

_LABEL = re.compile(r"(?:发布|发表|更新|成文|添加)?(?:时间|日期)\s*[:：]")


@dataclass(slots=True)
class Row:
    """A link with the ground around it: `element` is the largest part of the page that holds no other link of its group."""

    link: Link
    element: html.HtmlElement
    date: date | datetime | None = None


def rows_of(links: list[Link]) -> list[Row]:
    """A row for each link of a group, as large as it can be without touching the next."""
    counts: Counter[html.HtmlElement] = Counter()
    for link in links:
        counts.update(link.element.iterancestors())
    rows: list[Row] = []
    for link in links:
        element = link.element
        if len(links) > 1:
            for parent in element.iterancestors():
                if counts[parent] > 1 or parent.tag in ("body", "html"):
                    break
                element = parent
        else:
            element = next((p for p in element.iterancestors("li", "tr", "dl", "dd", "p")), element)
        rows.append(Row(link, element))
    return rows


def date_rows(rows: list[Row], page: Outline, now: date | None) -> str:
    """Gives the rows their days, all from the side of the link where most rows have theirs; tells which."""
    known: dict[str, list[date | datetime | None]] = {
        k: [] for k in ("inside", "attribute", "after", "before", "script", "link")
    }
    for i, row in enumerate(rows):
        year = dates.year_in_url(row.link.url or "")
        for side, text in _sides(rows, i, page).items():
            known[side].append(dates.in_text(text, now=now, year=year) if text else None)
    share = {side: sum(d is not None for d in found) for side, found in known.items()}
    best = max(share, key=lambda side: share[side])
    if not share[best]:
        return ""
    order = [best, *(s for s in share if s != best and s not in ("after", "before") and share[s])]
    for i, row in enumerate(rows):
        row.date = next((known[s][i] for s in order if known[s][i]), None)
    return best


def _sides(rows: list[Row], i: int, page: Outline) -> dict[str, str]:
    row = rows[i]
    link, (start, end) = row.link, page.spans[row.element]
    parent = row.element.getparent()
    top, bottom = page.spans[parent] if parent is not None and parent in page.spans else (start, end)
    after_end = min(bottom, page.spans[rows[i + 1].element][0]) if i + 1 < len(rows) else bottom
    before_start = max(top, page.spans[rows[i - 1].element][1]) if i else top
    return {
        "inside": _telling([*page.chunks[max(link.end, start) : end], *page.chunks[start : link.start]]),
        "attribute": _attribute(row.element),
        "after": _telling(page.chunks[end : min(after_end, end + 8)]) if after_end > end else "",
        "before": _telling(page.chunks[max(before_start, start - 4) : start]) if before_start < start else "",
        "script": _scripted(row.element) if page.scripts else "",
        "link": " ".join(_days(page.chunks[link.start : link.end])),
    }


def _scripted(element: html.HtmlElement) -> str:
    """What the small scripts in a row, or right after a bare link, say: document.write('2024-03-15')."""
    found = list(element.iter("script"))
    if element.tag == "a" and (after := element.getnext()) is not None and after.tag == "script":
        found.append(after)
    return " ".join(s.text for s in found if s.text and len(s.text) < 300)


def _attribute(element: html.HtmlElement) -> str:
    for node in element.iter("time", "span", "em", "i", "td"):
        value = node.get("datetime") or node.get("data-time") or node.get("title") or ""
        if re.match(r"\s*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}", value):
            return value
    return ""


def _telling(pieces: list[str]) -> str:
    """Of the text in a row the pieces that can tell its day: short ones, and of long ones what follows 发布时间 or the like; not the introduction."""
    out: list[str] = []
    for piece in pieces:
        if not dates.may_tell(piece):
            continue
        if is_day(piece) or len(piece) <= 32:
            out.append(piece)
        elif label := _LABEL.search(piece):
            out.append(piece[label.start() :][:40])
        elif (
            not out
            and len(piece) <= 80
            and re.search(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s*[\d:]*\s*[\])）】]?$", piece)
        ):
            out.append(piece[-24:])
    days = [p for p in out if is_day(p)]
    return " ".join(days if any(len(re.sub(r"\D", "", p)) >= 3 for p in days) else out)


def is_day(text: str) -> bool:
    """Whether a piece of text is a day (or a part of one) and nothing else."""
    if len(text) > 32 or not any(c.isdigit() for c in text):
        return False
    bare = re.sub(r"[\[\]()（）【】:：\s/.\-–年月日发布表时间期更新]", "", text)
    return bare.isdigit() and 1 <= len(bare) <= 14


def _days(pieces: list[str]) -> list[str]:
    """Of a link's pieces those that are days, or the day that ends its text in brackets."""
    if days_apart(pieces):
        return [p for p in pieces if is_day(p)]
    tail = re.search(r"[\[(（【\s]\s*((?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*[\])）】]?$", " ".join(pieces))
    return [tail[1]] if tail else []


def days_apart(pieces: list[str]) -> bool:
    """Whether a link has its day in pieces of its own, beside the title: 12 and 2024-01, or 2024-01-12."""
    return len(pieces) > 1 and any(re.search(r"\d{1,4}[-/.年月]\d{1,2}", p) and is_day(p) for p in pieces)


def without_days(pieces: list[str]) -> list[str]:
    """A link's text without the pieces that are days."""
    return [p for p in pieces if not is_day(p)] or pieces
