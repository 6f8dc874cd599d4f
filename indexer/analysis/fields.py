"""From a document to the streams of tokens that an engine reads with a `whitespace` analyzer: one string a field, tokens in order, a space between."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.document import Document


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for an engine: `streams` is field → tokens joined by spaces; `keywords` is field → values; `numbers` is field → integer."""

    document: Document
    streams: dict[str, str]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, int]


def prepare(document: Document) -> Prepared:
    """Analyse a document. Pure; may run in a worker process."""
    raise NotImplementedError
