"""What several pages of a source share though each should have its own: a title, which is then none, or a whole text, which is then an error's.

One page alone cannot tell. Pages whose title is not the list's are remembered; the third with the same title, and other words in the list, says what it is.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from crawler.archive import Archive, Capture
from crawler.article import SHARED, Article
from crawler.extraction.list_witness import Listed, alike
from crawler.extraction.metadata.title import key

SHARING = 3  # pages whose titles in the list differ
EARLIER = 60  # pages of a source that are looked back at
SAME_TEXT = "与本站别的页面内容相同"  # what the reason begins with


@dataclass(frozen=True, slots=True)
class _Suspect:
    capture: int
    listed: str
    text: bytes  # its digest; empty where it is not known


class SharedReads:
    """The titles and texts of one run, with those of earlier runs for sources of which a page looks suspicious."""

    def __init__(self, archive: Archive, read: Callable[[int], Article | None]) -> None:
        """`read` extracts a capture anew."""
        self._archive, self._read = archive, read
        self._suspects: dict[str, dict[str, dict[str, _Suspect]]] = {}  # by source, title and page
        self._titles: defaultdict[str, set[str]] = defaultdict(set)
        self._texts: defaultdict[str, set[bytes]] = defaultdict(set)

    def titles(self, source: str | None) -> frozenset[str]:
        """The titles of a source that are none, as far as is known by now."""
        return frozenset(self._titles.get(source or "", ()))

    def refusal(self, capture: Capture, article: Article) -> str | None:
        """Why there is no article, where its text is that of other pages with other titles."""
        texts = self._texts.get(capture.source or "")
        return f"{SAME_TEXT}：{article.title[:20]}" if texts and _digest(article) in texts else None

    def seen(self, capture: Capture, article: Article, listed: Listed | None) -> list[int]:
        """Takes in what was read on a page; the captures that are to be read again, because now more is known of what they share."""
        known = article.provenance.get("title")
        if not capture.source or listed is None or not listed.title or (known and known.rule == SHARED):
            return []
        if alike(article.title, listed.title):
            return []
        groups = self._suspects.get(capture.source)
        if groups is None:
            groups = self._suspects[capture.source] = self._earlier(capture.source)
        if article.title in self._titles[capture.source]:
            return [capture.id]
        group = groups.setdefault(article.title, {})
        group[capture.canonical_url] = _Suspect(capture.id, key(listed.title), _digest(article))
        if len({suspect.listed for suspect in group.values()}) < SHARING:
            return []
        self._titles[capture.source].add(article.title)
        by_text: defaultdict[bytes, set[str]] = defaultdict(set)
        for suspect in group.values():
            by_text[suspect.text].add(suspect.listed)
        self._texts[capture.source] |= {t for t, listed_as in by_text.items() if t and len(listed_as) >= SHARING}
        again = [suspect.capture for suspect in group.values()]
        group.clear()
        return again

    def _earlier(self, source: str) -> dict[str, dict[str, _Suspect]]:
        groups: dict[str, dict[str, _Suspect]] = {}
        refused: dict[str, int] = {}
        for page in self._archive.captures.extracted(source, limit=EARLIER):
            known = page.article.provenance.get("title") if page.article else None
            if known and known.rule == SHARED:
                self._titles[source].add(known.against.partition("：")[2])
            elif (page.reason or "").startswith(SAME_TEXT):
                refused.setdefault(page.reason or "", page.capture)
            elif page.title and page.listed and not alike(page.title, page.listed):
                digest = _digest(page.article) if page.article else b""
                suspect = _Suspect(page.capture, key(page.listed), digest)
                groups.setdefault(page.title, {}).setdefault(page.canonical_url, suspect)
        for capture in refused.values():
            if (article := self._read(capture)) is not None:
                self._texts[source].add(_digest(article))
        return groups


def _digest(article: Article) -> bytes:
    return hashlib.sha1(article.text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
