"""The archive: captures, pages, lists, articles, revisions, readings, clusters, runs, dossiers, behind one façade, `Archive`."""

from crawler.archive import revisits
from crawler.archive.access.keys import AccessKey, Scope
from crawler.archive.archive import Archive
from crawler.archive.captures import CaptureWriter
from crawler.archive.crawl_writer import CrawlWriter, HeldCapture
from crawler.archive.database import missing_archive
from crawler.archive.dossiers import Dossier, DossierItem, Quotation
from crawler.archive.errors import ArchiveError, ElsewhereError, StoreError, UnreadableRecordError
from crawler.archive.forgetting.tombstones import ForgottenError, Tombstone
from crawler.archive.models import (
    Capture,
    Change,
    Counts,
    Exchange,
    Extracted,
    ListState,
    NewPage,
    Outcome,
    Page,
    PageState,
    Payload,
    Rejected,
    Revision,
    Role,
    Run,
    Saved,
    SourceReport,
    SourceRun,
    SourceState,
    StoredArticle,
)
from crawler.archive.records.capture_files import CaptureFile
from crawler.archive.watching.digests import Digest
from crawler.archive.watching.watches import Channel, Watch

__all__ = [
    "AccessKey",
    "Archive",
    "ArchiveError",
    "Capture",
    "CaptureFile",
    "CaptureWriter",
    "Change",
    "Channel",
    "Counts",
    "CrawlWriter",
    "Digest",
    "Dossier",
    "DossierItem",
    "ElsewhereError",
    "Exchange",
    "Extracted",
    "ForgottenError",
    "HeldCapture",
    "ListState",
    "NewPage",
    "Outcome",
    "Page",
    "PageState",
    "Payload",
    "Quotation",
    "Rejected",
    "Revision",
    "Role",
    "Run",
    "Saved",
    "Scope",
    "SourceReport",
    "SourceRun",
    "SourceState",
    "StoreError",
    "StoredArticle",
    "Tombstone",
    "UnreadableRecordError",
    "Watch",
    "missing_archive",
    "revisits",
]
