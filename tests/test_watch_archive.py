"""What the archive keeps of saved searches, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.archive import Archive, Watch
from crawler.archive.watching.digests import GIVEN_UP, KEPT, PAUSES
from crawler.archive.watching.watches import FARTHEST, UNCONFIRMED
from crawler.configuration import Settings
from tests.archive_fixtures import postgresql_server, settings
from tests.watch_desk import article

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2026, 3, 2, 0, 30, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        yield opened


def saved(archive: Archive, state: Any = "on", **more: Any) -> Watch:
    values: dict[str, Any] = {"channel": "mail", "recipient": "a@example.org", "mark": 0, "due_at": NOW, "now": NOW}
    return archive.watches.create("session:x", "飞地", "q=飞地", state=state, **{**values, **more})


def test_an_article_keeps_the_change_with_which_it_came(archive: Archive) -> None:
    first, second = article("甲"), article("乙")
    archive.articles.save(first, capture=None)
    archive.articles.save(second, capture=None)
    before = {a.id: a.first for a in archive.watches.arrivals(0, 99)}
    archive.readings.save(first.id, first.revision_hash(), "v1", {"topic": True}, b"")
    archive.articles.save(article("甲", "另一篇正文，飞地。"), capture=None)
    after = archive.watches.arrivals(0, 99)
    assert {a.id: a.first for a in after} == before and len(before) == 2
    changed = next(a for a in after if a.id == first.id)
    assert changed.change > changed.first and not changed.read
    assert [a.id for a in archive.watches.arrivals(before[first.id], 99)] == [second.id]
    assert archive.watches.arrivals(99, 100) == [] and len(archive.watches.arrivals(99, 100, [first.id])) == 1


def test_mark_and_digest_move_together_and_once(archive: Archive) -> None:
    watch = saved(archive)
    (due,) = archive.watches.due(NOW)
    assert due == watch
    moved: dict[str, Any] = {"mark": 7, "pending": ["b" * 16], "due_at": NOW + HOUR, "now": NOW}
    digest = archive.digests.look(due, found=(["a" * 16], 3, 1, NOW), **moved)
    assert digest is not None and archive.digests.look(due, found=(["a" * 16], 3, 1, NOW), **moved) is None
    kept = archive.watches.get(watch.token)
    assert kept is not None and (kept.mark, kept.pending, kept.due_at) == (7, ("b" * 16,), NOW + HOUR)
    assert archive.watches.due(NOW + 2 * HOUR) == []  # one is still to be sent
    assert archive.digests.to_send(NOW) == [digest]
    assert archive.digests.take(digest, NOW) and not archive.digests.take(digest, NOW)
    assert archive.digests.to_send(NOW) == []
    (again,) = archive.digests.to_send(NOW + PAUSES[0])
    assert archive.digests.failed(again, "没有人", NOW) == NOW
    assert archive.digests.failed(again, "没有人", NOW + GIVEN_UP) == NOW  # since when, not when last
    assert archive.digests.take(again, NOW + PAUSES[0])
    archive.digests.sent(again, NOW + HOUR)
    (done,) = archive.digests.of(watch.token)
    assert (done.sent_at, done.next_try, done.attempts, done.articles) == (NOW + HOUR, None, 2, ("a" * 16,))
    kept = archive.watches.get(watch.token)
    assert kept is not None and kept.failing_since is None
    assert [w.token for w in archive.watches.due(NOW + 2 * HOUR)] == [watch.token]
    archive.digests.delete_old(NOW + KEPT + HOUR)
    assert archive.digests.of(watch.token) == []


def test_a_due_time_that_a_wrong_clock_set_is_not_waited_for(archive: Archive) -> None:
    saved(archive, due_at=NOW + FARTHEST + HOUR)
    saved(archive, due_at=NOW + FARTHEST - HOUR)
    assert len(archive.watches.due(NOW)) == 1


def test_what_nobody_agrees_to_goes_and_that_somebody_was_asked_stays_a_week(archive: Archive) -> None:
    watch = saved(archive, "waiting")
    assert [w.token for w in archive.watches.to_confirm()] == [watch.token]
    assert archive.watches.asked_since(NOW - HOUR, "a@example.org") == 1
    assert archive.watches.take_to_confirm(watch.token, NOW) and not archive.watches.take_to_confirm(watch.token, NOW)
    archive.watches.delete(watch.token)
    assert archive.watches.get(watch.token) is None and archive.watches.of_secret(watch.secret) is None
    assert archive.watches.all() == [] and archive.watches.count("session:x") == 0
    assert archive.watches.asked_since(NOW - HOUR, "a@example.org") == 1
    saved(archive, "waiting")
    archive.watches.delete_unconfirmed(NOW + UNCONFIRMED + HOUR)
    assert archive.watches.all() == [] and archive.watches.asked_since(NOW - HOUR) == 0


def test_a_recipient_who_stops_must_agree_anew(archive: Archive) -> None:
    watch = saved(archive)
    assert archive.watches.is_confirmed("session:x", "mail", "a@example.org")
    archive.digests.look(watch, mark=1, pending=(), due_at=NOW + HOUR, found=(["a" * 16], 1, 0, NOW), now=NOW)
    stopped = archive.watches.stop(watch.secret, "收件人退订")
    assert stopped is not None and (stopped.state, stopped.due_at, stopped.confirmed_at) == ("off", None, None)
    assert archive.digests.to_send(NOW) == [] and archive.watches.due(NOW + HOUR) == []
    assert not archive.watches.is_confirmed("session:x", "mail", "a@example.org")
    assert archive.watches.confirm(watch.secret, NOW) == stopped  # the old link to confirm does not undo it
    other = archive.watches.change(watch.token, recipient="b@example.org")
    assert other is not None and other.secret != watch.secret and archive.watches.of_secret(watch.secret) is None
