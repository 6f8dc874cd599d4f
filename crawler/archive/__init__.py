"""The archive: captures, pages, lists, articles, revisions, readings, clusters, runs, dossiers, behind one façade, `Archive`."""

from crawler.archive import revisits
from crawler.archive.access.keys import AccessKey, Scope
from crawler.archive.archive import Archive
from crawler.archive.captures import CaptureWriter
from crawler.archive.crawl_writer import CrawlWriter, HeldCapture
from crawler.archive.dossiers import Dossier, DossierItem, Quotation
from crawler.archive.errors import ArchiveError, UnreadableRecordError
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

__all__ = [
    "AccessKey",
    "Archive",
    "ArchiveError",
    "Capture",
    "CaptureWriter",
    "Change",
    "Counts",
    "CrawlWriter",
    "Dossier",
    "DossierItem",
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
    "StoredArticle",
    "Tombstone",
    "UnreadableRecordError",
    "revisits",
]
