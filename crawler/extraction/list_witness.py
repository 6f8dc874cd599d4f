"""Title and day of an article as the list gives them, for pages that do not show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from typing import Literal

from crawler.article import SHANGHAI, SHARED, Article, Provenance, parse_published
from crawler.extraction.metadata.title import key
from crawler.lists.titles import is_cut, is_more

_LEAST = 6  # characters of a title that is taken over
_WEAK = (
    "url",
    "line:update",
    "line:sign-off",
    "time:modified",
    "script",
    "script:written",
)  # rules of a day that the list's goes before
_ALIKE = 0.5  # ratio from which two titles are the same, worded otherwise
_NEAR = timedelta(days=1)  # a list may show when a page was put up


@dataclass(frozen=True, slots=True)
class Listed:
    """A page's row in the list: `title` '' and `date` None where it had none. `shared` are titles that other pages of the source have too: they are none."""

    title: str = ""
    date: datetime | None = None
    shared: frozenset[str] = frozenset()


def witnessed(article: Article, listed: Listed) -> Article:
    """The article, with the list's day where the page shows none or a weak one, and the list's title where the page's own is its <title>
    that no line of it shows and another, or one that it shares. Where the list differs from what stands, the provenance says so."""
    changes: dict[str, object] = {}
    provenance = dict(article.provenance)
    if listed.date is not None:
        at, precision, dated = day_on_list(listed.date)
        known = article.provenance.get("published_at")
        differs = article.published_at is not None and at is not None and abs(article.published_at - at) > _NEAR
        if article.published_at is None or (differs and known and known.rule in _WEAK):
            changes |= {"published_at": at, "published_precision": precision}
            provenance["published_at"] = replace(dated, against=_said(known)) if known else dated
        elif differs and known and not known.against and not known.rule.startswith("platform:"):
            provenance["published_at"] = replace(known, against=f"list：{dated.read_from}")
    title, known = " ".join(listed.title.split()), article.provenance.get("title")
    if len(title) >= _LEAST and not is_cut(title) and not is_more(title) and not same_title(article.title, title):
        unsure = known is None or known.rule in ("title", "none")
        if unsure or article.title in listed.shared:
            changes["title"] = title
            rule = "list" if unsure else SHARED
            provenance["title"] = Provenance(rule, title, f"{known.rule if known else 'title'}：{article.title}"[:200])
        elif known and not known.against and not known.rule.startswith("platform:") and not alike(article.title, title):
            provenance["title"] = replace(known, against=f"list：{title}"[:200])
    return (
        article if provenance == article.provenance and not changes else article.with_(**changes, provenance=provenance)
    )


def same_title(ours: str, listed: str) -> bool:
    """Whether a list's title is the page's, or a part of it, or it a part of the list's."""
    own, told = key(ours), key(listed)
    return told in own or (bool(own) and own in told)


def alike(ours: str, listed: str) -> bool:
    """Whether a list's title, which may be cut short, is the page's worded a little otherwise."""
    told = listed.rstrip(".…")
    return same_title(ours, told) or SequenceMatcher(None, key(ours), key(told), autojunk=False).ratio() >= _ALIKE


def _said(known: Provenance) -> str:
    return f"{known.rule}：{known.read_from}"[:120]


def day_on_list(when: date | datetime) -> tuple[datetime | None, Literal["day", "minute"] | None, Provenance]:
    """The moment a list gives, its precision and where it was read; midnight is a day without a time."""
    day: date | datetime = when
    if isinstance(day, datetime):
        day = day.astimezone(SHANGHAI)
        day = day.date() if (day.hour, day.minute) == (0, 0) else day
    at, precision = parse_published(day)
    return at, precision, Provenance("list", day.isoformat())
