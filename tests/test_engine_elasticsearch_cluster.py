"""Workers that read articles and write the index of a real Elasticsearch: the machine of the verb puts the work in, waits and reports."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.sources import read_registry
from crawler.terminal import step
from indexer.indexing import shared
from indexer.indexing.shared import refresh_shared
from tests import postgresql
from tests.archive_fixtures import postgresql_server
from tests.cluster_desk import QUERIES, ClusterDesk, answers
from tests.cluster_web import ClusterWeb
from tests.elasticsearch.server import PREFIX, server
from tests.whole_way import Desk

__all__ = ["postgresql_server"]

SITES = 4
ARTICLES = SITES * 9  # of 12 pages each, a quarter about something else


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.elasticsearch
def test_workers_read_and_index(postgresql_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ClusterWeb(SITES, 2) as web, postgresql.database(postgresql_server) as url:
        alias = f"{PREFIX}-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
        desk = ClusterDesk(tmp_path, web, url, engine=server("9.5.3"), index=alias)
        try:
            desk.start("w1", crawl=3, extract=1)
            desk.start("w2", crawl=1, extract=0, index=True)
            desk.up(2)
            report = json.loads(desk.front.run("nightly", "--now", "2026-03-01T02:00", "--json").stdout)
            assert report["articles"] == report["indexed"] == ARTICLES and not report["problems"]
            settings = load_settings(data=desk.front.data, **desk.settings)
            with Archive.open(settings) as archive:
                (part,) = archive.parts.results(archive.runs.latest(1, verb="nightly")[0].id, "index")
                assert part.worker == "w2"
                # as where the way of reading changed, and there is much to read
                with archive.database.writer() as connection:
                    connection.execute(text("UPDATE articles SET read_by = NULL"))
                monkeypatch.setattr(shared, "MANY", 1)
                monkeypatch.setattr(shared, "BATCHES", tuple("0123456789abcdef"))
                run = archive.runs.start("index")
                refresh_shared(settings, archive, read_registry(settings)[0], step, run=run)
                read = archive.parts.results(run, "read")
                assert {part.worker for part in read} == {"w1"} and len(read) == 16
                assert sum((part.report or {})["read"] for part in read) == ARTICLES
                assert [part.worker for part in archive.parts.results(run, "index")] == ["w2"]
            assert "写入 36 篇" in desk.front.run("index", "--rebuild").stderr
        finally:
            desk.stop()
        # what the workers wrote answers as an index that one machine makes of the same archive
        alone = Desk(tmp_path / "alone" / "data", {**desk.environment, "ZHAOSHANG_ENGINE": "tantivy"})
        web.sources(alone.data / "sources")
        words = [query for query in QUERIES if ":" not in query]
        here, there = answers(alone), answers(desk.front)
        assert {q: here[q] for q in words} == {q: there[q] for q in words}
