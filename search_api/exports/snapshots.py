"""What was received of an article's page, read back from the records."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.archive import Archive, Capture, ForgottenError, StoredArticle, UnreadableRecordError
from search_api.exports.format import Snapshot


def snapshots_of(archive: Archive, stored: StoredArticle) -> Iterator[Snapshot]:
    """The capture of an article, then its further parts; whole, also where the record itself only names an earlier one of the same bytes. Nothing for an article that was imported."""
    first = archive.captures.get(stored.capture) if stored.capture else None
    if first is None:
        return
    for capture in (first, *archive.captures.parts_of(first)):
        yield _read(archive, capture)


def _read(archive: Archive, capture: Capture) -> Snapshot:
    try:
        payload = archive.captures.payload(capture)
    except (UnreadableRecordError, ForgottenError) as error:
        return Snapshot(capture.id, capture.url, capture.fetched_at, missing=str(error))
    return Snapshot(
        capture.id,
        capture.url,
        capture.fetched_at,
        status=payload.status,
        headers=payload.headers,
        content=payload.content,
    )
