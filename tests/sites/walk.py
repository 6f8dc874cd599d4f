"""Following a list to its end with read_list alone, as the simplest spider would."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

from crawler.canonical import canonicalise
from crawler.platforms import Entry, ListPage, ListRequest, read_list


@dataclass
class Walk:
    """`found`: how many list rows named each article (canonical address); `ended`: why the walk stopped."""

    found: Counter[str] = field(default_factory=Counter)
    entries: dict[str, Entry] = field(default_factory=dict)
    pages: list[ListPage] = field(default_factory=list)
    ended: str = ""


def follow(start: str, *, known: set[str] | None = None, most: int = 60) -> Walk:
    """From `start` by next_page or next_request until there is none, it leads in a circle, it fails, or a page brings nothing new."""
    walk = Walk()
    asked: set[tuple[str, str, bytes]] = set()
    request: ListRequest | None = ListRequest("GET", start)
    while request is not None:
        key = (request.method, canonicalise(request.url), request.body)
        if key in asked:
            walk.ended = "circle"
            return walk
        if len(walk.pages) >= most:
            walk.ended = "budget"
            return walk
        asked.add(key)
        try:
            content, headers = fetch(request)
        except urllib.error.HTTPError as error:
            error.close()
            walk.ended = f"HTTP {error.code}"
            return walk
        page = read_list(content, request.url, headers=headers)
        walk.pages.append(page)
        before = len(walk.found)
        for entry in page.entries:
            canonical = canonicalise(entry.url)
            walk.found[canonical] += 1
            if canonical not in (known or ()):
                walk.entries.setdefault(canonical, entry)
        nothing = (
            len(walk.found) == before
            if known is None
            else not any(canonicalise(e.url) not in known for e in page.entries)
        )
        if nothing and (page.entries or len(walk.pages) > 2):
            walk.ended = "nothing new"
            return walk
        request = page.next_request or (ListRequest("GET", page.next_page) if page.next_page else None)
    walk.ended = "end"
    return walk


def fetch(request: ListRequest) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an answer. Raises urllib.error.HTTPError."""
    made = urllib.request.Request(
        request.url,
        data=request.body if request.method == "POST" else None,
        headers=dict(request.headers),
        method=request.method,
    )
    with urllib.request.urlopen(made, timeout=5) as response:
        return response.read(), dict(response.headers.items())
