"""Portals: lists of articles with whatever paging `crawler.platforms.read_list` understands, or the source's own selectors say."""

from __future__ import annotations

from crawler.spiders.selector_list import selector_list
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import Visit


def portal(visit: Visit) -> SiteKind:
    """The kind of most sites."""
    selectors = visit.source.selectors
    return SiteKind(read=lambda response: selector_list(response, selectors))
