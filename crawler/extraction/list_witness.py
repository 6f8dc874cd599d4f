"""Title and day of an article as the list gives them, for pages that do not show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from crawler.article import SHANGHAI, Article, Provenance, parse_published
from crawler.extraction.metadata.title import key
from crawler.lists.titles import is_cut, is_more

_LEAST = 6  # characters of a title that is taken over


@dataclass(frozen=True, slots=True)
class Listed:
    """A page's row in the list: `title` '' and `date` None where it had none."""

    title: str = ""
    date: datetime | None = None


def witnessed(article: Article, listed: Listed) -> Article:
    """The article, completed from its row: with the list's day where the page shows none, and with the list's title where the page has its title in
    <title> alone and the two differ."""
    changes: dict[str, object] = {}
    provenance = dict(article.provenance)
    if article.published_at is None and listed.date is not None:
        at, precision, dated = day_on_list(listed.date)
        changes |= {"published_at": at, "published_precision": precision}
        provenance["published_at"] = dated
    title = " ".join(listed.title.split())
    known = article.provenance.get("title")
    if len(title) >= _LEAST and not is_cut(title) and not is_more(title):
        ours, told = key(article.title), key(title)
        is_unsure = known is None or known.rule in ("title", "none")
        if is_unsure and told not in ours and (not ours or ours not in told):
            changes["title"] = title
            provenance["title"] = Provenance("list", f"{title}；<title>：{article.title}"[:200])
    return article.with_(**changes, provenance=provenance) if changes else article


def day_on_list(when: date | datetime) -> tuple[datetime | None, Literal["day", "minute"] | None, Provenance]:
    """The moment a list gives, its precision and where it was read; midnight is a day without a time."""
    day: date | datetime = when
    if isinstance(day, datetime):
        day = day.astimezone(SHANGHAI)
        day = day.date() if (day.hour, day.minute) == (0, 0) else day
    at, precision = parse_published(day)
    return at, precision, Provenance("list", day.isoformat())
