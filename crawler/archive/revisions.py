"""What an extraction does to an article and its revisions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, delete, insert, or_, select, update

from crawler.archive import revisits
from crawler.archive.database import dumps, next_change
from crawler.archive.forgetting.tombstones import refuse_buried, source_key
from crawler.archive.models import Saved
from crawler.archive.revision_history import Step, with_text, without_capture
from crawler.archive.schema import articles, captures, pages, reading_failures, readings, rejected, revisions
from crawler.article import Article, article_id

# What every article runs through is stated once: to state it anew costs SQLAlchemy more than SQLite takes to do it.
_ID: BindParameter[str] = bindparam("id")
_CAPTURE: BindParameter[int] = bindparam("capture")
_KNOWN = select(articles).where(articles.c.id == _ID)
_SHOWN_BY = (
    select(revisions.c.article).join(captures, captures.c.revision == revisions.c.id).where(captures.c.id == _CAPTURE)
)
_STEPS = (
    select(revisions.c.id, revisions.c.revision_hash, revisions.c.position, captures.c.id.label("shown_by"))
    .outerjoin(captures, captures.c.revision == revisions.c.id)
    .where(revisions.c.article == _ID)
    .order_by(revisions.c.position, revisions.c.capture.is_(None), revisions.c.id, captures.c.id)
)
_SHOWS = update(captures).where(captures.c.id == _CAPTURE)
_UNDATED = select(pages.c.first_fetched, pages.c.fetched_at).where(
    pages.c.id == _ID, pages.c.date.is_(None), pages.c.state == "fetched"
)
_FORGET = delete(rejected).where(
    rejected.c.id == _ID, or_(rejected.c.capture.is_(None), rejected.c.capture <= _CAPTURE)
)
_ADD_ARTICLE = insert(articles)
_ADD_REVISION = insert(revisions).returning(revisions.c.id)


def save_article(connection: Connection, article: Article, *, capture: int | None, topic: float | None = None) -> Saved:
    """What `Articles.save` does, within a transaction. Raises ForgottenError."""
    own = (article.id, article_id(article.canonical_url)) if article.canonical_url else (article.id,)
    refuse_buried(connection, *own, *([source_key(article.source)] if article.source else ()))
    revision_hash = article.revision_hash()
    now = datetime.now(UTC)
    known = connection.execute(_KNOWN, {"id": article.id}).one_or_none()
    if capture is not None:
        withdraw(connection, capture, now, keep=article.id)
        _date_page(connection, article)
        connection.execute(_FORGET, {"id": article_id(article.canonical_url), "capture": capture})
    before = _steps(connection, article.id) if known is not None else []
    after = _write_steps(connection, article, before, with_text(before, revision_hash, capture), now)
    current = after[-1]
    if known is None or known.deleted or known.revision_hash != current.revision_hash:
        change = _write_article(connection, article, known, current=current, topic=topic, now=now)
        return Saved(article.id, "new" if known is None or known.deleted else "changed", change)
    refreshed = _refresh(connection, article, current, capture)
    change = known.change
    if refreshed or known.revision != current.id:
        change = _touch(connection, article.id, revision=current.id, source=article.source, topic=topic)
    return Saved(article.id, "same", change)


def withdraw(connection: Connection, capture: int, now: datetime, keep: str | None = None) -> None:
    """Take back what an earlier extraction of `capture` gave, but for the article `keep`; an article without any text left is deleted."""
    for (id,) in connection.execute(_SHOWN_BY, {"capture": capture}).all():
        if id == keep:
            continue
        before = _steps(connection, id)
        after = _write_steps(connection, None, before, without_capture(before, capture), now)
        if not after:
            connection.execute(delete(readings).where(readings.c.article == id))
            connection.execute(delete(reading_failures).where(reading_failures.c.article == id))
            _touch(connection, id, last_changed=now, revision=None, deleted=True, cluster=None, read_by=None)
        elif after[-1].revision_hash != before[-1].revision_hash or after[-1].id != before[-1].id:
            current = {"revision": after[-1].id, "revision_hash": after[-1].revision_hash}
            _touch(connection, id, last_changed=now, read_by=None, **current)


def _steps(connection: Connection, id: str) -> list[Step]:
    steps: list[Step] = []
    for row in connection.execute(_STEPS, {"id": id}):
        if steps and steps[-1].id == row.id:
            steps[-1] = replace(steps[-1], captures=(*steps[-1].captures, row.shown_by))
        else:
            shown_by = () if row.shown_by is None else (row.shown_by,)
            steps.append(Step(row.id, row.revision_hash, shown_by, row.position))
    return steps


def _write_steps(
    connection: Connection, article: Article | None, before: list[Step], after: list[Step], now: datetime
) -> list[Step]:
    """Make the rows of `before` those of `after`, which is returned with all ids. A new text is the article's."""
    known = {s.id: s for s in before}
    written = []
    for step in after:
        if step.id is None:
            step = replace(step, id=_add_revision(connection, article, step, now), copy_of=None)
        elif (old := known[step.id]).capture != step.capture or old.position != step.position:
            values = {"capture": step.capture, "position": step.position}
            connection.execute(update(revisions).where(revisions.c.id == step.id).values(values))
        written.append(step)
    showed, shows = ({c: s.id for s in steps for c in s.captures} for steps in (before, written))
    for capture in sorted(showed.keys() | shows.keys()):
        if showed.get(capture) != shows.get(capture):
            connection.execute(_SHOWS, {"capture": capture, "revision": shows.get(capture)})
    gone = known.keys() - {s.id for s in written}
    if gone:
        connection.execute(delete(revisions).where(revisions.c.id.in_(gone)))
    return written


