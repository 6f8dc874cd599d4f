"""Whether the index holds what the archive holds, as far as it says that it has come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexer.engines.base import Engine, MatchAll

if TYPE_CHECKING:
    from crawler.archive import Archive

_READ = 5_000
REBUILD = "重建索引：zhaoshang index --rebuild"


def compare(archive: Archive, engine: Engine) -> Iterator[tuple[str, bool]]:
    """What differs, as (line for the operator, is it wrong). Articles that changed behind the index's cursor are not looked at. Raises ArchiveError, EngineError."""
    cursor, last = engine.cursor(), archive.articles.last_change()
    if cursor > last:
        yield ahead_line(cursor, last), True
        return
    if not cursor and not engine.health().documents:
        if archive.articles.ids(limit=1):
            yield "还没有索引：zhaoshang index", False
        return
    indexed, missing = set(engine.scan(MatchAll())), []
    after: str | None = None
    while ids := archive.articles.ids(after, _READ):
        missing += [id for id in ids if id not in indexed]
        indexed.difference_update(ids)
        after = ids[-1]
    failed, changed = set(engine.failed_ids()), _changed_behind(archive, cursor)  # last: a night may go on meanwhile
    if behind := len(failed | changed):
        yield f"{behind} 篇文章的改动还没有写进索引：zhaoshang index", False
    for found, what in ((missing, "篇文章文库里有，索引里没有"), (sorted(indexed), "篇文章索引里有，文库里没有")):
        if wrong := [id for id in found if id not in failed and id not in changed]:
            yield f"{len(wrong)} {what}（{'、'.join(wrong[:3])}{'等' if len(wrong) > 3 else ''}）：{REBUILD}", True


def ahead_line(cursor: int, last: int) -> str:
    """An index that knows changes that the archive never made belongs to another archive, or the archive is an older copy."""
    return f"索引（变更 {cursor}）比文库（{last}）新：文库是从较早的备份恢复的，或换了一个。{REBUILD}"


def _changed_behind(archive: Archive, cursor: int) -> set[str]:
    found: set[str] = set()
    while changes := list(archive.articles.changes_since(cursor, _READ)):
        found.update(change.id for change in changes)
        cursor = changes[-1].change
    return found
