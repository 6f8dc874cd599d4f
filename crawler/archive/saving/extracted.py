"""Articles that were extracted from captures, saved many at a time: what `Articles.save` and `mark_extracted` do one by one, in the same order.

Most of a batch is of two kinds: an article that is new, and one that reads as before. Those are recognised by a few queries for all, and written by a few
statements for all. Anything else (a text that changed, two captures of one page, what was taken down) is saved by itself. See docs/decisions/0461.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from crawler.archive import revisits
from crawler.archive.database import batches, dumps, take_changes
from crawler.archive.forgetting.tombstones import ForgottenError, buried_among, source_key
from crawler.archive.models import Saved
from crawler.archive.revisions import save_article
from crawler.archive.schema import articles, captures, pages, rejected, revisions
from crawler.article import Article, article_id

_ADD_ARTICLES = insert(articles)
_ADD_REVISIONS = insert(revisions).returning(revisions.c.id, sort_by_parameter_order=True)
_KEPT = update(captures).where(captures.c.id == bindparam("capture_id"))
_DONE = _KEPT.values(outcome="article", reason=None)
_SHOWS = _KEPT.values(outcome="article", reason=None, revision=bindparam("shown"))
_DATED = update(pages).where(pages.c.id == bindparam("page")).values(date=bindparam("day"), next_visit=bindparam("due"))


@dataclass(frozen=True, slots=True)
class Item:
    """An article extracted from `capture`, with the score of the gate."""

    article: Article
    capture: int
    topic: float | None

    @property
    def page(self) -> str:
        return article_id(self.article.canonical_url)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database holds of a batch's keys, before any of it is written."""

    buried: set[str]
    articles: dict[str, Row[Any]]  # by id, with the current revision's content
    captures: dict[int, Row[Any]]  # by id
    rejected: set[str]  # keys of pages
    undated: dict[str, Row[Any]]  # by key of the page


def save_extracted(connection: Connection, items: Sequence[Item]) -> list[Saved | ForgottenError]:
    """Save them in their order, within a transaction, and note each capture as an article's. A ForgottenError, of which nothing is saved, for what was taken down."""
    answers: dict[int, Saved | ForgottenError] = {}
    left = list(enumerate(items))
    while left:
        known = _look_up(connection, [item for _, item in left])
        often = Counter(item.article.id for _, item in left)
        kinds = [_kind(item, known, alone=often[item.article.id] == 1) for _, item in left]
        plain = next((n for n, kind in enumerate(kinds) if kind is None), len(kinds))
        _write(connection, left[:plain], kinds, known, answers)
        # then those that need a look of their own; what they changed is looked up anew before the next that do not
        odd = next((n for n in range(plain, len(kinds)) if kinds[n] is not None), len(kinds))
        for number, item in left[plain:odd]:
            answers[number] = _save_one(connection, item)
        left = left[odd:]
    return [answers[number] for number in range(len(items))]


def _save_one(connection: Connection, item: Item) -> Saved | ForgottenError:
    try:
        saved = save_article(connection, item.article, capture=item.capture, topic=item.topic)
    except ForgottenError as error:
        return error
    connection.execute(_DONE, {"capture_id": item.capture})
    return saved


def _look_up(connection: Connection, items: list[Item]) -> _Known:
    ids = {item.article.id for item in items}
    keys = {item.page for item in items}
    owners = {source_key(item.article.source) for item in items if item.article.source}
    known: dict[str, Row[Any]] = {}
    taken: dict[int, Row[Any]] = {}
    listed: set[str] = set()
    undated: dict[str, Row[Any]] = {}
    for some in batches(ids):
        query = select(articles, revisions.c.content).outerjoin(revisions, revisions.c.id == articles.c.revision)
        for row in connection.execute(query.where(articles.c.id.in_(some))):
            known[row.id] = row
    for numbers in batches({item.capture for item in items}):
        facts = select(captures.c.id, captures.c.revision, captures.c.outcome, captures.c.reason)
        for row in connection.execute(facts.where(captures.c.id.in_(numbers))):
            taken[row.id] = row
    for some in batches(keys):
        listed.update(connection.execute(select(rejected.c.id).where(rejected.c.id.in_(some))).scalars())
        visited = pages.c.date.is_(None), pages.c.state == "fetched", pages.c.id.in_(some)
        dates = select(pages.c.id, pages.c.first_fetched, pages.c.fetched_at).where(*visited)
        for row in connection.execute(dates):
            undated[row.id] = row
    return _Known(buried_among(connection, ids | keys | owners), known, taken, listed, undated)


