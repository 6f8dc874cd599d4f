"""Readings with the operator's corrections applied, for display and export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from crawler.archive import Archive, StoredArticle
from indexer.analysis.corrected_reading import corrected_reading


def reading_of(archive: Archive, stored: StoredArticle) -> dict[str, Any]:
    """The corrected reading of one article; {} where there is none."""
    return corrected_reading(archive.readings.get(stored.id), stored.correction, stored.article.text)


def readings_of(archive: Archive, ids: Iterable[str]) -> Iterator[tuple[StoredArticle, dict[str, Any]]]:
    """Articles that are in the archive with their corrected readings, in the order of `ids`; for some hundreds at a time."""
    wanted = list(ids)
    stored, readings = archive.articles.get_many(wanted), archive.readings.get_many(wanted)
    for id in wanted:
        if id in stored:
            found = stored[id]
            yield found, corrected_reading(readings.get(id), found.correction, found.article.text)
