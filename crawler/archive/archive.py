"""The façade of the archive: opens it and gives access to its parts."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from sqlalchemy import func, select, true
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.access.keys import AccessKeys
from crawler.archive.articles import Articles
from crawler.archive.captures import Captures
from crawler.archive.cluster.parts import RunParts
from crawler.archive.cluster.visits import VisitTokens
from crawler.archive.cluster.workers import ClusterWorkers
from crawler.archive.corrections import Corrections
from crawler.archive.crawl_writer import CrawlWriter
from crawler.archive.database import Database, connect, missing_archive, refuse_emptied
from crawler.archive.dossiers import Dossiers
from crawler.archive.errors import ArchiveError
from crawler.archive.forgetting.tombstones import Tombstones
from crawler.archive.frontier import Frontier
from crawler.archive.history.backfills import Backfills
from crawler.archive.migrations.migrate import migrate
from crawler.archive.models import Counts
from crawler.archive.notices.outbox import Outbox
from crawler.archive.readings import Readings
from crawler.archive.records.capture_files import CaptureFiles
from crawler.archive.rejections import Rejections
from crawler.archive.review.reviews import Reviews
from crawler.archive.runs import Runs
from crawler.archive.schema import articles, captures, readings, rejected, revisions, sources
from crawler.archive.store.open_store import open_store
from crawler.archive.unreadable import UnreadableCaptures
from crawler.archive.watching.digests import Digests
from crawler.archive.watching.watches import Watches
from crawler.configuration import Settings


class Archive:
    """One archive, open. A context manager; may be shared by threads; processes may open the same archive side by side.

    Its parts share one database: a call is a transaction of its own but within `with archive.transaction():`. All raise ArchiveError where the
    disk or the database refuses. Do not carry an open archive through a fork: open it in the child.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.runs = Runs(database)
        self.captures = Captures(database)
        self.capture_files = CaptureFiles(database)
        self.unreadable = UnreadableCaptures(database)
        self.frontier = Frontier(database)
        self.backfills = Backfills(database)
        self.articles = Articles(database)
        self.rejections = Rejections(database)
        self.readings = Readings(database)
        self.corrections = Corrections(database)
        self.dossiers = Dossiers(database)
        self.keys = AccessKeys(database)
        self.reviews = Reviews(database)
        self.tombstones = Tombstones(database)
        self.workers = ClusterWorkers(database)
        self.visits = VisitTokens(database)
        self.parts = RunParts(database)
        self.watches = Watches(database)
        self.digests = Digests(database)
        self.outbox = Outbox(database)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the archive of the settings: make its folders, bring its schema up to date, finish what a dead writer left. Raises ArchiveError."""
        store = open_store(settings)
        engine = connect(settings)
        try:
            refuse_emptied(engine, settings)
            migrate(engine)
            archive = cls(Database(engine, settings.data, store, settings.machine_name))
            archive.captures.recover()
        except SQLAlchemyError as error:
            engine.dispose()
            raise ArchiveError(f"打不开文库：{' '.join(str(error).split())}") from error
        except BaseException:
            engine.dispose()
            raise
        return archive

    @classmethod
    def open_existing(cls, settings: Settings) -> Self:
        """`open` for whoever wants what is there already. Raises ArchiveError where there is no archive, and makes none."""
        if said := missing_archive(settings):
            raise ArchiveError(said)
        return cls.open(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All calls of this thread within are committed together, or not at all. Keep it short: other writers wait."""
        return self.database.transaction()

    def crawl_writer(self, run: int, *, worker: str | None = None, visit: str | None = None) -> CrawlWriter:
        """A writer for all that a crawl fetches; any number may write side by side. Where a store is set, its files are noted as those of `worker`
        (default: this machine) and of a visit's token; `close` ends a file, and `capture_files.store_closed` then puts it."""
        return CrawlWriter(self.database, self.frontier, run, worker=worker, visit=visit)

    def counts(self) -> Counts:
        """How much there is; counts rows, so that it takes time on a large archive."""
        with self.database.reader() as connection:

            def count(query: object) -> int:
                return int(connection.execute(query).scalar_one())  # type: ignore[call-overload]

            rows = select(func.count())
            return Counts(
                sources=count(rows.select_from(sources).where(sources.c.enabled == true())),
                captures=count(rows.select_from(captures)),
                articles=count(rows.select_from(articles).where(articles.c.revision.is_not(None))),
                revisions=count(rows.select_from(revisions)),
                rejected=count(rows.select_from(rejected)),
                readings=count(rows.select_from(readings)),
                warc_bytes=self._warc_bytes(),
            )

    def _warc_bytes(self) -> int:
        with os.scandir(self.database.captures_folder) as entries:
            here = {e.name: e.stat().st_size for e in entries if ".warc" in e.name}
        return sum(here.values()) + sum(f.size or 0 for f in self.capture_files.all_stored() if f.name not in here)
