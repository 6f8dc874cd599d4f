"""Sites that redirect every URL to https or to www.: later requests go there at once, which saves a redirect for each page."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from scrapy import Request

TIMES = 2  # addresses that were redirected to themselves on another origin, before the rest is asked for there


class MovedMiddleware:
    """Learns within one visit; where an origin leads back to one that led to it, both are as before."""

    def __init__(self) -> None:
        self._led: Counter[tuple[str, str]] = Counter()
        self._moved: dict[str, str] = {}

    def process_request(self, request: Request) -> Request | None:
        """The request at the origin where it is answered; None where it is asked as it stands."""
        origin, rest = _split(request.url)
        if "redirect_urls" in request.meta:
            before, same = _split(request.meta["redirect_urls"][-1])
            if same == rest and before != origin:
                self._learn(before, origin)
            return None
        target = self._moved.get(origin)
        return request.replace(url=target + rest) if target and "role" in request.meta else None

    def _learn(self, before: str, origin: str) -> None:
        self._led[before, origin] += 1
        if self._led[origin, before]:
            self._moved.pop(origin, None)
        elif self._led[before, origin] >= TIMES:
            self._moved[before] = origin


def _split(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin, url[len(origin) :]
