"""What a crawl fetched, written in groups: records, rows and what became of the pages, in one transaction for many pages.

A kill takes at most what was held back. Its pages are then still what they were in the frontier, so that they are asked for again. A page's capture is never written
before the page: it would be fetched once more, and captured twice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import takewhile

from crawler.archive.captures import CaptureWriter
from crawler.archive.database import Database
from crawler.archive.errors import ArchiveError
from crawler.archive.frontier import Frontier
from crawler.archive.models import Capture, Exchange, Page, Role
from crawler.archive.records import warc

MOST_HELD = 32  # responses, or changes of pages
MOST_BYTES = 1_000_000  # of bodies
MOST_SECONDS = 2.0  # that anything is held back, where `flush_if_due` is called often enough


@dataclass(slots=True)
class HeldCapture:
    """A response that is kept with its group; `capture` is set once it was."""

    exchange: Exchange | None
    digest: str
    role: Role
    status: int
    capture: Capture | None = None
    since: float = field(default_factory=time.monotonic)
    has_page: bool = False  # `save_page` has named it


class CrawlWriter:
    """Holds responses and changes of pages back until there are enough of them. Not for threads.

    Everything raises ArchiveError where the archive refuses; from then on nothing more is written.
    """

    def __init__(
        self, database: Database, frontier: Frontier, run: int, *, worker: str | None = None, visit: str | None = None
    ) -> None:
        self._database, self._frontier = database, frontier
        self._writer = CaptureWriter(database, run, worker=worker, visit=visit)
        self._held: dict[str, HeldCapture] = {}  # by digest
        self._pages: dict[str, tuple[Page, HeldCapture | None]] = {}  # by canonical URL
        self._bytes, self._since = 0, 0.0
        self._refused: ArchiveError | None = None

    def write(self, exchange: Exchange) -> HeldCapture:
        """Keep a response; a payload that is known already becomes a revisit record."""
        digest = warc.digest_of(exchange.body)
        if digest in self._held:
            self.flush()  # the second record refers to the first
        held = self._held[digest] = HeldCapture(exchange, digest, exchange.role, exchange.status)
        self._bytes += len(exchange.body)
        self._was_held()
        return held

    def save_page(self, page: Page, capture: HeldCapture | None = None) -> None:
        """Store a page as it now is, with what was fetched of it."""
        if capture is not None:
            capture.has_page = True
        self._pages[page.canonical_url] = page, capture
        self._was_held()

    def is_known(self, held: HeldCapture) -> bool:
        """Whether the bytes of a response were kept before it."""
        if held.capture is not None:
            return held.capture.refers_to is not None
        return self._original(held) is not None

    def flush_if_due(self) -> None:
        """Writes what has been held back for long."""
        if (self._held or self._pages) and time.monotonic() - self._since >= MOST_SECONDS:
            self._flush(list(takewhile(_has_its_page, self._held.values())))

    def flush(self) -> None:
        """Writes all that is held back."""
        self._flush(list(self._held.values()))

    def _flush(self, group: list[HeldCapture]) -> None:
        if self._refused is not None:
            raise self._refused
        if not group and not self._pages:
            return
        try:
            self._write_group(group)
        except ArchiveError as error:
            self._refused = error
            raise

    def close(self) -> None:
        """Writes what is held back and finishes the file."""
        try:
            if self._refused is None:
                self.flush()
        finally:
            self._writer.close()

    def abandon(self) -> None:
        """Drop what is held back and leave the file as if the process had died."""
        self._held, self._pages, self._bytes = {}, {}, 0
        self._writer.abandon()

    def _was_held(self) -> None:
        if len(self._held) + len(self._pages) == 1:
            self._since = time.monotonic()
        if (
            self._refused is not None
            or len(self._held) >= MOST_HELD
            or len(self._pages) >= MOST_HELD
            or self._bytes >= MOST_BYTES
        ):
            self._flush(list(takewhile(_has_its_page, self._held.values())))

    def _write_group(self, group: list[HeldCapture]) -> None:
        later = {id(held) for held in self._held.values()} - {id(held) for held in group}
        pages = {url: (page, held) for url, (page, held) in self._pages.items() if id(held) not in later}
        known = self._writer.known(held.digest for held in group)
        rows = [
            (held.exchange, held.digest, self._original(held) if held.digest in known else None)
            for held in group
            if held.exchange is not None
        ]
        records = self._writer.append(rows) if rows else []
        with self._database.transaction():
            with self._database.writer() as connection:
                kept = self._writer.insert(connection, records) if records else []
                for held, capture in zip(group, kept, strict=True):
                    held.capture, held.exchange = capture, None
            self._frontier.save_pages(
                replace(page, capture=held.capture.id) if held is not None and held.capture is not None else page
                for page, held in pages.values()
            )
        self._held = {digest: held for digest, held in self._held.items() if id(held) in later}
        self._pages = {url: entry for url, entry in self._pages.items() if url not in pages}
        self._bytes = sum(len(held.exchange.body) for held in self._held.values() if held.exchange is not None)
        self._since = time.monotonic()

    def _original(self, held: HeldCapture) -> Capture | None:
        return self._writer.original(held.digest) if held.exchange is not None and held.exchange.body else None


def _has_its_page(held: HeldCapture) -> bool:
    """Whether a capture may be written by now: what is said of an article's page comes soon after it, or not at all (a further part, another site's)."""
    return held.role != "article" or held.has_page or time.monotonic() - held.since >= MOST_SECONDS
