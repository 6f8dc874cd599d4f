"""Taking down: an article, a page or a whole source goes, and a tombstone stays that keeps it from coming back (docs/decisions/0346)."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, false, select, update
from sqlalchemy.sql.elements import ColumnElement

from crawler.archive.archive import Archive
from crawler.archive.database import batches, next_change
from crawler.archive.forgetting.tombstones import FORGOTTEN, bury, source_key
from crawler.archive.revisions import withdraw
from crawler.archive.schema import (
    articles,
    backfill_lists,
    backfill_pages,
    backfills,
    captures,
    corrections,
    dossier_quotations,
    doubts,
    pages,
    reading_failures,
    readings,
    rejected,
    revisions,
    sources,
)
from crawler.article import article_id
from crawler.canonical import canonicalise

_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Doomed:
    """What a takedown covers: `pages` key → canonical URL, documents that only these pages link among them; `articles` id → external id or None;
    `titles` of some articles; `captures` ids; `source` where it is a whole source."""

    pages: dict[str, str]
    articles: dict[str, str | None]
    titles: tuple[str, ...]
    captures: tuple[int, ...]
    source: str | None = None


def find(archive: Archive, what: str) -> Doomed | None:
    """What an article's id or a URL names; None for an id that the archive does not know. A URL may be one that was never fetched."""
    keys: dict[str, str] = {}
    ids: set[str] = set()
    with archive.database.reader() as connection:
        if _ID.fullmatch(what):
            row = connection.execute(select(articles).where(articles.c.id == what)).one_or_none()
            if row is None:
                return None
            ids.add(what)
            shown = select(captures.c.page).join(revisions, captures.c.revision == revisions.c.id)
            keys.update((key, "") for key in connection.execute(shown.where(revisions.c.article == what)).scalars())
            if row.page != article_id(""):
                keys[row.page] = ""
        else:
            canonical = canonicalise(what)
            keys[article_id(canonical)] = canonical
        return _doomed(connection, keys, ids, None)


def find_source(archive: Archive, name: str) -> Doomed:
    """All that came of a source."""
    with archive.database.reader() as connection:
        keys = dict.fromkeys(connection.execute(select(pages.c.id).where(pages.c.source == name)).scalars(), "")
        taken = select(captures.c.page).distinct().where(captures.c.source == name)
        keys |= dict.fromkeys(connection.execute(taken).scalars(), "")
        ids = set(connection.execute(select(articles.c.id).where(articles.c.source == name)).scalars())
        return _doomed(connection, keys, ids, name)


def _doomed(connection: Connection, keys: dict[str, str], ids: set[str], source: str | None) -> Doomed:
    for part in batches(list(keys)):
        for row in connection.execute(select(pages.c.id, pages.c.canonical_url).where(pages.c.id.in_(part))):
            keys[row.id] = row.canonical_url
        for row in connection.execute(
            select(captures.c.page, captures.c.canonical_url).where(captures.c.page.in_(part))
        ):
            keys[row.page] = row.canonical_url
        ids.update(connection.execute(select(articles.c.id).where(articles.c.page.in_(part))).scalars())
    for part in batches([url for url in keys.values() if url]):  # the documents that these pages link
        linked = select(pages.c.id, pages.c.canonical_url).where(pages.c.referrer.in_(part))
        attached = select(captures.c.id).where(captures.c.page == pages.c.id, captures.c.role == "attachment").exists()
        keys |= {row.id: row.canonical_url for row in connection.execute(linked.where(attached))}
    named: dict[str, str | None] = {}
    titles: list[str] = []
    for part in batches(sorted(ids)):
        query = select(articles.c.id, revisions.c.content).outerjoin(revisions, revisions.c.id == articles.c.revision)
        for row in connection.execute(query.where(articles.c.id.in_(part))):
            content = json.loads(row.content) if row.content else {}
            keys |= _documents_of(connection, content)
            named[row.id] = content.get("external_id")
            if content.get("title") and len(titles) < 3:
                titles.append(content["title"])
            if content.get("canonical_url") and not keys.get(article_id(content["canonical_url"]), ""):
                keys[article_id(content["canonical_url"])] = content["canonical_url"]
    taken: list[int] = []
    for part in batches(list(keys)):
        taken += connection.execute(select(captures.c.id).where(captures.c.page.in_(part))).scalars()
    return Doomed(keys, named, tuple(titles), tuple(sorted(taken)), source)


