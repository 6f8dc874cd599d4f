"""Reads the list of a response: by `crawler.platforms`, or by the source's own selectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scrapy.http import Response

from crawler.lists.parsed_document import Document
from crawler.platforms import Entry, ListPage
from crawler.platforms.registry import list_in
from crawler.sources import Selectors
from crawler.spiders.scrapy_response import page_of


def selector_list(response: Response, selectors: Selectors | None) -> ListPage:
    """The list, with entries and next page as `selectors` say where they say something. Raises ListError."""
    document = document_of(response)
    page = list_in(document)
    if selectors and selectors.entries:
        dates = {entry.url: entry.date for entry in page.entries}
        chosen = _chosen(document, selectors.entries)
        page = replace(page, entries=tuple(replace(entry, date=dates.get(entry.url)) for entry in chosen))
    if selectors and selectors.next:
        links = [href for link in document.tree.cssselect(selectors.next) if (href := link.get("href"))]
        page = replace(page, next_page=document.absolute(links[0]) if links else None, next_request=None)
    return page


def document_of(response: Response) -> Document:
    """The opened page, which stays with the request: where its list is empty, it is asked where it leads. Raises ListError."""
    page = page_of(response, response.meta)
    document: Document | None = response.meta.get("document")
    if document is None or document.page is not page:
        document = response.meta["document"] = Document.of(page, _address(response))
    return document


def _address(response: Response) -> str:
    """Where the list is: Scrapy takes the fragment away, by which a directory's page tells its categories apart (gkmlpt/index#7)."""
    bare, _, fragment = (response.request.url if response.request else "").partition("#")
    return f"{bare}#{fragment}" if fragment.isdigit() and bare == response.url else response.url


def _chosen(document: Document, selector: str) -> Iterator[Entry]:
    for link in document.tree.cssselect(selector):
        if url := document.absolute(link.get("href")):
            yield Entry(url, " ".join((link.get("title") or link.text_content()).split()))
