"""Republications grouped under the first publisher among the hits. Display only; every count counts articles."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.archive import Archive, StoredArticle
from crawler.article import format_published
from indexer.search.searcher import Hit

_Order = tuple[bool, str, str]


def folded(hits: Sequence[Hit]) -> list[Hit]:
    """One hit of each text, where the best of them stood: the one that was published first."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.cluster or hit.id, []).append(hit)
    return [min(same, key=lambda h: (h.widened, _order(h.published_text, h.id))) for same in groups.values()]


def copies_of(archive: Archive, hits: Sequence[Hit]) -> dict[str, list[StoredArticle]]:
    """Hit id → the other articles of the same text in the archive, first published first; hits that stand alone are left out."""
    members = {
        hit.id: [m for m in archive.readings.cluster_members(hit.cluster) if m != hit.id] for hit in hits if hit.cluster
    }
    wanted = {m for others in members.values() for m in others}
    stored = archive.articles.get_many(wanted) if wanted else {}
    return {id_: in_order(others, stored) for id_, others in members.items() if others}


def in_order(ids: Sequence[str], stored: dict[str, StoredArticle]) -> list[StoredArticle]:
    """By time of publication, those without a date last."""
    return sorted((stored[i] for i in ids if i in stored), key=lambda s: _order(format_published(s.article), s.id))


def came_before(copy: StoredArticle, hit: Hit) -> bool:
    """Whether the copy is dated earlier than the hit."""
    mine = format_published(copy.article)
    return bool(mine and hit.published_text) and str(mine)[:10] < str(hit.published_text)[:10]


def _order(published: str | None, id_: str) -> _Order:
    return not published, published or "", id_
