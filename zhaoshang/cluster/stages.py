"""The stages of a night where workers do them."""

from __future__ import annotations

from crawler.archive import Archive
from crawler.cluster.crawl import crawl
from crawler.cluster.extract import extract
from crawler.cluster.membership import is_shared
from crawler.configuration import Settings
from indexer.indexing.shared import refresh_shared
from zhaoshang.nightly import HERE, Stages

SHARED = Stages(crawl, extract, refresh_shared)


def stages_of(archive: Archive, settings: Settings) -> Stages:
    """Those of this machine, or the cluster's while a worker is alive. Raises Refusal."""
    return SHARED if is_shared(archive, settings) else HERE
