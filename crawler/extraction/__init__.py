"""From a capture to an article: decoding, body, metadata, cleaning, joining of parts. Never imports Scrapy."""

from crawler.article import Article, ExtractionError, NotAnArticle
from crawler.extraction.extractor import extract
from crawler.extraction.parts import join

__all__ = ["Article", "ExtractionError", "NotAnArticle", "extract", "join"]
