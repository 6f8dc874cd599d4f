"""Record: one article as every export writes it, with its names resolved and its addresses in this archive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from crawler.article import SHANGHAI, Article, format_published
from crawler.sources.regions import EVERYWHERE
from search_api.wording import unsure_fields

Standard = Literal["2025", "2015"]
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A practice, industry, firm, origin or event that was read: `facet` and `value` as the API has them, `probability` that it is right, `sure` where it counts without 可能."""

    facet: str
    value: str
    name: str
    probability: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Record:
    """An article and what a citation of it needs. `page` and `snapshot` are addresses in this archive, '' where it has none."""

    article: Article
    publisher: str  # the site, by the article or by its source
    values: Mapping[str, tuple[str, ...]]  # names of its values, by facet
    page: str
    snapshot: str
    cited: date  # 引用日期
    standard: Standard = "2025"  # edition of GB/T 7714 by which it is cited
    readings: tuple[ReadValue, ...] = ()  # with the probability of each, the doubtful ones too

    @property
    def practices(self) -> tuple[str, ...]:
        """Chinese names."""
        return self.values["practice"]

    @property
    def places(self) -> tuple[str, ...]:
        """省市县 names of what the article tells of."""
        return self.values["place"]

    def named(self, facet: str) -> str:
        """The names of its values of a facet, in one line; '' for none."""
        return "；".join(self.values[facet])

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
    def unsure(self) -> str:
        """The fields that are to be checked, in one line; '' for none."""
        return "；".join(unsure_fields(self.article))

    @property
    def certainty(self) -> str:
        """Each value read with its probability, 可能 before those that are doubtful, in one line; '' for none."""
        return "；".join(f"{'' if r.sure else '可能 '}{r.name} {r.probability:.2f}" for r in self.readings)

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
        """The first of the places that the article is about; where it is about none, the place of its site, marked as the site's."""
        if self.places:
            return self.places[0]
        site = self.named("region")
        return f"网站在{site}" if site not in ("", EVERYWHERE) else ""

    @property
    def url(self) -> str:
        """Where the original lies; its page here where it has no address of its own."""
        return self.article.url or self.page


def facts(record: Record) -> str:
    """Day, site, 来源 and place, in one line; what is unknown is left out."""
    known = (record.date[:10], record.publisher, record.article.origin or "", record.place)
    return " · ".join(part for part in known if part)


def flat(text: str) -> str:
    """On one line."""
    return _BLANKS.sub(" ", text).strip()
