"""The kinds of sites: one name each for display, and the words by which a query may name them."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.normalisation import normalise
from crawler.sources.source import Kind

KIND_NAMES: Mapping[Kind, str] = {"government": "政府网站", "news": "新闻媒体", "forum": "论坛"}
_WORDS: Mapping[Kind, tuple[str, ...]] = {
    "government": ("gov", "政府", "政务"),
    "news": ("新闻", "媒体", "新闻网站", "报纸"),
    "forum": ("bbs", "社区"),
}


def kind_name(kind: str | None) -> str:
    """政府网站 for government; '' for none, the word itself where it is no kind."""
    return next((name for known, name in KIND_NAMES.items() if known == kind), kind or "")


def find_kind(text: str) -> Kind | None:
    """government, news or forum, as people call them; None for anything else."""
    plain = normalise(text).strip()
    return next((kind for kind, name in KIND_NAMES.items() if plain in (kind, name, *_WORDS[kind])), None)
