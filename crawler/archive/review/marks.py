"""The marks by which a doubt is known again: made of what is doubted, so that one that was put away comes back when that changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from crawler.article import Article, format_published

Doubt = Literal["title", "date"]

FIELDS: Mapping[str, str] = {"title": "title", "date": "published_at"}
"""The field of an article that each kind of doubt is about."""


def mark(kind: str, *about: str) -> str:
    """`kind:` and 8 hex digits."""
    return f"{kind}:{hashlib.sha256(chr(0x1F).join(about).encode()).hexdigest()[:8]}"


def doubts_of(article: Article) -> dict[Doubt, str]:
    """The mark of each doubt about an article (`Article.unsure`)."""
    found: dict[Doubt, str] = {}
    values: dict[Doubt, str] = {"title": article.title, "date": format_published(article) or ""}
    for kind, value in values.items():
        if FIELDS[kind] in article.unsure:
            known = article.provenance[FIELDS[kind]]
            found[kind] = mark(kind, value, known.rule, known.against)
    return found
