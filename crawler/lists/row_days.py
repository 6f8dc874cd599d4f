"""Rows of a list: the markup around each link, and the day printed there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from lxml import html

from crawler.article import SHANGHAI
from crawler.lists import dates
from crawler.lists.flat_page import FlatPage, Link

_LABEL = re.compile(r"(?:发布|发表|更新|成文|添加)?(?:时间|日期)\s*[:：]")
_PART = re.compile(  # of a day whose parts stand in elements of their own
    r"(?:\d{1,4}|[-/.|年月日号]|\d{1,2}[-/.月]\d{1,2}日?|(?:19|20)\d\d[-/.年]\d{0,2}月?[-/.]?|[/|]\s*(?:19|20)\d\d[-/.年]\d{1,2}月?|\d{1,4}[年月日/.-]"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[.,]?(?:\s\d{1,2})?,?)",
    re.IGNORECASE,
)
_NOT_DIGITS = re.compile(
    r"[\[\]()（）【】<>《》:：\s/.,，|\-–—年月日号发布表于更新编辑时间期]|星期[一二三四五六日天]|周[一二三四五六日]|上午|下午"
    r"|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}|(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}|(?i:AM|PM|CST|GMT)"
)
_LEADING = re.compile(
    r"\s*[\[(（【<《]?\s*((?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}-\d{1,2})\s*(?:[\])）】>》]\s*|\s[\s:：|·]*)(?=\S)"
)
_TRAILING = re.compile(r"[\[(（【\s]\s*((?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*[\])）】]?$")
_GLUED_AFTER = re.compile(r"(?<=[\u3400-\u9fff）)”》！？])((?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})$")
_GLUED_BEFORE = re.compile(r"^((?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})(?=[\u3400-\u9fff“《【])")
_ALIKE = 0.8  # share of different titles below which the days belong to them: 招商周报2024-03-12
_OWN = re.compile(r"[(（]\s*((?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*[)）]$")
_TAKEN_OVER = timedelta(days=366)
_ADDRESS = re.compile(r"https?://\S+")
_WHOLE = re.compile(r"\s*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}")
_MOST_PIECES = 60  # of a row's text on either side of its link
_MOMENT = re.compile(r"\s*1\d{9}(?:\d{3})?\s*")  # seconds or milliseconds since 1970


@dataclass(slots=True)
class Row:
    """A link and the part of the page that belongs to it: `element` is the largest element that holds no other link of its group."""

    link: Link
    element: html.HtmlElement
    date: date | datetime | None = None
    in_title: bool = False  # the day is the one that the link's text begins or ends with


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


def date_rows(rows: list[Row], page: FlatPage, now: date | None) -> str:
    """Gives the rows their days, all from the side of the link where most rows have theirs; tells which."""
    texts = [_sides(rows, i, page) for i in range(len(rows))]
    if headings := _headings(rows):
        for row, sides in zip(rows, texts, strict=True):
            sides["inside"] = _by_heading(row, page, headings) or sides["inside"]
    day_first = dates.day_comes_first(text for sides in texts for text in sides.values())
    known: dict[str, list[date | datetime | None]] = {
        k: [] for k in ("attribute", "inside", "after", "before", "script", "hint", "link", "data")
    }
    for row, sides in zip(rows, texts, strict=True):
        year = dates.year_in_url(row.link.url or "")
        for side, found in known.items():
            text = sides.get(side)
            found.append(dates.in_text(text, now=now, year=year, day_first=day_first) if text else None)
    share = {side: sum(d is not None for d in found) for side, found in known.items()}
    best = max(share, key=lambda side: share[side])
    if not share[best]:
        return ""
    order = [best, *(s for s in share if s != best and s not in ("after", "before") and share[s])]
    for i, row in enumerate(rows):
        row.date = next((known[s][i] for s in order if known[s][i]), None)
        row.in_title = best == "link" and row.date is not None
        if (own := _own_day(row.link.text)) and row.date is not None and own < _day(row.date) - _TAKEN_OVER:
            row.date = own
    if best == "link" and len({without_day(row.link.text) for row in rows}) < _ALIKE * len(rows):
        for row in rows:
            row.in_title = False
    return best


def _own_day(title: str) -> date | None:
    """The day that a title gives its piece, in brackets at its end.

    An institute's list showed 10-11-13, 10-11-14, 10-11-15 beside yearly reports called …报告（2004.11.20）, …（2005.11.30）: it had taken years of them
    over in a week. More than a year before the day shown, the title tells when the piece is from; within a year it may be a session's or a visit's day.
    """
    found = _OWN.search(title.rstrip())
    told = dates.in_text(found[1]) if found else None
    return _day(told) if told is not None else None


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _sides(rows: list[Row], i: int, page: FlatPage) -> dict[str, str]:
    row = rows[i]
    link, (start, end) = row.link, page.spans[row.element]
    parent = row.element.getparent()
    top, bottom = page.spans[parent] if parent is not None and parent in page.spans else (start, end)
    after_end = min(bottom, page.spans[rows[i + 1].element][0]) if i + 1 < len(rows) else bottom
    before_start = max(top, page.spans[rows[i - 1].element][1]) if i else top
    attribute, data = _attributes(row.element)
    return {
        "inside": _telling(
            [*page.chunks[max(link.end, start) : end][:_MOST_PIECES], *page.chunks[start : link.start][-_MOST_PIECES:]]
        ),
        "attribute": attribute,
        "after": _telling(page.chunks[end : min(after_end, end + 8)]) if after_end > end else "",
        "before": _telling(page.chunks[max(before_start, start - 4) : start]) if before_start < start else "",
        "script": _scripted(row.element, link.element) if page.scripts or link.element.get("onclick") else "",
        "link": " ".join(_days(page.chunks[link.start : link.end])),
        "hint": link.hint[label.start() :] if link.hint and (label := _LABEL.search(link.hint)) else "",
        "data": data,
    }


def _headings(rows: list[Row]) -> dict[int, str]:
    """What a table calls its columns of days, by their number: where there are two, the name tells which is meant."""
    if not rows or rows[0].element.tag != "tr":
        return {}
    first = rows[0].element
    table = next(first.iterancestors("table"), None)
    head = next(table.iter("tr"), None) if table is not None else None
    if head is None or head is first:
        return {}
    names = ["".join(cell.itertext()).strip() for cell in head.iterchildren("th", "td")]
    found = {n: name for n, name in enumerate(names) if len(name) <= 12 and re.search(r"时\s*间|日\s*期", name)}
    return found if len(found) > 1 else {}


def _by_heading(row: Row, page: FlatPage, headings: dict[int, str]) -> str:
    cells = list(row.element.iterchildren("th", "td"))
    parts = ((headings[n], page.text_of(cells[n])) for n in headings if n < len(cells))
    return " ".join(f"{name}：{text}" for name, text in parts if text)


def _scripted(element: html.HtmlElement, link: html.HtmlElement) -> str:
    """What the small scripts in a row, or right after a bare link, say: document.write('2024-03-15'), open('…', '2024-03-15')."""
    found = list(element.iter("script"))
    if element.tag == "a" and (after := element.getnext()) is not None and after.tag == "script":
        found.append(after)
    clicked = [w for w in re.findall(r"""['"]([^'"]*)['"]""", link.get("onclick") or "") if _WHOLE.match(w)]
    return " ".join([*(s.text for s in found if s.text and len(s.text) < 300), *clicked])


def _attributes(element: html.HtmlElement) -> tuple[str, str]:
    """The day in the title of what shows it (3 天前), and the day that any attribute is: data-date="2024-03-15"."""
    told = data = ""
    for node in islice(element.iter(), 40):
        if not isinstance(node.tag, str):
            continue
        for name, value in node.items():
            if not data and name not in ("href", "src", "class", "id", "style", "alt"):
                if _WHOLE.match(value) and len(value) <= 32:
                    data = value
                elif _MOMENT.fullmatch(value) and re.search(r"time|date", name):
                    data = str(datetime.fromtimestamp(int(value.strip()[:10]), SHANGHAI))[:19]
                else:
                    continue
                if node.tag not in ("a", "img", "input", "li", "tr") and name in ("title", "datetime", "data-time"):
                    told = data
        if told:
            break
    return told, data


def _telling(pieces: list[str]) -> str:
    """Of the text in a row the pieces that can tell its day: short ones, and of long ones what follows 发布时间 or the like; not the introduction."""
    out: list[str] = []
    for piece in _joined(pieces):
        if "://" in piece:  # search lists show the address before the day
            piece = _ADDRESS.sub("", piece).strip()
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


def _joined(pieces: list[str]) -> list[str]:
    """Pieces with those made one that are the parts of a day: 2024, -, 03, -, 15."""
    out: list[str] = []
    open_ = False
    for piece in pieces:
        part = len(piece) <= 12 and _PART.fullmatch(piece) is not None
        if part and open_ and len(out[-1]) + len(piece) <= 20:
            out[-1] += " " + piece
        else:
            out.append(piece)
        open_ = part
    return out


def is_day(text: str) -> bool:
    """Whether a piece of text is a day (or a part of one) and nothing else."""
    if len(text) > 40 or not any(c.isdigit() for c in text):
        return False
    bare = _NOT_DIGITS.sub("", text)
    return bare.isdigit() and 1 <= len(bare) <= 14


def _days(pieces: list[str]) -> list[str]:
    """Of a link's pieces those that are days, or the day in brackets that begins or ends its text."""
    if days_apart(pieces):
        return [p for p in _joined(pieces) if is_day(p)]
    for text in (" ".join(pieces), *pieces):  # or one of its pieces: a heading before the same words again
        if (
            found := _TRAILING.search(text)
            or _LEADING.match(text)
            or _GLUED_AFTER.search(text)
            or _GLUED_BEFORE.match(text)
        ):
            return [found[1]]
    for text in pieces[1:]:
        if (label := _LABEL.match(text)) and (day := _WHOLE.match(text, label.end())):
            return [day[0].strip()]
    return []


def days_apart(pieces: list[str]) -> bool:
    """Whether a link has its day in pieces of its own, beside the title: 12 and 2024-01, or 2024-01-12."""
    return len(pieces) > 1 and any(re.search(r"\d{1,4}[-/.年月]\d{1,2}", p) and is_day(p) for p in _joined(pieces))


def without_days(pieces: list[str]) -> list[str]:
    """A link's text without the pieces that are days."""
    return [p for p in _joined(pieces) if not is_day(p)] or pieces


def without_day(text: str) -> str:
    """A title without the day that a list puts before or behind it."""
    bare = re.sub(r"\s*" + _TRAILING.pattern, "", _LEADING.sub("", text, count=1))
    return _GLUED_AFTER.sub("", _GLUED_BEFORE.sub("", bare)) or text
