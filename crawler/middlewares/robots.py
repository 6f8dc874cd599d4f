"""A robots.txt that answers with a server's error forbids all, as RFC 9309 has it: nobody knows what it would have said."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached


class RobotsErrorMiddleware:
    """Stands behind the retries; Scrapy would read the error page as rules, and find none."""

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status >= 500 and urlparse_cached(request).path == "/robots.txt":
            return response.replace(body=b"User-agent: *\nDisallow: /\n")
        return response
