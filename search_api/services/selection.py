"""Articles that a reader marked: which of them are one text, and which a dossier has already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.archive import Archive, Dossier, StoredArticle
from search_api.services.republications import in_order


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked article. `there`: the dossier has it. `copy_of`: the article of the same text that stands for it, chosen or in the dossier."""

    stored: StoredArticle
    there: bool = False
    copy_of: StoredArticle | None = None


def marked(archive: Archive, ids: Sequence[str], dossier: Dossier | None) -> list[Marked]:
    """Those of the ids that are in the archive, in their order. Of republications the one published first stands for the others."""
    inside = [item.article for item in dossier.items] if dossier else []
    stored = archive.articles.get_many({*ids, *inside})
    texts = _first_of_each([id for id in inside if id in stored], stored)
    texts = {**_first_of_each([id for id in ids if id in stored], stored), **texts}  # what the dossier has goes first
    found = []
    for id in dict.fromkeys(ids):
        if id not in stored:
            continue
        head = texts.get(stored[id].cluster or id, id)
        copy_of = stored[head] if head != id and id not in inside else None
        found.append(Marked(stored[id], there=id in inside, copy_of=copy_of))
    return found


def to_add(found: Iterable[Marked], *, copies: bool) -> list[str]:
    """The ids that go into the dossier."""
    return [one.stored.id for one in found if not one.there and (copies or one.copy_of is None)]


def _first_of_each(ids: Sequence[str], stored: dict[str, StoredArticle]) -> dict[str, str]:
    """Cluster, or id of an article that stands alone → the article that was published first."""
    groups: dict[str, list[str]] = {}
    for id in ids:
        groups.setdefault(stored[id].cluster or id, []).append(id)
    return {cluster: in_order(same, stored)[0].id for cluster, same in groups.items()}