def _add_revision(connection: Connection, article: Article | None, step: Step, now: datetime) -> int:
    values = {"capture": step.capture, "position": step.position, "revision_hash": step.revision_hash}
    if article is not None and step.copy_of is None:
        values |= {"article": article.id, "content": dumps(article.to_json())}
    else:  # a text that a later capture shows again
        assert step.copy_of is not None
        copied = connection.execute(select(revisions).where(revisions.c.id == step.copy_of)).one()
        fetched_at = connection.execute(select(captures.c.fetched_at).where(captures.c.id == step.capture)).scalar_one()
        content = {**json.loads(copied.content), "captured_at": fetched_at.isoformat()}
        values |= {"article": copied.article, "content": dumps(content)}
    return int(connection.execute(_ADD_REVISION, {**values, "saved_at": now}).scalar_one())


def _refresh(connection: Connection, article: Article, step: Step, capture: int | None) -> bool:
    """Replace what a revision holds beside its text by the newest extraction's; whether that says anything new."""
    if step.revision_hash != article.revision_hash() or (capture is not None and capture < step.end):
        return False
    assert step.id is not None
    old, new = json.loads(_content(connection, step.id)), article.to_json()
    captured_at = new.pop("captured_at", None)
    captured_at = old.pop("captured_at", captured_at)  # the text's is when it was seen first
    if old == json.loads(dumps(new)):
        return False
    new = {**new, "captured_at": captured_at} if captured_at else new
    connection.execute(update(revisions).where(revisions.c.id == step.id).values(content=dumps(new)))
    return True


def _content(connection: Connection, revision: int) -> str:
    return str(connection.execute(select(revisions.c.content).where(revisions.c.id == revision)).scalar_one())


def _write_article(
    connection: Connection, article: Article, known: Row[Any] | None, current: Step, topic: float | None, now: datetime
) -> int:
    change = next_change(connection)
    values = {
        "page": article_id(article.canonical_url),
        "source": article.source,
        "revision": current.id,
        "revision_hash": current.revision_hash,
        "topic": topic,
        "read_by": None,
        "change": change,
        "deleted": False,
        "last_changed": now,
    }
    if known is None:
        first = {"first_seen": now, "first_change": change, "cluster": None}
        connection.execute(_ADD_ARTICLE, {"id": article.id, **first, **values})
    else:
        connection.execute(update(articles).where(articles.c.id == article.id).values(values))
    return change


def _touch(connection: Connection, id: str, **values: Any) -> int:
    """Raise an article's change number, with what else changes in its row."""
    change = next_change(connection)
    connection.execute(update(articles).where(articles.c.id == id).values(change=change, **values))
    return change


def _date_page(connection: Connection, article: Article) -> None:
    """Give the page the article's date where the list had none: the revisits count from it."""
    if article.published_at is None:
        return
    key = article_id(article.canonical_url)
    row = connection.execute(_UNDATED, {"id": key}).one_or_none()
    if row is not None and row.fetched_at is not None:
        next_visit = revisits.next_revisit(article.published_at, row.first_fetched or row.fetched_at, row.fetched_at)
        connection.execute(
            update(pages).where(pages.c.id == key).values(date=article.published_at, next_visit=next_visit)
        )
