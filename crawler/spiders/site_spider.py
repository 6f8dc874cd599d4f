"""SiteSpider: the one spider class, assembled from parts for the kind of site."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from scrapy import Request, Spider

from crawler.sources import Source
from crawler.sources.source import SpiderName
from crawler.spiders.article_pages import ArticlePages
from crawler.spiders.article_parts import ArticleParts
from crawler.spiders.backfill import BackfillReader
from crawler.spiders.feed import feed
from crawler.spiders.forum import forum
from crawler.spiders.list_reader import ListReader
from crawler.spiders.pagination import Pagination
from crawler.spiders.portal import portal
from crawler.spiders.run_state import CrawlRun, describe_fault
from crawler.spiders.site_kind import SiteKind
from crawler.spiders.visit import Visit

KINDS: Mapping[SpiderName, Callable[[Visit], SiteKind]] = {"portal": portal, "forum": forum, "feed": feed}


class SiteSpider(Spider):
    """One visit to one source. `run` is the run that it belongs to; without one it makes its own. `span`: it reads a part of the past and nothing else."""

    source: ClassVar[Source]

    def __init__(self, run: CrawlRun | None = None, span: tuple[date, date] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.owns_run = run is None
        self.visit = Visit(self.source, run or CrawlRun.standalone(), self._slow_down)
        kind = KINDS[self.source.spider_name](self.visit)
        self.parts = ArticleParts(self.visit, kind)
        self.pages = ArticlePages(self.visit, self.parts)
        reader = ListReader(self.visit, kind)
        self.lists = Pagination(self.visit, kind, reader, self.pages)
        self.backfill = BackfillReader(self.visit, kind, reader, self.pages, span) if span else None

    async def start(self) -> AsyncIterator[Request]:
        try:
            for request in self.backfill.start() if self.backfill else self._start():
                yield request
        except Exception as error:  # Scrapy ends the visit as if it were finished
            self.visit.stats.failed += 1
            self.visit.stats.add_reason(describe_fault(error))
            raise

    def _start(self) -> Iterator[Request]:
        for url in self.source.start_urls:
            yield from self.lists.first_page(url)
        yield from self.pages.waiting()

    def _slow_down(self) -> None:
        """Twice the delay between two requests, a second at least."""
        for slot in self.crawler.engine.downloader.slots.values():
            slot.delay = max(2 * slot.delay, 1.0)
