"""Obeys Retry-After: a server that names a time is not asked again before it."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from crawler.web.site_policy import says_when


class RetryAfterMiddleware:
    """Stands before the retries: what answers with an error and Retry-After waits for another night."""

    def process_response(self, request: Request, response: Response) -> Response:
        if says_when(response.status, response.headers.get("Retry-After")):
            request.meta["dont_retry"] = True
        return response
