"""One source over one site on loopback, crawled and extracted night by night within the test's process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.sources import read_registry
from crawler.spiders.report import SiteReport
from crawler.stages.crawl import crawl
from crawler.stages.extract import extract_captures
from tests.loopback_site import Answer, Site
from tests.news_site import title
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


def rows(*paths: str) -> Answer:
    made = "".join(f'<li><a href="{p}">{title(n)}</a><span>2026-02-{n:02d}</span></li>' for n, p in enumerate(paths, 1))
    return Answer(f"<html><head><title>招商动态</title></head><body><ul class='list'>{made}</ul></body></html>")


def visit(archive: Archive, settings: Settings, now: datetime = NOW) -> SiteReport:
    """One visit of the source `sample`."""
    (report,) = crawl(["sample"], archive, settings, now=now, force=True).sites
    return report


class Desk:
    """An archive with one source over one site."""

    def __init__(self, folder: Path, site: Site, start: str = "/index.html") -> None:
        self.settings: Settings = load_settings(data=folder, workers=1, delay=0.0)
        self.archive = Archive.open(self.settings)
        write_source(self.settings, f"{site.url}{start}", name="desk")

    def night(self, number: int = 1) -> SiteReport:
        now = NOW + timedelta(hours=26 * (number - 1))
        (report,) = crawl(["desk"], self.archive, self.settings, now=now, force=True).sites
        extract_captures(self.archive, read_registry(self.settings)[0], self.settings)
        return report

    @property
    def texts(self) -> list[str]:
        found = self.archive.articles.get_many(self.archive.articles.ids()).values()
        return sorted(stored.article.text for stored in found)

    def reason(self, path: str, site: Site) -> str:
        page = self.archive.frontier.page(f"{site.url}{path}")
        return (page and page.reason) or ""


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[list[Desk]]:
    made: list[Desk] = []
    yield made
    for desk in made:
        desk.archive.close()
