"""Record: one article as every export writes it, with its names resolved and its addresses in this archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from crawler.article import SHANGHAI, Article, format_published
from search_api.regions import EVERYWHERE

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Record:
    """An article and what a citation of it needs. `page` and `snapshot` are addresses in this archive, '' where it has none."""

    article: Article
    publisher: str  # the site, by the article or by its source
    region: str  # 省市县 names of the source's place, '' if unknown
    practices: tuple[str, ...]  # Chinese names
    places: tuple[str, ...]  # that the article tells of, 省市县 names
    page: str
    snapshot: str
    cited: date  # 引用日期

    @property
    def title(self) -> str:
        """On one line; never empty."""
        return flat(self.article.title) or "无题"

    @property
    def published(self) -> date | None:
        """Shanghai's day."""
        at = self.article.published_at
        return at.astimezone(SHANGHAI).date() if at else None

    @property
    def date(self) -> str:
        """2024-03-13, with the time where it is known; '' for none."""
        return format_published(self.article) or ""

    @property
    def authors(self) -> tuple[str, ...]:
        """Several authors are joined by one space in an Article."""
        return tuple((self.article.author or "").split())

    @property
    def issuer(self) -> str:
        """Who brought it out: 来源 where it is stated, else the site."""
        return flat(self.article.origin or "") or self.publisher

    @property
    def place(self) -> str:
        """Where it belongs, as a line of facts says it: the first of the places that it tells of; where it tells of none, that of its site, named as such."""
        if self.places:
            return self.places[0]
        return f"网站在{self.region}" if self.region not in ("", EVERYWHERE) else ""

    @property
    def url(self) -> str:
        """Where the original lies; its page here where it has no address of its own."""
        return self.article.url or self.page


def flat(text: str) -> str:
    """On one line."""
    return _BLANKS.sub(" ", text).strip()
