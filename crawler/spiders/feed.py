"""FeedSpider: RSS, Atom, sitemaps and their indexes, news sitemaps; and pages that name a feed."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.archive import ListState
from crawler.article import SHANGHAI
from crawler.platforms import ListError, ListPage, ListRequest
from crawler.platforms.document import Document
from crawler.platforms.reading import list_in
from crawler.reasons import reason_of
from crawler.spiders.list_reader import ListVisit
from crawler.spiders.listing import document_of
from crawler.spiders.portal import PortalSpider
from crawler.spiders.site import headers_of

MOST_UNPACKED = 50_000_000  # bytes: the limit of the sitemap protocol
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


class FeedSpider(PortalSpider):
    """A feed is a list with one page; an index of sitemaps names further lists."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes: dict[str, str] = {}  # when parts of an index last changed, by what it says

    def save(self, visit: ListVisit, state: ListState) -> None:
        super().save(visit, replace(state, digest=self.changes.get(visit.address)))

    def list_request(
        self, request: ListRequest, callback: Any, errback: Any, priority: int, **arguments: Any
    ) -> Request:
        made = super().list_request(request, callback, errback, priority, **arguments)
        made.meta["role"] = "feed"
        return made

    def list_page(self, response: Response) -> ListPage:
        body = _unpacked(response.body)
        is_packed = body is not response.body
        document = Document.open(body, response.url, headers_of(response)) if is_packed else document_of(response)
        page = list_in(document)
        if page.platform in ("rss", "sitemap"):
            self.changes.update((url, changed.isoformat()) for url, changed in page.changed.items())
            left = tuple(url for url in page.lists if not self.is_settled(url, page.changed.get(url)))
            self.tally.unmoved += len(page.lists) - len(left)
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

    def is_settled(self, address: str, changed: date | datetime | None) -> bool:
        """Whether a part of an index was read to its end, and has not changed since by what the index says; a day counts until it is over.

        What it says must be what it said then: many give the day of the newest article, which may have been published later than that.
        """
        state = self.archive.list_state(self.source.name, address)
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
        raise ListError(f"压缩的网站地图已损坏（{reason_of(error)}）") from error
    if unpacker.unconsumed_tail:
        raise ListError("压缩的网站地图解开后超过 50 MB")
    return plain
