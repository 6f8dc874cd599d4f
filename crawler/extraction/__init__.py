"""From a capture to an article: decoding, body, metadata, cleaning, joining of parts. Never imports Scrapy.

`extract` and `join` are loaded when they are asked for: the crawl needs a few of the files here, and not what the others stand on.
"""

from typing import TYPE_CHECKING, Any

from crawler.article import Article, ExtractionError, NotAnArticle

if TYPE_CHECKING:
    from crawler.extraction.extractor import extract
    from crawler.extraction.parts import join

__all__ = ["Article", "ExtractionError", "NotAnArticle", "extract", "join"]


def __getattr__(name: str) -> Any:
    if name == "extract":
        from crawler.extraction.extractor import extract

        return extract
    if name == "join":
        from crawler.extraction.parts import join

        return join
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
