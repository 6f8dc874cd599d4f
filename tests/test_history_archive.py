"""Backfills and doubts as the archive keeps them, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.archive import Archive, NewPage
from crawler.archive.history.models import BackfillCounts, BackfillList
from crawler.article import Article, Provenance, article_id, parse_published
from crawler.configuration import Settings
from tests.archive_fixtures import postgresql_server, settings

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
SITE = "http://qinghe.example"


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        yield opened


def test_pages_of_a_backfill_are_its_own_until_a_visit_meets_them(archive: Archive) -> None:
    urls = [f"{SITE}/{n}.html" for n in range(4)]
    days = [date(2019, 1, 2), None, date(2019, 5, 1), date(2019, 3, 1)]
    pages = [NewPage(url, url, date=day, history=True) for url, day in zip(urls, days, strict=True)]
    archive.frontier.add_pages("qinghe", pages, NOW)
    archive.backfills.start("qinghe", date(2019, 1, 1), date(2019, 12, 31), NOW)
    archive.backfills.add_pages("qinghe", urls[:3])
    archive.backfills.add_pages("qinghe", urls[1:3])
    assert [p.url for p in archive.backfills.pages_to_fetch("qinghe", 9, NOW)] == [urls[2], urls[0], urls[1]]
    assert [p.url for p in archive.frontier.pages_to_fetch("qinghe", 9, NOW)] == [urls[3]]
    assert archive.backfills.unlisted(urls) == set(urls[:3])
    archive.backfills.note_listed(urls[:1])
    assert archive.backfills.unlisted(urls) == set(urls[1:3])
    assert [p.url for p in archive.frontier.pages_to_fetch("qinghe", 9, NOW)] == [urls[3], urls[0]]
    lost, came = archive.frontier.page(urls[0]), archive.frontier.page(urls[2])
    assert lost and came
    archive.frontier.save_pages([replace(lost, state="gone"), replace(came, state="fetched", first_fetched=NOW)])
    assert archive.backfills.counts("qinghe") == BackfillCounts(found=3, fetched=1, kept=0, waiting=1, lost=1)
    state = BackfillList("qinghe", f"{SITE}/list.html", pages=2, reached=date(2019, 1, 2))
    archive.backfills.save_list(state)
    assert archive.backfills.lists("qinghe") == [state] and archive.backfills.open() == ["qinghe"]
    archive.backfills.save_list(replace(state, ended="since"))
    assert not archive.backfills.is_done("qinghe")  # a page waits


def test_doubts_follow_the_articles_and_their_corrections(archive: Archive) -> None:
    at, precision = parse_published("2024-03-13")
    key = f"{SITE}/a.html"
    article = Article(id=article_id(key), url=key, canonical_url=key, title="甲", text="正文", source="qinghe")
    unsure = {"published_at": Provenance("url", "20240313"), "title": Provenance("heading", "甲", against="list：乙")}
    article = article.with_(published_at=at, published_precision=precision, provenance=unsure)
    archive.articles.save(article, capture=None)
    assert archive.reviews.refresh() and archive.reviews.refresh(most=0)
    assert [(d.kind, d.differs) for d in archive.reviews.doubts()] == [("title", True), ("date", False)]
    archive.corrections.merge(article.id, {"title": "甲"})
    assert not archive.reviews.refresh(most=0) and archive.reviews.refresh()
    assert archive.reviews.count_doubts() == {("qinghe", "date"): 1}
