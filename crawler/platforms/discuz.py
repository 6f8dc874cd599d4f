"""Discuz! X2–X3.5 boards: forumdisplay, dynamic or rewritten, and the archiver. One entry a thread, dated by its opening post."""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import urljoin

from lxml import html

from crawler.canonical import canonicalise
from crawler.lists import dates, paging, titles
from crawler.lists.flat_page import flatten, squeezed
from crawler.lists.list_page import ArticleHints, Entry, ListPage, Recognition
from crawler.lists.page_number import page_number
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import examine
from crawler.platforms.system import ForumAddresses, System

PLATFORM = "discuz"
ARTICLE = ArticleHints(title="#thread_subject", date="em[id^=authorposton]", body="td[id^=postmessage_]")

_MARKS = (
    Fingerprint(0.95, "generator", ("discuz",), re.compile(r"""name=["']generator["'][^>]*Discuz""", re.IGNORECASE)),
    Fingerprint(0.9, "Discuz! 脚本", ("discuz_uid =", "discuz_uid=", "discuzcode", "powered by discuz")),
    Fingerprint(
        0.9, "normalthread 行", ("normalthread_", "stickthread_"), re.compile(r"""id=["'](?:normal|stick)thread_\d+""")
    ),
    Fingerprint(0.7, "archiver 地址", ("archiver/?tid-", "archiver/?fid-")),
    Fingerprint(
        0.6, "帖子地址", ("thread",), re.compile(r"thread-\d+-\d+-\d+\.html|mod=viewthread&(?:amp;)?tid=\d+"), 3
    ),
)
_ROW = re.compile(r"(?:normal|stick)thread_(\d+)$")
_TID = re.compile(r"(?:[?&]tid=|thread-|tid-)(\d+)")
_BOARD = re.compile(r"mod=forumdisplay&fid=\d+|forum-\w+-\d+\.html|[?]fid-\d+\.html")
_DYNAMIC_BOARD = re.compile(r"(.*/)forum\.php\?mod=forumdisplay&fid=(\d+)")
_DYNAMIC = re.compile(r"[^?]*/(?:forum|viewthread)\.php\?")
_WALL = re.compile(r"""id=["']messagetext["']""")


def recognise(document: Document) -> Recognition:
    """By its generator, its rows, its threads' addresses."""
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """A board's threads; the boards, where the page is an index of them; nothing, where it is a wall."""
    if _WALL.search(document.text):
        return ListPage((), reason="论坛提示页，没有列表")
    if "/archiver" in document.url or "Archiver</title>" in document.text[:4000]:
        return _read_archiver(document)
    entries: dict[str, Entry] = {}
    for node in document.tree.iter("tbody", "dl", "li", "div", "tr", "ul"):
        row = _ROW.search(node.get("id") or "")
        if row and (entry := _entry(node, row[1], document)):
            entries.setdefault(entry.url, entry)
    if entries:
        return ListPage(tuple(entries.values()), _not_a_thread(paging.next_link(flatten(document), document)))
    found = examine(document)
    threads = tuple(e for e in found.entries if _TID.search(e.url) and "goto=" not in e.url)
    if threads and len(threads) * 2 >= len(found.entries):
        return ListPage(threads, _not_a_thread(found.next_page))
    return ListPage((), lists=_boards(document))


def newest_first(address: str) -> str | None:
    """A board's dynamic address with its threads in the order of their opening posts, newest first; the default is by last reply."""
    board = canonicalise(address)
    return paging.with_query(board, filter="author", orderby="dateline") if _DYNAMIC_BOARD.fullmatch(board) else None


def elsewhere(address: str) -> tuple[str, ...]:
    """First the board in its own order, then the archiver."""
    board = _DYNAMIC_BOARD.match(canonicalise(address))
    return (address, urljoin(board[1], f"archiver/?fid-{board[2]}.html")) if board else ()


def is_decorated(thread: str) -> bool:
    """A dynamic address has parameters that select nothing; a rewritten one is fetched as it was found."""
    return _DYNAMIC.match(thread) is not None


def _not_a_thread(url: str | None) -> str | None:
    """A board's next page; the little pagers behind long threads lead into the threads."""
    return None if url and _TID.search(url) else url


def _entry(node: html.HtmlElement, tid: str, document: Document) -> Entry | None:
    named: list[tuple[float, str, str]] = []
    for link in node.iter("a"):
        href = link.get("href") or ""
        found = _TID.search(href)
        text = squeezed(link.text_content())
        if (
            not found
            or found[1] != tid
            or "goto=" in href
            or not text
            or (text.isdigit() and "xst" not in (link.get("class") or ""))
        ):
            continue
        url = document.absolute(href)
        if url:
            named.append(
                (
                    100.0 if "xst" in (link.get("class") or "").split() else titles.length(text),
                    titles.fuller(text, link.get("title") or ""),
                    url,
                )
            )
    if not named:
        return None
    _, title, url = max(named, key=lambda n: n[0])
    return Entry(url, title, _posted(node, document), (node.get("id") or "").startswith("stick"))


def _posted(node: html.HtmlElement, document: Document) -> date | datetime | None:
    """The opening post's day: the first that the row shows, or that stands in the title of 3 天前."""
    places = [c for c in node.iter("td") if "by" in (c.get("class") or "").split()][:1] or [node]
    now = dates.served_on(document.headers)
    for part in places[0].iter("span", "em", "cite", "p", "time"):
        if (told := dates.in_text(part.get("title") or "")) or (
            len(own := squeezed(part.text_content())) < 40 and (told := dates.in_text(own, now=now))
        ):
            return told
    return None


def _read_archiver(document: Document) -> ListPage:
    entries: dict[str, Entry] = {}
    following = None
    asked = re.search(r"[?&]page=(\d{1,6})", document.url)
    current = int(asked[1]) if asked else 1
    for node in document.tree.iter("a", "strong"):
        text = squeezed(node.text_content())
        if node.tag == "strong":
            if (found := re.fullmatch(r"\[(\d+)\]", text)) is not None:
                current = page_number(found[1]) or 1
            continue
        url = document.absolute(node.get("href"))
        if url is None:
            continue
        if re.search(r"\?tid-\d+\.html$|/tid-\d+\.html$", url) and text:
            entries.setdefault(url, Entry(url, titles.cleaned(text)))
        elif "fid-" in url and text == str(current + 1) and entries:
            following = url
    if entries or "fid-" in document.url:
        return ListPage(tuple(entries.values()), following)
    return ListPage((), lists=_boards(document))


def _boards(document: Document) -> tuple[str, ...]:
    found = (
        document.absolute(a.get("href"))
        for a in document.tree.iter("a")
        if _BOARD.search(a.get("href") or "") and "filter=" not in (a.get("href") or "")
    )
    return tuple(dict.fromkeys(u for u in found if u and u != document.url))


SYSTEM = System(PLATFORM, recognise, read, ARTICLE, forum=ForumAddresses(newest_first, elsewhere, is_decorated))
