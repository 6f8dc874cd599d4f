"""Articles on several pages: the address of the next part, and the parts joined to one article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler.article import Article, Block, text_of
from crawler.extraction.page.lines import Frame
from crawler.lists.page_number import page_number

_NUMBERED = re.compile(r"^(?P<stem>.*?)(?:[_-](?P<n>\d{1,2}))?(?P<ext>\.[a-zA-Z]{2,5})?$")
_PAGE_KEYS = ("page", "p", "pn", "pageno", "pagenum", "cp", "currentpage")
_NEXT = re.compile(r"下一?[页頁]|后一?页|next", re.I)
_TRS = re.compile(r"""createPageHTML\(\s*(\d+)\s*,\s*(\d+)\s*,\s*["']([^"']+)["']\s*,\s*["'](\w+)["']""")


def next_part(frame: Frame, url: str) -> str | None:
    """Absolute URL of the page on which the article goes on; links to other articles do not count."""
    here = _position(url)
    later: list[tuple[bool, int, str]] = []
    for anchor in frame.anchors:
        there = _position(anchor.href)
        if there[:-1] == here[:-1] and there[-1] > here[-1]:
            text = anchor.text.strip()
            if _NEXT.search(text) or page_number(text) in (there[-1], there[-1] + 1):
                later.append((not _NEXT.search(text), there[-1], anchor.href))
    if later:
        return min(later)[2]
    for script in frame.scripts:
        if (match := _TRS.search(script)) and _is_own(url, match[3]):
            count, current = page_number(match[1]), page_number(match[2])
            if count is not None and current is not None and current + 1 < count:
                return urljoin(url, f"{match[3]}_{current + 1}.{match[4]}")
    return None


def _position(url: str) -> tuple[str, str, str, tuple[tuple[str, str], ...], int]:
    """(host, stem, extension, other parameters, number of the page); a page without a number is number 0 or 1, both before 2."""
    parts = urlsplit(url)
    number = 0
    pairs = []
    for name, value in parse_qsl(parts.query):
        if name.lower() in _PAGE_KEYS and value.isdecimal() and len(value) < 4:
            number = int(value)
        else:
            pairs.append((name, value))
    match = _NUMBERED.match(parts.path)
    assert match  # every part of the pattern is optional
    stem, ext = match["stem"], match["ext"] or ""
    if match["n"] and not number:
        number = int(match["n"])
    elif match["n"]:
        stem = f"{stem}_{match['n']}"
    return parts.netloc, stem, ext, tuple(sorted(pairs)), number


def _is_own(url: str, name: str) -> bool:
    last = urlsplit(url).path.rpartition("/")[2]
    return re.sub(r"(?:_\d{1,2})?\.\w+$", "", last) == name


def join(articles: Sequence[Article]) -> Article:
    """One article of its parts in reading order: metadata of the first, blocks and attachments of all. Raises ValueError without parts.

    A title or heading that later parts repeat is kept once; `next_part` is the last part's.
    """
    if not articles:
        raise ValueError("没有可合并的页面")
    first = articles[0]
    blocks: list[Block] = list(first.blocks)
    seen = {b for b in first.blocks if b.kind == "image" or len(b.plain()) >= 20}
    for part in articles[1:]:
        fresh = list(part.blocks)
        while fresh and fresh[0].kind in ("heading", "paragraph") and fresh[0].text in (first.title, part.title):
            fresh.pop(0)
        if all(b in seen for b in fresh if b.kind == "image" or len(b.plain()) >= 20) and any(
            len(b.plain()) >= 20 for b in fresh
        ):
            continue  # past the end, sites serve the last or the first page again
        blocks += [b for b in fresh if b.kind != "image" or b not in seen]
        seen.update(b for b in fresh if b.kind == "image" or len(b.plain()) >= 20)
    attachments = {a.url: a for part in articles for a in part.attachments}
    found = {
        name: value
        for part in reversed(articles)
        for name in ("author", "editor", "origin")
        if (value := getattr(part, name))
    }
    provenance = {**{k: p for part in reversed(articles) for k, p in part.provenance.items()}}
    return first.with_(
        blocks=tuple(blocks),
        text=text_of(blocks),
        attachments=tuple(attachments.values()),
        next_part=articles[-1].next_part,
        provenance=provenance,
        **found,
    )
