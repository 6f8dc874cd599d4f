"""An archive that grows by nights, its saved searches, and the clock by which they are sent. For the tests of saved searches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive import Archive, Watch
from crawler.article import Article, Block, article_id, parse_published, text_of
from crawler.configuration import Settings, load_settings
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index
from search_api.watches.hours import next_hour
from search_api.watches.sending import Sent, send_due
from search_api.web.app_state import AppState
from tests.sample_archive import reading

BASE = "https://wenku.example.org"
NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # a Monday, half past eight in Shanghai
DAY = timedelta(days=1)


def article(name: str, text: str = "飞地园区的税收四六分成。", day: str = "2026-03-01") -> Article:
    """A composed article; its name tells it from others."""
    at, precision = parse_published(day)
    blocks = (Block("paragraph", text), Block("paragraph", f"招商引资记事，第{name}号。"))
    url = f"http://swj.linhu.example/{name}.html"
    return Article(
        id=article_id(url),
        url=url,
        canonical_url=url,
        title=f"记事{name}",
        text=text_of(blocks),
        blocks=blocks,
        published_at=at,
        published_precision=precision,
        publisher="临湖市商务局",
    )


class Desk:
    """One archive, open as a server has it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = AppState(settings)
        self.archive: Archive = self.state.archive

    def night(self, articles: Sequence[Article], *, read: bool = True, indexed: bool = True) -> None:
        """Save, read and index."""
        for one in articles:
            self.archive.articles.save(one, capture=None)
        if read:
            for stored in self.archive.articles.get_many(self.archive.articles.ids()).values():
                found = reading(stored.article)
                self.archive.readings.save(stored.id, stored.revision_hash, "sample", found, b"")
        if indexed:
            self.index()

    def index(self) -> None:
        engine = open_engine(self.settings, write=True)
        try:
            index(self.archive, engine, {})
        finally:
            engine.close()

    def watch(self, query: str, **more: Any) -> Watch:
        """One that is on, as of NOW, each day at eight in Shanghai; of the terminal, so that it may tell loopback."""
        values: dict[str, Any] = {"channel": "none", "state": "on", "owner": "cli", **more}
        weekday, hour = values.get("weekday"), values.get("hour", 8)
        due = next_hour(NOW, weekday, hour, values.get("zone", "Asia/Shanghai"))
        values = {"mark": self.state.engine.cursor(), "due_at": due, "now": NOW, **values}
        return self.archive.watches.create(values.pop("owner"), "飞地", query, **values)

    def send(self, now: datetime) -> Sent:
        return send_due(self.state, BASE, now)


@contextmanager
def desk(folder: Path, **more: Any) -> Iterator[Desk]:
    opened = Desk(load_settings(data=folder, database="", engine="tantivy", **more))
    try:
        opened.night([article("开头")])
        yield opened
    finally:
        opened.state.close()
