"""What each publishing system does: its lists, its paging, its article markup. A page in, a plain answer out; no network, no Scrapy."""

from crawler.lists.article_hints import ArticleHints
from crawler.lists.list_page import Entry, ListError, ListPage, ListRequest, Platform, Recognition
from crawler.platforms.registry import article_hints, read_list, recognise

__all__ = [
    "ArticleHints",
    "Entry",
    "ListError",
    "ListPage",
    "ListRequest",
    "Platform",
    "Recognition",
    "article_hints",
    "read_list",
    "recognise",
]
