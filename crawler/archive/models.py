"""The records that the archive takes and returns, all frozen. Times are aware; ids of runs and captures rise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from crawler.article import Article

Role = Literal["article", "part", "list", "feed", "robots", "attachment", "other"]
Outcome = Literal["article", "rejected", "not_article", "failed", "blocked", "part", "superseded", "forgotten"]
PageState = Literal["queued", "fetched", "blocked", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, to be kept. `body` is decoded (no content or transfer encoding left); `headers` as received.

    `blocked` is the reason why a response is a challenge or a wall: it is kept, and never extracted.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    source: str | None = None
    role: Role = "article"
    canonical_url: str | None = None  # default: `url`
    method: str = "GET"
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: bytes = b""
    address: str | None = None  # IP address of the server
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A kept response: where its record lies (`file` under DATA/captures, `offset`, `record_length` bytes), and what extraction made of it.

    `refers_to` is the capture that holds the bytes where the payload was already known. `length` counts payload bytes.
    """

    id: int
    run: int
    url: str
    canonical_url: str
    source: str | None
    role: Role
    status: int
    fetched_at: datetime
    digest: str  # sha1:BASE32, of the payload
    length: int
    content_type: str | None
    file: str
    offset: int
    record_length: int
    refers_to: int | None = None
    blocked: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """The decoded bytes of a capture with the response's status, headers (names lower case, repeated ones joined by ", ") and URL."""

    content: bytes
    status: int
    headers: Mapping[str, str]
    url: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source beside its TOML. A source never met has the defaults."""

    name: str
    enabled: bool = False
    status: str | None = None  # what the last probe or crawl found: reached, blocked, refused …
    status_answer: str | None = None  # the answer in words, such as 412 or a DNS error
    status_at: datetime | None = None
    last_visit: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListState:
    """How far a list was read: the newest entry seen, the cursors into its history, and the validators of its first page."""

    source: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None  # what an index said of its last change when it was read
    newest: str | None = None  # canonical URL of the newest entry seen
    newest_at: datetime | None = None
    cursor: str | None = None  # the pages to read next, as JSON (crawler.spiders.cursors)
    done: bool = False  # history was read to the end, or to the operator's `since`
    visited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page that a list names. `history`: found on a page of the list's history; fetched after the new ones."""

    url: str
    canonical_url: str
    title: str = ""
    date: date | datetime | None = None
    referrer: str | None = None
    history: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One canonical URL of the frontier. `next_visit` is when a page that was visited is to be asked again; None: never."""

    canonical_url: str
    url: str
    source: str
    state: PageState = "queued"
    title: str = ""
    date: datetime | None = None  # what the list said
    referrer: str | None = None
    history: bool = False
    added_at: datetime | None = None
    first_fetched: datetime | None = None
    fetched_at: datetime | None = None
    next_visit: datetime | None = None
    attempts: int = 0  # failures since the last success
    status: int | None = None
    reason: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    capture: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What `save_article` did. `same`: no new revision; `change` is the article's change number after the call."""

    id: str
    outcome: Literal["new", "changed", "same"]
    change: int


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the archive holds it now, with corrections applied."""

    article: Article
    change: int
    revision_hash: str
    capture: int | None
    first_seen: datetime
    last_changed: datetime
    cluster: str | None = None
    topic: float | None = None
    correction: Mapping[str, Any] | None = (
        None  # what the operator corrected by hand; places and practices are applied by who reads readings
    )

    @property
    def id(self) -> str:
        return self.article.id


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of an article, as extracted from `capture` (None: imported); oldest first in `revisions`."""

    id: int
    article: Article
    revision_hash: str
    capture: int | None
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Article `id` was last changed by change number `change`; `deleted`: it is an article no longer."""

    id: str
    change: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A page that was not kept as an article, with the score that decided."""

    canonical_url: str
    url: str
    source: str | None
    capture: int | None
    title: str
    score: float | None
    reason: str
    rejected_at: datetime


@dataclass(frozen=True, slots=True)
class Extracted:
    """A capture and what extraction made of it. `title` is that of the article or of the rejected page, None where there was neither; `listed` the list's."""

    capture: int
    url: str
    canonical_url: str
    fetched_at: datetime
    outcome: Outcome
    reason: str | None
    title: str | None = None
    listed: str = ""
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source in one run. `outcome` is ok, short, blocked, failed, or what else the crawl calls it; `note` is one line.

    `entries` is what its lists showed (None: they had not changed), `expected` the least that they should (None in old reports).
    """

    requests: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    blocked: int = 0
    failed: int = 0
    outcome: str = "ok"
    note: str = ""
    entries: int | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class SourceRun:
    """A source's report with the run that it belongs to, which was one of `verb`."""

    run: int
    source: str
    started_at: datetime
    report: SourceReport
    verb: str = "nightly"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a verb; `finished_at` is None while it goes on, or where it was cut off."""

    id: int
    verb: str
    started_at: datetime
    finished_at: datetime | None = None
    report: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is. `sources` counts those that are enabled; `warc_bytes` is the size of the capture files on this disk or in the store."""

    sources: int
    captures: int
    articles: int
    revisions: int
    rejected: int
    readings: int
    warc_bytes: int
