"""The stages of a night where workers do them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crawler.archive import Archive
from crawler.cluster.crawl import crawl
from crawler.cluster.extract import extract
from crawler.cluster.membership import crawling
from crawler.configuration import Settings
from indexer.indexing.shared import refresh_shared
from zhaoshang.nightly import HERE, Stages

SHARED = Stages(crawl, extract, refresh_shared)


@contextmanager
def stages_for(archive: Archive, settings: Settings) -> Iterator[Stages]:
    """Those of this machine, or the cluster's while a worker is alive. Raises Refusal, ArchiveError."""
    with crawling(archive, settings) as shared:
        yield SHARED if shared else HERE
