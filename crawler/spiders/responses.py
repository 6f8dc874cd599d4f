"""A response's headers as the stages beyond Scrapy take them."""

from __future__ import annotations

from scrapy.http import Response


def headers_of(response: Response) -> dict[str, str]:
    """All headers as text; the bytes of a file's name may be of any encoding."""
    return {
        name.decode("latin-1"): b",".join(response.headers.getlist(name)).decode("latin-1") for name in response.headers
    }


def header(response: Response, name: str) -> str | None:
    """One header as text; None where the response has none of that name."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
