"""extract: the one way from bytes to an Article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from crawler.article import Article, Attachment, ExtractionError, NotAnArticle, Provenance, article_id, text_of
from crawler.canonical import canonicalise
from crawler.extraction.body.blocks import attachments_of, blocks_of
from crawler.extraction.body.find_body import find_body
from crawler.extraction.body.no_body import pictures_instead
from crawler.extraction.documents.extract_document import blocks_of_document, provenance_of
from crawler.extraction.list_page import reject_list
from crawler.extraction.metadata.byline import byline, site_name
from crawler.extraction.metadata.publication_date import captured, date_line, published
from crawler.extraction.page.frame import walk
from crawler.extraction.page.tree import hides_text, reparse
from crawler.extraction.parsed_page import ParsedPage
from crawler.extraction.parts import next_part
from crawler.extraction.reject_page import reject_file, reject_page
from crawler.extraction.source_fields import source_fields
from crawler.extraction.source_selectors import selected_body, selected_date
from crawler.extraction.template_selectors import template_body, template_date, template_origin
from crawler.web.page import WebPage

if TYPE_CHECKING:
    from crawler.extraction.documents.attachments import AttachmentText
    from crawler.sources import Source

_LEAST = 4  # characters of a body


class NoBodyError(NotAnArticle):
    """The page, headed `title`, has neither a text of its own nor pictures in its place; a document that it links may hold the text."""

    def __init__(self, title: str) -> None:
        super().__init__(NO_BODY)
        self.title = title


NO_BODY = "页面上没有找到正文"


def extract(
    content: bytes,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    source: Source | None = None,
    document: tuple[AttachmentText, str] | None = None,
) -> Article:
    """The article on a page.

    `content` is the payload as captured, `url` its address, `headers` its response headers (case ignored), `source` the
    registry's entry or None, `document` the text (and address) of the document that holds the body where the page itself
    has none. A pure function of these. Raises NotAnArticle where there is none to keep, ExtractionError
    where the page cannot be read; both say why in one line.
    """
    return article_on(ParsedPage(WebPage(content, url, headers)), source, document)


def article_on(
    page: ParsedPage, source: Source | None = None, document: tuple[AttachmentText, str] | None = None
) -> Article:
    """`extract`, of a page that is looked at for other things too."""
    try:
        urlsplit(page.url)
    except ValueError as error:
        raise ExtractionError(f"地址不对：{page.url[:100]}") from error
    reject_file(page.page.content)
    if _may_be_thread(page):
        from crawler.extraction.forum.discuz_thread import read_thread

        if article := read_thread(page.root, page.url, source):
            return article
    return _general(page, source, document)


def _may_be_thread(page: ParsedPage) -> bool:
    """Whether the source has a word that pages of Discuz! have; looked for in its bytes, which are put in lower case many times faster."""
    content = page.page.content
    if b"\x00" in content:  # UTF-16
        content = page.html.encode("utf-8", "replace")
    return (
        b"discuz" in content.lower()
        or b"thread_subject" in content
        or (b"message" in content and (b"messagetext" in content or b"postmessage_" in content))
    )


def _general(page: ParsedPage, source: Source | None, document: tuple[AttachmentText, str] | None) -> Article:
    """Pages of unknown systems."""
    html, url = page.html, page.url
    frame = walk(page.root, url)
    if document is None:
        reject_page(frame, html)
    body = find_body(frame)
    if not any(body.kept) and hides_text(page.root, html):
        frame = walk(reparse(html), url)
        body = find_body(frame)
    if not any(body.kept):
        body = template_body(frame, body, page.hints)
    if document is None:
        reject_list(page.page, frame, body)
    selectors = source.selectors if source is not None else None
    body = selected_body(frame, body, selectors)
    blocks = blocks_of(frame, body.kept, body.root) if document is None else blocks_of_document(document[0])
    text = text_of(blocks)
    if len(text) < _LEAST:
        blocks, text = pictures_instead(frame, body.title.line), ""
        if not blocks or not body.title.text:
            raise NoBodyError(body.title.text)
        body = replace(body, rule="pictures", confidence=0.0)
    indices = [i for i, k in enumerate(body.kept) if k] or [min(body.title.line + 1, len(frame.lines) - 1)]
    when = selected_date(frame, selectors) or published(
        frame, url, body.title.line, (indices[0], indices[-1]), captured(page.page.headers)
    )
    hints = page.hints if when is None else None
    when = when or template_date(frame, hints)
    site = site_name(frame)
    dated = when.line if when and when.line >= 0 else date_line(frame, body.title.line)
    if dated > indices[0] + 1:
        dated = -1  # a date below is no byline
    credits = byline(frame, body.title.line, dated, kept=body.kept, span=body.span, site=site[0] if site else None)
    provenance = {
        "body": provenance_of(*document) if document else Provenance(body.rule, text[:40]),
        "title": body.title.provenance,
        **credits.provenance,
    }
    origin = credits.origin
    if origin is None and (hinted := template_origin(frame, hints)):
        origin, provenance["origin"] = hinted
    if when:
        provenance["published_at"] = when.provenance
    if site:
        provenance["publisher"] = Provenance(site[1], site[0])
    canonical = canonicalise(url)
    attachments = attachments_of(frame, body.kept)
    if document is not None and document[1] not in {a.url for a in attachments}:
        attachments = (*attachments, Attachment(document[1], document[0].title, document[0].kind))
    return Article(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        title=body.title.text,
        text=text,
        blocks=blocks,
        attachments=attachments,
        next_part=next_part(frame, url),
        published_at=when.at if when else None,
        published_precision=when.precision if when else None,
        origin=origin,
        author=credits.author,
        editor=credits.editor,
        script=_script(text),
        confidence=body.confidence if document is None else None,
        provenance=provenance,
        **source_fields(source, site[0] if site else None),
    )


def _script(text: str) -> Literal["hans", "hant"] | None:
    from crawler.normalisation import script_of

    return script_of(text[:4000])
