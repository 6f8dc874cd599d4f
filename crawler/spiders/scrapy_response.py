"""Converts a Scrapy response to the types that the later stages take."""

from __future__ import annotations

from typing import Any

from scrapy.http import Response

from crawler.web.page import WebPage


def headers_of(response: Response) -> dict[str, str]:
    """All headers as text; the bytes of a file's name may be of any encoding."""
    return {
        name.decode("latin-1"): b",".join(response.headers.getlist(name)).decode("latin-1") for name in response.headers
    }


def page_of(response: Response, meta: dict[str, Any]) -> WebPage:
    """The response as the stages beyond Scrapy take it; `meta` is that of its request, where the page stays, so that it is decoded once."""
    page: WebPage | None = meta.get("page")
    if page is None or page.content is not response.body:  # what was kept is of an answer that led here
        page = meta["page"] = WebPage(response.body, response.url, headers_of(response))
    return page


def header(response: Response, name: str) -> str | None:
    """One header as text; None where the response has none of that name."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
