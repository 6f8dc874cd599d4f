"""An article that is a document: an entry of a list that leads to a PDF or DOCX."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from crawler.article import (
    SHANGHAI,
    Article,
    Attachment,
    Block,
    ExtractionError,
    NotAnArticle,
    Provenance,
    article_id,
    parse_published,
    text_of,
)
from crawler.canonical import canonicalise
from crawler.extraction.documents.attachments import AttachmentError, AttachmentText, UnreadableKind, read_attachment
from crawler.extraction.metadata.date_parsing import moments
from crawler.extraction.source_fields import source_fields

if TYPE_CHECKING:
    from crawler.sources import Source

_LONGEST_TITLE = 60
_SIGNED = 6  # paragraphs at the end among which the date of a sign-off stands
_CUT = re.compile(r"(?:\.{2,}|…)\s*$")


def read_document(content: bytes) -> AttachmentText:
    """The text of a document. Raises NotAnArticle where it is of a kind that is not read, ExtractionError where it should be and cannot."""
    try:
        return read_attachment(content)
    except UnreadableKind as error:
        raise NotAnArticle(error.reason) from error
    except AttachmentError as error:
        raise ExtractionError(error.reason) from error


def extract_document(
    content: bytes,
    url: str,
    *,
    listed: str = "",
    listed_on: date | datetime | None = None,
    source: Source | None = None,
) -> Article:
    """The article that a document is. `listed` and `listed_on` are its title and date on the list. Raises as `read_document` does."""
    document = read_document(content)
    blocks = blocks_of_document(document)
    title, titled = _title(document, listed)
    at, precision, dated = _date(document, listed_on)
    provenance = {"body": provenance_of(document, url)}
    if title:
        provenance["title"] = titled
    if dated:
        provenance["published_at"] = dated
    from crawler.normalisation import script_of

    text = text_of(blocks)
    canonical = canonicalise(url)
    return Article(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        title=title,
        text=text,
        blocks=blocks,
        attachments=(Attachment(url, title, document.kind),),
        published_at=at,
        published_precision=precision,
        script=script_of(text[:4000]),
        provenance=provenance,
        **source_fields(source),
    )


def blocks_of_document(document: AttachmentText) -> tuple[Block, ...]:
    """Its paragraphs."""
    return tuple(Block("paragraph", paragraph) for paragraph in document.paragraphs)


def provenance_of(document: AttachmentText, url: str) -> Provenance:
    """Says of a body that it was read from a document."""
    return Provenance(f"attachment:{document.kind}", url)


def _title(document: AttachmentText, listed: str) -> tuple[str, Provenance]:
    """The list's title; where it was cut short or there was none, the document's first line that goes on as it begins, or that is short."""
    kept = _CUT.sub("", listed).strip()
    cut = kept != listed.strip()
    first = [p for p in document.paragraphs[:5] if len(p) <= 2 * _LONGEST_TITLE]
    whole = next((p for p in first if cut and kept and p.startswith(kept)), "")
    if whole:
        return whole, Provenance("attachment:line", whole)
    if kept:
        return kept, Provenance("list", listed)
    title = next((p for p in first if len(p) <= _LONGEST_TITLE), document.title)
    return title, Provenance("attachment:line" if title != document.title else "attachment:properties", title)


def _date(
    document: AttachmentText, listed_on: date | datetime | None
) -> tuple[datetime | None, Literal["day", "minute"] | None, Provenance | None]:
    if listed_on is not None:
        day: date | datetime = listed_on
        if isinstance(day, datetime):
            day = day.astimezone(SHANGHAI)
            day = day.date() if (day.hour, day.minute) == (0, 0) else day
        at, precision = parse_published(day)
        return at, precision, Provenance("list", day.isoformat())
    for paragraph in reversed(document.paragraphs[-_SIGNED:]):
        for at, precision, *_ in moments(paragraph):
            if len(paragraph) < _LONGEST_TITLE:
                return at, precision, Provenance("attachment:sign-off", paragraph)
    return None, None, None
