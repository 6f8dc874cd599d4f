"""extract: the one way from bytes to an Article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crawler.article import Article, Block, ExtractionError, NotAnArticle, article_id, parse_published, text_of
from crawler.extraction.decoding import decode

if TYPE_CHECKING:
    from crawler.sources import Source


def extract(
    content: bytes, url: str, *, headers: Mapping[str, str] | None = None, source: Source | None = None
) -> Article:
    """The article on a page.

    `content` is the payload as captured, `url` its address, `headers` its response headers (case ignored), `source` the
    registry's entry or None. Raises NotAnArticle where there is none to keep, ExtractionError where the page cannot be read.
    """
    from trafilatura import bare_extraction

    if not content.strip():
        raise NotAnArticle("空白页面，没有内容")
    if content.startswith(b"%PDF"):
        raise ExtractionError("这是 PDF 文件，不是网页")
    found = bare_extraction(decode(content, headers), url=url, with_metadata=True)
    if found is None or not found.text:
        raise NotAnArticle("页面上没有找到正文")
    blocks = tuple(Block("paragraph", t) for t in found.text.split("\n") if t.strip())
    published, precision = parse_published(found.date)
    return Article(
        id=article_id(url),
        url=url,
        canonical_url=url,
        title=found.title or "",
        text=text_of(blocks),
        blocks=blocks,
        source=getattr(source, "name", None),
        kind=getattr(source, "kind", None),
        region=getattr(source, "region", None),
        published_at=published,
        published_precision=precision,
        publisher=found.sitename,
        author=found.author,
    )
