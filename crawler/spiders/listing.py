"""The list on a response: as `crawler.platforms` reads it, or as the source's own selectors choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scrapy.http import Response

from crawler.platforms import Entry, ListPage, read_list
from crawler.sources import Selectors
from crawler.spiders.responses import headers_of


def selector_list(response: Response, selectors: Selectors | None) -> ListPage:
    """The list, with entries and next page as `selectors` say where they say something. Raises ListError."""
    page = read_list(response.body, _address(response), headers=headers_of(response))
    if selectors and selectors.entries:
        dates = {entry.url: entry.date for entry in page.entries}
        chosen = _chosen(response, selectors.entries)
        page = replace(page, entries=tuple(replace(entry, date=dates.get(entry.url)) for entry in chosen))
    if selectors and selectors.next:
        links = response.css(selectors.next).xpath("./@href").getall()
        page = replace(page, next_page=response.urljoin(links[0]) if links else None, next_request=None)
    return page


def _address(response: Response) -> str:
    """Where the list is: Scrapy takes the fragment away, by which a directory's page tells its categories apart (gkmlpt/index#7)."""
    bare, _, fragment = (response.request.url if response.request else "").partition("#")
    return f"{bare}#{fragment}" if fragment.isdigit() and bare == response.url else response.url


def _chosen(response: Response, selector: str) -> Iterator[Entry]:
    for link in response.css(selector):
        href = link.xpath("./@href").get()
        if href:
            title = link.xpath("./@title").get() or "".join(link.xpath(".//text()").getall())
            yield Entry(response.urljoin(href.strip()), " ".join(title.split()))
