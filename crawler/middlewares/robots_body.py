"""The beginning of a robots.txt is what counts of it: one without an end, or one that grows when it is decompressed, is cut and not given up."""

from __future__ import annotations

import sys
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response

from crawler.middlewares.robots import is_robots
from crawler.web.content_encoding import EncodingFault, decompress_beginning
from crawler.web.site_policy import SitePolicy


class RobotsBodyMiddleware:
    """Stands before the decompression of Scrapy, which knows no beginning."""

    def __init__(self, policy: SitePolicy) -> None:
        self._most = policy.most_robots_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler.settings["SITE_POLICY"])
        crawler.signals.connect(middleware.received, signal=signals.bytes_received)
        return middleware

    def process_request(self, request: Request) -> None:
        if is_robots(request):
            request.meta.update(download_maxsize=sys.maxsize, robots_bytes=0)

    def received(self, data: bytes, request: Request) -> None:
        if is_robots(request):
            request.meta["robots_bytes"] += len(data)
            if request.meta["robots_bytes"] >= self._most:
                raise StopDownload(fail=False)

    def process_response(self, request: Request, response: Response) -> Response:
        if not is_robots(request):
            return response
        body = response.body
        encodings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower().split(",")
        for encoding in filter(None, map(str.strip, reversed(encodings))):
            if encoding == "identity" or not body:
                continue
            try:
                body = decompress_beginning(body, encoding, self._most)
            except EncodingFault as error:
                raise IgnoreRequest(f"压缩的内容已损坏（{error}）") from error
        answer = response.replace(body=body[: self._most])
        answer.headers.pop("Content-Encoding", None)
        return answer