def _documents_of(connection: Connection, content: dict[str, Any]) -> dict[str, str]:
    """The documents that were captured with an article by `add`: no list and no other page names them."""
    urls = {article_id(url): url for a in content.get("attachments", ()) if (url := canonicalise(a["url"]))}
    kept = select(captures.c.page).outerjoin(pages, pages.c.id == captures.c.page)
    found = kept.where(captures.c.page.in_(urls), captures.c.role == "attachment", pages.c.id.is_(None))
    return {key: urls[key] for key in connection.execute(found).scalars()}


def forget(archive: Archive, doomed: Doomed, why: str, now: datetime | None = None) -> list[str]:
    """Take it down: texts, readings and titles are deleted, captures are kept and no longer served, tombstones are set. The ids of the articles that are gone.

    All in one transaction; a second call changes nothing more. Copies beside the database (golden pages, drift examples) are deleted after it.
    """
    now = now or datetime.now(UTC)
    gone: list[str] = []
    with archive.database.writer() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # the freed pages are overwritten
        buried = [(key, "page", url) for key, url in doomed.pages.items() if url]
        buried += [(id, "article", external) for id, external in doomed.articles.items() if external]
        if doomed.source is not None:
            buried.append((source_key(doomed.source), "source", doomed.source))
            here = sources.c.name == doomed.source
            connection.execute(update(sources).where(here).values(enabled=False, due_at=None))
            for table in (backfills, backfill_lists, backfill_pages):
                connection.execute(delete(table).where(table.c.source == doomed.source))
        bury(connection, buried, why=why, now=now)
        for ids in batches(list(doomed.articles)):
            living = select(articles.c.id).where(articles.c.id.in_(ids), articles.c.deleted == false())
            gone += connection.execute(living.order_by(articles.c.id)).scalars()
        for capture in doomed.captures:  # what they gave to articles of other addresses
            withdraw(connection, capture, now)
        for id in doomed.articles:
            _delete_article(connection, id, now)
        for part in batches(doomed.captures):
            values = {"outcome": "forgotten", "reason": FORGOTTEN, "revision": None}
            connection.execute(update(captures).where(captures.c.id.in_(part)).values(values))
        for keys in batches(list(doomed.pages)):
            connection.execute(delete(rejected).where(rejected.c.id.in_(keys)))
            left = {"state": "gone", "next_visit": None, "title": "", "reason": FORGOTTEN, "etag": None}
            connection.execute(update(pages).where(pages.c.id.in_(keys)).values(left | {"last_modified": None}))
    _delete_copies(archive, doomed)
    return gone


def _delete_article(connection: Connection, id: str, now: datetime) -> None:
    texts: ColumnElement[bool] = revisions.c.article == id
    connection.execute(
        update(captures).where(captures.c.revision.in_(select(revisions.c.id).where(texts))).values(revision=None)
    )
    for table, column in (
        (readings, readings.c.article),
        (reading_failures, reading_failures.c.article),
        (corrections, corrections.c.article),
        (doubts, doubts.c.article),
        (dossier_quotations, dossier_quotations.c.article),
    ):
        connection.execute(delete(table).where(column == id))
    connection.execute(delete(revisions).where(texts))
    here = and_(articles.c.id == id, articles.c.deleted == false())
    if connection.execute(select(articles.c.id).where(here)).first() is not None:
        left = {"revision": None, "deleted": True, "cluster": None, "read_by": None, "last_changed": now}
        connection.execute(update(articles).where(here).values(left | {"change": next_change(connection)}))


def _delete_copies(archive: Archive, doomed: Doomed) -> None:
    """Golden pages and examples of drift hold copies of pages. Raises OSError."""
    urls = {url for url in doomed.pages.values() if url}
    data = archive.database.folder
    for facts in (*data.glob("golden/*/article.json"), *data.glob("examples/*/read.json")):
        of_source = facts.parent.name == doomed.source or facts.parent.name.partition("-")[2] == doomed.source
        if of_source or any(canonicalise(url) in urls for url in _urls_in(facts)):
            shutil.rmtree(facts.parent)


def _urls_in(facts: Path) -> list[str]:
    """The addresses of the pages that a golden page or an example shows."""
    try:
        told: Any = json.loads(facts.read_text(encoding="utf-8"))
    except ValueError:
        return []  # not one of ours
    parts = [told, *(told.get(name) for name in ("article", "read", "before"))]
    found = [part.get("url") for part in parts if isinstance(part, dict)]
    return [url for url in found if isinstance(url, str) and url]
