"""What a worker makes of one page as captured: its article with the topic, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.article import Article, Attachment, ExtractionError, NotAnArticle
from crawler.extraction.documents.linked_documents import (
    extension_of,
    holding_the_text,
    is_document,
    says_nothing_itself,
)
from crawler.extraction.list_witness import Listed, witnessed
from crawler.web.page import WebPage

if TYPE_CHECKING:
    from crawler.extraction.documents.attachments import AttachmentText
    from crawler.sources import Source

MOST_DOCUMENTS = 3  # that are tried for the text which a page does not have itself


@dataclass(frozen=True, slots=True)
class Page:
    """What a worker is given: one page as captured."""

    content: bytes
    url: str
    headers: Mapping[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A worker's answer: an article with its topic, or the reason why there is none.

    `wanted` are the addresses of the documents that may hold the text which the page itself does not have, the likeliest first.
    """

    article: Article | None = None
    on_topic: bool = True
    refused: str | None = None  # NotAnArticle
    failed: str | None = None
    wanted: tuple[str, ...] = ()


def extract_page(
    pages: list[Page],
    source: Source | None,
    listed: Listed | None = None,
    documents: list[Page] | None = None,
) -> Outcome:
    """Runs in a worker: the article on the first page, joined with its further parts, and its topic score.

    `documents`: those that an earlier outcome wanted, as far as they could be had; None asks which they are.
    """
    from crawler.extraction import extract, join
    from crawler.extraction.documents.extract_document import extract_document
    from crawler.topic import score

    first = pages[0]
    wanted: tuple[str, ...] = ()
    try:
        if is_document(first.content):
            on_list = listed or Listed()
            parts = [
                extract_document(first.content, first.url, listed=on_list.title, listed_on=on_list.date, source=source)
            ]
            pages = pages[:1]
        else:
            part, wanted = _first_part(first, source, documents)
            if part is None:
                return Outcome(refused="正文在附件里", wanted=wanted)
            parts = [witnessed(part, listed) if listed else part]
        for page in pages[1:]:
            try:
                parts.append(extract(page.content, page.url, headers=page.headers, source=source))
            except NotAnArticle:
                break  # the chain led off the article, to a list or a wall: what came before it stands
        article = join(parts) if len(parts) > 1 else parts[0]
    except NotAnArticle as refusal:
        return Outcome(refused=refusal.reason)
    except ExtractionError as error:
        return Outcome(failed=error.reason)
    topic = score(article.title, article.text)
    on_topic = topic.on_topic or bool(source is not None and not source.gate)
    return Outcome(article=article.with_(topic_score=topic.value), on_topic=on_topic, wanted=wanted)


def _first_part(
    page: Page, source: Source | None, documents: list[Page] | None
) -> tuple[Article | None, tuple[str, ...]]:
    """The article on a page and the documents that it wants; None where it has no text but theirs. Raises ExtractionError."""
    from crawler.extraction.extractor import NO_BODY, NoBodyError, article_on
    from crawler.extraction.parsed_page import ParsedPage

    parsed = ParsedPage(WebPage(page.content, page.url, page.headers))
    article, title = None, ""
    try:
        article = article_on(parsed, source)
        title = article.title
    except NoBodyError as empty:
        title = empty.title
    linked = parsed.documents
    if article is not None:
        known = {a.url for a in article.attachments}
        shown = [d for d in linked if d.shown and d.url not in known]
        more = tuple(Attachment(d.url, d.words, extension_of(d.url, d.words) or "") for d in shown)
        article = article.with_(attachments=(*article.attachments, *more))
    wanted: tuple[str, ...] = ()
    if linked and (article is None or says_nothing_itself(article.text, title, linked)):
        wanted = tuple(d.url for d in holding_the_text(linked, title)[:MOST_DOCUMENTS])
    if documents is not None:
        wanted = ()
    for document in documents or []:
        read = _read(document)
        if read is not None:
            return article_on(parsed, source, (read, document.url)), ()
    if article is None and not wanted:
        held = documents is not None and holding_the_text(linked, title)
        raise NotAnArticle("正文在附件里，附件没有取到或读不出来" if held else NO_BODY)
    return article, wanted


def _read(document: Page) -> AttachmentText | None:
    from crawler.extraction.documents.attachments import AttachmentError, read_attachment

    try:
        return read_attachment(document.content)
    except AttachmentError:
        return None  # the page stands as it is
