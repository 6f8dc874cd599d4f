"""Scrapy's redirects and decompression, where the answer is at fault: the request is dropped for a reason that says so, and no exception of a parser's goes on."""

from __future__ import annotations

import sys
import zlib

import brotli
from scrapy import Request
from scrapy.downloadermiddlewares import httpcompression, redirect
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError


class RedirectMiddleware(redirect.RedirectMiddleware):
    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # the spider is no longer given
        """Raises IgnoreRequest where the answer leads to what is no address, or leads on for too long."""
        try:
            return super().process_response(request, response)
        except ValueError as error:
            location = (response.headers["Location"] or b"").decode("latin-1")
            raise IgnoreRequest(f"转到的不是网址：{location[:200]}") from error


class DecompressionMiddleware(httpcompression.HttpCompressionMiddleware):
    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # the spider is no longer given
        """Raises IgnoreRequest where the body cannot be decompressed, or becomes too large."""
        try:
            return super().process_response(request, response)
        except (zlib.error, brotli.error, ZstdError) as error:
            raise IgnoreRequest(f"压缩的内容已损坏（{error}）") from error
