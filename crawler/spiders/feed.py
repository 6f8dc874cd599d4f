"""Feeds: RSS, Atom, sitemaps and their indexes, news sitemaps; and pages that name a feed."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from datetime import date, datetime

from scrapy.http import Response

from crawler.archive import ListState
from crawler.article import SHANGHAI
from crawler.lists.parsed_document import Document
from crawler.platforms import ListError, ListPage
from crawler.platforms.registry import list_in
from crawler.reasons import describe_error
from crawler.spiders.scrapy_response import headers_of
from crawler.spiders.selector_list import document_of
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import Visit

MOST_UNPACKED = 50_000_000  # bytes: the limit of the sitemap protocol
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


def feed(visit: Visit) -> SiteKind:
    """A feed is a list with one page; an index of sitemaps names further lists."""
    index = FeedIndex(visit)
    return SiteKind(read=index.read, role="feed", digest=index.digest)


class FeedIndex:
    """Reads feeds, and remembers what an index said of its parts."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._changes: dict[str, str] = {}  # when parts of an index last changed, by what it says

    def digest(self, state: ListState) -> str | None:
        """What the index of this visit said of a part's last change."""
        return self._changes.get(state.url)

    def read(self, response: Response) -> ListPage:
        """The feed on a page, without the parts of an index that have not changed. Raises ListError."""
        body = _unpacked(response.body)
        is_packed = body is not response.body
        document = Document.open(body, response.url, headers_of(response)) if is_packed else document_of(response)
        page = list_in(document)
        if page.platform in ("rss", "sitemap"):
            self._changes.update((url, changed.isoformat()) for url, changed in page.changed.items())
            left = tuple(url for url in page.lists if not self._is_settled(url, page.changed.get(url)))
            self._visit.stats.unmoved += len(page.lists) - len(left)
            return replace(page, lists=left)
        links = (
            [link.get("href") for kind in _TYPES for link in document.tree.iter("link") if link.get("type") == kind]
            if document.text.lstrip().startswith("<")
            else []
        )
        if not links:
            raise ListError("不是 RSS、Atom 或网站地图，页面也没有指明订阅地址")
        lists = tuple(url for link in links if (url := document.absolute(link)))
        return replace(page, entries=(), next_page=None, next_request=None, lists=lists)

    def _is_settled(self, address: str, changed: date | datetime | None) -> bool:
        """Whether a part of an index was read to its end, and has not changed since by what the index says; a day counts until it is over.

        What it says must be what it said then: many give the day of the newest article, which may have been published later than that.
        """
        state = self._visit.archive.frontier.list_state(self._visit.source.name, address)
        if changed is None or not state.done or state.visited_at is None or state.digest != changed.isoformat():
            return False
        if isinstance(changed, datetime) and changed.tzinfo is not None:
            return changed < state.visited_at
        day = changed.date() if isinstance(changed, datetime) else changed
        return day < state.visited_at.astimezone(SHANGHAI).date()


def _unpacked(body: bytes) -> bytes:
    """A sitemap that is served as a gzip file, unpacked."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(body, MOST_UNPACKED)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise ListError(f"压缩的网站地图已损坏（{describe_error(error)}）") from error
    if unpacker.unconsumed_tail:
        raise ListError("压缩的网站地图解开后超过 50 MB")
    return plain
