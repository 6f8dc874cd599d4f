"""Articles saved many at a time leave the archive as they do one by one, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawler.archive import Archive, Exchange, ForgottenError, NewPage, Saved, revisits
from crawler.archive.forgetting.tombstones import bury
from crawler.archive.saving.extracted import Item
from crawler.archive.schema import articles, captures, pages, rejected, revisions
from crawler.article import Article, Block, article_id, parse_published
from crawler.configuration import Settings
from tests.archive_fixtures import postgresql_server, settings

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
MOMENTS = {"first_seen", "last_changed", "saved_at", "rejected_at"}


def url_of(number: int) -> str:
    return f"https://investment.example/{number}.html"


def article(number: int, text: str, **changes: Any) -> Article:
    url = url_of(number)
    made = Article(article_id(url), url, canonical_url=url, title=f"招商政策{number}", text=text, source="sample")
    return made.with_(blocks=(Block("paragraph", text),), captured_at=NOW, **changes)


@contextmanager
def filled(settings: Settings) -> Iterator[Archive]:
    """Twelve pages, each captured three times; one was rejected before, one taken down."""
    with Archive.open(settings) as archive:
        archive.frontier.add_pages("sample", [NewPage(url_of(n), url_of(n), "列表") for n in range(12)], NOW)
        writer = archive.crawl_writer(archive.runs.start("crawl", NOW))
        for turn in range(3):
            for n in range(12):
                body = f"{n} {turn}".encode()
                held = writer.write(Exchange(url_of(n), 200, (), body, NOW, source="sample"))
                page = archive.frontier.page(url_of(n))
                assert page is not None
                writer.save_page(revisits.fetched(page, NOW), held)
        writer.close()
        archive.rejections.reject(url_of(3), source="sample", capture=4, title="食堂", score=0.1, reason="不切题")
        with archive.database.writer() as connection:
            bury(connection, [(article_id(url_of(5)), "page", url_of(5))], why="来信", now=NOW)
        yield archive


def rows(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    with archive.database.reader() as connection:
        return {
            table.name: [
                {k: v for k, v in row._mapping.items() if k not in MOMENTS and k not in ("file", "offset", "record_length")}
                for row in connection.execute(select(table).order_by(table.c.id))
            ]
            for table in (articles, revisions, captures, pages, rejected)
        }  # fmt: skip


def one_by_one(archive: Archive, items: list[Item]) -> list[Saved | ForgottenError]:
    answers: list[Saved | ForgottenError] = []
    for item in items:
        try:
            with archive.transaction():
                answers.append(archive.articles.save(item.article, capture=item.capture, topic=item.topic))
                archive.articles.mark_extracted(item.capture, "article", None)
        except ForgottenError as error:
            answers.append(error)
    return answers


def said(answers: list[Saved | ForgottenError]) -> list[object]:
    return [a if isinstance(a, Saved) else type(a) for a in answers]


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_leaves_what_single_saves_leave(settings: Settings, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    day = parse_published("2024-04-02")
    assert day is not None
    batches = []
    for _ in range(4):
        items = []
        for capture in chance.sample(range(1, 37), 14):
            number = (capture - 1) % 12
            text = chance.choice(["飞地园区揭牌。", "产业链招商专班成立。"])
            if chance.random() < 0.15:
                number = chance.randrange(12)  # a page that names another as its own
            known = {"published_at": day[0], "published_precision": day[1]} if chance.random() < 0.5 else {}
            items.append(Item(article(number, text, replies=chance.choice([0, 0, 7]), **known), capture, 0.9))
        batches.append(items)
    alone = settings.model_copy(update={"data": tmp_path / "alone", "database": ""})
    with filled(settings) as many, filled(alone) as single:
        for items in batches:
            assert said(many.articles.save_extracted(items)) == said(one_by_one(single, items))
            assert rows(many) == rows(single)
        assert many.articles.last_change() == single.articles.last_change() > 10
