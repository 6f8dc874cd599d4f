"""A page as it came from the web, decoded once for all who read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class WebPage:
    """`content` is the payload without transfer and content encodings, `url` where it came from, `headers` those of the response (case ignored)."""

    content: bytes
    url: str
    headers: Mapping[str, str] | None = None

    @cached_property
    def text(self) -> str:
        """The decoded content."""
        from crawler.web.decoding import decode  # with it comes all of extraction, which reads these pages

        return decode(self.content, self.headers)
