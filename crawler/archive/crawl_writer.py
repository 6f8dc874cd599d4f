"""What a crawl fetched, written in groups: records, rows and what became of the pages, in one transaction for many pages.

A kill takes at most what was held back. Its pages are then still what they were in the frontier, so that they are asked for again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

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
            self.flush()

    def flush(self) -> None:
        """Writes all that is held back."""
        if self._refused is not None:
            raise self._refused
        if not self._held and not self._pages:
            return
        try:
            self._write_group()
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
            self.flush()

    def _write_group(self) -> None:
        group = list(self._held.values())
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
                for page, held in self._pages.values()
            )
        self._held, self._pages, self._bytes = {}, {}, 0

    def _original(self, held: HeldCapture) -> Capture | None:
        return self._writer.original(held.digest) if held.exchange is not None and held.exchange.body else None
