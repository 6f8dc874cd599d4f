"""What search engines may keep: articles, practices and sources; not the endless combinations of questions, nor what is costly to show."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ASKING = (
    "/api/",
    "/export",
    "/feed",
    "/since",
    "/matrix?",
    "/compare",
    "/places?",
    "/practices?",
    "/sources?",
    "/dossiers",
    "/watches",
    "/selection",
    "/session",
    "/words",
)
_OF_AN_ARTICLE = ("capture", "revisions", "why", "cite", "quote")
_PRIVATE = re.compile(
    r"/(?:api/|export|feed|since|compare|dossiers|watches|selection|session|words|articles/[^/]+/(?:"
    + "|".join(_OF_AN_ARTICLE)
    + ")).*"
)


def robots(filters: Iterable[str]) -> str:
    """robots.txt, for a search page that takes these parameters."""
    asked = (f"/?{name}=" for name in ("q", *filters))
    of_articles = (f"/articles/*/{name}" for name in _OF_AN_ARTICLE)
    return "User-agent: *\n" + "".join(
        f"Disallow: {path}\n" for path in (*asked, *_ASKING, *of_articles, "/articles/*?")
    )


def unlisted(path: str, query: bytes | str) -> bool:
    """Whether an address must stay out of search engines: searches, and what belongs to an article but is not the article."""
    return (bool(query) and not path.startswith("/static/")) or bool(_PRIVATE.fullmatch(path))