def _kind(item: Item, known: _Known, *, alone: bool) -> str | None:
    """`new` or `same`; None for what must be saved by itself."""
    article = item.article
    keys = {article.id, item.page} | ({source_key(article.source)} if article.source else set())
    capture = known.captures.get(item.capture)
    if not alone or capture is None or not known.buried.isdisjoint(keys) or item.page in known.rejected:
        return None
    row = known.articles.get(article.id)
    if row is None:
        return "new" if capture.revision is None else None
    if row.deleted or row.revision is None or capture.revision != row.revision:
        return None
    if row.revision_hash != article.revision_hash():
        return None
    old, new = json.loads(row.content), article.to_json()
    old.pop("captured_at", None)  # the text's is when it was seen first
    new.pop("captured_at", None)
    return "same" if old == json.loads(dumps(new)) else None


def _write(
    connection: Connection,
    items: list[tuple[int, Item]],
    kinds: list[str | None],
    known: _Known,
    answers: dict[int, Saved | ForgottenError],
) -> None:
    new = [(number, item) for (number, item), kind in zip(items, kinds, strict=False) if kind == "new"]
    same = [(number, item) for (number, item), kind in zip(items, kinds, strict=False) if kind == "same"]
    _date_pages(connection, [item for _, item in items], known)
    if new:
        _add(connection, new, answers)
    for number, item in same:
        answers[number] = Saved(item.article.id, "same", known.articles[item.article.id].change)
    marked = {item.capture: known.captures[item.capture] for _, item in same}
    if open_ := [{"capture_id": n} for n, row in marked.items() if row.outcome != "article" or row.reason is not None]:
        connection.execute(_DONE, open_)


def _add(connection: Connection, items: list[tuple[int, Item]], answers: dict[int, Saved | ForgottenError]) -> None:
    now = datetime.now(UTC)
    hashes = [item.article.revision_hash() for _, item in items]
    texts = [
        {
            "article": item.article.id,
            "revision_hash": hash,
            "capture": item.capture,
            "position": item.capture,
            "content": dumps(item.article.to_json()),
            "saved_at": now,
        }
        for (_, item), hash in zip(items, hashes, strict=True)
    ]
    ids = connection.execute(_ADD_REVISIONS, texts).scalars().all()
    first = take_changes(connection, len(items))
    rows = [
        {
            "id": item.article.id,
            "page": item.page,
            "source": item.article.source,
            "revision": revision,
            "revision_hash": hash,
            "topic": item.topic,
            "cluster": None,
            "read_by": None,
            "change": first + n,
            "deleted": False,
            "first_seen": now,
            "first_change": first + n,
            "last_changed": now,
        }
        for n, ((_, item), hash, revision) in enumerate(zip(items, hashes, ids, strict=True))
    ]
    connection.execute(_ADD_ARTICLES, rows)
    shown = [{"capture_id": item.capture, "shown": revision} for (_, item), revision in zip(items, ids, strict=True)]
    connection.execute(_SHOWS, shown)
    for n, (number, item) in enumerate(items):
        answers[number] = Saved(item.article.id, "new", first + n)


def _date_pages(connection: Connection, items: list[Item], known: _Known) -> None:
    """Give pages the article's date where the list had none: the revisits count from it."""
    dated = []
    for item in items:
        row, day = known.undated.get(item.page), item.article.published_at
        if row is not None and row.fetched_at is not None and day is not None:
            due = revisits.next_revisit(day, row.first_fetched or row.fetched_at, row.fetched_at)
            dated.append({"page": row.id, "day": day, "due": due})
    if dated:
        connection.execute(_DATED, dated)
