"""FeedSpider: RSS, Atom, sitemaps and their indexes, news sitemaps; and pages that name a feed."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.platforms import ListError, ListPage, ListRequest, read_list
from crawler.reasons import reason_of
from crawler.spiders.portal import PortalSpider
from crawler.spiders.site import headers_of

MOST_UNPACKED = 50_000_000  # bytes: the limit of the sitemap protocol
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


class FeedSpider(PortalSpider):
    """A feed is a list with one page; an index of sitemaps names further lists."""

    def list_request(
        self, request: ListRequest, callback: Any, errback: Any, priority: int, **arguments: Any
    ) -> Request:
        made = super().list_request(request, callback, errback, priority, **arguments)
        made.meta["role"] = "feed"
        return made

    def list_page(self, response: Response) -> ListPage:
        body = _unpacked(response.body)
        page = read_list(body, response.url, headers=headers_of(response))
        if page.platform in ("rss", "sitemap"):
            return page
        links = (
            [link for kind in _TYPES for link in response.xpath("//link[@type=$kind]/@href", kind=kind).getall()]
            if response.body.lstrip().startswith(b"<")
            else []
        )
        if not links:
            raise ListError("不是 RSS、Atom 或网站地图，页面也没有指明订阅地址")
        return replace(
            page, entries=(), next_page=None, next_request=None, lists=tuple(response.urljoin(link) for link in links)
        )


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
