"""When a page is fetched again: pure functions from a page and the outcome of its fetch to the page with its next visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crawler.archive.models import Page

REVISITS = tuple(timedelta(days=d) for d in (1, 3, 7, 21, 60))
"""Ages of an article, from its publication, at which it is asked again; afterwards never."""

GAP = timedelta(hours=20)
"""The least time between a visit and the next: a little under a day, so that a nightly run that starts a bit earlier still finds it due."""

RETRIES = tuple(timedelta(hours=h) for h in (1, 12, 72, 240))
"""Waits after the first, second … failure in a row; when they are used up the page is left alone."""

BLOCKED_RETRIES = tuple(timedelta(days=d) for d in (1, 3, 10, 30))
"""The same for a page that answered with a challenge or a wall: asked seldom, and never around it."""

ERROR_RETRIES = tuple(timedelta(days=d) - timedelta(hours=4) for d in (1, 2, 4, 8, 16, 32, 64))
"""Waits after the first, second … answer in a row that is an error in the guise of a page (200, and 系统繁忙 on it)."""

EMPTY_RETRIES = tuple(timedelta(days=d) for d in (7, 30, 120))
"""The same for a page that holds no article for another reason: what is being edited may be one later."""

ELSEWHERE = "条目指向来源之外的网站"
"""Why an entry of a list was written down and not asked for."""


def next_revisit(published: datetime | None, first_fetched: datetime, fetched: datetime) -> datetime | None:
    """When an article fetched at `fetched` is to be asked again; None: never.

    Its age counts from publication; from the first fetch where no date is known or where it lies in the future.
    """
    born = first_fetched if published is None or published > first_fetched else published
    last = born + REVISITS[-1]
    if fetched >= last:
        return None
    earliest = fetched + GAP
    return next((born + age for age in REVISITS if born + age >= earliest), last + GAP if last < earliest else None)


def fetched(
    page: Page,
    now: datetime,
    *,
    capture: int | None = None,
    status: int = 200,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Page:
    """The page after an answer that could be kept, or 304 (then without `capture`, and the validators stay).

    What stood behind a list's first page is no news: without a date it is not asked again.
    """
    first = page.first_fetched or now
    return replace(
        page,
        state="fetched",
        first_fetched=first,
        fetched_at=now,
        next_visit=None if page.history and page.date is None else next_revisit(page.date, first, now),
        attempts=0,
        status=status,
        reason=None,
        etag=etag if status != 304 else page.etag,
        last_modified=last_modified if status != 304 else page.last_modified,
        capture=capture if capture is not None else page.capture,
    )


def no_article(page: Page, reason: str, times: int, *, passing: bool) -> Page:
    """A fetched page on which extraction found no article, for the `times`th time in a row; `passing`: it says itself that it is an error.

    It is asked for anew, without the validators by which the site would answer that nothing changed.
    """
    waits = ERROR_RETRIES if passing else EMPTY_RETRIES
    asked = page.fetched_at
    due = asked + waits[times - 1] if asked is not None and times <= len(waits) else None
    return replace(page, next_visit=due, reason=reason, etag=None, last_modified=None)


def failed(page: Page, now: datetime, reason: str, *, status: int | None = None) -> Page:
    """The page after a timeout, a broken connection, a server's error: tried again later, a few times."""
    return _put_off(page, "failed", RETRIES, now=now, reason=reason, status=status)


def blocked(page: Page, now: datetime, reason: str, *, status: int | None = None, capture: int | None = None) -> Page:
    """The page after a challenge or a wall."""
    page = _put_off(page, "blocked", BLOCKED_RETRIES, now=now, reason=reason, status=status)
    return replace(page, capture=capture) if capture is not None else page


def gone(page: Page, now: datetime, reason: str, *, status: int | None = None) -> Page:
    """The page after 404 or 410, or where robots.txt forbids it: never asked again; what was archived stays."""
    return replace(page, state="gone", fetched_at=now, next_visit=None, attempts=0, status=status, reason=reason)


def _put_off(
    page: Page, state: str, waits: tuple[timedelta, ...], now: datetime, reason: str, status: int | None
) -> Page:
    attempts = page.attempts + 1 if page.state != "fetched" else 1
    next_visit = now + waits[attempts - 1] if attempts <= len(waits) else None
    return replace(page, state=state, next_visit=next_visit, attempts=attempts, status=status, reason=reason)  # type: ignore[arg-type]
