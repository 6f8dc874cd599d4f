"""Site maps: the addresses they list, with title and day where a news site map gives them; an index names further site maps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice, takewhile

from lxml import etree

from crawler.lists import dates, titles
from crawler.lists.article_hints import ArticleHints
from crawler.lists.list_page import Entry, ListError, ListPage, Platform, Recognition
from crawler.lists.parsed_document import MOST_ENTRIES, Document
from crawler.platforms.feed import moment, name_of, text_of, xml_root

PLATFORM: Platform = "sitemap"
ARTICLE = ArticleHints()


def recognise(document: Document) -> Recognition:
    """By its root."""
    return Recognition(PLATFORM, 0.97 if document.kind == "sitemap" else 0.0, "站点地图")


def read(document: Document) -> ListPage:
    """Every address of the map; of an index, the maps as `lists`, with the day on which each `changed`."""
    if not document.text.lstrip().startswith("<"):
        return _plain(document)
    root = xml_root(document.text)
    entries: dict[str, Entry] = {}
    lists: dict[str, date | datetime | None] = {}
    for node in root.iter() if root is not None else ():
        name = name_of(node)
        if len(entries) > MOST_ENTRIES:
            raise ListError(f"站点地图的地址超过上限 {MOST_ENTRIES} 个")
        if name not in ("url", "sitemap"):
            continue
        fields: dict[str, str] = {}
        for part in _parts(node):
            above = part.getparent()
            if above is None or name_of(above) not in ("image", "video"):  # pictures have titles of their own
                fields.setdefault(name_of(part), text_of(part) if len(part) == 0 else "")
        url = document.absolute(fields.get("loc"))
        if url is None:
            continue
        if name == "sitemap":
            lists.setdefault(url, moment(fields.get("lastmod", "")))
            continue
        day = moment(fields.get("publication_date", "")) or moment(fields.get("lastmod", "")) or dates.in_url(url)
        entries.setdefault(url, Entry(url, titles.cleaned(fields.get("title", "")), day))
    changed = {url: when for url, when in lists.items() if when}
    return ListPage(tuple(entries.values()), lists=tuple(lists), changed=changed)


def _parts(node: etree._Element) -> Iterator[etree._Element]:
    """What is in an entry, up to the next one where it was never closed."""
    return takewhile(lambda part: name_of(part) not in ("url", "sitemap"), islice(node.iter(), 1, None))


def _plain(document: Document) -> ListPage:
    """A map without markup: one address a line."""
    lines = document.text.lstrip("\ufeff").split("\n")
    if len(lines) > MOST_ENTRIES + 1:
        raise ListError(f"站点地图的地址超过上限 {MOST_ENTRIES} 个")
    found = dict.fromkeys(filter(None, map(document.absolute, lines)))
    return ListPage(tuple(Entry(url, "", dates.in_url(url)) for url in found))
