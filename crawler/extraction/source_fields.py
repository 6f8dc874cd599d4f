"""What an article takes over from its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from crawler.sources import Source


class SourceFields(TypedDict):
    """Arguments of Article."""

    source: str | None
    kind: str | None
    region: str | None
    publisher: str | None


def source_fields(source: Source | None, site: str | None = None) -> SourceFields:
    """The fields; without a source all are None but the publisher, which is then the `site` that the page itself names."""
    if source is None:
        return SourceFields(source=None, kind=None, region=None, publisher=site)
    return SourceFields(source=source.name, kind=source.kind, region=source.region, publisher=source.title)
