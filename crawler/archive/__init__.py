"""The archive: captures, pages, lists, articles, revisions, readings, clusters, runs, dossiers, behind one façade, `Archive`."""

from crawler.archive import revisits
from crawler.archive.archive import Archive
from crawler.archive.captures import CaptureWriter
from crawler.archive.dossiers import Dossier, DossierItem
from crawler.archive.errors import ArchiveError, UnreadableRecordError
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
    "Archive",
    "ArchiveError",
    "Capture",
    "CaptureWriter",
    "Change",
    "Counts",
    "Dossier",
    "DossierItem",
    "Exchange",
    "Extracted",
    "ListState",
    "NewPage",
    "Outcome",
    "Page",
    "PageState",
    "Payload",
    "Rejected",
    "Revision",
    "Role",
    "Run",
    "Saved",
    "SourceReport",
    "SourceRun",
    "SourceState",
    "StoredArticle",
    "UnreadableRecordError",
    "revisits",
]
